"""The day: meetings that cannot be as they are get another place, with the least change.

A meeting is moved to the nearest free place. Where none is free, others give way along a bounded
ejection chain: each of them moves to a free place of its own, or makes another one give way.
Whatever finds no place then waits.

Source of the idea: Glover, F. (1996). Ejection chains, reference structures and alternating path
methods for traveling salesman problems. Discrete Applied Mathematics, 65.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable.board import Board, Obstacle
from techdock_matching.domain.timetable.chances import Chance, chances
from techdock_matching.domain.timetable.costs import hours_off
from techdock_matching.domain.timetable.problem import Placement, Problem, Request, Timetable

DEEPEST = 2
"""How many others give way for one, one for the other."""

MOST_TRIED = 48
"""Places that are tried for one meeting where somebody has to give way."""


@dataclass(frozen=True, slots=True)
class Move:
    """A meeting that goes elsewhere.

    Attributes:
        before: None: it waited for a place.
        after: None: it has no place any more.
        hit: It could not be as it was; else it gave way to another one.
    """

    request_id: UUID
    before: Placement | None
    after: Placement | None
    hit: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What a repair changes."""

    moves: tuple[Move, ...] = ()

    @property
    def gave_way(self) -> tuple[UUID, ...]:
        """Requests whose meeting moves though nothing is wrong with it."""
        return tuple(move.request_id for move in self.moves if not move.hit)

    def applied(self, timetable: Timetable) -> Timetable:
        """Return the timetable after the change."""
        gone = {move.request_id for move in self.moves}
        kept = (p for p in timetable.placements if p.request_id not in gone)
        placed = (move.after for move in self.moves if move.after is not None)
        everything = sorted((*kept, *placed), key=lambda placement: placement.request_id)
        return Timetable(tuple(everything))


def repair(
    problem: Problem,
    timetable: Timetable,
    hit: Collection[UUID],
    not_before: datetime | None = None,
    deepest: int = DEEPEST,
) -> Change:
    """Give meetings that cannot be as they are another place.

    Args:
        problem: As it is now; what is fixed in it stays.
        timetable: Sound, and valid but for the meetings that are hit.
        hit: Requests whose meeting cannot be as it is.
        not_before: None starts earlier, nor gives way when it did; None: no bound.
        deepest: How many others may give way for one.
    """
    held = timetable.by_request
    kept = tuple(p for p in timetable.placements if p.request_id not in hit)
    search = _Search(Board(problem, Timetable(kept)), not_before)
    for request_id in sorted(hit, key=lambda it: (problem.span(held[it]).start, it)):
        search.settle(held[request_id], deepest)
    now = search.board.placed
    return Change(
        tuple(
            Move(request_id, before, now.get(request_id), request_id in hit)
            for request_id, before in sorted(held.items())
            if now.get(request_id) != before
        )
    )


class _Search:
    """Looks for places, one meeting after the other."""

    def __init__(self, board: Board, not_before: datetime | None) -> None:
        self.board = board
        self._not_before = not_before
        self._fixed = {placement.request_id for placement in board.problem.fixed}

    def settle(self, before: Placement, depth: int, banned: frozenset[UUID] = frozenset()) -> bool:
        """Put up a meeting that is not on the board; others give way, unless they are banned."""
        board, request = self.board, self.board.problem.request[before.request_id]
        if board.full(request) is not None:
            return False
        nearest = self._nearest(request, before)
        blocked: list[tuple[Chance, list[Obstacle]]] = []
        for chance in nearest:
            obstacles = board.obstacles(request, chance)
            if not obstacles:
                board.place(_like(board.placement(request, chance), before, board, request, chance))
                return True
            blocked.append((chance, obstacles))
        if not depth:
            return False
        banned |= {request.id}
        for chance, obstacles in blocked[:MOST_TRIED]:
            for other in self._in_the_way(request, chance, obstacles):
                if other in banned or not self._may_go(other):
                    continue
                if self._instead(request, chance, other, depth, banned):
                    return True
        return False

    def _instead(
        self, request: Request, chance: Chance, other: UUID, depth: int, banned: frozenset[UUID]
    ) -> bool:
        """Take a place that another meeting has, if that one finds a place of its own."""
        board = self.board
        theirs = board.take_down(other)
        if not board.obstacles(request, chance):
            board.place(board.placement(request, chance))
            if self.settle(theirs, depth - 1, banned):
                return True
            board.take_down(request.id)
        board.place(theirs)
        return False

    def _nearest(self, request: Request, before: Placement) -> list[Chance]:
        """Return the stretches to come, the kindest hours first, then those nearest to before."""
        problem = self.board.problem
        was = problem.span(before).start
        persons = [problem.person[who] for who in request.persons]

        def order(chance: Chance) -> tuple[int, timedelta, bool, datetime]:
            worst = max(hours_off(person, chance.span) for person in persons)
            elsewhere = chance.venue_id != before.venue_id
            return worst, abs(chance.span.start - was), elsewhere, chance.span.start

        found = (
            chance
            for chance in chances(problem, request)
            if self._not_before is None or chance.span.start >= self._not_before
        )
        return sorted(found, key=order)

    def _in_the_way(
        self, request: Request, chance: Chance, obstacles: list[Obstacle]
    ) -> Iterator[UUID]:
        """Yield the meetings of which a single one stands in the way of a stretch."""
        by = {one.by for one in obstacles if one.by is not None}
        kinds = {one.kind for one in obstacles}
        if not kinds <= {"busy", "travel", "precedence", "tables", "interpreter"} or len(by) > 1:
            return
        if by:
            yield from by
            return
        yield from sorted(set(self._holding(request, chance, kinds)))

    def _holding(self, request: Request, chance: Chance, kinds: set[str]) -> Iterator[UUID]:
        """Yield who sits alone at a table, or has an interpreter alone, that would do."""
        board = self.board
        wanted: list[UUID] = []
        for way in board.ways(request, chance.venue_id):
            if "tables" in kinds:
                wanted += [
                    table.id
                    for table in way.tables
                    if not any(busy.overlaps(chance.span) for busy in table.busy)
                ]
            if "interpreter" in kinds:
                wanted += [
                    one.id
                    for one in way.interpreters
                    if c.is_free(one, chance.span) and one.id not in request.persons
                ]
        for thing in dict.fromkeys(wanted):
            sitting = board.at(thing, chance.span)
            if len(sitting) == 1:
                yield from sitting

    def _may_go(self, request_id: UUID) -> bool:
        if request_id in self._fixed:
            return False
        placed: Mapping[UUID, Placement] = self.board.placed
        start = self.board.problem.span(placed[request_id]).start
        return self._not_before is None or start >= self._not_before


def _like(
    found: Placement, before: Placement, board: Board, request: Request, chance: Chance
) -> Placement:
    """Return the same place at the table of before, if that one is free too."""
    if found.venue_id != before.venue_id or before.table_id in {None, found.table_id}:
        return found
    for way in board.ways(request, chance.venue_id):
        # A table suits an interpreter: one who is elsewhere needs a link.
        helpers: set[UUID | None] = {one.id for one in way.interpreters} or {None}
        for table in way.tables:
            if (
                table.id == before.table_id
                and found.interpreter_id in helpers
                and board.has_room(table, chance.span)
            ):
                return replace(found, table_id=table.id)
    return found
