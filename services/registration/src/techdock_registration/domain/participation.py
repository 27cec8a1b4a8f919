"""A participation: an organization in a docking event, with its persons and wishes."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from techdock_registration.domain import codes
from techdock_registration.domain.rules import MOST_MEETINGS, Findings, is_language, is_zone
from techdock_registration.domain.spans import Span, disjoint
from techdock_registration.domain.states import only, step

ON_SITE, REMOTE = "on_site", "remote"
MOST_PERSONS = 200
MOST_REASON_CHARACTERS = 1_000


class ParticipationState(StrEnum):
    """Where a participation stands."""

    APPLIED = "applied"
    VETTED = "vetted"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


S = ParticipationState
ARROWS = {
    S.APPLIED: frozenset({S.VETTED, S.REFUSED, S.WITHDRAWN}),
    S.VETTED: frozenset({S.CONFIRMED, S.REFUSED, S.WITHDRAWN}),
    S.CONFIRMED: frozenset({S.WITHDRAWN}),
}
LIVE = (S.APPLIED, S.VETTED, S.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Belonging:
    """Where an organization belongs, as it is told with what it does.

    Attributes:
        country: ISO 3166-1 alpha-2.
        group_id: The unit of disclosure protection.
    """

    country: str
    group_id: UUID


@dataclass(frozen=True, slots=True)
class Confirmed:
    """It takes part from now on."""

    of: Belonging
    at: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """A confirmed one changed."""

    of: Belonging
    at: datetime


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A confirmed one does not take part any more."""

    at: datetime


Happening = Confirmed | Changed | Withdrawn


@dataclass(frozen=True, slots=True)
class Attendee:
    """A person of a participation, known by a counting id only.

    Attributes:
        role: Code of participation_role.
        venue_id: Where the person is, if on site.
        zone: IANA time zone in which the person's day is counted.
        hours: When free; none: always.
        night: Agreed to meet between 00:00 and 05:00.
    """

    person_id: UUID
    role: str
    mode: str
    zone: str
    venue_id: UUID | None = None
    languages: tuple[str, ...] = ()
    hours: tuple[Span, ...] = ()
    night: bool = False

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(
            codes.knows("participation_role", self.role),
            "persons.role",
            "a code of participation_role",
            self.role,
        )
        found.expect(self.mode in (ON_SITE, REMOTE), "persons.mode", "on_site or remote", self.mode)
        found.expect(
            (self.venue_id is not None) == (self.mode == ON_SITE),
            "persons.venue_id",
            "the venue of a person on site, none for a remote one",
            self.venue_id,
        )
        found.expect(is_zone(self.zone), "persons.zone", "an IANA time zone", self.zone)
        for tag in self.languages:
            found.expect(is_language(tag), "persons.languages", "BCP 47 tags", tag)
        found.expect(
            disjoint(self.hours), "persons.hours", "spans that do not overlap", "an overlap"
        )
        found.settle("participation")


@dataclass(frozen=True, slots=True)
class Entry:
    """Who comes, and what they wish.

    Attributes:
        contact_id: The person who speaks for all.
        least_meetings: Wished at least, per person.
        most_meetings: At most, per person; None: no limit.
    """

    persons: tuple[Attendee, ...]
    contact_id: UUID
    least_meetings: int = 0
    most_meetings: int | None = None
    languages: tuple[str, ...] = ()
    external_id: str | None = None

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(
            1 <= len(self.persons) <= MOST_PERSONS,
            "persons",
            f"1 to {MOST_PERSONS} of them",
            len(self.persons),
        )
        ids = {person.person_id for person in self.persons}
        found.expect(
            len(ids) == len(self.persons), "persons", "each person once", "the same person twice"
        )
        found.expect(self.contact_id in ids, "contact", "one of the persons", self.contact_id)
        heads = sum(person.role == "head" for person in self.persons)
        found.expect(heads <= 1, "persons.role", "at most one head", f"{heads} of them")
        found.expect(
            0 <= self.least_meetings <= MOST_MEETINGS,
            "least_meetings",
            f"0 to {MOST_MEETINGS}",
            self.least_meetings,
        )
        fewest = max(1, self.least_meetings)
        found.expect(
            self.most_meetings is None or fewest <= self.most_meetings <= MOST_MEETINGS,
            "most_meetings",
            f"{fewest} to {MOST_MEETINGS}",
            self.most_meetings,
        )
        for tag in self.languages:
            found.expect(is_language(tag), "languages", "BCP 47 tags", tag)
        if self.external_id is not None:
            found.text("external_id", self.external_id, 200)
        found.settle("participation")


@dataclass(frozen=True, slots=True)
class Participation:
    """An organization in a docking event.

    Attributes:
        reason: Why it was refused or withdrawn, in the words of who did it.
    """

    id: UUID
    docking_event_id: UUID
    tenant_id: UUID
    organization_id: UUID
    entry: Entry
    applied_at: datetime
    state: ParticipationState = ParticipationState.APPLIED
    reason: str | None = None
    version: int = 0
    happened: tuple[Happening, ...] = ()

    @property
    def is_confirmed(self) -> bool:
        """Whether it takes part."""
        return self.state is S.CONFIRMED

    def person(self, person_id: UUID) -> Attendee | None:
        """Return a person of it."""
        return next((p for p in self.entry.persons if p.person_id == person_id), None)

    def describe(self, entry: Entry, of: Belonging, at: datetime) -> Self:
        """Change who comes and what they wish."""
        only("the participation", self.state, *LIVE)
        if entry == self.entry:
            return self
        after = replace(self, entry=entry)
        if self.is_confirmed:
            return replace(after, happened=(*self.happened, Changed(of, at)))
        return after

    def move(
        self, to: ParticipationState, of: Belonging, at: datetime, reason: str | None = None
    ) -> Self:
        """Go on to another state.

        Raises:
            WrongState: No arrow leads there.
        """
        found = Findings()
        if reason is not None:
            found.text("reason", reason, MOST_REASON_CHARACTERS)
        found.settle("participation")
        state = step("the participation", self.state, to, ARROWS)
        after = replace(self, state=state, reason=reason)
        if to is S.CONFIRMED:
            return replace(after, happened=(*self.happened, Confirmed(of, at)))
        if self.is_confirmed:
            return replace(after, happened=(*self.happened, Withdrawn(at)))
        return after


@dataclass(frozen=True, slots=True)
class Ticket:
    """A person's ticket for a docking event: a random id, all that its QR code holds."""

    id: UUID
    docking_event_id: UUID
    participation_id: UUID
    person_id: UUID
