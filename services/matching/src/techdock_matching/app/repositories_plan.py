"""What commands and queries need from the database around weights, proposals and work to do."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from techdock_matching.domain.proposal import Proposal
from techdock_matching.domain.ranking.weighing import adjusted
from techdock_matching.domain.ranking.weights import Weights


@dataclass(frozen=True, slots=True)
class Weighing:
    """The weights of a docking event, as one person set them.

    Attributes:
        values: What differs from the standard, in standard deviations, by name.
        person_id: Who set them; none: nobody has, they are the standard ones.
        version: Counts the settings of the docking event; 0: nobody set any.
    """

    docking_event_id: UUID
    values: Mapping[str, float] = field(default_factory=dict)
    person_id: UUID | None = None
    set_at: datetime | None = None
    version: int = 0

    @property
    def weights(self) -> Weights:
        """The weights that result."""
        return adjusted(self.values)


class Weighings(Protocol):
    """The weights of docking events and their history, inside one transaction."""

    async def current(self, docking_event_id: UUID) -> Weighing:
        """Return the weights in force."""
        ...

    async def history(self, docking_event_id: UUID) -> Sequence[Weighing]:
        """Return everything that was ever set, newest first."""
        ...

    async def save(self, weighing: Weighing) -> Weighing:
        """Put new weights in force after those that they rest on, and wake the ranker.

        Raises:
            Conflict: Somebody set others meanwhile.
        """
        ...


class TaskKind(StrEnum):
    """What the worker does when it is asked to."""

    PREVIEW = "weights_preview"
    PLAN = "mutual_plan"


@dataclass(frozen=True, slots=True)
class Task:
    """Work that was asked for, and how far it is.

    Attributes:
        state: queued, running, done, failed or cancelled.
        progress: done and total, once it runs.
        result: What came of it.
        failure: Why nothing did: a stable code, a colon, and words.
    """

    id: UUID
    kind: TaskKind
    docking_event_id: UUID
    ordered: Mapping[str, Any]
    state: str = "queued"
    progress: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] | None = None
    failure: str | None = None

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in {"done", "failed", "cancelled"}


class Tasks(Protocol):
    """Work for the worker, inside one transaction."""

    async def order(self, task: Task) -> Task:
        """Queue a task."""
        ...

    async def get(self, id: UUID, kind: TaskKind) -> Task:
        """Return a task; raises NotFound."""
        ...


class Proposals(Protocol):
    """Proposed meetings, inside one transaction."""

    async def get(self, id: UUID) -> Proposal:
        """Return a proposal; raises NotFound."""
        ...

    async def save(self, proposals: Sequence[Proposal]) -> Sequence[Proposal]:
        """Store proposals; of those that were just sent, both sides are told.

        Raises:
            Conflict: Somebody saved one of them since it was read, or the pair has another.
        """
        ...

    async def remove(self, ids: Collection[UUID]) -> None:
        """Forget drafts."""
        ...

    async def find(
        self,
        docking_event_id: UUID,
        *,
        parties: Collection[UUID] | None = None,
        states: Collection[str] = (),
        after: UUID | None = None,
        limit: int | None = None,
    ) -> Sequence[Proposal]:
        """Return proposals by id."""
        ...

    async def dismissed(self, profile_ids: Collection[UUID]) -> Mapping[UUID, frozenset[UUID]]:
        """Return the counterparts that were dismissed from the list of each profile."""
        ...
