"""Ports of the mail ledger and of what matching tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from techdock_registration.app.ports.records import Slice, Store
from techdock_registration.domain.mail import Mail


class Mails(Store[Mail], Protocol):
    """The mail ledger."""

    async def plan(self, mails: Sequence[Mail]) -> None:
        """Add mails; one whose cause is known is left out."""
        ...

    async def due(self, at: datetime, limit: int) -> list[Mail]:
        """Return planned ones that are due, and those whose lease ended; locks them."""
        ...

    async def find(
        self,
        part: Slice,
        *,
        docking_event_id: UUID | None = None,
        account_id: UUID | None = None,
        state: str | None = None,
    ) -> list[Mail]:
        """Return mails, newest first."""
        ...

    async def with_dead_links(self, at: datetime, limit: int) -> list[Mail]:
        """Return kept mails whose sign-in link is too old."""
        ...

    async def with_links_of(self, account_id: UUID) -> list[Mail]:
        """Return kept mails of an account that hold a sign-in link."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A meeting request, as far as registration needs it.

    Attributes:
        asking_persons: Counting ids of those who would sit in; so asked_persons.
        countered: The asked side proposed something else, so the asking side answers.
    """

    id: UUID
    docking_event_id: UUID
    asking_participation_id: UUID
    asked_participation_id: UUID
    asking_persons: tuple[UUID, ...] = ()
    asked_persons: tuple[UUID, ...] = ()
    accepted: bool = False
    countered: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting in a published timetable, as far as registration needs it.

    Attributes:
        moved_in: Version of the timetable that last booked or moved it.
    """

    id: UUID
    docking_event_id: UUID
    start: datetime
    zone: str
    persons: tuple[UUID, ...]
    moved_in: int


class Talks(Protocol):
    """What matching told about requests and meetings."""

    async def request(self, id: UUID) -> Request | None:
        """Return a request."""
        ...

    async def keep_request(self, request: Request) -> None:
        """Add or replace a request."""
        ...

    async def accepted_between(self, mine: Sequence[UUID], theirs: UUID) -> bool:
        """Whether both sides accepted a request between these participations."""
        ...

    async def meeting(self, id: UUID) -> Meeting | None:
        """Return a meeting."""
        ...

    async def keep_meeting(self, meeting: Meeting) -> None:
        """Add or replace a meeting."""
        ...

    async def drop_meeting(self, id: UUID) -> None:
        """Forget a meeting that was cancelled."""
        ...

    async def booked_persons(self, docking_event_id: UUID) -> list[UUID]:
        """Return everybody who has a meeting in a docking event."""
        ...
