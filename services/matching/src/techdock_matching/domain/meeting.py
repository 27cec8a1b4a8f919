"""The meeting: who sits together, when and where, and whether it took place."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from techdock_shared.errors import Invalid

from techdock_matching.domain import states
from techdock_matching.domain.happenings import (
    Booked,
    Held,
    MeetingCancelled,
    MeetingHappening,
    Moved,
    NoShow,
)
from techdock_matching.domain.spans import TICK_MINUTES, local_date, on_ticks, ticks

FEWEST_PARTIES = 2


class MeetingState(StrEnum):
    """Where a meeting stands."""

    BOOKED = "booked"
    MOVED = "moved"
    HELD = "held"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


_S = MeetingState
_PENDING = frozenset({_S.MOVED, _S.HELD, _S.NO_SHOW, _S.CANCELLED})
_ARROWS = {_S.BOOKED: _PENDING, _S.MOVED: _PENDING}


@dataclass(frozen=True, slots=True)
class Party:
    """A participation in a meeting, with the persons who sit in.

    Attributes:
        group_id: The group of the organization: the unit of disclosure protection.
        country: ISO 3166-1 alpha-2.
        persons: Counting ids, at least one.
    """

    participation_id: UUID
    organization_id: UUID
    group_id: UUID
    country: str
    persons: tuple[UUID, ...]

    def __post_init__(self) -> None:
        if not self.persons:
            raise Invalid("a party of a meeting needs at least one person")


@dataclass(frozen=True, slots=True)
class Place:
    """When and where a meeting takes place.

    Attributes:
        start: Instant, on a tick.
        end: Instant, on a tick; the meeting is `[start, end)`.
        zone: IANA zone of the venue.
        table_id: None: online, by link.
    """

    start: datetime
    end: datetime
    zone: str
    session_id: UUID
    venue_id: UUID
    table_id: UUID | None = None
    link: str | None = None
    interpreter_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.start >= self.end:
            raise Invalid("a meeting needs a start and a later end, both with an offset from UTC")
        if not on_ticks(self.start) or not on_ticks(self.end):
            raise Invalid(f"a meeting starts and ends on a multiple of {TICK_MINUTES} minutes")


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two or more parties at one table, or online. Never invalid: every path runs the checks.

    Attributes:
        request_id: The accepted request that it answers; none: set by an organizer.
        timetable_version: Number of the published timetable that last changed it, 1 or more.
        absent: Participations that did not come; only of a no_show.
        calendar_sequence: SEQUENCE of its calendar entry: raised with every change that people
            must see, so that calendars replace what they hold.
        version: Times saved; lets two writers notice each other.
        happened: What this change caused; saved and published with it.
    """

    id: UUID
    tenant_id: UUID
    docking_event_id: UUID
    parties: tuple[Party, ...]
    place: Place
    timetable_version: int
    request_id: UUID | None = None
    profiles: tuple[UUID, ...] = ()
    state: MeetingState = MeetingState.BOOKED
    absent: tuple[UUID, ...] = ()
    calendar_sequence: int = 0
    version: int = 0
    happened: tuple[MeetingHappening, ...] = ()

    def __post_init__(self) -> None:
        sides = [party.participation_id for party in self.parties]
        if len(sides) < FEWEST_PARTIES or len(set(sides)) != len(sides):
            raise Invalid("a meeting needs two or more different parties")
        if len(set(self.persons)) != len(self.persons):
            raise Invalid("a person can sit in for one party of a meeting only")
        if self.timetable_version < 1:
            raise Invalid("timetables are numbered from 1")
        if bool(self.absent) != (self.state is MeetingState.NO_SHOW):
            raise Invalid("a no_show names who did not come, and nothing else does")
        if not set(self.absent) <= set(sides):
            raise Invalid("only a party of the meeting can be absent from it")

    @classmethod
    def book(
        cls,
        id: UUID,
        *,
        tenant_id: UUID,
        docking_event_id: UUID,
        parties: tuple[Party, ...],
        place: Place,
        timetable_version: int,
        request_id: UUID | None = None,
        profiles: tuple[UUID, ...] = (),
    ) -> Self:
        """Put a meeting into the published timetable."""
        booked = Booked(id, timetable_version)
        return cls(
            id,
            tenant_id,
            docking_event_id,
            parties,
            place,
            timetable_version,
            request_id,
            profiles,
            happened=(booked,),
        )

    @property
    def persons(self) -> tuple[UUID, ...]:
        """Everybody who sits in, by party; without the interpreter."""
        return tuple(person for party in self.parties for person in party.persons)

    @property
    def is_live(self) -> bool:
        """Whether it occupies its persons, table and interpreter."""
        return self.state is not MeetingState.CANCELLED

    @property
    def is_pending(self) -> bool:
        """Whether it may still be moved, cancelled or reported on."""
        return self.state in _ARROWS

    def ticks(self) -> range:
        """Return the ticks of 5 minutes of UTC that it occupies."""
        return ticks(self.place.start, self.place.end)

    def move(self, place: Place, timetable_version: int) -> Self:
        """Give it another time, table, link or interpreter; the same place changes nothing.

        Raises:
            WrongState: It took place, failed or was cancelled.
        """
        state = self._step(MeetingState.MOVED)
        if place == self.place:
            return self
        return replace(
            self,
            place=place,
            state=state,
            timetable_version=timetable_version,
            calendar_sequence=self.calendar_sequence + 1,
            happened=(*self.happened, Moved(self.id, timetable_version)),
        )

    def hold(self) -> Self:
        """Note that it took place.

        Raises:
            WrongState: It was reported on before, or cancelled.
        """
        state = self._step(MeetingState.HELD)
        held = Held(self.id, local_date(self.place.start, self.place.zone))
        return replace(self, state=state, happened=(*self.happened, held))

    def miss(self, absent: tuple[UUID, ...]) -> Self:
        """Note that it failed because these participations did not come.

        Raises:
            WrongState: It was reported on before, or cancelled.
            Invalid: Nobody is named, or somebody who is no party of it.
        """
        state = self._step(MeetingState.NO_SHOW)
        on = local_date(self.place.start, self.place.zone)
        happened = (*self.happened, NoShow(self.id, absent, on))
        return replace(self, state=state, absent=absent, happened=happened)

    def cancel(self, timetable_version: int) -> Self:
        """Call it off; its persons, table and interpreter are free again.

        Raises:
            WrongState: It took place, failed or was cancelled before.
        """
        return replace(
            self,
            state=self._step(MeetingState.CANCELLED),
            timetable_version=timetable_version,
            calendar_sequence=self.calendar_sequence + 1,
            happened=(*self.happened, MeetingCancelled(self.id, timetable_version)),
        )

    def _step(self, to: MeetingState) -> MeetingState:
        return states.step(f"meeting {self.id}", self.state, to, _ARROWS)
