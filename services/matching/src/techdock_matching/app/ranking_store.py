"""What the ranker needs from the database, and what it hands back."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias
from uuid import UUID

from techdock_matching.domain.ranking.acceptance import Leaning
from techdock_matching.domain.ranking.match import Candidate, Explanation
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import Weights

LENGTH = 50
"""Places of a full list."""

ListKey: TypeAlias = tuple[UUID, UUID]
"""Profile and docking event."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A profile that waits to be ranked.

    Attributes:
        stamp: Grows when it is queued again.
    """

    profile_id: UUID
    stamp: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A published profile and which message told it last."""

    profile: Profile
    sequence: int


@dataclass(slots=True)
class Changes:
    """What one step makes of the lists; stored in one transaction.

    Attributes:
        lists: New lists by key.
        dropped: Lists that are no more.
        gone: Profiles that are not published any more.
        done: Queue rows that are settled, unless queued again meanwhile.
    """

    lists: dict[ListKey, Sequence[Candidate]] = field(default_factory=dict)
    dropped: set[ListKey] = field(default_factory=set)
    gone: set[UUID] = field(default_factory=set)
    done: Sequence[Queued] = ()


class RankingStore(Protocol):
    """The ranker's view of the database; every call is a short transaction of its own."""

    async def weights(self) -> Mapping[UUID, tuple[int, Weights]]:
        """Return the weights of docking events whose organizers set some, with their version."""
        ...

    async def queued(self, limit: int) -> Sequence[Queued]:
        """Return profiles that wait, in the order they came."""
        ...

    async def profiles(self, ids: Collection[UUID]) -> Mapping[UUID, Ranked]:
        """Return those that are published."""
        ...

    def everything(self) -> AsyncIterator[Sequence[Ranked]]:
        """Yield all published profiles in portions."""
        ...

    async def lists_of(self, keys: Collection[ListKey]) -> Mapping[ListKey, Sequence[Candidate]]:
        """Return stored lists."""
        ...

    async def keys_of(self, profile_id: UUID) -> set[ListKey]:
        """Return the keys of a profile's own lists."""
        ...

    async def containing(self, profile_id: UUID) -> set[ListKey]:
        """Return the keys of the lists in which a profile stands."""
        ...

    async def listed_in(self, docking_event_id: UUID) -> Sequence[UUID]:
        """Return the profiles that have a list in a docking event."""
        ...

    async def last_places(self) -> Mapping[ListKey, Candidate]:
        """Return the last place of every full list."""
        ...

    async def store(self, changes: Changes) -> None:
        """Store what a step made, and tell whose coverage changed by it."""
        ...

    async def drop_all_but(self, docking_event_id: UUID, kept: Collection[UUID]) -> None:
        """Remove the lists of a docking event of other profiles."""
        ...

    async def drop_outside(self, docking_event_ids: Collection[UUID]) -> None:
        """Remove the lists of docking events in which nothing is entered any more."""
        ...

    async def fingerprint(self) -> bytes | None:
        """Return from what collection the stored lists were computed."""
        ...

    async def forget_reasons_of_others(self, recipe: bytes) -> None:
        """Forget every reason that another recipe than this has written."""
        ...

    async def keep_fingerprint(self, fingerprint: bytes | None) -> None:
        """Note it; None: of none."""
        ...

    async def leanings(self) -> Mapping[UUID, Mapping[UUID, Leaning]]:
        """Return how willing organizations are to meet, by docking event; and keep it for readers.

        By what they answered in the docking events of the same tenant.
        """
        ...

    async def meanings(self, encoder: str, hashes: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Return the vectors of an encoder that are kept, by the hash of what it read."""
        ...

    async def keep_meanings(self, encoder: str, vectors: Mapping[bytes, bytes]) -> None:
        """Keep vectors of an encoder."""
        ...

    async def to_explain(self, limit: int) -> Sequence[ListKey]:
        """Return lists whose reader waits for reasons."""
        ...

    async def explained(self, pairs: Collection[tuple[Ranked, Ranked]]) -> set[ListKey]:
        """Return those pairs of need and offer whose stored reasons are up to date."""
        ...

    async def keep_explanations(
        self,
        explanations: Sequence[tuple[Ranked, Ranked, Explanation]],
        done: Sequence[ListKey],
    ) -> None:
        """Store reasons of pairs of need and offer, and strike readers off the queue."""
        ...
