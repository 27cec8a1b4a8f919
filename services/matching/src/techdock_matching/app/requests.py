"""Meeting requests: asking, answering, and what ends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from techdock_contracts.registration import DockingEventCancelled, ParticipationWithdrawn
from techdock_shared.clock import Clock
from techdock_shared.errors import Conflict, Forbidden, Invalid, NotFound
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_matching.app import access
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.versions import rests_on
from techdock_matching.app.views import DockingEvent, Participation
from techdock_matching.domain.meeting_request import (
    WAITING_STATES,
    MeetingRequest,
    Message,
    RequestState,
)
from techdock_matching.domain.states import WrongState

LONGEST_WAIT = timedelta(days=14)
ASKING_STATES = frozenset({"announced", "open", "running"})
OVERDUE_PER_TRANSACTION = 100


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a participation for a meeting.

    Attributes:
        asking_participation_id: None: the caller's own in this docking event.
        asking_persons: Who would sit in; empty: the contact.
        asked_persons: The same for the other side.
    """

    docking_event_id: UUID
    asked_participation_id: UUID
    asking_participation_id: UUID | None = None
    asking_persons: tuple[UUID, ...] = ()
    asked_persons: tuple[UUID, ...] = ()
    asking_profile_id: UUID | None = None
    asked_profile_id: UUID | None = None
    message: Message | None = None
    slots: int = 1


async def ask(command: Ask, begin: Begin, *, who: Principal, clock: Clock) -> MeetingRequest:
    """Send a meeting request from one participation to another.

    Raises:
        NotFound: The docking event or the asked participation does not exist for the caller.
        Forbidden: The caller does not speak for the asking participation.
        WrongState: The docking event is over.
        AlreadyRequested: Two of the persons have an open request.
    """
    now = clock.now()
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(command.docking_event_id)
        access.see(who, docking_event)
        asking = await _asking(command, transaction, who)
        asked = await _asked(command, transaction)
        if docking_event.state not in ASKING_STATES:
            raise WrongState(f"docking event {docking_event.code} is {docking_event.state}")
        await _check_profile(transaction, command.asking_profile_id, asking)
        await _check_profile(transaction, command.asked_profile_id, asked)
        request = MeetingRequest.send(
            uuid7(),
            tenant_id=docking_event.tenant_id,
            docking_event_id=docking_event.id,
            zone=docking_event.zone,
            asking_id=asking.id,
            asked_id=asked.id,
            asking_persons=persons_of(asking, command.asking_persons),
            asked_persons=persons_of(asked, command.asked_persons),
            at=now,
            expires_at=expiry(docking_event, now),
            asking_profile_id=command.asking_profile_id,
            asked_profile_id=command.asked_profile_id,
            message=command.message,
            slots=command.slots,
        )
        return await transaction.requests.save(request)


async def _asking(command: Ask, transaction: Transaction, who: Principal) -> Participation:
    own = command.asking_participation_id
    if own is None:
        part = who.participation_in(command.docking_event_id)
        if part is None:
            raise Forbidden("only participants of the docking event ask for meetings")
        own = part.participation_id
    asking = await transaction.lookups.participation(own)
    if asking.docking_event_id != command.docking_event_id:
        raise NotFound(f"no participation {own} in this docking event")
    access.speak_for(who, asking)
    return asking


async def _asked(command: Ask, transaction: Transaction) -> Participation:
    asked = await transaction.lookups.participation(command.asked_participation_id)
    if asked.docking_event_id != command.docking_event_id or asked.state != "confirmed":
        raise NotFound(f"no participation {asked.id} in this docking event")
    return asked


async def _check_profile(
    transaction: Transaction, profile_id: UUID | None, owner: Participation
) -> None:
    if profile_id is None:
        return
    profile = await transaction.lookups.profile(profile_id)
    entered = owner.docking_event_id in profile.content.docking_events
    if profile.organization_id != owner.organization_id or not entered:
        raise Invalid(f"profile {profile_id} is not one of participation {owner.id}")


def persons_of(participation: Participation, wished: tuple[UUID, ...]) -> tuple[UUID, ...]:
    """Return who sits in for a participation: those wished, else the contact.

    Raises:
        Invalid: Somebody is not of the participation.
    """
    strangers = set(wished) - participation.person_ids
    if strangers:
        raise Invalid(f"not of participation {participation.id}: {sorted(map(str, strangers))}")
    return wished or (participation.contact_id,)


def expiry(docking_event: DockingEvent, now: datetime) -> datetime:
    """Return until when a request may be answered: two weeks, at most to the last day's end.

    Raises:
        Conflict: The last day is over.
    """
    midnight = datetime.combine(
        docking_event.ends_on + timedelta(days=1), time(), ZoneInfo(docking_event.zone)
    )
    if midnight <= now:
        raise Conflict(f"the last day of docking event {docking_event.code} is over")
    return min(now + LONGEST_WAIT, midnight)


async def _with_side(
    id: UUID, transaction: Transaction, who: Principal
) -> tuple[MeetingRequest, UUID]:
    """Return a request and the participation for which the caller speaks.

    When he speaks for both sides it is the one whose turn it is.

    Raises:
        NotFound: The request does not exist for the caller.
        Forbidden: The caller organizes the docking event and has no say in the request.
    """
    request = await transaction.requests.get(id)
    sides = [side for side in (request.asking_id, request.asked_id) if who.takes_part_as(side)]
    if not sides:
        docking_event = await transaction.lookups.docking_event(request.docking_event_id)
        if access.organizes(who, docking_event):
            raise Forbidden("a request is answered by the two sides only")
        raise NotFound(f"no request {id}")
    side = request.waits_for if request.waits_for in sides else sides[0]
    assert side is not None  # noqa: S101 - it is one of `sides`
    access.speak_for(who, await transaction.lookups.participation(side))
    return request, side


@dataclass(frozen=True, slots=True)
class Answer:
    """Accept or decline a request, or take it back.

    Attributes:
        to: accepted, declined or withdrawn.
        expected: The version that the answer rests on.
    """

    id: UUID
    to: RequestState
    expected: int
    reason: str | None = None


async def answer(command: Answer, begin: Begin, *, who: Principal, clock: Clock) -> MeetingRequest:
    """Answer a request, or take it back.

    Raises:
        NotFound: The request does not exist for the caller.
        NotYourTurn: The other side is to answer.
        WrongState: It is answered already, or waited too long.
    """
    async with begin() as transaction:
        request, side = await _with_side(command.id, transaction, who)
        rests_on(command.expected, request.version)
        now = clock.now()
        if command.to is RequestState.ACCEPTED:
            changed = request.accept(side, now)
        elif command.to is RequestState.DECLINED:
            changed = request.decline(side, now, command.reason)
        else:
            changed = request.withdraw(side, now)
        return await transaction.requests.save(changed)


@dataclass(frozen=True, slots=True)
class Counter:
    """Propose other persons or another length."""

    id: UUID
    expected: int
    asking_persons: tuple[UUID, ...] = ()
    asked_persons: tuple[UUID, ...] = ()
    slots: int | None = None
    message: Message | None = None


async def counter(
    command: Counter, begin: Begin, *, who: Principal, clock: Clock
) -> MeetingRequest:
    """Propose something else; then the asking side is to answer.

    Raises:
        NotFound: The request does not exist for the caller.
        NotYourTurn: The caller is not the asked side.
        WrongState: It does not wait for the asked side.
    """
    async with begin() as transaction:
        request, side = await _with_side(command.id, transaction, who)
        rests_on(command.expected, request.version)
        asking = await transaction.lookups.participation(request.asking_id)
        asked = await transaction.lookups.participation(request.asked_id)
        changed = request.counter(
            side,
            clock.now(),
            asking_persons=persons_of(asking, command.asking_persons)
            if command.asking_persons
            else None,
            asked_persons=persons_of(asked, command.asked_persons)
            if command.asked_persons
            else None,
            slots=command.slots,
            message=command.message,
        )
        return await transaction.requests.save(changed)


async def expire_overdue(begin: Begin, clock: Clock) -> int:
    """End the requests that nobody answered in time; returns how many."""
    async with begin() as transaction:
        now = clock.now()
        overdue = await transaction.requests.overdue(now, OVERDUE_PER_TRANSACTION)
        for request in overdue:
            await transaction.requests.save(request.expire(now))
    return len(overdue)


async def settle_withdrawal(event: ParticipationWithdrawn, transaction: Transaction) -> None:
    """End the requests and call off the meetings of a participation that left."""
    gone = event.participation_id
    requests = await transaction.requests.find(event.docking_event_id, asking=[gone], asked=[gone])
    for request in requests:
        if request.is_open:
            await transaction.requests.save(_settled(request, gone, event.time))
    meetings = await transaction.meetings.find(event.docking_event_id, parties=[gone])
    pending = [stored.value for stored in meetings if stored.value.is_pending]
    await transaction.meetings.save([m.cancel(m.timetable_version) for m in pending])


async def settle_cancellation(event: DockingEventCancelled, transaction: Transaction) -> None:
    """End all requests and call off all meetings of a docking event that does not take place."""
    for request in await transaction.requests.find(event.docking_event_id):
        if request.is_open:
            await transaction.requests.save(_settled(request, request.asking_id, event.time))
    meetings = await transaction.meetings.find(event.docking_event_id)
    pending = [stored.value for stored in meetings if stored.value.is_pending]
    await transaction.meetings.save([m.cancel(m.timetable_version) for m in pending])


def _settled(request: MeetingRequest, gone: UUID, at: datetime) -> MeetingRequest:
    if request.state not in WAITING_STATES:
        return request.cancel()
    if at >= request.expires_at:
        return request.expire(at)
    if request.waits_for == gone:
        return request.decline(gone, at)
    return request.withdraw(request.asking_id, at)


async def read(id: UUID, begin: Begin, *, who: Principal) -> tuple[MeetingRequest, bool]:
    """Return a request, and whether the caller is of one of its sides.

    Raises:
        NotFound: It does not exist for the caller.
    """
    async with begin() as transaction:
        request = await transaction.requests.get(id)
        if who.takes_part_as(request.asking_id) or who.takes_part_as(request.asked_id):
            return request, True
        docking_event = await transaction.lookups.docking_event(request.docking_event_id)
        if not access.organizes(who, docking_event):
            raise NotFound(f"no request {id}")
        return request, False


async def listed(
    docking_event_id: UUID,
    begin: Begin,
    *,
    who: Principal,
    mine: str | None,
    states: Sequence[str],
    after: UUID | None,
    limit: int,
) -> Sequence[MeetingRequest]:
    """Return requests of a docking event: the caller's own, or all for organizers.

    Args:
        mine: `in`: those that the caller's participations were asked; `out`: those they sent;
            None: both, and for organizers everybody's.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.see(who, docking_event)
        own = [
            part.participation_id
            for part in who.participations
            if part.docking_event_id == docking_event_id
        ]
        if mine is None and access.organizes(who, docking_event):
            sides: dict[str, list[UUID] | None] = {"asking": None, "asked": None}
        else:
            sides = {
                "asking": None if mine == "in" else own,
                "asked": None if mine == "out" else own,
            }
        return await transaction.requests.find(
            docking_event_id,
            asking=sides["asking"],
            asked=sides["asked"],
            states=states,
            after=after,
            limit=limit,
        )
