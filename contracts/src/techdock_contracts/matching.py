"""Events that the matching service publishes."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from techdock_contracts.event import Event, Part
from techdock_contracts.topics import COVERAGE, MEETINGS, PROJECTS, REQUESTS, Topic


class _Request(Event):
    topic: ClassVar[Topic] = REQUESTS

    tenant: UUID
    docking_event_id: UUID
    request_id: UUID
    asking_participation_id: UUID
    asked_participation_id: UUID


class MeetingRequested(_Request):
    """One side asks the other for a meeting."""

    type: Literal["matching.meeting_requested.v1"] = "matching.meeting_requested.v1"
    asking_persons: tuple[UUID, ...] = Field(min_length=1, description="Counting ids.")
    asked_persons: tuple[UUID, ...] = Field(min_length=1, description="Counting ids.")
    asking_profile_id: UUID | None = None
    asked_profile_id: UUID | None = None
    slots: int = Field(default=1, ge=1, description="Wished length, in slots.")
    expires_at: AwareDatetime
    occurred_on: date
    proposal_id: UUID | None = Field(
        default=None, description="Both sides said yes to it before: nobody is to be asked."
    )


class MeetingAccepted(_Request):
    """The asked side (or, after a counter-proposal, the asking side) says yes."""

    type: Literal["matching.meeting_accepted.v1"] = "matching.meeting_accepted.v1"
    occurred_on: date


class MeetingDeclined(_Request):
    """The answer is no."""

    type: Literal["matching.meeting_declined.v1"] = "matching.meeting_declined.v1"
    occurred_on: date


class MeetingCountered(_Request):
    """The asked side proposes something else: other persons, another length."""

    type: Literal["matching.meeting_countered.v1"] = "matching.meeting_countered.v1"
    asking_persons: tuple[UUID, ...] = Field(min_length=1)
    asked_persons: tuple[UUID, ...] = Field(min_length=1)
    slots: int = Field(ge=1)
    occurred_on: date


class MeetingRequestWithdrawn(_Request):
    """The asking side takes the request back."""

    type: Literal["matching.meeting_request_withdrawn.v1"] = "matching.meeting_request_withdrawn.v1"
    occurred_on: date


class MeetingRequestExpired(_Request):
    """Nobody answered in time."""

    type: Literal["matching.meeting_request_expired.v1"] = "matching.meeting_request_expired.v1"
    occurred_on: date


class MeetingUnplaced(_Request):
    """An accepted request has no place in the published timetable."""

    type: Literal["matching.meeting_unplaced.v1"] = "matching.meeting_unplaced.v1"
    timetable_version: int = Field(ge=1)
    reason: str = Field(description="Code, such as no_common_slot or tables_full.")


class MeetingProposed(Event):
    """The organizer's plan names two sides that should meet; both are asked."""

    topic: ClassVar[Topic] = REQUESTS

    type: Literal["matching.meeting_proposed.v1"] = "matching.meeting_proposed.v1"
    tenant: UUID
    docking_event_id: UUID
    proposal_id: UUID
    participations: tuple[UUID, UUID]
    persons: tuple[tuple[UUID, ...], tuple[UUID, ...]] = Field(
        description="Counting ids of those who are asked, by participation."
    )
    expires_at: AwareDatetime


class Party(Part):
    """A participation in a meeting, with the persons who sit in."""

    participation_id: UUID
    organization_id: UUID
    group_id: UUID
    country: str
    persons: tuple[UUID, ...] = Field(description="Counting ids.")


class _Meeting(Event):
    topic: ClassVar[Topic] = MEETINGS

    tenant: UUID
    docking_event_id: UUID
    meeting_id: UUID


class _MeetingFacts(_Meeting):
    request_id: UUID | None = None
    timetable_version: int = Field(ge=1)
    parties: tuple[Party, ...] = Field(min_length=2)
    start: AwareDatetime
    end: AwareDatetime
    zone: str = Field(description="IANA time zone of the venue.")
    session_id: UUID
    venue_id: UUID
    table_id: UUID | None = Field(default=None, description="None: online, by link.")
    interpreter_id: UUID | None = None
    profiles: tuple[UUID, ...] = ()


class MeetingBooked(_MeetingFacts):
    """A meeting stands in the published timetable."""

    type: Literal["matching.meeting_booked.v1"] = "matching.meeting_booked.v1"


class MeetingMoved(_MeetingFacts):
    """A booked meeting has another time, place, table or interpreter; the whole new state."""

    type: Literal["matching.meeting_moved.v1"] = "matching.meeting_moved.v1"


class MeetingCancelled(_Meeting):
    """A booked meeting does not take place."""

    type: Literal["matching.meeting_cancelled.v1"] = "matching.meeting_cancelled.v1"
    timetable_version: int = Field(ge=1)


class MeetingHeld(_Meeting):
    """A booked meeting took place."""

    type: Literal["matching.meeting_held.v1"] = "matching.meeting_held.v1"
    occurred_on: date = Field(description="Local date at the venue.")


class MeetingNoShow(_Meeting):
    """A booked meeting failed because somebody did not come."""

    type: Literal["matching.meeting_no_show.v1"] = "matching.meeting_no_show.v1"
    absent: tuple[UUID, ...] = Field(min_length=1, description="Participations that did not come.")
    occurred_on: date


class TimetablePublished(Event):
    """A version of the timetable is out; told after the meetings that it books, moves, cancels."""

    topic: ClassVar[Topic] = MEETINGS

    type: Literal["matching.timetable_published.v1"] = "matching.timetable_published.v1"
    tenant: UUID
    docking_event_id: UUID
    timetable_id: UUID
    timetable_version: int = Field(ge=1)
    booked: int = Field(ge=0)
    moved: int = Field(ge=0)
    cancelled: int = Field(ge=0)
    unplaced: int = Field(ge=0)


class ProjectParty(Part):
    """An organization in a cooperation project."""

    organization_id: UUID
    group_id: UUID
    country: str


class _Project(Event):
    topic: ClassVar[Topic] = PROJECTS

    tenant: UUID
    project_id: UUID


class ProjectOpened(_Project):
    """Two or more organizations began to cooperate."""

    type: Literal["matching.project_opened.v1"] = "matching.project_opened.v1"
    docking_event_id: UUID | None = None
    meeting_id: UUID | None = None
    parties: tuple[ProjectParty, ...] = Field(min_length=2)
    profiles: tuple[UUID, ...] = ()
    technology_field: int | None = Field(default=None, ge=1, le=35)
    direction: str = Field(default="both", description="out, in or both, seen from the host.")


class _Stage(_Project):
    stage: str = Field(description="intention, agreement, contract, landed or verified.")
    occurred_on: date = Field(description="When it happened, as declared.")
    zone: str


class StageDeclared(_Stage):
    """A party says that the project reached a stage; unconfirmed until all parties say so."""

    type: Literal["matching.stage_declared.v1"] = "matching.stage_declared.v1"
    declared_by: UUID = Field(description="Organization.")
    evidence_sha256: str | None = None


class StageConfirmed(_Stage):
    """All parties say that the project reached the stage."""

    type: Literal["matching.stage_confirmed.v1"] = "matching.stage_confirmed.v1"


class StageDisputed(_Stage):
    """A party says that the project did not reach the stage."""

    type: Literal["matching.stage_disputed.v1"] = "matching.stage_disputed.v1"
    disputed_by: UUID


class ProjectEnded(_Project):
    """The cooperation is over; what it reached stays reached."""

    type: Literal["matching.project_ended.v1"] = "matching.project_ended.v1"
    occurred_on: date


class ProfileCoverage(Event):
    """How well a profile is served by the counterparts known so far."""

    topic: ClassVar[Topic] = COVERAGE

    type: Literal["matching.coverage.v1"] = "matching.coverage.v1"
    profile_id: UUID
    good_matches: int = Field(ge=0)
    best: str | None = Field(default=None, description="strong, good, possible; none: no match.")
