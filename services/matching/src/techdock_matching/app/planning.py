"""The organizer's planning, the runs of the solver, and the timetables that come of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from techdock_shared.errors import Invalid

from techdock_matching.domain import states
from techdock_matching.domain.spans import Span
from techdock_matching.domain.timetable.problem import Placement

MOST_SECONDS = 600
MOST_BUFFER_MINUTES = 240


@dataclass(frozen=True, slots=True)
class Planning:
    """What the organizer decides about the timetable of a docking event.

    Attributes:
        buffer_minutes: Added to every way between two venues.
        travel_minutes: Way between two venues, by pair; pairs left out cannot be travelled.
        seed: Makes a run repeatable.
        seconds: How long the solver searches.
        self_booking: Participants may give their accepted requests a free place themselves.
        version: 0 as long as nobody planned anything.
    """

    buffer_minutes: int = 0
    travel_minutes: tuple[tuple[UUID, UUID, int], ...] = ()
    seed: int = 1
    seconds: int = 10
    self_booking: bool = False
    version: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.buffer_minutes <= MOST_BUFFER_MINUTES:
            raise Invalid(f"a buffer has 0 to {MOST_BUFFER_MINUTES} minutes")
        if not 1 <= self.seconds <= MOST_SECONDS:
            raise Invalid(f"a run takes 1 to {MOST_SECONDS} seconds")
        if any(minutes < 0 for _, _, minutes in self.travel_minutes):
            raise Invalid("a way takes 0 minutes or more")


class OutageKind(StrEnum):
    """What can be away."""

    PERSON = "person"
    TABLE = "table"
    INTERPRETER = "interpreter"


@dataclass(frozen=True, slots=True)
class Outage:
    """A person, table or interpreter that is not there for a while, as the organizer noted.

    Attributes:
        thing_id: Counting id of the person or interpreter, or id of the table.
        noted_by: Counting id of who noted it.
    """

    id: UUID
    docking_event_id: UUID
    kind: OutageKind
    thing_id: UUID
    span: Span
    noted_by: UUID
    noted_at: datetime


class RunState(StrEnum):
    """Where a run of the solver stands."""

    REQUESTED = "requested"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


_R = RunState
_ENDS = frozenset({_R.DONE, _R.CANCELLED, _R.FAILED})
_RUN_ARROWS = {
    _R.REQUESTED: frozenset({_R.RUNNING, _R.CANCELLED, _R.FAILED}),
    # Again running: another worker took over where the first one was lost.
    _R.RUNNING: frozenset({_R.RUNNING, _R.STOPPING, *_ENDS}),
    _R.STOPPING: _ENDS,
}


@dataclass(frozen=True, slots=True)
class Run:
    """One search for a timetable; a job of the solver's.

    Attributes:
        locked: Meetings that must stay where they are.
        draft_id: The draft in which the search begins; what is locked in it stays.
        progress: placed, total, cost, seconds: of the best timetable so far.
        failure: Why it failed, in words.
    """

    id: UUID
    tenant_id: UUID
    docking_event_id: UUID
    seed: int
    seconds: int
    locked: tuple[UUID, ...]
    frame_version: int
    requested_at: datetime
    draft_id: UUID | None = None
    state: RunState = RunState.REQUESTED
    progress: Mapping[str, Any] = field(default_factory=dict)
    timetable_id: UUID | None = None
    failure: str | None = None
    version: int = 0

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in _ENDS

    def become(self, to: RunState, **changes: Any) -> Self:
        """Return the run in its next state; raises WrongState."""
        state = states.step(f"run {self.id}", self.state, to, _RUN_ARROWS)
        return replace(self, state=state, **changes)


class TimetableState(StrEnum):
    """Where a timetable stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


_TIMETABLE_ARROWS = {
    TimetableState.DRAFT: frozenset({TimetableState.PUBLISHED}),
    TimetableState.PUBLISHED: frozenset({TimetableState.SUPERSEDED}),
}


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A request without a place, why, and what would give it one.

    Attributes:
        reason: Code and params.
        change: Code and params of the single change that would place it; none: there is none.
    """

    request_id: UUID
    reason: Mapping[str, Any]
    change: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class StoredTimetable:
    """A timetable of a docking event, as a run or a person made it.

    Attributes:
        number: Counts the timetables of the docking event, from 1.
        figures: What drafts are compared by: placed, unplaced, cost by level, changes.
        run_id: The run that made it; none: it was imported.
        locked: Requests whose place later runs have to leave.
        edited: How many changes were made by hand.
    """

    id: UUID
    tenant_id: UUID
    docking_event_id: UUID
    number: int
    placements: tuple[Placement, ...]
    unplaced: tuple[Unplaced, ...]
    figures: Mapping[str, Any]
    created_at: datetime
    run_id: UUID | None = None
    locked: tuple[UUID, ...] = ()
    edited: int = 0
    state: TimetableState = TimetableState.DRAFT
    published_at: datetime | None = None
    version: int = 0

    def publish(self, at: datetime) -> Self:
        """Return it as the one that people hold; raises WrongState."""
        what = f"timetable {self.number}"
        state = states.step(what, self.state, TimetableState.PUBLISHED, _TIMETABLE_ARROWS)
        return replace(self, state=state, published_at=at)

    def supersede(self) -> Self:
        """Return it as one that another replaced; raises WrongState."""
        what = f"timetable {self.number}"
        state = states.step(what, self.state, TimetableState.SUPERSEDED, _TIMETABLE_ARROWS)
        return replace(self, state=state)
