"""The schedule frame: the timetable problem, from what registration tells and what is planned."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from techdock_contracts.registration import Span as ToldSpan
from techdock_contracts.registration import Venue as ToldVenue
from techdock_shared.errors import Invalid
from techdock_shared.http.principal import Principal

from techdock_matching.app import access, views
from techdock_matching.app.planning import Outage, Planning
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.versions import rests_on
from techdock_matching.domain.meeting import Meeting, MeetingState, Place
from techdock_matching.domain.meeting_request import MeetingRequest, RequestState
from techdock_matching.domain.spans import Span, joined, less
from techdock_matching.domain.timetable.problem import (
    Interpreter,
    Participation,
    Person,
    Placement,
    Problem,
    Request,
    Session,
    Table,
    Venue,
)

ONLINE = "online"
USUAL_SLOT_MINUTES = 30
WISHED = (RequestState.ACCEPTED, RequestState.PLACED, RequestState.UNPLACED)


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything from which a timetable of one docking event is made.

    Attributes:
        requests: Accepted requests by id, placed or not; without those whose meeting failed.
        meetings: Meetings by request that are not cancelled.
        held: Placements of the meetings that people hold now; where a solver begins.
    """

    docking_event: views.DockingEvent
    planning: Planning
    participations: Mapping[UUID, views.Participation]
    requests: Mapping[UUID, MeetingRequest]
    meetings: Mapping[UUID, Meeting]
    problem: Problem
    held: tuple[Placement, ...]


async def derive(
    transaction: Transaction, docking_event: views.DockingEvent, locked: Iterable[UUID] = ()
) -> Frame:
    """Return the frame as it is now.

    Args:
        locked: Meetings that must stay where they are, beside those that took place.
    """
    lookups = transaction.lookups
    planning = await transaction.timetables.planning(docking_event.id)
    sessions = [_session(s) for s in await lookups.sessions(docking_event.id)]
    participations = {p.id: p for p in await lookups.participations(docking_event.id)}
    stored = await transaction.meetings.find(docking_event.id)
    meetings = {
        s.value.request_id: s.value
        for s in stored
        if s.value.request_id is not None and s.value.is_live
    }
    failed = {one for one, meeting in meetings.items() if meeting.state is MeetingState.NO_SHOW}
    found = await transaction.requests.find(docking_event.id, states=[*WISHED])
    requests = {
        r.id: _present(r, participations)
        for r in found
        if r.id not in failed and _is_complete(r, participations)
    }
    away = _away(await transaction.timetables.outages(docking_event.id), meetings.values())
    people = await _people(transaction, docking_event, participations.values(), away)
    problem = Problem(
        sessions=tuple(sessions),
        venues=tuple(_venue(venue, away) for venue in docking_event.venues),
        persons=people,
        participations=tuple(
            Participation(p.id, p.organization_id, p.least_meetings)
            for p in participations.values()
        ),
        requests=tuple(
            Request(r.id, (r.asking_id, r.asked_id), r.persons, r.slots) for r in requests.values()
        ),
        interpreters=await _interpreters(transaction, docking_event, away),
        travel_minutes=_both_ways(planning),
        buffer_minutes=planning.buffer_minutes,
    )
    placements = {
        request_id: placement
        for request_id, meeting in meetings.items()
        if request_id in requests
        and (placement := placement_of(problem, meeting, requests[request_id].slots)) is not None
    }
    keep = set(locked)
    fixed = tuple(
        placement
        for request_id, placement in placements.items()
        if meetings[request_id].id in keep or not meetings[request_id].is_pending
    )
    return Frame(
        docking_event,
        planning,
        participations,
        requests,
        meetings,
        replace(problem, fixed=fixed),
        tuple(placements.values()),
    )


def from_now(now: Frame, at: datetime) -> Frame:
    """Return the frame in which nothing new begins in the past, and what began stays.

    As long as nobody holds a meeting, a timetable may be made for times that are over: it is how
    what took place without Techdock is taken in.
    """
    problem = now.problem
    begin = min((session.start for session in problem.sessions), default=at)
    if begin >= at or not now.meetings:
        return now
    taken = {placement.request_id for placement in problem.fixed}
    began = tuple(
        placement
        for placement in now.held
        if placement.request_id not in taken and problem.span(placement).start < at
    )
    fixed = (*problem.fixed, *began)
    sat: dict[UUID, list[Span]] = defaultdict(list)
    for placement in fixed:
        for who in problem.request[placement.request_id].persons:
            sat[who].append(problem.span(placement))
    over = Span(begin, at)
    persons = tuple(
        replace(person, busy=joined((*person.busy, *less([over], sat[person.id]))))
        for person in problem.persons
    )
    return replace(now, problem=replace(problem, fixed=fixed, persons=persons))


def with_locks(now: Frame, placements: Iterable[Placement], locked: Collection[UUID]) -> Frame:
    """Return the frame in which places that are locked in a draft are fixed, too."""
    taken = {placement.request_id for placement in now.problem.fixed}
    more = (
        placement
        for placement in placements
        if placement.request_id in locked
        and placement.request_id not in taken
        and placement.request_id in now.requests
    )
    return replace(now, problem=replace(now.problem, fixed=(*now.problem.fixed, *more)))


def _session(session: views.Session) -> Session:
    return Session(
        session.id,
        session.venue_id,
        session.start,
        session.end,
        session.slot_minutes or USUAL_SLOT_MINUTES,
        session.break_minutes,
    )


Away: TypeAlias = Mapping[UUID, Sequence[Span]]
"""When persons, tables and interpreters are not there, by id."""


def _away(outages: Iterable[Outage], meetings: Iterable[Meeting]) -> Away:
    """Return what was noted, less the meetings that took place all the same, or failed."""
    spans: dict[UUID, list[Span]] = defaultdict(list)
    for outage in outages:
        spans[outage.thing_id].append(outage.span)
    settled: dict[UUID, list[Span]] = defaultdict(list)
    for meeting in meetings if spans else ():
        if not meeting.is_pending:
            place = meeting.place
            for thing in (*meeting.persons, place.table_id, place.interpreter_id):
                if thing in spans:
                    settled[thing].append(Span(place.start, place.end))
    return {thing: less(theirs, settled[thing]) for thing, theirs in spans.items()}


def _venue(venue: ToldVenue, away: Away) -> Venue:
    tables = tuple(
        Table(
            desk.table_id,
            frozenset(desk.equipment),
            desk.owner_id,
            joined(away.get(desk.table_id, ())),
        )
        for desk in venue.tables
    )
    return Venue(venue.venue_id, venue.zone, tables, online=venue.kind == ONLINE)


async def _people(
    transaction: Transaction,
    docking_event: views.DockingEvent,
    participations: Iterable[views.Participation],
    away: Away,
) -> tuple[Person, ...]:
    """Return everybody who may sit in meetings, with what other docking events have of them."""
    all_of_them = [(p, person) for p in participations for person in p.persons]
    ids = [person.person_id for _, person in all_of_them]
    elsewhere = await transaction.meetings.busy("person", ids, docking_event.id)
    return tuple(
        Person(
            id=person.person_id,
            participation_id=participation.id,
            languages=frozenset(primary(tag) for tag in person.languages),
            zone=person.zone,
            venue_id=person.venue_id if person.mode == "on_site" else None,
            hours=_spans(person.hours),
            busy=joined((*elsewhere.get(person.person_id, ()), *away.get(person.person_id, ()))),
            night=person.night,
            most=_least_of(participation.most_meetings, docking_event.most_meetings),
        )
        for participation, person in all_of_them
    )


async def _interpreters(
    transaction: Transaction, docking_event: views.DockingEvent, away: Away
) -> tuple[Interpreter, ...]:
    ids = [person.interpreter_id for person in docking_event.interpreters]
    elsewhere = await transaction.meetings.busy("person", ids, docking_event.id)
    return tuple(
        Interpreter(
            id=person.interpreter_id,
            languages=frozenset(primary(tag) for tag in person.languages),
            venue_id=person.venue_id,
            hours=_spans(person.hours),
            busy=joined(
                (*elsewhere.get(person.interpreter_id, ()), *away.get(person.interpreter_id, ()))
            ),
        )
        for person in docking_event.interpreters
    )


def primary(tag: str) -> str:
    """Return the language of a BCP 47 tag without script and region."""
    return tag.partition("-")[0].lower()


def _spans(told: Sequence[ToldSpan]) -> tuple[Span, ...]:
    return joined(Span(span.start, span.end) for span in told)


def _least_of(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def _both_ways(planning: Planning) -> dict[tuple[UUID, UUID], int]:
    ways: dict[tuple[UUID, UUID], int] = {}
    for one, other, minutes in planning.travel_minutes:
        ways[one, other] = ways[other, one] = minutes
    return ways


def _is_complete(
    request: MeetingRequest, participations: Mapping[UUID, views.Participation]
) -> bool:
    return request.asking_id in participations and request.asked_id in participations


def _present(
    request: MeetingRequest, participations: Mapping[UUID, views.Participation]
) -> MeetingRequest:
    """Return the request with those persons who still are of their participations.

    Where nobody is left of those named, the contact sits in.
    """

    def left(persons: tuple[UUID, ...], side: views.Participation) -> tuple[UUID, ...]:
        staying = tuple(person for person in persons if person in side.person_ids)
        return staying or (side.contact_id,)

    return replace(
        request,
        asking_persons=left(request.asking_persons, participations[request.asking_id]),
        asked_persons=left(request.asked_persons, participations[request.asked_id]),
    )


def placement_of(problem: Problem, meeting: Meeting, slots: int) -> Placement | None:
    """Return where a meeting stands in the frame; None when its slot is not there any more."""
    place = meeting.place
    assert meeting.request_id is not None  # noqa: S101 - only such meetings are in a frame
    found = problem.slots.get(place.session_id, ())
    first = next((n for n, slot in enumerate(found) if slot.start == place.start), None)
    if first is None or first + slots > len(found):
        return None
    return Placement(
        meeting.request_id,
        place.session_id,
        first,
        slots,
        place.venue_id,
        place.table_id,
        place.interpreter_id,
    )


def place_of(frame: Frame, placement: Placement) -> Place:
    """Return when and where a placement is met.

    Raises:
        Invalid: Its slot or venue is not in the frame any more.
    """
    span = frame.problem.span(placement)
    venue = frame.problem.venue.get(placement.venue_id)
    if venue is None:
        raise Invalid(f"venue {placement.venue_id} is not in the docking event any more")
    return Place(
        span.start,
        span.end,
        venue.zone,
        placement.session_id,
        placement.venue_id,
        placement.table_id,
        venue.link,
        placement.interpreter_id,
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """Change the planning of a docking event."""

    docking_event_id: UUID
    planning: Planning
    expected: int


async def plan(command: Plan, begin: Begin, *, who: Principal) -> Frame:
    """Store the organizer's planning and return the frame that follows.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        Invalid: A way is between venues that the docking event does not have.
        Stale: Somebody planned since it was read.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(command.docking_event_id)
        access.organize(who, docking_event)
        present = await transaction.timetables.planning(docking_event.id)
        rests_on(command.expected, present.version)
        venues = {venue.venue_id for venue in docking_event.venues}
        for one, other, _ in command.planning.travel_minutes:
            if one == other or not {one, other} <= venues:
                raise Invalid(f"no way leads between {one} and {other} in this docking event")
        planning = replace(command.planning, version=present.version)
        await transaction.timetables.save_planning(docking_event.id, planning)
        return await derive(transaction, docking_event)


async def read(docking_event_id: UUID, begin: Begin, *, who: Principal) -> Frame:
    """Return the frame of a docking event.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        return await derive(transaction, docking_event)
