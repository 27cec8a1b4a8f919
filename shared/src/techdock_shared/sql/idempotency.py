"""The kept answers of POSTs, in the transaction of the command (see `http.idempotency`)."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, MetaData, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from techdock_shared.clock import Clock
from techdock_shared.sql.types import Instant

if TYPE_CHECKING:
    from techdock_shared.http.idempotency import Stored

KEPT = timedelta(days=7)


def idempotency_table(metadata: MetaData) -> Table:
    """Attach the kept answers to a service's metadata, so its migrations own the table."""
    return Table(
        "idempotency",
        metadata,
        Column("key", LargeBinary(32), primary_key=True),
        Column("fingerprint", LargeBinary(32), nullable=False),
        Column("status", Integer, nullable=False),
        Column("headers", JSON, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("secret", Boolean, nullable=False),
        Column("kept_at", Instant, nullable=False, index=True),
    )


class SqlAnswers:
    """The kept answers, inside one transaction; `http.idempotency.Answers` over a table."""

    def __init__(self, connection: AsyncConnection, table: Table, clock: Clock) -> None:
        self._connection = connection
        self._table = table
        self._clock = clock

    async def find(self, key: bytes) -> "Stored | None":
        """Return the answer under a key hash, if there is one."""
        from techdock_shared.http.idempotency import Stored  # noqa: PLC0415 - only HTTP needs it

        t = self._table
        row = (await self._connection.execute(select(t).where(t.c.key == key))).one_or_none()
        if row is None:
            return None
        return Stored(row.fingerprint, row.status, row.headers, row.body, row.secret)

    async def keep(self, key: bytes, answer: "Stored") -> bool:
        """Keep an answer; False when there is one under this key hash already."""
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        statement = insert(self._table).values(
            key=key,
            fingerprint=answer.fingerprint,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            secret=answer.secret,
            kept_at=self._clock.now(),
        )
        result = await self._connection.execute(statement.on_conflict_do_nothing())
        return result.rowcount == 1


async def forget(connection: AsyncConnection, table: Table, now: datetime) -> int:
    """Remove answers older than seven days, and return how many."""
    statement = delete(table).where(table.c.kept_at < now - KEPT)
    return (await connection.execute(statement)).rowcount
