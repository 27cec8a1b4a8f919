"""What reporting needs from outside."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from techdock_contracts.event import Event

from techdock_reporting.domain.facts import Fact
from techdock_reporting.domain.journal import Head


class Journal(Protocol):
    """Every event received, once, in the order of arrival, sealed."""

    async def head(self) -> Head:
        """Return the end of the journal."""
        ...

    async def position_at(self, instant: datetime) -> int:
        """Return the last position received at or before an instant; 0 when none."""
        ...

    def read(self, after: int, up_to: int) -> AsyncIterator[tuple[int, bytes]]:
        """Yield position and message of every row in `(after, up_to]` that still has one."""
        ...

    def seals(self) -> AsyncIterator[tuple[int, bytes, bytes, bytes | None]]:
        """Yield position, SHA-256 of the message, seal and message of every row."""
        ...


class Facts(Protocol):
    """The facts of the generation that is read at present."""

    def add(self, subject: str, fact: Fact) -> None:
        """Add a version of a fact, known since the event that is being told."""
        ...

    async def about(self, subject: str) -> list[Fact]:
        """Return the newest version of each fact that events of a subject told."""
        ...

    async def of_docking_event(self, docking_event_id: UUID, position: int) -> list[Fact]:
        """Return all versions known at a position, oldest first."""
        ...

    async def of_kind(self, kind: str, position: int, tenants: Sequence[UUID]) -> list[Fact]:
        """Return all versions of a kind in some tenants known at a position, oldest first."""
        ...

    async def sha256(self) -> str:
        """Return a hash over all facts in a fixed order, in hex."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What was told to whom: the ledger that disclosure control will look back on."""

    id: UUID
    account_id: UUID
    at: datetime
    question: Mapping[str, Any]
    position: int
    content: Mapping[str, Any]


class Ledger(Protocol):
    """The answers given to the ministry role."""

    async def add(self, answer: Answer) -> None:
        """Keep an answer for ever."""
        ...

    async def of(self, account_id: UUID, limit: int) -> list[Answer]:
        """Return the newest answers given to an account."""
        ...


class Transaction(Protocol):
    """One transaction and what can be reached in it."""

    @property
    def journal(self) -> Journal:
        """The journal."""
        ...

    @property
    def facts(self) -> Facts:
        """The facts."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The ledger of answers."""
        ...

    def hear(self, event: Event) -> None:
        """Put an event in the journal, and its facts beside, when the transaction is flushed."""
        ...

    async def ask_for(self, kind: str, payload: Mapping[str, Any]) -> UUID:
        """Ask for a job; a worker does it after the commit. Returns the job's id."""
        ...


class Begin(Protocol):
    """Opens a transaction that commits when the block ends well, else rolls back."""

    def __call__(self) -> AbstractAsyncContextManager[Transaction]:
        """Open it."""
        ...


class Rebuilder(Protocol):
    """Makes a new generation of the facts from the journal, beside the one that is read."""

    async def rebuild(self, progress: "Progress") -> str:
        """Fill a new generation, switch to it, and return its hash."""
        ...


class Progress(Protocol):
    """Told how far a long work is."""

    async def __call__(self, done: int, total: int) -> None:
        """Take note."""
        ...
