"""Participants give an accepted request a free place themselves, where the organizer allows it."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Forbidden, Invalid, NotFound
from techdock_shared.http.principal import Principal

from techdock_matching.app import access, frame
from techdock_matching.app.day import NothingPublished, published_in
from techdock_matching.app.drafting import Spot, Spots, spots_of
from techdock_matching.app.frame import Frame
from techdock_matching.app.publishing import BreaksRules, booked, insist_on_rules
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.domain.meeting import Meeting
from techdock_matching.domain.meeting_request import RequestState
from techdock_matching.domain.states import WrongState
from techdock_matching.domain.timetable.board import Board
from techdock_matching.domain.timetable.problem import Problem, Timetable

BOOKABLE = frozenset({RequestState.ACCEPTED, RequestState.UNPLACED})


async def is_open(docking_event_id: UUID, begin: Begin, *, who: Principal) -> bool:
    """Say whether participants book for themselves now: allowed, and a timetable is published.

    Raises:
        NotFound: The docking event does not exist for the caller.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.see(who, docking_event)
        planning = await transaction.timetables.planning(docking_event_id)
        if not planning.self_booking:
            return False
        return await transaction.timetables.published(docking_event_id) is not None


async def free_spots(request_id: UUID, begin: Begin, *, who: Principal, clock: Clock) -> Spots:
    """Return the free places to come of a request; whoever stands in the way of others is not told.

    Raises:
        NotFound: The request does not exist for the caller.
        Forbidden: The caller does not speak for a side, or the organizer places everybody.
        WrongState: The request was not accepted, or has a place.
        NothingPublished: There is no published timetable yet.
    """
    async with begin() as transaction:
        now = await _booker(request_id, transaction, who)
    free = await asyncio.to_thread(_free, now, request_id, clock)
    return Spots(now.problem.request[request_id].parties, free)


def _free(now: Frame, request_id: UUID, clock: Clock) -> tuple[Spot, ...]:
    board = Board(now.problem, Timetable(now.held))
    request = now.problem.request[request_id]
    if board.full(request) is not None:
        return ()
    begin = clock.now()
    found = spots_of(board, request)
    return tuple(s for s in found if s.placement is not None and s.chance.span.start > begin)


@dataclass(frozen=True, slots=True)
class Book:
    """Take a free place for a request.

    Attributes:
        first_slot: From 0.
    """

    request_id: UUID
    session_id: UUID
    first_slot: int


async def book(command: Book, begin: Begin, *, who: Principal, clock: Clock) -> Meeting:
    """Book the meeting of an accepted request; the other side is told.

    Raises:
        NotFound: The request does not exist for the caller.
        Forbidden: The caller does not speak for a side, or the organizer places everybody.
        WrongState: The request was not accepted, or has a place.
        NothingPublished: There is no published timetable yet.
        Invalid: There is no such slot, or it has begun.
        BreaksRules: The place is not free any more.
        DoubleBooked: Another docking event took a person or table meanwhile.
    """
    async with begin() as transaction:
        now = await _booker(command.request_id, transaction, who)
        published = await published_in(transaction, now.docking_event.id)
        request = now.problem.request[command.request_id]
        wanted = await asyncio.to_thread(_spot, now.problem, Timetable(now.held), command)
        if wanted is None or wanted.chance.span.start <= clock.now():
            raise Invalid("there is no slot to come like this in the docking event")
        if wanted.placement is None:
            raise BreaksRules("this place is not free any more; choose another", ())
        await insist_on_rules(now.problem, (*now.held, wanted.placement))
        meeting = booked(now, now.requests[request.id], wanted.placement, published.number)
        await transaction.requests.save(now.requests[request.id].place())
        return (await transaction.meetings.save([meeting]))[0]


def _spot(problem: Problem, held: Timetable, command: Book) -> Spot | None:
    found = spots_of(Board(problem, held), problem.request[command.request_id])
    wanted = (command.session_id, command.first_slot)
    return next((s for s in found if (s.chance.session_id, s.chance.first_slot) == wanted), None)


async def _booker(request_id: UUID, transaction: Transaction, who: Principal) -> Frame:
    """Return the frame, for somebody who may book the request."""
    request = await transaction.requests.get(request_id)
    docking_event = await transaction.lookups.docking_event(request.docking_event_id)
    sides = (request.asking_id, request.asked_id)
    if not any(who.takes_part_as(side) for side in sides):
        if access.organizes(who, docking_event):
            raise Forbidden("participants book for themselves; organizers change the timetable")
        raise NotFound(f"no request {request_id}")
    now = await frame.derive(transaction, docking_event)
    if not now.planning.self_booking:
        raise Forbidden("in this docking event the organizer places the meetings")
    if request.state not in BOOKABLE or request.id not in now.problem.request:
        raise WrongState(f"request {request_id} is {request.state}; only accepted ones are booked")
    if await transaction.timetables.published(docking_event.id) is None:
        raise NothingPublished("no timetable of this docking event is published")
    return now
