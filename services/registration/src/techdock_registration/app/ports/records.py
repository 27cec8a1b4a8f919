"""Ports of things that all tenants share: organizations, needs and offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, TypeVar
from uuid import UUID

from techdock_registration.domain.organization import Organization
from techdock_registration.domain.participation import Belonging
from techdock_registration.domain.profile import Profile

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of an ordered list that is wanted.

    Attributes:
        limit: At most so many.
        after: Sort values of the last one that the caller has; None from the start.
    """

    limit: int
    after: Sequence[Any] | None = None


class Store(Protocol[A]):
    """Aggregates of one kind, inside one transaction."""

    async def get(self, id: UUID) -> A:
        """Return one.

        Raises:
            NotFound: None has this id.
        """
        ...

    async def get_many(self, ids: Sequence[UUID]) -> dict[UUID, A]:
        """Return those of the ids that exist."""
        ...

    async def save(self, thing: A) -> A:
        """Store one, put what happened to it in the outbox, and return it as stored.

        Raises:
            Conflict: A new one has a taken id or code, or somebody saved the same one since
                it was read.
        """
        ...

    async def save_many(self, things: Sequence[A]) -> None:
        """Store many of them with a few statements; as `save`."""
        ...


class Organizations(Store[Organization], Protocol):
    """The organizations of the installation."""

    async def find(
        self, part: Slice, q: str | None, country: str | None, kind: str | None
    ) -> list[Organization]:
        """Return active organizations in the order of their names; q is part of a name."""
        ...

    async def belonging(self, id: UUID) -> Belonging:
        """Return where an organization belongs; a merged one, where the other does.

        Raises:
            NotFound: There is none with this id.
        """
        ...

    async def merged_into(self, id: UUID) -> list[Organization]:
        """Return those that count as this one."""
        ...


class Profiles(Store[Profile], Protocol):
    """The needs and offers of the installation."""

    async def find(
        self,
        part: Slice,
        *,
        docking_event_id: UUID | None = None,
        organization_ids: Sequence[UUID] | None = None,
        kind: str | None = None,
        state: str | None = None,
        q: str | None = None,
        country: str | None = None,
        readable: "Readable | None" = None,
    ) -> list[Profile]:
        """Return profiles, newest first."""
        ...

    async def over(self, today: date, limit: int) -> list[Profile]:
        """Return published ones whose validity has passed."""
        ...


@dataclass(frozen=True, slots=True)
class Readable:
    """Which profiles a caller may read.

    Attributes:
        organizations: All of theirs.
        docking_events: Published ones that are entered there.
        tenants: All that are entered in a docking event of theirs.
        organized: All that are entered there.
    """

    organizations: tuple[UUID, ...] = ()
    docking_events: tuple[UUID, ...] = ()
    tenants: tuple[UUID, ...] = ()
    organized: tuple[UUID, ...] = ()


class ExternalIds(Protocol):
    """Which of our things is meant by a name that an organizer gave to it.

    A scope is a docking event for its participations and profiles, and a tenant for
    organizations.
    """

    async def find(self, scope: UUID, kind: str, external_ids: Sequence[str]) -> dict[str, UUID]:
        """Return the ids of those that are known."""
        ...

    async def keep(self, scope: UUID, kind: str, ids: Mapping[str, UUID]) -> None:
        """Remember new ones.

        Raises:
            Conflict: One of them means another thing already.
        """
        ...
