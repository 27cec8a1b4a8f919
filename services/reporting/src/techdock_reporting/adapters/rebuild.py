"""A new generation of the facts, made from the journal while the old one is read."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from techdock_contracts.event import Event
from techdock_shared.clock import Clock
from techdock_shared.sql.engine import reading, transaction
from typing_extensions import override

from techdock_reporting.adapters import tables
from techdock_reporting.adapters.facts import SqlFacts, tell_all
from techdock_reporting.adapters.journal import SqlJournal
from techdock_reporting.app import ports

STEP = 1000
"""Rows of the journal in one transaction, so that nobody else waits long."""


class SqlRebuilder(ports.Rebuilder):
    """Works in steps; only the last, which catches up and switches, holds the journal's lock."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @override
    async def rebuild(self, progress: ports.Progress) -> str:
        f, h = tables.facts, tables.head
        async with transaction(self._engine) as connection:
            newest = (await connection.execute(select(func.max(f.c.generation)))).scalar_one()
            current = (await connection.execute(select(h.c.generation))).scalar_one()
            generation = max(newest or 0, current) + 1
            # What an earlier rebuild that was killed left behind.
            await connection.execute(delete(f).where(f.c.generation.notin_([current])))
        done = counted = 0
        while True:
            async with reading(self._engine) as connection:
                head = await SqlJournal(connection, self._clock).head()
            if head.position - done <= STEP:
                break
            async with transaction(self._engine) as connection:
                await self._tell(connection, generation, done, done + STEP)
                if done >= 2 * counted:
                    counted = done + STEP
                    await _count(connection)
            done += STEP
            await progress(done, head.position)
        async with transaction(self._engine) as connection:
            head, old = await SqlJournal(connection, self._clock).lock()
            await self._tell(connection, generation, done, head.position)
            await connection.execute(update(h).values(generation=generation))
        await progress(head.position, head.position)
        async with transaction(self._engine) as connection:
            await connection.execute(delete(f).where(f.c.generation == old))
        async with reading(self._engine) as connection:
            return await SqlFacts(connection, generation).sha256()

    async def _tell(
        self, connection: AsyncConnection, generation: int, after: int, up_to: int
    ) -> None:
        """Tell the facts of the rows in `(after, up_to]` to a generation."""
        facts = SqlFacts(connection, generation)
        events = []
        async for position, body in SqlJournal(connection, self._clock).read(after, up_to):
            event = Event.from_bytes(body)
            if event is not None:
                events.append((position, event))
        await tell_all(events, facts)
        await facts.flush(generation)


async def _count(connection: AsyncConnection) -> None:
    """Let PostgreSQL know how large the new generation is by now.

    Until it has looked it takes a generation for a small part of the table, and reads all of it
    to find a few subjects; it looks by itself only after a minute.
    """
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(f"ANALYZE {tables.facts.fullname}")
