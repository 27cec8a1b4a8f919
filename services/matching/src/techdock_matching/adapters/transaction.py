"""Matching's ports over SQLAlchemy; the same code serves SQLite and PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from techdock_shared.cache.ports import Cache
from techdock_shared.clock import Clock
from techdock_shared.sql.engine import reading
from techdock_shared.sql.unit import begin_of
from typing_extensions import override

from techdock_matching.adapters.calendars import SqlCalendars
from techdock_matching.adapters.lists import SqlLists
from techdock_matching.adapters.lookups import SqlLookups
from techdock_matching.adapters.meetings import SqlMeetings
from techdock_matching.adapters.projections import SqlProjections
from techdock_matching.adapters.projects import SqlProjects
from techdock_matching.adapters.proposals import SqlProposals
from techdock_matching.adapters.requests import SqlRequests
from techdock_matching.adapters.standings import SqlStandings
from techdock_matching.adapters.tasks import SqlTasks
from techdock_matching.adapters.timetables import SqlTimetables
from techdock_matching.adapters.unit import MatchingUnit
from techdock_matching.adapters.weights import SqlWeighings
from techdock_matching.app import repositories


class SqlTransaction(MatchingUnit, repositories.Transaction):
    """One database transaction."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        super().__init__(connection, clock)
        self._projections = SqlProjections(connection)

    @property
    @override
    def projections(self) -> SqlProjections:
        return self._projections

    @property
    @override
    def lookups(self) -> SqlLookups:
        return SqlLookups(self.connection)

    @property
    @override
    def lists(self) -> SqlLists:
        return SqlLists(self)

    @property
    @override
    def standings(self) -> SqlStandings:
        return SqlStandings(self.connection)

    @property
    @override
    def requests(self) -> SqlRequests:
        return SqlRequests(self)

    @property
    @override
    def meetings(self) -> SqlMeetings:
        return SqlMeetings(self)

    @property
    @override
    def projects(self) -> SqlProjects:
        return SqlProjects(self)

    @property
    @override
    def timetables(self) -> SqlTimetables:
        return SqlTimetables(self)

    @property
    @override
    def calendars(self) -> SqlCalendars:
        return SqlCalendars(self.connection)

    @property
    @override
    def weighings(self) -> SqlWeighings:
        return SqlWeighings(self)

    @property
    @override
    def tasks(self) -> SqlTasks:
        return SqlTasks(self)

    @property
    @override
    def proposals(self) -> SqlProposals:
        return SqlProposals(self)

    @override
    async def flush(self) -> None:
        await self._projections.flush()
        await super().flush()


class SqlBegin(repositories.Begin):
    """Opens transactions on an engine; after each commit the live pages concerned are poked."""

    def __init__(self, engine: AsyncEngine, clock: Clock, cache: Cache | None = None) -> None:
        self._begin = begin_of(engine, partial(SqlTransaction, clock=clock))
        self._cache = cache

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[SqlTransaction]:
        async with self._begin() as unit:
            yield unit
        if self._cache is not None:
            for channel in unit.pokes:
                await self._cache.publish(channel, b"")


class SqlBeginReading(repositories.Begin):
    """Opens views for queries only, which never wait for a writer."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    @override
    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[SqlTransaction]:
        async with reading(self._engine) as connection:
            yield SqlTransaction(connection, self._clock)
