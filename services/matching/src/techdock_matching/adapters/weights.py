"""The weights of docking events in a table: every setting that ever was, the newest in force."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.errors import Conflict
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.adapters.lists import tell_worker
from techdock_matching.adapters.statements import count_on
from techdock_matching.adapters.unit import MatchingUnit
from techdock_matching.app import repositories_plan
from techdock_matching.app.repositories_plan import Weighing


def to_weighing(row: Row[Any]) -> Weighing:
    """Return the weights of a row."""
    return Weighing(
        row.docking_event_id, json.loads(row.content), row.person_id, row.set_at, row.version
    )


async def in_force(connection: AsyncConnection) -> Sequence[Weighing]:
    """Return the weights of every docking event whose organizers set some."""
    w = tables.ranking_weights
    newest = (
        select(w.c.docking_event_id, func.max(w.c.version).label("version"))
        .group_by(w.c.docking_event_id)
        .subquery()
    )
    statement = select(w).join(
        newest,
        (newest.c.docking_event_id == w.c.docking_event_id) & (newest.c.version == w.c.version),
    )
    return [to_weighing(row) for row in await connection.execute(statement)]


class SqlWeighings(repositories_plan.Weighings):
    """Weights, a row for each time that somebody set them."""

    def __init__(self, unit: MatchingUnit) -> None:
        self._connection = unit.connection

    @override
    async def current(self, docking_event_id: UUID) -> Weighing:
        newest = await self._newest(docking_event_id, 1)
        return newest[0] if newest else Weighing(docking_event_id)

    @override
    async def history(self, docking_event_id: UUID) -> Sequence[Weighing]:
        return await self._newest(docking_event_id, None)

    async def _newest(self, docking_event_id: UUID, limit: int | None) -> Sequence[Weighing]:
        w = tables.ranking_weights
        mine = select(w).where(w.c.docking_event_id == docking_event_id)
        statement = mine.order_by(w.c.version.desc()).limit(limit)
        return [to_weighing(row) for row in await self._connection.execute(statement)]

    @override
    async def save(self, weighing: Weighing) -> Weighing:
        saved = replace(weighing, version=weighing.version + 1)
        values = {
            "docking_event_id": saved.docking_event_id,
            "version": saved.version,
            "content": json.dumps(dict(saved.values)),
            "person_id": saved.person_id,
            "set_at": saved.set_at,
        }
        try:
            await self._connection.execute(insert(tables.ranking_weights).values(**values))
        except IntegrityError as error:
            raise Conflict("somebody set other weights meanwhile; read them again") from error
        # What is called good, and what each reason counts, is another at once.
        await count_on(self._connection, "lists", saved.docking_event_id)
        await tell_worker(self._connection)
        return saved
