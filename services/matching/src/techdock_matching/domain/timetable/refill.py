"""The day: a slot that became free is offered to the requests that wait, in order."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from techdock_matching.domain.timetable.board import Board
from techdock_matching.domain.timetable.chances import chances
from techdock_matching.domain.timetable.costs import hours_off
from techdock_matching.domain.timetable.problem import Placement, Problem, Request, Timetable


def standby(problem: Problem, timetable: Timetable) -> tuple[UUID, ...]:
    """Return the accepted requests without a place: the weightier first, else as they came."""
    placed = timetable.by_request
    waiting = [r for r in problem.requests if r.accepted and r.id not in placed]
    return tuple(r.id for r in sorted(waiting, key=lambda r: -r.weight))


def refill(
    problem: Problem,
    timetable: Timetable,
    waiting: Iterable[UUID] | None = None,
    not_before: datetime | None = None,
) -> tuple[Placement, ...]:
    """Return places for requests that wait, in their order; nobody else is moved.

    Args:
        waiting: Requests in the order in which they are served, as long as more come; none:
            `standby`.
        not_before: Meetings start then or later; none: whenever.
    """
    board = Board(problem, timetable)
    found: list[Placement] = []
    for request_id in standby(problem, timetable) if waiting is None else waiting:
        request = problem.request[request_id]
        if request.accepted and request_id not in board.placed:
            placement = best_place(board, request, not_before)
            if placement is not None:
                board.place(placement)
                found.append(placement)
    return tuple(found)


def best_place(
    board: Board, request: Request, not_before: datetime | None = None
) -> Placement | None:
    """Return the free place at the kindest hour, the earliest of those; none: there is none."""
    if board.full(request) is not None:
        return None
    persons = [board.problem.person[who] for who in request.persons]
    best: tuple[tuple[int, datetime, UUID], Placement] | None = None
    for chance in chances(board.problem, request):
        if not_before is not None and chance.span.start < not_before:
            continue
        worst = max(hours_off(person, chance.span) for person in persons)
        order = (worst, chance.span.start, chance.session_id)
        if (best is None or order < best[0]) and not board.obstacles(request, chance):
            best = (order, board.placement(request, chance))
    return None if best is None else best[1]


def without(timetable: Timetable, request_ids: Iterable[UUID]) -> Timetable:
    """Return a timetable in which these requests have no place any more."""
    gone = set(request_ids)
    return Timetable(tuple(p for p in timetable.placements if p.request_id not in gone))
