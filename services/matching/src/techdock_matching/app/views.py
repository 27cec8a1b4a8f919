"""What matching knows of the things that registration owns, as its commands and queries read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from techdock_contracts.registration import Attendee, Interpreter, ProfileState, Venue

from techdock_matching.domain.ranking.match import Candidate


@dataclass(frozen=True, slots=True)
class DockingEvent:
    """The frame of a docking event.

    Attributes:
        zone: IANA zone of the main venue, in which local dates are counted.
        state: announced, open, running, held, closed or cancelled.
    """

    id: UUID
    tenant_id: UUID
    code: str
    starts_on: date
    ends_on: date
    zone: str
    country: str
    venues: tuple[Venue, ...]
    interpreters: tuple[Interpreter, ...]
    most_meetings: int | None
    state: str

    def venue(self, id: UUID) -> Venue | None:
        """Return a venue, or None if it is gone."""
        return next((venue for venue in self.venues if venue.venue_id == id), None)


@dataclass(frozen=True, slots=True)
class Session:
    """A matchmaking session: slots of `slot_minutes`, each followed by a break."""

    id: UUID
    docking_event_id: UUID
    venue_id: UUID
    start: datetime
    end: datetime
    zone: str
    slot_minutes: int | None
    break_minutes: int
    state: str


@dataclass(frozen=True, slots=True)
class Participation:
    """An organization in a docking event, with its persons (counting ids only)."""

    id: UUID
    docking_event_id: UUID
    tenant_id: UUID
    organization_id: UUID
    country: str
    group_id: UUID
    contact_id: UUID
    persons: tuple[Attendee, ...]
    least_meetings: int
    most_meetings: int | None
    state: str

    @property
    def person_ids(self) -> frozenset[UUID]:
        """The counting ids of its persons."""
        return frozenset(person.person_id for person in self.persons)


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization as matching needs it; `counts_as` is the one it was merged into."""

    id: UUID
    country: str
    group_id: UUID
    counts_as: UUID


@dataclass(frozen=True, slots=True)
class PublishedProfile:
    """A published need or offer.

    Attributes:
        sequence: Up to which message of registration it is known; grows with each revision.
    """

    id: UUID
    organization_id: UUID
    sequence: int
    content: ProfileState


@dataclass(frozen=True, slots=True)
class MatchList:
    """The ranked counterparts of a profile in one docking event, as stored.

    Attributes:
        candidates: Best first, at most 50.
        version: Grows with each change of the list.
    """

    profile_id: UUID
    docking_event_id: UUID
    candidates: tuple[Candidate, ...]
    version: int
    computed_at: datetime

    def rank_of(self, profile_id: UUID) -> int | None:
        """Return the place of a profile in this list, from 1; None when it does not stand there."""
        ranks = enumerate(self.candidates, 1)
        return next((rank for rank, c in ranks if c.profile_id == profile_id), None)


@dataclass(frozen=True, slots=True)
class Judgements:
    """What people did with the places of one list, by counterpart."""

    class One(NamedTuple):
        """Who did it, and when; with the reason of a dismissal."""

        person_id: UUID
        at: datetime
        reason: str | None = None

    saved: Mapping[UUID, One]
    dismissed: Mapping[UUID, One]


class Lack(StrEnum):
    """What keeps a confirmed organization out of the timetable, or leaves a match unseen.

    persons: nobody is named; profiles: no need or offer is published; languages: no person says
    what he speaks; answers: requests wait for its word.
    """

    PERSONS = "persons"
    PROFILES = "profiles"
    LANGUAGES = "languages"
    ANSWERS = "answers"


class Place(NamedTuple):
    """Where a standing stands in the list of them."""

    lacks: int
    to_answer: int
    participation_id: UUID


@dataclass(frozen=True, slots=True)
class Standing:
    """What a confirmed organization has and lacks in a docking event.

    Attributes:
        languages: BCP 47 tags that its persons speak.
        needs: Published in the docking event.
        offers: Published in the docking event.
        to_answer: Requests whose turn is theirs.
        accepted: Requests of either side that are agreed, whether they have a place or not.
    """

    participation_id: UUID
    organization_id: UUID
    person_count: int
    languages: tuple[str, ...]
    needs: int
    offers: int
    to_answer: int
    accepted: int
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of a docking event.

    Attributes:
        ready: Confirmed organizations that lack nothing.
        missing: How many lack each thing.
        profiles: Published in it, by kind.
        requests: By state; a state in which there is none is left out.
    """

    confirmed: int
    ready: int
    missing: Mapping[Lack, int]
    profiles: Mapping[str, int]
    requests: Mapping[str, int]
