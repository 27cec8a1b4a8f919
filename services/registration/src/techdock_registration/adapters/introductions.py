"""Introductions in a table."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from techdock_registration.adapters import tables
from techdock_registration.adapters.documents import MOST_IDS
from techdock_registration.app import ports
from techdock_registration.domain.introduction import Introduction
from techdock_registration.domain.texts import Names


class SqlIntroductions(ports.Introductions):
    """What was said of persons who have not come yet."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @override
    async def keep(self, introductions: Sequence[Introduction]) -> None:
        t = tables.introductions
        for one in introductions:
            names = {"native": one.names.native, "latin": one.names.latin}
            mine = (t.c.participation_id == one.participation_id) & (t.c.person_id == one.person_id)
            again = await self._connection.execute(update(t).where(mine).values(names))
            if again.rowcount == 0:
                row = {
                    "id": one.id,
                    "participation_id": one.participation_id,
                    "person_id": one.person_id,
                    "account_id": one.account_id,
                    **names,
                }
                await self._connection.execute(insert(t), row)

    @override
    async def of(self, participation_ids: Sequence[UUID]) -> list[Introduction]:
        t, found = tables.introductions, []
        wanted = list(dict.fromkeys(participation_ids))
        for start in range(0, len(wanted), MOST_IDS):
            part = wanted[start : start + MOST_IDS]
            statement = select(t).where(t.c.participation_id.in_(part)).order_by(t.c.id)
            found += [_read(row) for row in await self._connection.execute(statement)]
        return found

    @override
    async def of_persons(self, person_ids: Sequence[UUID]) -> list[Introduction]:
        t, found = tables.introductions, []
        wanted = list(dict.fromkeys(person_ids))
        for start in range(0, len(wanted), MOST_IDS):
            part = wanted[start : start + MOST_IDS]
            statement = select(t).where(t.c.person_id.in_(part)).order_by(t.c.id)
            found += [_read(row) for row in await self._connection.execute(statement)]
        return found

    @override
    async def keep_only(self, participation_id: UUID, person_ids: Sequence[UUID]) -> None:
        t = tables.introductions
        gone = (t.c.participation_id == participation_id) & t.c.person_id.not_in(person_ids)
        await self._connection.execute(delete(t).where(gone))

    @override
    async def came(self, account_id: UUID) -> None:
        t, p = tables.introductions, tables.participation_persons
        confirmed = (
            select(p.c.participation_id)
            .where(p.c.participation_id == t.c.participation_id, p.c.confirmed)
            .exists()
        )
        await self._connection.execute(delete(t).where(t.c.account_id == account_id, confirmed))


def _read(row: Row[tuple[object, ...]]) -> Introduction:
    names = Names(row.native, row.latin)
    return Introduction(row.id, row.participation_id, row.person_id, row.account_id, names)
