"""Check-in: who is there. Offline devices send later what they saw; the first one counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Conflict, Invalid, NotFound
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_registration.app.authorization import insist_organizer
from techdock_registration.app.ports import Begin, Slice, Transaction
from techdock_registration.domain.attendance import Attendance
from techdock_registration.domain.docking_event import DockingEvent, DockingEventState
from techdock_registration.domain.participation import Participation
from techdock_registration.domain.states import only

AHEAD = timedelta(minutes=5)
"""How far a device's clock may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a device saw.

    Attributes:
        id: Chosen by the device, so that what it sends twice is kept once.
        person_id: Counting id; or the ticket.
        at: By the device's clock; None: now.
    """

    person_id: UUID | None = None
    ticket: UUID | None = None
    session_id: UUID | None = None
    mode: str | None = None
    at: datetime | None = None
    device: str | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a look.

    Attributes:
        attendance: The one that counts for the person and place.
        is_new: Whether this look is the one.
    """

    attendance: Attendance
    is_new: bool


Taken = Outcome | NotFound | Invalid
"""What became of one look of a batch."""


async def check_in(
    who: Principal, docking_event_id: UUID, look: Look, begin: Begin, clock: Clock
) -> Outcome:
    """Note that a person is present.

    Raises:
        NotFound: Nobody has this ticket or id here.
        WrongState: The docking event is not open or running.
    """
    async with begin() as transaction:
        docking_event = await _own(who, docking_event_id, transaction)
        return await _take(look, docking_event, transaction, clock.now())


async def merge(
    who: Principal, docking_event_id: UUID, looks: Sequence[Look], begin: Begin, clock: Clock
) -> list[Taken]:
    """Take what a device saw while it was offline, oldest first; a wrong look stops no other."""
    at = clock.now()
    order = sorted(range(len(looks)), key=lambda i: looks[i].at or at)
    outcomes: dict[int, Taken] = {}
    async with begin() as transaction:
        docking_event = await _own(who, docking_event_id, transaction)
        for i in order:
            try:
                outcomes[i] = await _take(looks[i], docking_event, transaction, at)
            except (NotFound, Invalid) as error:
                outcomes[i] = error
    return [outcomes[i] for i in range(len(looks))]


async def present(
    who: Principal, docking_event_id: UUID, part: Slice, session_id: UUID | None, begin: Begin
) -> list[Attendance]:
    """Return who is there, in the order of time."""
    async with begin() as transaction:
        await _seen(who, docking_event_id, transaction)
        return await transaction.attendance.find(part, docking_event_id, session_id)


async def counts(who: Principal, docking_event_id: UUID, begin: Begin) -> dict[UUID | None, int]:
    """Count persons at the door (None) and in each session."""
    async with begin() as transaction:
        await _seen(who, docking_event_id, transaction)
        return await transaction.attendance.counts(docking_event_id)


async def _seen(who: Principal, docking_event_id: UUID, transaction: Transaction) -> DockingEvent:
    docking_event = await transaction.docking_events.get(docking_event_id)
    insist_organizer(who, docking_event)
    return docking_event


async def _own(who: Principal, docking_event_id: UUID, transaction: Transaction) -> DockingEvent:
    docking_event = await _seen(who, docking_event_id, transaction)
    only(
        "the docking event",
        docking_event.state,
        DockingEventState.OPEN,
        DockingEventState.RUNNING,
        DockingEventState.HELD,
    )
    return docking_event


async def _take(
    look: Look, docking_event: DockingEvent, transaction: Transaction, now: datetime
) -> Outcome:
    if look.at is not None and look.at > now + AHEAD:
        raise Invalid(f"at must not lie ahead, found {look.at.isoformat()}")
    participation, person_id = await _person(look, docking_event, transaction)
    person = participation.person(person_id)
    if person is None:
        raise NotFound("this person does not take part any more")
    session = None
    venue_id = person.venue_id
    if look.session_id is not None:
        session = await transaction.sessions.get(look.session_id)
        if session.docking_event_id != docking_event.id:
            raise NotFound(f"the docking event has no session {look.session_id}")
        venue_id = session.plan.venue_id
    venue = docking_event.main_venue if venue_id is None else docking_event.venue(venue_id)
    attendance = Attendance(
        look.id or uuid7(),
        docking_event.id,
        docking_event.tenant_id,
        participation.id,
        participation.organization_id,
        person_id,
        look.session_id,
        look.mode or person.mode,
        look.at or now,
        venue.zone,
        now,
        look.device,
    )
    book = transaction.attendance
    if look.id is not None:
        known = (await book.known([look.id])).get(look.id)
        if known is not None:
            if known.docking_event_id != docking_event.id or known.person_id != person_id:
                raise Invalid(f"id {look.id} was used for another look")
            return Outcome(await _counting(attendance, transaction), is_new=False)
    if not await book.first(attendance.place_id, person_id, attendance.id):
        await book.keep(attendance)
        return Outcome(await _counting(attendance, transaction), is_new=False)
    of = await transaction.organizations.belonging(participation.organization_id)
    counted = attendance.counted(of.country)
    await book.keep(counted)
    return Outcome(counted, is_new=True)


async def _counting(attendance: Attendance, transaction: Transaction) -> Attendance:
    counting = await transaction.attendance.counting(attendance.place_id, attendance.person_id)
    if counting is None:
        raise Conflict("the person was just checked in; ask again")
    return counting


async def _person(
    look: Look, docking_event: DockingEvent, transaction: Transaction
) -> tuple[Participation, UUID]:
    if (look.person_id is None) == (look.ticket is None):
        raise Invalid("a check-in names either person_id or ticket")
    if look.ticket is not None:
        ticket = await transaction.participations.ticket(look.ticket)
    else:
        assert look.person_id is not None  # noqa: S101 - one of the two is given
        ticket = await transaction.participations.ticket_of(docking_event.id, look.person_id)
    if ticket is None or ticket.docking_event_id != docking_event.id:
        raise NotFound("nobody in this docking event has this ticket or id")
    participation = await transaction.participations.get(ticket.participation_id)
    if not participation.is_confirmed:
        raise NotFound("this participation is not confirmed")
    return participation, ticket.person_id
