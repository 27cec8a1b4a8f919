"""Who is shown in a docking event: how evenly lists show profiles, and why some are never seen."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from techdock_matching.domain.ranking.hard import may_meet
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.profile import Kind, Profile

FIRST, NEXT = 10, 20
"""Places that most readers look at, and those that a page shows."""

LEAST_CHARACTERS = 40
"""Less text than this beside the title says nothing that could be matched."""

MOST_SHOWN = 10


class Reason(StrEnum):
    """Why a profile never stands among the first places of anybody's list."""

    WAITING = "waiting"
    NO_TEXT = "no_text"
    NO_COUNTERPART = "no_counterpart"
    EXCLUDED = "excluded"
    NO_SHARED_LANGUAGE = "no_shared_language"
    NOTHING_SHARED = "nothing_shared"
    OUTRANKED = "outranked"


@dataclass(frozen=True, slots=True)
class Entered:
    """A profile of a docking event, as far as its exposure is concerned.

    Attributes:
        profile: With what forbids matches; its texts and codes are left out.
        characters: Of all its open texts but the title.
        languages: In which it has texts, primary subtags.
        codes: Its codes and keywords of all lists.
    """

    profile: Profile
    title: Mapping[str, object]
    characters: int
    languages: frozenset[str]
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Exposure:
    """How often a profile is shown in the lists of the other side.

    Attributes:
        first: Lists in which it stands among the first 10 places.
        next: The same, first 20.
        best: Its best place in any list, from 1; None: in none.
        reason: Why it is never among the first 20; None: it is.
        params: What the reason rests on.
    """

    entered: Entered
    first: int
    next: int
    best: int | None
    reason: Reason | None = None
    params: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Side:
    """Exposure of all needs, or of all offers.

    Attributes:
        lists: Lists of the other side, in which these could stand.
        gini: How unevenly the first 10 and 20 places fall: 0 all alike, towards 1 few have all.
        shown: How many are ever among the first 10 and 20.
        by_country: Profiles, those ever shown and places held (both of the first 20).
    """

    kind: Kind
    profiles: int
    lists: int
    gini: tuple[float, float]
    shown: tuple[int, int]
    by_country: Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Fairness:
    """The board: both sides, and every profile, those that are shown least first."""

    sides: tuple[Side, Side]
    exposures: tuple[Exposure, ...]

    @property
    def never(self) -> list[Exposure]:
        """Those that nobody sees among the first 20 places."""
        return [one for one in self.exposures if not one.next]

    def most(self, kind: Kind) -> list[Exposure]:
        """Return those of a side that are shown most."""
        of_side = [one for one in self.exposures if one.entered.profile.kind is kind and one.next]
        return sorted(of_side, key=lambda one: (-one.first, -one.next, one.entered.profile.id))[
            :MOST_SHOWN
        ]


def fairness(
    entered: Sequence[Entered],
    lists: Mapping[UUID, Sequence[Candidate]],
    on: date,
    docking_event_id: UUID,
) -> Fairness:
    """Return the board of a docking event.

    Args:
        lists: The stored lists by their owners; who is not ranked yet is missing.
        on: The day on which profiles have to be valid.
    """
    first, following, best = _places(lists)
    by_kind = {kind: [one for one in entered if one.profile.kind is kind] for kind in Kind}
    exposures = []
    for one in entered:
        own = one.profile.id
        told = Exposure(one, first[own], following[own], best.get(own))
        if not told.next:
            reason, params = _why(
                one, lists.get(own), best.get(own), by_kind[one.profile.kind.other],
                on, docking_event_id,
            )  # fmt: skip
            told = Exposure(one, told.first, told.next, told.best, reason, params)
        exposures.append(told)
    exposures.sort(key=lambda one: (one.next, one.first, one.entered.profile.id))
    sides = [_side(kind, exposures, lists, by_kind) for kind in Kind]
    return Fairness((sides[0], sides[1]), tuple(exposures))


def gini(counts: Iterable[int]) -> float:
    """Return how unevenly something is spread, those with nothing counted too; 0 to 1."""
    ordered = sorted(counts)
    whole = sum(ordered)
    if not whole:
        return 0.0
    ranked = sum(rank * count for rank, count in enumerate(ordered, start=1))
    return 2 * ranked / (len(ordered) * whole) - (len(ordered) + 1) / len(ordered)


def _places(
    lists: Mapping[UUID, Sequence[Candidate]],
) -> tuple[Counter[UUID], Counter[UUID], dict[UUID, int]]:
    first: Counter[UUID] = Counter()
    following: Counter[UUID] = Counter()
    best: dict[UUID, int] = {}
    for places in lists.values():
        for place, candidate in enumerate(places, start=1):
            there = candidate.profile_id
            best[there] = min(place, best.get(there, place))
            first[there] += place <= FIRST
            following[there] += place <= NEXT
    return first, following, best


def _side(
    kind: Kind,
    exposures: Sequence[Exposure],
    lists: Mapping[UUID, Sequence[Candidate]],
    by_kind: Mapping[Kind, Sequence[Entered]],
) -> Side:
    mine = [one for one in exposures if one.entered.profile.kind is kind]
    countries: dict[str, tuple[int, int, int]] = {}
    for one in mine:
        country = one.entered.profile.country
        profiles, shown, places = countries.get(country, (0, 0, 0))
        countries[country] = (profiles + 1, shown + (one.next > 0), places + one.next)
    return Side(
        kind,
        len(mine),
        sum(one.profile.id in lists for one in by_kind[kind.other]),
        (round(gini(e.first for e in mine), 3), round(gini(e.next for e in mine), 3)),
        (sum(e.first > 0 for e in mine), sum(e.next > 0 for e in mine)),
        dict(sorted(countries.items(), key=lambda each: (-each[1][0], each[0]))),
    )


def _why(
    one: Entered,
    own: Sequence[Candidate] | None,
    best: int | None,
    others: Collection[Entered],
    on: date,
    docking_event_id: UUID,
) -> tuple[Reason, Mapping[str, int]]:
    """Say why a profile is never among the first places; the first of these that holds."""
    if own is None:
        return Reason.WAITING, {}
    if own:
        # It has counterparts, so nothing forbids it: others stand before it in their lists.
        return Reason.OUTRANKED, {} if best is None else {"best": best}
    return _why_alone(one, others, on, docking_event_id)


def _why_alone(
    one: Entered, others: Collection[Entered], on: date, docking_event_id: UUID
) -> tuple[Reason, Mapping[str, int]]:
    """Say why a profile has no counterpart at all."""
    if not others:
        return Reason.NO_COUNTERPART, {}
    if one.characters < LEAST_CHARACTERS and not one.codes:
        return Reason.NO_TEXT, {"characters": one.characters}
    reason = Reason.EXCLUDED
    for other in others:
        if may_meet(one.profile, other.profile, on, docking_event_id):
            if one.languages & other.languages:
                # Most end here after a few: all of a large docking event would take minutes.
                return Reason.NOTHING_SHARED, {}
            reason = Reason.NO_SHARED_LANGUAGE
    return reason, {"others": len(others)}
