"""How the facts of a docking event become figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from techdock_reporting.domain import facts as f
from techdock_reporting.domain.facts import Fact

STAGES = ("intention", "agreement", "contract", "landed", "verified")
"""The outcome ladder, lowest first."""

LADDER = ("INTENTIONS", "AGREEMENTS", "CONTRACTS", "LANDED", "VERIFIED")
"""The indicators of the ladder, in the order of `STAGES`."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of one docking event.

    Attributes:
        lists: For each indicator the ids behind it, sorted; the figure is their number.
        reached: Projects that reached a stage or a later one, confirmed by all parties.
        now: Projects by the highest confirmed stage.
        unconfirmed: Projects by the highest stage that one side alone declares, above the
            highest confirmed one.
    """

    lists: Mapping[str, tuple[str, ...]]
    reached: Mapping[str, int]
    now: Mapping[str, int]
    unconfirmed: Mapping[str, int]

    def value(self, indicator: str) -> int:
        """Return a figure."""
        return len(self.lists[indicator])


def count(versions: Iterable[Fact], as_of: date | None = None) -> Counted:
    """Count one docking event.

    Args:
        versions: All versions of its facts that are known, in the order of the journal.
        as_of: What had happened by the end of this day; None: all that is known.
    """
    known = [fact for fact in f.current(versions) if fact.counts(as_of)]
    by_kind: dict[str, list[Fact]] = {}
    for fact in known:
        by_kind.setdefault(fact.kind, []).append(fact)
    frame = next(iter(by_kind.get(f.FRAME, ())), None)
    home = frame.attributes["country"] if frame else None

    present = {fact.attributes["person"]: fact.attributes for fact in by_kind.get(f.PRESENT, ())}
    cancelled = bool(by_kind.get(f.EVENT_CANCELLED))
    profiles = by_kind.get(f.PROFILE, ())
    lists = {
        "EVENTS_HELD": _ids([] if cancelled else by_kind.get(f.EVENT_HELD, ())),
        "HEADCOUNT": tuple(sorted(present)),
        "FOREIGN": tuple(
            sorted(p for p, facts in present.items() if home and facts["country"] != home)
        ),
        "COUNTRIES": tuple(sorted({facts["country"] for facts in present.values()})),
        "NEEDS": _ids(p for p in profiles if p.attributes["kind"] == "need"),
        "OFFERS": _ids(p for p in profiles if p.attributes["kind"] == "offer"),
        "REQUESTS_SENT": _ids(by_kind.get(f.REQUEST, ())),
        "REQUESTS_ACCEPTED": _ids(by_kind.get(f.REQUEST_ACCEPTED, ())),
        "MEETINGS_BOOKED": _ids(by_kind.get(f.BOOKED, ())),
        "MEETINGS_HELD": _ids(by_kind.get(f.HELD, ())),
    }
    return _with_ladder(
        lists, _highest(by_kind.get(f.CONFIRMED, ())), _highest(by_kind.get(f.DECLARED, ()))
    )


def _with_ladder(
    lists: dict[str, tuple[str, ...]], confirmed: Mapping[str, int], declared: Mapping[str, int]
) -> Counted:
    for rung, indicator in enumerate(LADDER):
        lists[indicator] = tuple(sorted(p for p, highest in confirmed.items() if highest >= rung))
    alone = {p: rung for p, rung in declared.items() if rung > confirmed.get(p, -1)}
    return Counted(
        lists=lists,
        reached={stage: len(lists[LADDER[rung]]) for rung, stage in enumerate(STAGES)},
        now=_by_stage(list(confirmed.values())),
        unconfirmed=_by_stage(list(alone.values())),
    )


def _ids(facts: Iterable[Fact]) -> tuple[str, ...]:
    return tuple(sorted({str(fact.attributes.get("counts_as", fact.thing_id)) for fact in facts}))


def _highest(stages: Iterable[Fact]) -> dict[str, int]:
    highest: dict[str, int] = {}
    for fact in stages:
        project, rung = fact.attributes["project"], STAGES.index(fact.attributes["stage"])
        highest[project] = max(rung, highest.get(project, -1))
    return highest


def _by_stage(rungs: Sequence[int]) -> dict[str, int]:
    return {stage: rungs.count(rung) for rung, stage in enumerate(STAGES)}
