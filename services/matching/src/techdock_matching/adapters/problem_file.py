"""Timetable problems and answers as files: read, checked, and written again.

Things are known in a file by any text; within a run by an id made from it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ValidationError
from techdock_contracts import planning as w
from techdock_shared.errors import FieldError, Invalid

from techdock_matching.adapters.problem_checks import Wrong, contradictions, faults
from techdock_matching.domain.spans import Span
from techdock_matching.domain.timetable import problem as d
from techdock_matching.domain.timetable.costs import LEVELS, Cost
from techdock_matching.domain.timetable.reasons import Told, Unplaced

M = TypeVar("M", bound=BaseModel)

_SPACE = UUID("6a7f6c3e-4c53-5b0c-9d5b-6c1f3d2b7a90")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOST_TOLD = 50


class Names:
    """What things are called in a file."""

    def __init__(self) -> None:
        self._text: dict[UUID, str] = {}

    def id(self, kind: str, text: str) -> UUID:
        """Return the id of a thing; persons and interpreters are of one kind: people."""
        made = uuid5(_SPACE, f"{kind} {text}")
        self._text[made] = text
        return made

    def text(self, id: UUID) -> str:
        """Return what a thing is called; a new one, which a change invents, by its id."""
        return self._text.get(id, f"new-{str(id)[:8]}")

    def told(self, sentence: str) -> str:
        """Return a sentence with names in place of ids."""
        return _UUID.sub(lambda match: self.text(UUID(match.group())), sentence)


def read_problem(path: Path) -> tuple[d.Problem, Names]:
    """Read a problem.

    Raises:
        Invalid: Its `errors` name the fields, and the things in conflict.
        OSError: The file cannot be read.
    """
    document = _read(path, w.TimetableProblem)
    _refuse(path, list(faults(document)))
    names = Names()
    try:
        problem = _problem(document, names)
    except Invalid as error:
        raise Invalid(f"{path}: {error}") from error
    _refuse(path, list(contradictions(document, problem, names.told)))
    return problem, names


def read_answer(path: Path, names: Names) -> d.Timetable:
    """Read a timetable; whether it is valid is for the judge to say.

    Raises:
        Invalid: It is no such file.
        OSError: It cannot be read.
    """
    document = _read(path, w.TimetableAnswer)
    return d.Timetable(
        tuple(
            d.Placement(
                names.id("request", p.request),
                names.id("session", p.session),
                p.first_slot,
                p.slots,
                names.id("venue", p.venue),
                None if p.table is None else names.id("table", p.table),
                None if p.interpreter is None else names.id("people", p.interpreter),
            )
            for p in document.placements
        )
    )


def written(
    problem: d.Problem,
    names: Names,
    timetable: d.Timetable,
    unplaced: Iterable[Unplaced],
    cost: Cost,
    **figures: Any,
) -> w.TimetableAnswer:
    """Return a timetable as a file; `figures`: bound, proven, seed, seconds, iterations."""
    placements: list[w.PlacedRequest] = []
    for p in timetable.placements:
        span = problem.span(p)
        placements.append(
            w.PlacedRequest(
                request=names.text(p.request_id),
                session=names.text(p.session_id),
                first_slot=p.first_slot,
                slots=p.slots,
                venue=names.text(p.venue_id),
                table=None if p.table_id is None else names.text(p.table_id),
                interpreter=None if p.interpreter_id is None else names.text(p.interpreter_id),
                start=span.start,
                end=span.end,
            )
        )
    return w.TimetableAnswer(
        placements=tuple(sorted(placements, key=lambda p: (p.start, p.venue, p.request))),
        unplaced=tuple(
            w.WithoutPlace(
                request=names.text(one.request_id),
                reason=_told(one.reason, names),
                change=None if one.change is None else _told(one.change, names),
            )
            for one in unplaced
        ),
        cost=by_level(cost),
        **figures,
    )


def by_level(cost: Cost) -> dict[str, int]:
    """Return a cost by the codes of its levels."""
    return dict(zip((level.code for level in LEVELS), cost, strict=True))


def _told(told: Told, names: Names) -> w.ToldReason:
    def named(value: Any) -> Any:
        if isinstance(value, tuple):
            return [named(one) for one in value]
        return names.told(value) if isinstance(value, str) else value

    return w.ToldReason(code=told.code, params={k: named(v) for k, v in told.params.items()})


def _read(path: Path, model: type[M]) -> M:
    try:
        return model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        wrong = [
            Wrong(".".join(map(str, one["loc"])) or "file", one["msg"], _found(one.get("input")))
            for one in error.errors(include_url=False)
        ]
        _refuse(path, wrong)
        raise


def _found(value: object) -> str:
    return "an object" if isinstance(value, Mapping) else repr(value)[:60]


def _refuse(path: Path, wrong: Sequence[Wrong]) -> None:
    if not wrong:
        return
    first = wrong[0]
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    raise Invalid(
        f"{path}: {first.where}: expected {first.expected}, found {first.found}{more}",
        errors=[FieldError(f"{path}: {one.where}", one.expected, one.found) for one in wrong][
            :_MOST_TOLD
        ],
    )


def _spans(spans: Iterable[w.PlannedSpan]) -> tuple[Span, ...]:
    return tuple(Span(span.start, span.end) for span in spans)


def _problem(document: w.TimetableProblem, names: Names) -> d.Problem:
    def maybe(kind: str, text: str | None) -> UUID | None:
        return None if text is None else names.id(kind, text)

    parties = {p.id: p.participation or p.id for p in document.persons}
    sides = _sides(document, parties.values())
    venue_of = {session.id: session.venue for session in document.sessions}
    lengths = {request.id: request.slots for request in document.requests}
    travel = {}
    for way in document.travel:
        one, other = names.id("venue", way.one), names.id("venue", way.other)
        travel[one, other] = travel[other, one] = way.minutes
    return d.Problem(
        sessions=tuple(
            d.Session(
                names.id("session", s.id),
                names.id("venue", s.venue),
                s.start,
                s.end,
                s.slot_minutes,
                s.break_minutes,
            )
            for s in document.sessions
        ),
        venues=tuple(
            d.Venue(
                names.id("venue", venue.id),
                venue.zone,
                tuple(
                    d.Table(
                        names.id("table", table.id),
                        frozenset(table.equipment),
                        maybe("organization", table.owner),
                        _spans(table.busy),
                    )
                    for table in venue.tables
                ),
                online=venue.online,
            )
            for venue in document.venues
        ),
        persons=tuple(
            d.Person(
                names.id("people", p.id),
                names.id("party", parties[p.id]),
                _primary(p.languages),
                p.zone,
                maybe("venue", p.venue),
                _spans(p.hours),
                _spans(p.busy),
                p.night,
                p.most,
            )
            for p in document.persons
        ),
        participations=tuple(
            d.Participation(
                names.id("party", side.id),
                names.id("organization", side.organization or side.id),
                side.least,
                side.most,
            )
            for side in sides
        ),
        requests=tuple(_request(r, parties, names.id) for r in document.requests),
        interpreters=tuple(
            d.Interpreter(
                names.id("people", i.id),
                _primary(i.languages),
                maybe("venue", i.venue),
                _spans(i.hours),
                _spans(i.busy),
            )
            for i in document.interpreters
        ),
        fixed=tuple(
            d.Placement(
                names.id("request", f.request),
                names.id("session", f.session),
                f.first_slot,
                lengths[f.request],
                names.id("venue", venue_of[f.session]),
                maybe("table", f.table),
                maybe("people", f.interpreter),
            )
            for f in document.fixed
        ),
        precedences=tuple(
            (names.id("request", o.first), names.id("request", o.second))
            for o in document.precedences
        ),
        travel_minutes=travel,
        buffer_minutes=document.buffer_minutes,
    )


def _primary(tags: Iterable[str]) -> frozenset[str]:
    return frozenset(tag.partition("-")[0].lower() for tag in tags)


def _sides(
    document: w.TimetableProblem, parties: Iterable[str]
) -> Sequence[w.PlannedParticipation]:
    """Return the participations, also those that only persons name."""
    stated = {side.id: side for side in document.participations}
    for party in parties:
        stated.setdefault(party, w.PlannedParticipation(id=party))
    return list(stated.values())


def _request(
    request: w.PlannedRequest, parties: Mapping[str, str], id: Callable[[str, str], UUID]
) -> d.Request:
    sides = request.parties or tuple(dict.fromkeys(parties[who] for who in request.persons))
    return d.Request(
        id("request", request.id),
        tuple(id("party", side) for side in sides),
        tuple(id("people", who) for who in request.persons),
        request.slots,
        request.weight,
        frozenset(id("session", one) for one in request.sessions),
        request.accepted,
    )
