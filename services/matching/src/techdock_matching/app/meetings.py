"""Meetings: reading them, and what happens to them on the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from techdock_shared.errors import Forbidden, NotFound
from techdock_shared.http.principal import Principal

from techdock_matching.app import access
from techdock_matching.app.repositories import Begin, Stored, Transaction
from techdock_matching.app.versions import rests_on
from techdock_matching.domain.meeting import Meeting, MeetingState
from techdock_matching.domain.meeting_request import RequestState


async def _seen(id: UUID, transaction: Transaction, who: Principal) -> tuple[Stored[Meeting], bool]:
    """Return a meeting, and whether the caller organizes its docking event.

    Raises:
        NotFound: It does not exist for the caller.
    """
    stored = await transaction.meetings.get(id)
    docking_event = await transaction.lookups.docking_event(stored.value.docking_event_id)
    organizer = access.organizes(who, docking_event)
    own = any(who.takes_part_as(party.participation_id) for party in stored.value.parties)
    if not (own or organizer):
        raise NotFound(f"no meeting {id}")
    return stored, organizer


async def read(id: UUID, begin: Begin, *, who: Principal) -> Meeting:
    """Return a meeting.

    Raises:
        NotFound: It does not exist for the caller.
    """
    async with begin() as transaction:
        return (await _seen(id, transaction, who))[0].value


async def listed(
    docking_event_id: UUID,
    begin: Begin,
    *,
    who: Principal,
    venue_id: UUID | None = None,
    day: date | None = None,
    states: Sequence[str] = (),
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> Sequence[Meeting]:
    """Return meetings by start: the caller's own, or everybody's for organizers.

    Args:
        day: Local date in the zone of the docking event.

    Raises:
        NotFound: The docking event does not exist for the caller.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.see(who, docking_event)
        own: list[UUID] | None = None
        if not access.organizes(who, docking_event):
            own = [
                part.participation_id
                for part in who.participations
                if part.docking_event_id == docking_event_id
            ]
        first = last = None
        if day is not None:
            zone = ZoneInfo(docking_event.zone)
            first = datetime.combine(day, time(), zone)
            last = datetime.combine(day + timedelta(days=1), time(), zone)
        found = await transaction.meetings.find(
            docking_event_id,
            parties=own,
            states=states,
            venue_id=venue_id,
            begin=first,
            end=last,
            after=after,
            limit=limit,
        )
        return [stored.value for stored in found]


@dataclass(frozen=True, slots=True)
class Report:
    """Say what became of a meeting.

    Attributes:
        to: held, no_show or cancelled.
        absent: Participations that did not come; only with no_show.
    """

    id: UUID
    expected: int
    to: MeetingState
    absent: tuple[UUID, ...] = ()


async def report(command: Report, begin: Begin, *, who: Principal) -> Meeting:
    """Note that a meeting was held, failed, or is called off.

    Parties say that it was held or call it off; that somebody did not come is for organizers
    to say, because it is said of others.

    Raises:
        NotFound: It does not exist for the caller.
        Forbidden: Only an organizer says that somebody did not come.
        WrongState: It was reported on before, or cancelled.
    """
    async with begin() as transaction:
        stored, organizer = await _seen(command.id, transaction, who)
        meeting = stored.value
        if command.to is MeetingState.NO_SHOW and not organizer:
            raise Forbidden("that somebody did not come is for organizers to say")
        rests_on(command.expected, meeting.version)
        if command.to is MeetingState.HELD:
            changed = meeting.hold()
        elif command.to is MeetingState.NO_SHOW:
            changed = meeting.miss(command.absent)
        else:
            changed = meeting.cancel(meeting.timetable_version)
            await _release(transaction, meeting)
        return (await transaction.meetings.save([changed]))[0]


async def _release(transaction: Transaction, meeting: Meeting) -> None:
    """Give up the request of a meeting that was called off."""
    if meeting.request_id is None:
        return
    request = await transaction.requests.get(meeting.request_id)
    if request.state is RequestState.PLACED:
        await transaction.requests.save(request.cancel())
