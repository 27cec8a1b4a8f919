"""What the ranker remembers of the profiles that it ranks, beside the index."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from techdock_matching.app.ranking_store import Ranked
from techdock_matching.domain.ranking.acceptance import Leaning
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.weights import Weights


@dataclass(frozen=True, slots=True)
class _Member:
    kind: Kind
    group_id: UUID
    docking_events: frozenset[UUID]
    valid_until: date
    sequence: int
    organization_kind: str | None


class Collection:
    """The profiles of all docking events."""

    def __init__(self) -> None:
        self._members: dict[UUID, _Member] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._members)

    def __contains__(self, id: UUID) -> bool:
        """Whether a profile is among them."""
        return id in self._members

    def add(self, ranked: Iterable[Ranked]) -> None:
        """Take in profiles, or what they say now."""
        for one in ranked:
            profile: Profile = one.profile
            self._members[profile.id] = _Member(
                profile.kind,
                profile.group_id,
                profile.docking_events,
                profile.valid_until,
                one.sequence,
                profile.organization_kind,
            )

    def forget(self, id: UUID) -> None:
        """Leave one out; an unknown one is no error."""
        self._members.pop(id, None)

    def entered(self, id: UUID) -> frozenset[UUID]:
        """Return the docking events that a profile is entered in."""
        known = self._members.get(id)
        return frozenset() if known is None else known.docking_events

    def group_of(self, id: UUID) -> UUID:
        """Return the group of organizations that a profile is of; itself: of none that is known."""
        known = self._members.get(id)
        return id if known is None else known.group_id

    def is_as(self, ranked: Ranked) -> bool:
        """Whether a profile is known as it says here."""
        known = self._members.get(ranked.profile.id)
        if known is None:
            return False
        told = (ranked.sequence, ranked.profile.organization_kind)
        return (known.sequence, known.organization_kind) == told

    def is_of(self, id: UUID, kind: Kind) -> bool:
        """Whether a profile stands on a side."""
        known = self._members.get(id)
        return known is not None and known.kind is kind

    @property
    def docking_events(self) -> frozenset[UUID]:
        """Those in which anything is entered."""
        return frozenset[UUID]().union(*(one.docking_events for one in self._members.values()))

    def expires(self, since: date, today: date) -> bool:
        """Whether a profile was valid on an earlier day and is not today."""
        if today <= since:
            return False
        return any(since <= one.valid_until < today for one in self._members.values())

    def fingerprint(
        self,
        recipe: bytes,
        on: date,
        weights: Mapping[UUID, tuple[int, Weights]],
        leanings: Mapping[UUID, Mapping[UUID, Leaning]],
    ) -> bytes:
        """Return what is another one whenever the lists may be others.

        Args:
            recipe: By which lists are made.
            on: The day on which profiles must be valid.
            leanings: Of organizations, by docking event.
        """
        digest = sha256(recipe)
        for profile_id, one in sorted(self._members.items()):
            told = (one.sequence, one.organization_kind)
            digest.update(f"{profile_id} {told} {one.valid_until >= on:d}\n".encode())
        for docking_event_id, (version, _) in sorted(weights.items()):
            digest.update(f"{docking_event_id} {version}\n".encode())
        for docking_event_id, some in sorted(leanings.items()):
            for organization_id, leaning in sorted(some.items()):
                digest.update(f"{docking_event_id} {organization_id} {leaning.value}\n".encode())
        return digest.digest()
