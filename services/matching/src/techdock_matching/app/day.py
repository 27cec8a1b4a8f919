"""The day itself: a meeting is moved, and freed places are given to those who wait."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Conflict, Forbidden, Invalid, NotFound
from techdock_shared.http.principal import Principal

from techdock_matching.app import access, frame
from techdock_matching.app.frame import Frame
from techdock_matching.app.planning import StoredTimetable
from techdock_matching.app.publishing import booked, insist_on_rules
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.versions import rests_on
from techdock_matching.domain.meeting import Meeting
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Placement, Timetable
from techdock_matching.domain.timetable.refill import refill as refill_free

GRACE = timedelta(minutes=10)
"""How long after its start a place that fell free is still of use to others."""


class NothingPublished(Conflict):
    """There is no published timetable to change."""

    code = "nothing_published"


async def published_in(transaction: Transaction, docking_event_id: UUID) -> StoredTimetable:
    """Return the published timetable of a docking event; raises NothingPublished."""
    published = await transaction.timetables.published(docking_event_id)
    if published is None:
        raise NothingPublished("no timetable of this docking event is published")
    return published


@dataclass(frozen=True, slots=True)
class Move:
    """Give a meeting another time or place.

    Attributes:
        start: Where a slot of a matchmaking session begins.
        venue_id: None: the venue where it is.
        table_id: None: the table where it is, if the venue stays the same; else online.
    """

    id: UUID
    expected: int
    start: datetime
    venue_id: UUID | None = None
    table_id: UUID | None = None


async def move(command: Move, begin: Begin, *, who: Principal) -> Meeting:
    """Move a meeting, as an organizer; its parties are told.

    Raises:
        NotFound: It does not exist for the caller.
        Forbidden: The caller only takes part in it.
        Invalid: No slot of a session at the venue begins then.
        BreaksRules: The judge finds fault with the new place.
        DoubleBooked: Another docking event took a person or table meanwhile.
        WrongState: The meeting took place, failed or was called off.
    """
    async with begin() as transaction:
        meeting = (await transaction.meetings.get(command.id)).value
        docking_event = await transaction.lookups.docking_event(meeting.docking_event_id)
        if not access.organizes(who, docking_event):
            if any(who.takes_part_as(party.participation_id) for party in meeting.parties):
                raise Forbidden("meetings are moved by organizers")
            raise NotFound(f"no meeting {meeting.id}")
        rests_on(command.expected, meeting.version)
        published = await published_in(transaction, docking_event.id)
        now = await frame.derive(transaction, docking_event)
        placement = _wanted(command, now, meeting)
        others = tuple(one for one in now.held if one.request_id != meeting.request_id)
        changed = meeting.move(frame.place_of(now, placement), published.number)
        await insist_on_rules(now.problem, (*others, placement))
        return (await transaction.meetings.save([changed]))[0]


def _wanted(command: Move, now: Frame, meeting: Meeting) -> Placement:
    """Return the placement that the command names."""
    if meeting.request_id is None or meeting.request_id not in now.requests:
        raise Invalid(f"meeting {meeting.id} answers no accepted request")
    here = meeting.place
    venue_id = command.venue_id or here.venue_id
    table_id = command.table_id
    if table_id is None and venue_id == here.venue_id:
        table_id = here.table_id
    for session in now.problem.sessions:
        if session.venue_id != venue_id:
            continue
        for number, slot in enumerate(now.problem.slots[session.id]):
            if slot.start == command.start:
                return Placement(
                    meeting.request_id,
                    session.id,
                    number,
                    now.requests[meeting.request_id].slots,
                    venue_id,
                    table_id,
                    here.interpreter_id,
                )
    raise Invalid(f"no slot of a matchmaking session at venue {venue_id} begins {command.start}")


async def refill(
    docking_event_id: UUID, begin: Begin, *, who: Principal, clock: Clock
) -> Sequence[Meeting]:
    """Give free places that are to come to requests that wait, in order; nobody else moves.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        NothingPublished: There is no published timetable.
        DoubleBooked: Another docking event took a person or table meanwhile.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        published = await published_in(transaction, docking_event_id)
        now = await frame.derive(transaction, docking_event)
        held = Timetable(now.held)
        find = partial(refill_free, now.problem, held, not_before=clock.now() - GRACE)
        waiting = await asyncio.to_thread(find)
        await insist_on_rules(now.problem, (*now.held, *waiting))
        meetings = [
            booked(now, now.requests[placement.request_id], placement, published.number)
            for placement in waiting
        ]
        stored = await transaction.meetings.save(meetings)
        await transaction.requests.save_all(
            [now.requests[placement.request_id].place() for placement in waiting]
        )
        return stored


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that booked meetings break since something changed: somebody left, a table is gone.

    Attributes:
        what: In words that name ids only.
    """

    rule: str
    meetings: tuple[UUID, ...]
    what: str


async def broken(docking_event_id: UUID, begin: Begin, *, who: Principal) -> Sequence[Broken]:
    """Return what the judge finds in the meetings that people hold and that are still to come.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        now = await frame.derive(transaction, docking_event)
    found = await asyncio.to_thread(lambda: list(violations(now.problem, Timetable(now.held))))
    told: list[Broken] = []
    for one in found:
        theirs = [now.meetings[it] for it in one.requests if it in now.meetings]
        pending = tuple(meeting.id for meeting in theirs if meeting.is_pending)
        if pending:
            told.append(Broken(one.rule, pending, one.what))
    placed = {placement.request_id for placement in now.held}
    for request_id, meeting in now.meetings.items():
        if meeting.is_pending and request_id not in placed:
            told.append(Broken("slot", (meeting.id,), f"meeting {meeting.id} has no slot any more"))
    return told
