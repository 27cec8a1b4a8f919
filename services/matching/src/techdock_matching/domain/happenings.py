"""What happens to requests, meetings and cooperation projects; each leaves as one event.

The local date of a happening (`occurred_on`) is part of it where the date counts in a report.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

# Requests --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Requested:
    """One side asks the other for a meeting."""

    request_id: UUID
    asking_persons: tuple[UUID, ...]
    asked_persons: tuple[UUID, ...]
    slots: int
    expires_at: datetime
    occurred_on: date


@dataclass(frozen=True, slots=True)
class Accepted:
    """The side whose turn it was says yes."""

    request_id: UUID
    occurred_on: date


@dataclass(frozen=True, slots=True)
class Declined:
    """The side whose turn it was says no."""

    request_id: UUID
    occurred_on: date


@dataclass(frozen=True, slots=True)
class Countered:
    """The asked side proposes other persons or another length."""

    request_id: UUID
    asking_persons: tuple[UUID, ...]
    asked_persons: tuple[UUID, ...]
    slots: int
    occurred_on: date


@dataclass(frozen=True, slots=True)
class RequestWithdrawn:
    """The asking side takes the request back."""

    request_id: UUID
    occurred_on: date


@dataclass(frozen=True, slots=True)
class RequestExpired:
    """Nobody answered in time."""

    request_id: UUID
    occurred_on: date


@dataclass(frozen=True, slots=True)
class Unplaced:
    """The published timetable has no place for an accepted request.

    Attributes:
        reason: Code of the reason, such as no_common_slot or tables_full.
    """

    request_id: UUID
    timetable_version: int
    reason: str


# Meetings --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Booked:
    """A meeting stands in the published timetable."""

    meeting_id: UUID
    timetable_version: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A booked meeting has another time, place, table or interpreter."""

    meeting_id: UUID
    timetable_version: int


@dataclass(frozen=True, slots=True)
class MeetingCancelled:
    """A booked meeting does not take place."""

    meeting_id: UUID
    timetable_version: int


@dataclass(frozen=True, slots=True)
class Held:
    """A booked meeting took place."""

    meeting_id: UUID
    occurred_on: date


@dataclass(frozen=True, slots=True)
class NoShow:
    """A booked meeting failed because somebody did not come.

    Attributes:
        absent: The participations that did not come.
    """

    meeting_id: UUID
    absent: tuple[UUID, ...]
    occurred_on: date


# Cooperation projects --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProjectOpened:
    """Two or more organizations began to cooperate."""

    project_id: UUID


@dataclass(frozen=True, slots=True)
class StageDeclared:
    """A party says that the project reached a stage; unconfirmed until all parties say so."""

    project_id: UUID
    stage: str
    occurred_on: date
    zone: str
    declared_by: UUID
    evidence_sha256: str | None


@dataclass(frozen=True, slots=True)
class StageConfirmed:
    """All parties say that the project reached the stage."""

    project_id: UUID
    stage: str
    occurred_on: date
    zone: str


@dataclass(frozen=True, slots=True)
class StageDisputed:
    """A party says that the project did not reach the stage."""

    project_id: UUID
    stage: str
    occurred_on: date
    zone: str
    disputed_by: UUID


@dataclass(frozen=True, slots=True)
class ProjectEnded:
    """The cooperation is over; what it reached stays reached."""

    project_id: UUID
    occurred_on: date


RequestHappening = (
    Requested | Accepted | Declined | Countered | RequestWithdrawn | RequestExpired | Unplaced
)
MeetingHappening = Booked | Moved | MeetingCancelled | Held | NoShow
ProjectHappening = ProjectOpened | StageDeclared | StageConfirmed | StageDisputed | ProjectEnded
