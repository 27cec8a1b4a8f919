"""Reporting's ports over SQLAlchemy; the same code serves SQLite and PostgreSQL."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from techdock_contracts.event import Event
from techdock_shared.clock import Clock
from techdock_shared.ids import uuid7
from techdock_shared.sql import jobs
from techdock_shared.sql.engine import reading, transaction
from techdock_shared.sql.unit import SqlUnit
from typing_extensions import override

from techdock_reporting.adapters import tables
from techdock_reporting.adapters.facts import SqlFacts, tell_all
from techdock_reporting.adapters.journal import SqlJournal
from techdock_reporting.adapters.ledger import SqlLedger
from techdock_reporting.app import ports


class SqlTransaction(SqlUnit, ports.Transaction):
    """One database transaction."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        super().__init__(connection, tables.plumbing, clock)
        self._journal = SqlJournal(connection, clock)
        self._facts = SqlFacts(connection)
        self._ledger = SqlLedger(connection)
        self._heard: list[Event] = []

    @property
    @override
    def journal(self) -> SqlJournal:
        return self._journal

    @property
    @override
    def facts(self) -> SqlFacts:
        return self._facts

    @property
    @override
    def ledger(self) -> SqlLedger:
        return self._ledger

    @override
    async def ask_for(self, kind: str, payload: Mapping[str, Any]) -> UUID:
        job_id, now = uuid7(), self.clock.now()
        await jobs.enqueue(self.connection, self.tables.jobs, kind, payload, now=now, id=job_id)
        return job_id

    @override
    def hear(self, event: Event) -> None:
        self._heard.append(event)

    @override
    async def flush(self) -> None:
        if self._heard:
            heard, self._heard = self._heard, []
            # From here to the commit nobody else appends, so positions are in commit order.
            head, generation = await self._journal.lock()
            await self._journal.append(head, heard)
            await tell_all(list(enumerate(heard, head.position + 1)), self._facts)
            await self._facts.flush(generation)
        await super().flush()


class SqlBegin(ports.Begin):
    """Opens transactions on an engine."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[SqlTransaction]:
        async with transaction(self._engine) as connection:
            unit = SqlTransaction(connection, self._clock)
            yield unit
            await unit.flush()


class SqlRead(ports.Begin):
    """Opens views for questions; they never wait for a writer."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[SqlTransaction]:
        async with reading(self._engine) as connection:
            yield SqlTransaction(connection, self._clock)
