"""Events that the registration service publishes."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from techdock_contracts.event import Event, Part
from techdock_contracts.texts import Text
from techdock_contracts.topics import (
    ATTENDANCE,
    DOCKING_EVENTS,
    ORGANIZATIONS,
    PARTICIPATIONS,
    PROFILE_EVENTS,
    PROFILES,
    Topic,
)


class _Organization(Event):
    topic: ClassVar[Topic] = ORGANIZATIONS

    organization_id: UUID


class _OrganizationFacts(_Organization):
    kind: str = Field(description="Code of the list organization_kind.")
    country: str = Field(description="ISO 3166-1 alpha-2.")
    region: str | None = Field(default=None, description="ISO 3166-2.")
    size: str | None = Field(default=None, description="Code of the list organization_size.")
    group_id: UUID = Field(description="The group it belongs to: the unit of protection.")


class OrganizationRegistered(_OrganizationFacts):
    """An organization is known from now on."""

    type: Literal["registration.organization_registered.v1"] = (
        "registration.organization_registered.v1"
    )


class OrganizationChanged(_OrganizationFacts):
    """What is said of an organization changed; this is the whole new state."""

    type: Literal["registration.organization_changed.v1"] = "registration.organization_changed.v1"


class OrganizationMerged(_Organization):
    """Two records were one organization: the subject counts as the other from now on."""

    type: Literal["registration.organization_merged.v1"] = "registration.organization_merged.v1"
    into_id: UUID


class OrganizationUnmerged(_Organization):
    """A merge was wrong: the subject stands for itself again."""

    type: Literal["registration.organization_unmerged.v1"] = "registration.organization_unmerged.v1"
    out_of_id: UUID


class Desk(Part):
    """A table at a venue."""

    table_id: UUID
    label: str = Field(description="A short code, such as T07.")
    equipment: tuple[str, ...] = Field(default=(), description="Codes: video_link, booth ...")
    owner_id: UUID | None = Field(default=None, description="Organization whose booth it is.")


class Venue(Part):
    """A place of a docking event."""

    venue_id: UUID
    kind: str = Field(description="main, sub_venue or online.")
    country: str | None = Field(default=None, description="ISO 3166-1 alpha-2; none if online.")
    zone: str = Field(description="IANA time zone.")
    capacity: int | None = Field(default=None, ge=1, description="Persons.")
    tables: tuple[Desk, ...] = ()


class Organizer(Part):
    """An organization that carries a docking event."""

    organization_id: UUID
    role: str = Field(description="host, undertaker, co_organizer or supporter.")


class Span(Part):
    """A half-open span of time, `[start, end)`."""

    start: AwareDatetime
    end: AwareDatetime


class Interpreter(Part):
    """A person who interprets between languages at a docking event."""

    interpreter_id: UUID = Field(description="Counting id of the person.")
    languages: tuple[str, ...] = Field(min_length=2)
    venue_id: UUID | None = Field(default=None, description="None: online.")
    hours: tuple[Span, ...] = Field(default=(), description="When free; none: always.")


class _DockingEvent(Event):
    topic: ClassVar[Topic] = DOCKING_EVENTS

    docking_event_id: UUID
    tenant: UUID  # never shared


class _DockingEventFacts(_DockingEvent):
    code: str
    starts_on: date = Field(description="First day, local to the main venue.")
    ends_on: date = Field(description="Last day, local to the main venue.")
    zone: str = Field(description="IANA time zone of the main venue.")
    country: str = Field(description="Country of the main venue, ISO 3166-1 alpha-2.")
    languages: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    organizers: tuple[Organizer, ...] = ()
    venues: tuple[Venue, ...] = ()
    interpreters: tuple[Interpreter, ...] = ()
    most_meetings: int | None = Field(
        default=None, ge=1, description="Limit of meetings per person; none: no limit."
    )


class DockingEventAnnounced(_DockingEventFacts):
    """A docking event is public; this is its whole frame."""

    type: Literal["registration.docking_event_announced.v1"] = (
        "registration.docking_event_announced.v1"
    )


class DockingEventChanged(_DockingEventFacts):
    """The frame of an announced docking event changed; this is the whole new frame."""

    type: Literal["registration.docking_event_changed.v1"] = "registration.docking_event_changed.v1"


class DockingEventOpened(_DockingEvent):
    """Organizations may apply."""

    type: Literal["registration.docking_event_opened.v1"] = "registration.docking_event_opened.v1"


class DockingEventStarted(_DockingEvent):
    """The days of the docking event have begun."""

    type: Literal["registration.docking_event_started.v1"] = "registration.docking_event_started.v1"


class DockingEventHeld(_DockingEvent):
    """The docking event took place."""

    type: Literal["registration.docking_event_held.v1"] = "registration.docking_event_held.v1"
    occurred_on: date = Field(description="Last day, local to the main venue.")


class DockingEventClosed(_DockingEvent):
    """Nothing more is recorded for the docking event, but for its projects."""

    type: Literal["registration.docking_event_closed.v1"] = "registration.docking_event_closed.v1"
    occurred_on: date


class DockingEventCancelled(_DockingEvent):
    """The docking event does not take place."""

    type: Literal["registration.docking_event_cancelled.v1"] = (
        "registration.docking_event_cancelled.v1"
    )


class _Session(_DockingEvent):
    session_id: UUID


class _SessionFacts(_Session):
    kind: str = Field(description="Code of the list session_kind.")
    venue_id: UUID
    start: AwareDatetime
    end: AwareDatetime
    zone: str = Field(description="IANA time zone of the venue.")
    visibility: str = Field(description="public, registered or invited.")
    slot_minutes: int | None = Field(
        default=None, description="Length of a slot; matchmaking sessions only; a multiple of 5."
    )
    break_minutes: int = Field(default=0, ge=0, description="Pause after each slot.")


class SessionPlanned(_SessionFacts):
    """A session is on the agenda."""

    type: Literal["registration.session_planned.v1"] = "registration.session_planned.v1"


class SessionChanged(_SessionFacts):
    """A session on the agenda changed; this is its whole new state."""

    type: Literal["registration.session_changed.v1"] = "registration.session_changed.v1"


class SessionHeld(_Session):
    """A session took place."""

    type: Literal["registration.session_held.v1"] = "registration.session_held.v1"
    kind: str
    occurred_on: date


class SessionCancelled(_Session):
    """A session does not take place."""

    type: Literal["registration.session_cancelled.v1"] = "registration.session_cancelled.v1"


class Attendee(Part):
    """A person of a participation, known by a counting id only."""

    person_id: UUID = Field(description="Counting id.")
    role: str = Field(description="head, member, broker, adviser or interpreter.")
    mode: str = Field(description="on_site or remote.")
    venue_id: UUID | None = Field(default=None, description="Where the person is, if on site.")
    zone: str = Field(description="IANA time zone in which the person's day is counted.")
    languages: tuple[str, ...] = ()
    hours: tuple[Span, ...] = Field(default=(), description="When free; none: always.")
    night: bool = Field(default=False, description="Agreed to meet between 00:00 and 05:00.")


class _Participation(Event):
    topic: ClassVar[Topic] = PARTICIPATIONS

    docking_event_id: UUID
    participation_id: UUID
    organization_id: UUID
    tenant: UUID


class _ParticipationFacts(_Participation):
    country: str = Field(description="Country of the organization, ISO 3166-1 alpha-2.")
    group_id: UUID
    contact_id: UUID = Field(description="Counting id of the person who speaks for it.")
    persons: tuple[Attendee, ...] = Field(min_length=1)
    least_meetings: int = Field(default=0, ge=0, description="Wished at least, per person.")
    most_meetings: int | None = Field(default=None, ge=1, description="At most, per person.")


class ParticipationConfirmed(_ParticipationFacts):
    """An organization takes part in a docking event, with these persons."""

    type: Literal["registration.participation_confirmed.v1"] = (
        "registration.participation_confirmed.v1"
    )


class ParticipationChanged(_ParticipationFacts):
    """A confirmed participation changed; this is its whole new state."""

    type: Literal["registration.participation_changed.v1"] = "registration.participation_changed.v1"


class ParticipationWithdrawn(_Participation):
    """An organization does not take part any more."""

    type: Literal["registration.participation_withdrawn.v1"] = (
        "registration.participation_withdrawn.v1"
    )


class Conditions(Part):
    """Under which conditions a technology works, or has to work. Codes of the list conditions."""

    climate: tuple[str, ...] = ()
    water: tuple[str, ...] = ()
    power: tuple[str, ...] = ()
    skill_level: str | None = None
    price_band: str | None = None
    certificates: tuple[str, ...] = ()


class _ProfileCodes(Event):
    profile_id: UUID
    organization_id: UUID
    kind: Literal["need", "offer"]
    docking_events: tuple[UUID, ...] = Field(description="Docking events it is entered in.")
    revision: int = Field(ge=1)
    trl: int | None = Field(default=None, ge=1, le=9, description="Stage of an offer.")
    trl_least: int | None = Field(default=None, ge=1, le=9, description="Sought by a need.")
    trl_most: int | None = Field(default=None, ge=1, le=9, description="Sought by a need.")
    ipr_status: str | None = None
    cooperation: tuple[str, ...] = Field(default=(), description="Codes of cooperation_type.")
    ipc: tuple[str, ...] = ()
    isic: tuple[str, ...] = ()
    sdg: tuple[int, ...] = ()
    technology_field: int | None = Field(default=None, ge=1, le=35, description="WIPO field.")
    languages: tuple[str, ...] = Field(default=(), description="Languages spoken.")
    valid_until: date


class ProfileState(_ProfileCodes):
    """A published need or offer: all that any confirmed participant may read of it."""

    topic: ClassVar[Topic] = PROFILES

    type: Literal["registration.profile.v1"] = "registration.profile.v1"
    country: str
    group_id: UUID
    texts: dict[str, Text] = Field(
        description="title, summary, description, advantages, stage_comment, ipr_comment, "
        "partner_sought; only open fields."
    )
    technology_keywords: tuple[str, ...] = ()
    market_keywords: tuple[str, ...] = ()
    partner_kinds: tuple[str, ...] = Field(default=(), description="Codes of organization_kind.")
    partner_countries: tuple[str, ...] = Field(default=(), description="Wanted; none: any.")
    excluded_countries: tuple[str, ...] = ()
    conditions: Conditions = Conditions()


class _ProfileEvent(_ProfileCodes):
    topic: ClassVar[Topic] = PROFILE_EVENTS

    country: str
    group_id: UUID
    original_language: str
    text_languages: tuple[str, ...] = ()
    characters: int = Field(ge=0, description="Length of all original texts.")
    occurred_on: date


class ProfilePublished(_ProfileEvent):
    """A need or offer is published."""

    type: Literal["registration.profile_published.v1"] = "registration.profile_published.v1"


class ProfileRevised(_ProfileEvent):
    """A published need or offer has a new revision."""

    type: Literal["registration.profile_revised.v1"] = "registration.profile_revised.v1"


class _ProfileEnd(Event):
    topic: ClassVar[Topic] = PROFILE_EVENTS

    profile_id: UUID
    occurred_on: date


class ProfileWithdrawn(_ProfileEnd):
    """A need or offer is not published any more."""

    type: Literal["registration.profile_withdrawn.v1"] = "registration.profile_withdrawn.v1"


class ProfileExpired(_ProfileEnd):
    """A need or offer was not renewed in time."""

    type: Literal["registration.profile_expired.v1"] = "registration.profile_expired.v1"


class CheckedIn(Event):
    """A person is present, at a docking event or in one of its sessions."""

    topic: ClassVar[Topic] = ATTENDANCE

    type: Literal["registration.checked_in.v1"] = "registration.checked_in.v1"
    tenant: UUID
    docking_event_id: UUID
    attendance_id: UUID
    session_id: UUID | None = Field(default=None, description="None: at the door.")
    person_id: UUID = Field(description="Counting id.")
    organization_id: UUID
    country: str
    mode: str = Field(description="on_site or remote.")
    occurred_on: date = Field(description="Local date at the venue.")
    zone: str
