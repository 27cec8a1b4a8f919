"""Ports of docking events and what hangs on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from techdock_registration.app.ports.records import Slice, Store
from techdock_registration.domain.attendance import Attendance
from techdock_registration.domain.docking_event import DockingEvent, Standing
from techdock_registration.domain.participation import Participation, Ticket
from techdock_registration.domain.session import Session


@dataclass(frozen=True, slots=True)
class Part:
    """How a person takes part: for the principal."""

    participation_id: UUID
    docking_event_id: UUID
    organization_id: UUID
    role: str


class DockingEvents(Store[DockingEvent], Protocol):
    """The docking events."""

    async def standings(self, ids: Sequence[UUID]) -> dict[UUID, Standing]:
        """Return where those of the ids stand that exist; cheaper than all of each."""
        ...

    async def find(
        self,
        part: Slice,
        *,
        own_tenants: Sequence[UUID],
        own: Sequence[UUID],
        state: str | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> list[DockingEvent]:
        """Return announced docking events and the caller's own, by first day."""
        ...


class Sessions(Store[Session], Protocol):
    """The sessions."""

    async def of(self, docking_event_id: UUID) -> list[Session]:
        """Return the sessions of a docking event by start."""
        ...


class Participations(Store[Participation], Protocol):
    """The participations."""

    async def find(
        self,
        part: Slice,
        docking_event_id: UUID,
        *,
        state: str | None = None,
        country: str | None = None,
        q: str | None = None,
        organization_ids: Sequence[UUID] | None = None,
    ) -> list[Participation]:
        """Return participations of a docking event by the names of their organizations."""
        ...

    async def counts(self, docking_event_id: UUID) -> dict[str, int]:
        """Return how many participations are in each state; states without any are left out."""
        ...

    async def live_of(self, docking_event_id: UUID, organization_id: UUID) -> Participation | None:
        """Return the participation of an organization that is neither refused nor withdrawn."""
        ...

    async def is_confirmed(self, docking_event_id: UUID, organization_id: UUID) -> bool:
        """Whether an organization takes part."""
        ...

    async def parts(self, person_id: UUID) -> list[Part]:
        """Return the confirmed participations of a person."""
        ...

    async def docking_events_of(self, organization_ids: Sequence[UUID]) -> list[UUID]:
        """Return where organizations take part or have applied."""
        ...

    async def persons_elsewhere(
        self,
        docking_event_id: UUID,
        person_ids: Sequence[UUID],
        apart_from: UUID,
        *,
        vetted: bool = False,
    ) -> list[UUID]:
        """Return which persons are in another live participation of the docking event.

        Args:
            vetted: Look only at those that organizers have vetted.
        """
        ...

    async def named_to(
        self,
        person_ids: Sequence[UUID],
        *,
        docking_events: Sequence[UUID],
        tenants: Sequence[UUID],
        introduced: bool = True,
    ) -> set[UUID]:
        """Return which persons take part in these docking events, or any of these tenants.

        Args:
            introduced: Also where they were introduced by others and have not come yet.
        """
        ...

    async def issue_tickets(self, participation: Participation) -> None:
        """Give each person a ticket who has none in this docking event."""
        ...

    async def ticket(self, id: UUID) -> Ticket | None:
        """Return a ticket by its random id."""
        ...

    async def ticket_of(self, docking_event_id: UUID, person_id: UUID) -> Ticket | None:
        """Return the ticket of a person."""
        ...

    async def tickets_of(self, docking_event_id: UUID) -> list[Ticket]:
        """Return all tickets of a docking event."""
        ...


class AttendanceBook(Protocol):
    """Every look at a person, and which of them counts."""

    async def first(self, place_id: UUID, person_id: UUID, attendance_id: UUID) -> bool:
        """Claim to be the one that counts; False when there is one."""
        ...

    async def counting(self, place_id: UUID, person_id: UUID) -> Attendance | None:
        """Return the one that counts."""
        ...

    async def keep(self, attendance: Attendance) -> None:
        """Store one, and put what happened in the outbox; one with a known id is left out."""
        ...

    async def known(self, ids: Sequence[UUID]) -> dict[UUID, Attendance]:
        """Return those with these ids."""
        ...

    async def find(
        self, part: Slice, docking_event_id: UUID, session_id: UUID | None
    ) -> list[Attendance]:
        """Return those that count, in the order of time; a session's only, if given."""
        ...

    async def counts(self, docking_event_id: UUID) -> dict[UUID | None, int]:
        """Count persons present at the door (None) and in each session."""
        ...
