"""Personal timetables, and the addresses under which calendar programs read them."""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Forbidden, NotFound
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_matching.app import access, views
from techdock_matching.app.repositories import Begin, Stored, Transaction
from techdock_matching.app.repositories_timetable import CalendarFeed
from techdock_matching.domain.meeting import Meeting, MeetingState
from techdock_matching.domain.meeting_request import MeetingRequest, RequestState

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting as it stands in somebody's calendar.

    Attributes:
        zone: IANA zone of the venue, in which the entry is written.
        others: Names of the counterparts, or their codes when names are not at hand.
        place: Venue in words; empty when there is nothing to say.
        table: Label of the table; None means online.
        sequence: Grows with each change of time or place; calendars follow it.
        changed_at: When that was.
    """

    meeting_id: UUID
    start: datetime
    end: datetime
    zone: str
    others: Sequence[str]
    place: str
    table: str | None
    link: str | None
    interpreted: bool
    cancelled: bool
    sequence: int
    changed_at: datetime
    page: str | None


Draw = Callable[[str, str, Sequence[Entry]], bytes]
"""Draws a feed: code of the docking event, language, entries."""


@dataclass(frozen=True, slots=True)
class Personal:
    """One person's timetable in one docking event.

    Attributes:
        meetings: Those the person sits in, also cancelled ones, by start.
        unplaced: Accepted requests of the person without a place in the published timetable.
        version: Grows with each change of any meeting of the docking event.
    """

    docking_event: views.DockingEvent
    version: int
    meetings: Sequence[Stored[Meeting]]
    unplaced: Sequence[MeetingRequest]


async def _personal(
    transaction: Transaction,
    docking_event: views.DockingEvent,
    participations: Sequence[UUID],
    person_id: UUID,
) -> Personal:
    version = await transaction.meetings.version_of(docking_event.id)
    found = await transaction.meetings.find(docking_event.id, parties=participations)
    requests = await transaction.requests.find(
        docking_event.id,
        asking=participations,
        asked=participations,
        states=[RequestState.UNPLACED],
    )
    return Personal(
        docking_event,
        version,
        [stored for stored in found if person_id in stored.value.persons],
        [request for request in requests if person_id in request.persons],
    )


async def version_of(docking_event_id: UUID, begin: Begin, *, who: Principal) -> int:
    """Return the version of the caller's timetable: a cheap look before drawing it.

    Raises:
        NotFound: The docking event does not exist for the caller.
    """
    async with begin() as transaction:
        access.see(who, await transaction.lookups.docking_event(docking_event_id))
        return await transaction.meetings.version_of(docking_event_id)


async def mine(docking_event_id: UUID, begin: Begin, *, who: Principal) -> Personal:
    """Return the caller's timetable.

    Raises:
        NotFound: The docking event does not exist for the caller.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.see(who, docking_event)
        own = [
            part.participation_id
            for part in who.participations
            if part.docking_event_id == docking_event_id
        ]
        return await _personal(transaction, docking_event, own, who.person_id)


def hashed(token: str) -> bytes:
    """Return the only form in which a calendar token is kept."""
    return hashlib.sha256(token.encode()).digest()


async def open_feed(
    docking_event_id: UUID, begin: Begin, *, who: Principal, clock: Clock
) -> tuple[CalendarFeed, str]:
    """Make a new address for the caller's timetable; returns it with its token.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller takes no part in it.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.see(who, docking_event)
        part = who.participation_in(docking_event_id)
        if part is None:
            raise Forbidden("only participants have a timetable of their own")
        feed, token = new_feed(docking_event_id, who.person_id, part.participation_id, who, clock)
        await transaction.calendars.save(feed)
        return feed, token


def new_feed(
    docking_event_id: UUID,
    person_id: UUID,
    participation_id: UUID | None,
    who: Principal,
    clock: Clock,
) -> tuple[CalendarFeed, str]:
    """Return a new address in the language of who asks, with its token."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = CalendarFeed(
        uuid7(),
        hashed(token),
        docking_event_id,
        person_id,
        participation_id,
        who.language,
        clock.now(),
    )
    return feed, token


async def revoke(id: UUID, begin: Begin, *, who: Principal) -> None:
    """Make an address of the caller's stop to work.

    Raises:
        NotFound: It does not exist for the caller.
    """
    async with begin() as transaction:
        feed = await transaction.calendars.get(id)
        if feed.person_id != who.person_id:
            raise NotFound("no such calendar")
        await transaction.calendars.remove(id)


async def by_token(token: str, begin: Begin) -> tuple[CalendarFeed, Personal]:
    """Return the timetable that a calendar program asks for.

    Raises:
        NotFound: The address was revoked, or never was one.
    """
    async with begin() as transaction:
        feed = await transaction.calendars.by_token(hashed(token))
        docking_event = await transaction.lookups.docking_event(feed.docking_event_id)
        if feed.participation_id is None:
            return feed, await interpreted(transaction, docking_event, feed.person_id)
        personal = await _personal(
            transaction, docking_event, [feed.participation_id], feed.person_id
        )
        return feed, personal


async def interpreted(
    transaction: Transaction, docking_event: views.DockingEvent, person_id: UUID
) -> Personal:
    """Return the timetable of an interpreter."""
    version = await transaction.meetings.version_of(docking_event.id)
    found = await transaction.meetings.find(docking_event.id, interpreter_id=person_id)
    return Personal(docking_event, version, found, ())


def entries(
    feed: CalendarFeed, personal: Personal, names: Mapping[UUID, str], page: str | None
) -> list[Entry]:
    """Return a person's meetings as calendar entries.

    Args:
        names: Of organizations, as far as they are at hand; else the country stands for one.
        page: Where the person sees the timetable in the portal.
    """
    return [_entry(stored, feed, personal, names, page) for stored in personal.meetings]


def _entry(
    stored: Stored[Meeting],
    feed: CalendarFeed,
    personal: Personal,
    names: Mapping[UUID, str],
    page: str | None,
) -> Entry:
    meeting, place = stored.value, stored.value.place
    venue = personal.docking_event.venue(place.venue_id)
    tables = {} if venue is None else {desk.table_id: desk.label for desk in venue.tables}
    others = [p for p in meeting.parties if p.participation_id != feed.participation_id]
    return Entry(
        meeting_id=meeting.id,
        start=place.start,
        end=place.end,
        zone=place.zone,
        others=[names.get(p.organization_id, p.country) for p in others],
        place=personal.docking_event.code,
        table=None if place.table_id is None else tables.get(place.table_id, ""),
        link=place.link,
        interpreted=place.interpreter_id is not None,
        cancelled=meeting.state is MeetingState.CANCELLED,
        sequence=meeting.calendar_sequence,
        changed_at=stored.changed_at,
        page=page,
    )
