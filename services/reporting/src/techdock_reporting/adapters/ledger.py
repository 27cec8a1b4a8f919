"""The ledger of answers over SQL."""

from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from techdock_reporting.adapters import tables
from techdock_reporting.app import ports
from techdock_reporting.app.ports import Answer


class SqlLedger(ports.Ledger):
    """One row for each answer, only ever added to."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @override
    async def add(self, answer: Answer) -> None:
        values = {
            "id": answer.id,
            "account_id": answer.account_id,
            "at": answer.at,
            "position": answer.position or None,
            "question": dict(answer.question),
            "content": dict(answer.content),
        }
        await self._connection.execute(insert(tables.ledger).values(values))

    @override
    async def of(self, account_id: UUID, limit: int) -> list[Answer]:
        t = tables.ledger
        newest = (
            select(t)
            .where(t.c.account_id == account_id)
            .order_by(t.c.at.desc(), t.c.id.desc())
            .limit(limit)
        )
        return [
            Answer(row.id, row.account_id, row.at, row.question, row.position or 0, row.content)
            for row in await self._connection.execute(newest)
        ]
