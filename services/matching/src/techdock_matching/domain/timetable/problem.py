"""The timetable problem: what is asked, and what an answer looks like.

Persons are known by counting id. All times are instants; occupation is counted in ticks of
5 minutes of UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from techdock_shared.errors import Invalid

from techdock_matching.domain.spans import TICK_MINUTES, Span, on_ticks

VIDEO_LINK = "video_link"
BOOTH = "booth"


@dataclass(frozen=True, slots=True)
class Table:
    """A table at a venue.

    Attributes:
        equipment: Codes, such as `video_link`.
        owner_id: The organization whose booth it is; only its own meetings may use it.
        busy: When nobody can sit at it.
    """

    id: UUID
    equipment: frozenset[str] = frozenset()
    owner_id: UUID | None = None
    busy: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Venue:
    """A place of the docking event.

    Attributes:
        online: Meetings take place by link; there are no tables and no limit.
        zone: IANA zone.
    """

    id: UUID
    zone: str
    tables: tuple[Table, ...] = ()
    online: bool = False
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A matchmaking session at a venue, cut into slots of equal length.

    Attributes:
        slot_minutes: A multiple of 5.
        break_minutes: Pause after each slot, a multiple of 5; a meeting of several slots runs
            through it.
    """

    id: UUID
    venue_id: UUID
    start: datetime
    end: datetime
    slot_minutes: int = 30
    break_minutes: int = 0

    def __post_init__(self) -> None:
        if not on_ticks(self.start) or self.slot_minutes <= 0 or self.break_minutes < 0:
            raise Invalid("a session starts on a tick and has slots that take time")
        if self.slot_minutes % TICK_MINUTES or self.break_minutes % TICK_MINUTES:
            raise Invalid(f"slots and pauses are multiples of {TICK_MINUTES} minutes")

    @property
    def slots(self) -> tuple[Span, ...]:
        """The slots in order; what is left at the end and too short for one is none."""
        step = timedelta(minutes=self.slot_minutes + self.break_minutes)
        length = timedelta(minutes=self.slot_minutes)
        found: list[Span] = []
        start = self.start
        while start + length <= self.end:
            found.append(Span(start, start + length))
            start += step
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sit in meetings.

    Attributes:
        languages: Primary BCP 47 subtags; empty: not stated, taken to fit.
        zone: IANA zone in which the person's day is counted.
        venue_id: Where the person is; none: remote.
        hours: When free; empty: always.
        busy: When not, whatever the hours say: sessions to speak in, meetings elsewhere.
        night: Agreed to meet between 00:00 and 05:00 of the own zone.
        most: Meetings at most; none: no limit.
    """

    id: UUID
    participation_id: UUID
    languages: frozenset[str]
    zone: str
    venue_id: UUID | None = None
    hours: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()
    night: bool = False
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Participation:
    """An organization in the docking event.

    Attributes:
        least: Meetings it wishes at least, per person.
        most: Meetings it takes at most, all its persons together; none: no limit.
    """

    id: UUID
    organization_id: UUID
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A person who interprets between any two of the languages.

    Attributes:
        venue_id: Where the interpreter is; none: online, joins by link or at a video table.
    """

    id: UUID
    languages: frozenset[str]
    venue_id: UUID | None = None
    hours: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """A meeting that is asked for.

    Attributes:
        parties: Participations, two or more.
        persons: Everybody who sits in, of all parties.
        slots: Length in consecutive slots, 1 or more.
        weight: How much its place is worth, 1 or more.
        sessions: Sessions it may be in; empty: any.
        accepted: Only then it may have a place.
    """

    id: UUID
    parties: tuple[UUID, ...]
    persons: tuple[UUID, ...]
    slots: int = 1
    weight: int = 1
    sessions: frozenset[UUID] = frozenset()
    accepted: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Placement:
    """When and where one request is met.

    Attributes:
        first_slot: Number of the slot in its session, from 0.
        table_id: None: online.
    """

    request_id: UUID
    session_id: UUID
    first_slot: int
    slots: int
    venue_id: UUID
    table_id: UUID | None = None
    interpreter_id: UUID | None = None


@dataclass(frozen=True)
class Problem:
    """Everything a timetable is made from.

    Attributes:
        fixed: Placements that must stay as they are.
        precedences: Pairs of requests: the first has to end before the second starts.
        travel_minutes: Way between two venues, both directions listed; a pair that is left out
            cannot be travelled. Persons who cannot come join by video link.
        buffer_minutes: Added to every way between venues.
    """

    sessions: tuple[Session, ...]
    venues: tuple[Venue, ...]
    persons: tuple[Person, ...]
    participations: tuple[Participation, ...]
    requests: tuple[Request, ...]
    interpreters: tuple[Interpreter, ...] = ()
    fixed: tuple[Placement, ...] = ()
    precedences: tuple[tuple[UUID, UUID], ...] = ()
    travel_minutes: Mapping[tuple[UUID, UUID], int] = field(default_factory=dict)
    buffer_minutes: int = 0

    @cached_property
    def session(self) -> Mapping[UUID, Session]:
        """Sessions by id."""
        return {session.id: session for session in self.sessions}

    @cached_property
    def slots(self) -> Mapping[UUID, tuple[Span, ...]]:
        """The slots of each session."""
        return {session.id: session.slots for session in self.sessions}

    @cached_property
    def venue(self) -> Mapping[UUID, Venue]:
        """Venues by id."""
        return {venue.id: venue for venue in self.venues}

    @cached_property
    def table(self) -> Mapping[UUID, Table]:
        """Tables of all venues by id."""
        return {table.id: table for venue in self.venues for table in venue.tables}

    @cached_property
    def person(self) -> Mapping[UUID, Person]:
        """Persons by id."""
        return {person.id: person for person in self.persons}

    @cached_property
    def participation(self) -> Mapping[UUID, Participation]:
        """Participations by id."""
        return {participation.id: participation for participation in self.participations}

    @cached_property
    def request(self) -> Mapping[UUID, Request]:
        """Requests by id."""
        return {request.id: request for request in self.requests}

    @cached_property
    def interpreter(self) -> Mapping[UUID, Interpreter]:
        """Interpreters by id."""
        return {interpreter.id: interpreter for interpreter in self.interpreters}

    def span(self, placement: Placement) -> Span:
        """Return from when to when a placement lasts.

        Raises:
            Invalid: The session has no such slots.
        """
        slots = self.slots.get(placement.session_id, ())
        last = placement.first_slot + placement.slots - 1
        if placement.first_slot < 0 or placement.slots < 1 or last >= len(slots):
            raise Invalid(f"session {placement.session_id} has no slots for {placement.request_id}")
        return Span(slots[placement.first_slot].start, slots[last].end)

    def where(self, person: Person, venue_id: UUID) -> UUID | None:
        """Return where a person is during a meeting at a venue; none: nowhere but on the line.

        A person comes when at the venue or within reach of it, and else stays and joins by link.
        """
        if person.venue_id is None or self.venue[venue_id].online:
            return person.venue_id
        if (person.venue_id, venue_id) in self.travel_minutes:
            return venue_id
        return person.venue_id


@dataclass(frozen=True, slots=True)
class Timetable:
    """An answer: at most one placement of each request."""

    placements: tuple[Placement, ...] = ()

    @property
    def by_request(self) -> dict[UUID, Placement]:
        """Placements by request."""
        return {placement.request_id: placement for placement in self.placements}
