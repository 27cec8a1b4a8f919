"""Interpreters: how much each has to do, their timetables and calendars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import NotFound
from techdock_shared.http.principal import Principal

from techdock_matching.app import access, views
from techdock_matching.app.calendars import interpreted, new_feed
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.repositories_timetable import CalendarFeed
from techdock_matching.domain.meeting import Meeting, MeetingState

GONE = frozenset({MeetingState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Workload:
    """What an interpreter has to do in the published timetable.

    Attributes:
        minutes: Of all meetings together.
        longest: Minutes of the longest stretch of meetings without a pause between them.
        first: When the first meeting begins; None: there is none.
    """

    person_id: UUID
    languages: tuple[str, ...]
    meetings: int
    minutes: int
    longest: int
    first: datetime | None
    last: datetime | None


async def workloads(docking_event_id: UUID, begin: Begin, *, who: Principal) -> Sequence[Workload]:
    """Return the workload of each interpreter, in the order in which they were named.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        found: list[Workload] = []
        for one in docking_event.interpreters:
            held = await _meetings(transaction, docking_event, one.interpreter_id)
            found.append(_workload(one.interpreter_id, one.languages, held))
        return found


def _workload(person_id: UUID, languages: Sequence[str], meetings: Sequence[Meeting]) -> Workload:
    places = [meeting.place for meeting in meetings]
    longest = run = timedelta()
    for number, place in enumerate(places):
        follows = number > 0 and places[number - 1].end >= place.start
        run = (run if follows else timedelta()) + (place.end - place.start)
        longest = max(longest, run)
    return Workload(
        person_id,
        tuple(languages),
        len(places),
        _minutes(sum((place.end - place.start for place in places), timedelta())),
        _minutes(longest),
        places[0].start if places else None,
        places[-1].end if places else None,
    )


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds()) // 60


async def timetable(
    docking_event_id: UUID, person_id: UUID, begin: Begin, *, who: Principal
) -> Sequence[Meeting]:
    """Return the meetings of an interpreter, by start: for organizers, and for the person.

    Raises:
        NotFound: The docking event, or the interpreter in it, does not exist for the caller.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        if who.person_id != person_id:
            access.organize(who, docking_event)
        _insist(docking_event, person_id)
        return await _meetings(transaction, docking_event, person_id)


async def open_feed(
    docking_event_id: UUID, person_id: UUID, begin: Begin, *, who: Principal, clock: Clock
) -> tuple[CalendarFeed, str]:
    """Make a calendar address for an interpreter, which the organizer hands on.

    Raises:
        NotFound: The docking event, or the interpreter in it, does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        _insist(docking_event, person_id)
        feed, token = new_feed(docking_event_id, person_id, None, who, clock)
        await transaction.calendars.save(feed)
        return feed, token


async def _meetings(
    transaction: Transaction, docking_event: views.DockingEvent, person_id: UUID
) -> Sequence[Meeting]:
    personal = await interpreted(transaction, docking_event, person_id)
    return [one.value for one in personal.meetings if one.value.state not in GONE]


def _insist(docking_event: views.DockingEvent, person_id: UUID) -> None:
    if all(one.interpreter_id != person_id for one in docking_event.interpreters):
        raise NotFound(f"no interpreter {person_id} in this docking event")
