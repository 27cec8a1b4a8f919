"""Single changes that could give a request a place; each can be applied and judged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import TypeAlias
from uuid import UUID, uuid5

from techdock_matching.domain.spans import Span, joined
from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable.board import Board, Obstacle, placed
from techdock_matching.domain.timetable.chances import Chance
from techdock_matching.domain.timetable.problem import (
    VIDEO_LINK,
    Interpreter,
    Person,
    Placement,
    Problem,
    Request,
    Table,
    Timetable,
)
from techdock_matching.domain.timetable.refill import best_place, without

Param: TypeAlias = str | int | tuple[str, ...]
Tried: TypeAlias = list[tuple[Chance, list[Obstacle]]]

_NEW = UUID("6f1f0e3a-5d0b-5c2e-9a61-0d8f3f6f2a10")
"""Namespace of the tables and interpreters that a proposal invents."""

MOST_OF_A_KIND = 4


@dataclass(frozen=True, slots=True)
class Proposal:
    """One change, and the place that the request then has.

    Attributes:
        code: See `reasons.py`.
        told: What the change is, as data.
        placements: Of the request, and of a meeting that is moved for it.
        problem: What has to be replaced in the problem, by field.
    """

    code: str
    chance: Chance
    told: Mapping[str, Param]
    placements: tuple[Placement, ...]
    problem: Mapping[str, tuple[object, ...]] = field(default_factory=dict)

    def applied(self, problem: Problem, timetable: Timetable) -> tuple[Problem, Timetable]:
        """Return the problem and the timetable after the change."""
        changed = replace(problem, **self.problem) if self.problem else problem  # type: ignore[arg-type] # by field
        kept = without(timetable, (placement.request_id for placement in self.placements))
        return changed, Timetable((*kept.placements, *self.placements))


def proposals(board: Board, request: Request, tried: Tried) -> Iterator[Proposal]:
    """Yield changes that could help, those that cost nothing first."""
    if board.full(request) is not None:
        yield from _some(_raised(board, request, tried))
        return
    yield from _some(_as_it_is(board, request, tried))
    yield from _some(_moved(board, request, tried))
    yield from _some(_with_table(board, request, tried))
    yield from _some(_with_interpreter(board, request, tried))
    yield from _some(_with_person(board, request, tried, "night"))
    yield from _some(_with_person(board, request, tried, "hours"))


def _some(found: Iterable[Proposal]) -> Iterator[Proposal]:
    for number, proposal in enumerate(found):
        if number == MOST_OF_A_KIND:
            return
        yield proposal


def _as_it_is(board: Board, request: Request, tried: Tried) -> Iterator[Proposal]:
    for chance, found in tried:
        if not found:
            yield Proposal("place", chance, {}, (board.placement(request, chance),))


def _raised(board: Board, request: Request, tried: Tried) -> Iterator[Proposal]:
    full = board.full(request)
    if full is None:
        return
    who, most = full
    told: dict[str, Param] = {"who": str(who), "to": most + 1}
    problem = board.problem
    persons = tuple(replace(p, most=most + 1) if p.id == who else p for p in problem.persons)
    parties = tuple(replace(p, most=most + 1) if p.id == who else p for p in problem.participations)
    for chance, found in tried:
        if not found:
            placement = board.placement(request, chance)
            change = {"persons": persons, "participations": parties}
            yield Proposal("raise_maximum", chance, told, (placement,), change)


def _moved(board: Board, request: Request, tried: Tried) -> Iterator[Proposal]:
    """Yield the chances in which one other meeting stands in the way that fits elsewhere too."""
    fixed = {placement.request_id for placement in board.problem.fixed}
    looked: set[UUID] = set()
    for chance, found in tried:
        by = {obstacle.by for obstacle in found}
        other = next(iter(by)) if len(by) == 1 else None
        if other is None or other in fixed or any(o.kind == "precedence" for o in found):
            continue
        before = board.take_down(other)
        if not board.obstacles(request, chance):
            mine = board.placement(request, chance)
            board.place(mine)
            elsewhere = best_place(board, board.problem.request[other])
            board.take_down(request.id)
            if elsewhere is not None and other not in looked:
                looked.add(other)
                board.place(before)
                told = _told_move(board, elsewhere)
                yield Proposal("move_meeting", chance, told, (mine, elsewhere))
                continue
        board.place(before)


def _told_move(board: Board, placement: Placement) -> dict[str, Param]:
    span = board.problem.span(placement)
    return {
        "request": str(placement.request_id),
        "to_start": span.start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "to_end": span.end.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "to_venue": str(placement.venue_id),
    }


def _with_table(board: Board, request: Request, tried: Tried) -> Iterator[Proposal]:
    gaps = c.language_gaps(board.problem, request)
    for chance, found in tried:
        if {obstacle.kind for obstacle in found} != {"tables"}:
            continue
        venue = board.problem.venue[chance.venue_id]
        # With gaps an interpreter from elsewhere may have to join by link.
        link = bool(gaps) or c.joins_by_link(board.problem, request, venue)
        equipment = frozenset({VIDEO_LINK}) if link else frozenset[str]()
        table = Table(uuid5(_NEW, f"table {venue.id}"), equipment)
        wider = replace(venue, tables=(*venue.tables, table))
        venues = tuple(wider if v.id == venue.id else v for v in board.problem.venues)
        told: dict[str, Param] = {"equipment": tuple(sorted(equipment))}
        placement = placed(request, chance, table.id, board.free_interpreter(request, chance))
        yield Proposal("add_table", chance, told, (placement,), {"venues": venues})


def _with_interpreter(board: Board, request: Request, tried: Tried) -> Iterator[Proposal]:
    gaps = c.language_gaps(board.problem, request)
    languages = frozenset(min(side) for gap in gaps for side in gap)
    told: dict[str, Param] = {"languages": tuple(sorted(languages))}
    for chance, found in tried:
        if {obstacle.kind for obstacle in found} != {"interpreter"}:
            continue
        online = board.problem.venue[chance.venue_id].online
        place = None if online else chance.venue_id
        new = Interpreter(uuid5(_NEW, f"interpreter {chance.venue_id}"), languages, place)
        placement = placed(request, chance, board.free_table(request, chance), new.id)
        change = {"interpreters": (*board.problem.interpreters, new)}
        yield Proposal("add_interpreter", chance, told, (placement,), change)


def _with_person(board: Board, request: Request, tried: Tried, kind: str) -> Iterator[Proposal]:
    """Yield the chances in which one person alone is not free, or would meet at night."""
    for chance, found in tried:
        who = {obstacle.who for obstacle in found}
        if len(who) != 1 or {obstacle.kind for obstacle in found} != {kind}:
            continue
        person = board.problem.person[next(w for w in who if w is not None)]
        if any(busy.overlaps(chance.span) for busy in person.busy):
            continue
        code = "agree_night" if kind == "night" else "free_person"
        changed = _willing(person, kind, chance.span)
        persons = tuple(changed if p.id == person.id else p for p in board.problem.persons)
        told: dict[str, Param] = {"person": str(person.id)}
        placement = board.placement(request, chance)
        yield Proposal(code, chance, told, (placement,), {"persons": persons})


def _willing(person: Person, kind: str, span: Span) -> Person:
    if kind == "night":
        return replace(person, night=True)
    return replace(person, hours=joined((*person.hours, span)))
