"""Registration's transaction over SQLAlchemy; the same code serves SQLite and PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from techdock_shared.clock import Clock
from techdock_shared.sql.engine import reading, transaction
from techdock_shared.sql.unit import SqlUnit
from typing_extensions import override

from techdock_registration.adapters import tables
from techdock_registration.adapters.access import SqlAccess
from techdock_registration.adapters.attendance import SqlAttendance
from techdock_registration.adapters.docking_events import (
    SqlDockingEvents,
    SqlParticipations,
    SqlSessions,
)
from techdock_registration.adapters.imports import SqlImports
from techdock_registration.adapters.introductions import SqlIntroductions
from techdock_registration.adapters.letters import SqlMails, SqlTalks
from techdock_registration.adapters.people import SqlAccounts, SqlTenants
from techdock_registration.adapters.records import SqlExternalIds, SqlOrganizations, SqlProfiles
from techdock_registration.app import ports

Voided = Callable[[Mapping[UUID, int]], Awaitable[None]]
"""Told after a commit: accounts whose principals are void, and their new generations."""


class SqlTransaction(SqlUnit, ports.Transaction):
    """One database transaction."""

    def __init__(self, connection: AsyncConnection, clock: Clock | None = None) -> None:
        super().__init__(connection, tables.plumbing, clock)
        self.voided: set[UUID] = set()

    @property
    @override
    def tenants(self) -> SqlTenants:
        return SqlTenants(self.connection)

    @property
    @override
    def accounts(self) -> SqlAccounts:
        return SqlAccounts(self.connection, self.voided)

    @property
    @override
    def introductions(self) -> SqlIntroductions:
        return SqlIntroductions(self.connection)

    @property
    @override
    def access(self) -> SqlAccess:
        return SqlAccess(self.connection)

    @property
    @override
    def organizations(self) -> SqlOrganizations:
        return SqlOrganizations(self.connection)

    @property
    @override
    def docking_events(self) -> SqlDockingEvents:
        return SqlDockingEvents(self.connection)

    @property
    @override
    def sessions(self) -> SqlSessions:
        return SqlSessions(self.connection)

    @property
    @override
    def participations(self) -> SqlParticipations:
        return SqlParticipations(self.connection)

    @property
    @override
    def profiles(self) -> SqlProfiles:
        return SqlProfiles(self.connection)

    @property
    @override
    def external_ids(self) -> SqlExternalIds:
        return SqlExternalIds(self.connection)

    @property
    @override
    def attendance(self) -> SqlAttendance:
        return SqlAttendance(self.connection)

    @property
    @override
    def mails(self) -> SqlMails:
        return SqlMails(self.connection)

    @property
    @override
    def imports(self) -> SqlImports:
        return SqlImports(self.connection)

    @property
    @override
    def talks(self) -> SqlTalks:
        return SqlTalks(self.connection)


class SqlBegin(ports.Begin):
    """Opens transactions on an engine."""

    def __init__(
        self, engine: AsyncEngine, clock: Clock | None = None, voided: Voided | None = None
    ) -> None:
        """Take the database.

        Args:
            engine: Where the tables are.
            clock: For the plumbing: when something was recorded.
            voided: Told after each commit that made principals void.
        """
        self._engine = engine
        self._clock = clock
        self._voided = voided

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[SqlTransaction]:
        generations: Mapping[UUID, int] = {}
        async with transaction(self._engine) as connection:
            opened = SqlTransaction(connection, self._clock)
            yield opened
            await opened.flush()
            if opened.voided:
                generations = await opened.accounts.generations(sorted(opened.voided))
        if generations and self._voided is not None:
            await self._voided(generations)


class SqlRead(ports.Begin):
    """Opens views of an engine: queries only, and no writer makes them wait."""

    def __init__(self, engine: AsyncEngine, clock: Clock | None = None) -> None:
        self._engine = engine
        self._clock = clock

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[SqlTransaction]:
        async with reading(self._engine, in_place=True) as connection:
            yield SqlTransaction(connection, self._clock)
