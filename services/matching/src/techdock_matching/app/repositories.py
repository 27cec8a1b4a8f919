"""What commands, queries and handlers need from matching's own database."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from techdock_contracts.event import Tombstone
from techdock_contracts.registration import ProfileState

from techdock_matching.app import views


class Kind(StrEnum):
    """Things of registration of which matching keeps a projection."""

    ORGANIZATION = "organization"
    DOCKING_EVENT = "docking_event"
    SESSION = "session"
    PARTICIPATION = "participation"


class Projections(Protocol):
    """Takes what registration tells; written when the transaction is flushed.

    A message whose sequence is not above that of the stored row changes nothing.
    """

    def facts(self, kind: Kind, id: UUID, values: Mapping[str, Any], sequence: int) -> None:
        """Keep the whole new facts of a thing."""
        ...

    def state(self, kind: Kind, id: UUID, values: Mapping[str, Any], sequence: int) -> None:
        """Keep the new state of a thing, whose facts may not be known yet."""
        ...

    def profile(self, event: ProfileState, content: bytes) -> None:
        """Keep a published profile and queue it for ranking."""
        ...

    def profile_removed(self, tombstone: Tombstone) -> None:
        """Forget the content of a profile and queue its removal from the lists."""
        ...


class Lookups(Protocol):
    """Reads what registration told. A thing whose facts are not known yet is not found."""

    async def docking_event(self, id: UUID) -> views.DockingEvent:
        """Return a docking event; raises NotFound."""
        ...

    async def sessions(self, docking_event_id: UUID) -> Sequence[views.Session]:
        """Return the matchmaking sessions that take place, in order of time."""
        ...

    async def participation(self, id: UUID) -> views.Participation:
        """Return a participation in any state; raises NotFound."""
        ...

    async def participations(
        self, docking_event_id: UUID, organization_ids: Collection[UUID] | None = None
    ) -> Sequence[views.Participation]:
        """Return the confirmed participations, of all or of some organizations."""
        ...

    async def organizations(self, ids: Collection[UUID]) -> Sequence[views.Organization]:
        """Return those of the organizations that are known."""
        ...

    async def profile(self, id: UUID) -> views.PublishedProfile:
        """Return a published profile; raises NotFound."""
        ...

    async def profiles(self, ids: Collection[UUID]) -> Sequence[views.PublishedProfile]:
        """Return those of the profiles that are published, in no order."""
        ...

    async def profiles_of(
        self, docking_event_id: UUID, organization_ids: Collection[UUID]
    ) -> Sequence[views.PublishedProfile]:
        """Return the published profiles that organizations entered in a docking event."""
        ...
