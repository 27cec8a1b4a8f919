"""One transaction as a service's code sees it, and what the consumer needs of it.

A service's transaction is a subclass with its repositories:

    class SqlTransaction(SqlUnit, ports.Transaction):
        def __init__(self, connection: AsyncConnection) -> None:
            super().__init__(connection, tables.plumbing)
            self.meetings = SqlMeetings(connection)

        async def flush(self) -> None:
            await self.meetings.flush()
            await super().flush()

    begin = begin_of(engine, SqlTransaction)
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from techdock_contracts.event import Event

from techdock_shared.clock import Clock, SystemClock
from techdock_shared.sql import dead_letters, inbox, outbox, progress
from techdock_shared.sql.dead_letters import DeadLetter
from techdock_shared.sql.engine import transaction
from techdock_shared.sql.plumbing import Plumbing
from techdock_shared.sql.progress import Parked, Progress

Unit = TypeVar("Unit", bound="SqlUnit")


class Consumption:
    """What a transaction knows about the events that a consumer group has taken in."""

    def __init__(self, connection: AsyncConnection, tables: Plumbing) -> None:
        self._connection = connection
        self._tables = tables

    async def claim(self, group: str, ids: Sequence[UUID]) -> set[UUID]:
        """Claim events and return those that nobody claimed before."""
        return await inbox.claim(self._connection, self._tables.inbox, group, ids)

    async def progress(
        self, group: str, topic: str, subjects: Collection[str]
    ) -> dict[str, Progress]:
        """Return where the group stands with subjects it has met, and lock that."""
        return await progress.read(self._connection, self._tables.progress, group, topic, subjects)

    async def advance(self, group: str, topic: str, reached: dict[str, Progress]) -> None:
        """Store where the group stands now."""
        await progress.write(self._connection, self._tables.progress, group, topic, reached)

    async def park(self, group: str, topic: str, parked: Sequence[tuple[str, Parked]]) -> None:
        """Store events, each with its subject, until their turn."""
        await progress.park(self._connection, self._tables.parked, group, topic, parked)

    async def count_parked(self, group: str) -> int:
        """Return how many events of a group wait for their turn."""
        return await progress.count_parked(self._connection, self._tables.parked, group)

    async def parked(
        self, group: str, topic: str, subject: str, sequence: int, limit: int
    ) -> list[Parked]:
        """Return the parked events of a subject from a sequence on, in order."""
        return await progress.parked_from(
            self._connection, self._tables.parked, (group, topic, subject), sequence, limit
        )

    async def unpark(self, group: str, topic: str, subject: str, first: int, last: int) -> None:
        """Remove parked events of a subject that have had their turn."""
        await progress.unpark(
            self._connection, self._tables.parked, (group, topic, subject), first, last
        )

    async def set_aside(self, letters: Sequence[DeadLetter]) -> int:
        """Keep dead letters; return how many are open in all."""
        await dead_letters.put(self._connection, self._tables.dead_letters, letters)
        return await dead_letters.count_open(self._connection, self._tables.dead_letters)

    async def letter(self, id: UUID) -> DeadLetter:
        """Return a dead letter.

        Raises:
            NotFound: There is none with this id.
        """
        tables = self._tables
        return await dead_letters.get(self._connection, tables.dead_letters, tables.parked, id)

    async def settle(self, letter: DeadLetter, clock: Clock, state: str) -> int:
        """Close a dead letter; return how many are open still.

        Raises:
            Conflict: It is closed already.
        """
        table = self._tables.dead_letters
        await dead_letters.settle(self._connection, table, letter.id, state, clock.now())
        return await dead_letters.count_open(self._connection, table)


class SqlUnit:
    """One database transaction; a service's own subclass adds its repositories.

    Attributes:
        connection: For repositories.
        tables: The plumbing of the service.
        clock: Tells when something was recorded.
        consumption: For the consumer; handlers leave it alone.
    """

    def __init__(
        self, connection: AsyncConnection, tables: Plumbing, clock: Clock | None = None
    ) -> None:
        self.connection = connection
        self.tables = tables
        self.clock = clock or SystemClock()
        self.consumption = Consumption(connection, tables)
        self._told: list[Event] = []

    def tell(self, *events: Event) -> None:
        """Announce events with this transaction; they are written by `flush`, in order."""
        self._told.extend(outbox.stamped(event) for event in events)

    async def flush(self) -> None:
        """Write what is buffered. Safe to call twice; the last call comes before the commit.

        A subclass whose repositories buffer writes them first, then calls this.
        """
        if self._told:
            told, self._told = self._told, []
            await outbox.append(self.connection, self.tables.outbox, told)


def begin_of(
    engine: AsyncEngine, make: Callable[[AsyncConnection], Unit]
) -> Callable[[], AbstractAsyncContextManager[Unit]]:
    """Return a `begin`: its transaction is flushed and committed when its block ends well.

    Args:
        engine: The service's database.
        make: The service's transaction, usually its class.
    """

    @asynccontextmanager
    async def begin() -> AsyncIterator[Unit]:
        async with transaction(engine) as connection:
            unit = make(connection)
            yield unit
            await unit.flush()

    return begin
