"""Calendar addresses in a table; of each token only the hash is kept."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.errors import NotFound
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.app import repositories_timetable
from techdock_matching.app.repositories_timetable import CalendarFeed


class SqlCalendars(repositories_timetable.Calendars):
    """Calendar addresses, one row each."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _one(self, wanted: ColumnElement[bool]) -> CalendarFeed:
        c = tables.calendars
        row = (await self._connection.execute(select(c).where(wanted))).one_or_none()
        if row is None:
            raise NotFound("no such calendar")
        return CalendarFeed(**row._asdict())

    @override
    async def get(self, id: UUID) -> CalendarFeed:
        return await self._one(tables.calendars.c.id == id)

    @override
    async def by_token(self, token_hash: bytes) -> CalendarFeed:
        return await self._one(tables.calendars.c.token_hash == token_hash)

    @override
    async def save(self, feed: CalendarFeed) -> None:
        values: dict[str, Any] = asdict(feed)
        await self._connection.execute(insert(tables.calendars).values(values))

    @override
    async def remove(self, id: UUID) -> None:
        c = tables.calendars
        await self._connection.execute(delete(c).where(c.c.id == id))
