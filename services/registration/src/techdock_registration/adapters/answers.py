"""The kept answers of POSTs, kept by a statement in the driver's own words."""

import orjson
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.clock import Clock
from techdock_shared.http.idempotency import Stored
from techdock_shared.sql.idempotency import SqlAnswers
from techdock_shared.sql.raw import Raw
from typing_extensions import override

_KEEP = Raw(
    sqlite="""
        INSERT INTO {table} (key, fingerprint, status, headers, body, secret, kept_at)
        VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1
    """,
    postgresql="""
        INSERT INTO {table} (key, fingerprint, status, headers, body, secret, kept_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING 1
    """,
)
SQLITE_INSTANT = "%Y-%m-%d %H:%M:%S.%f"
"""How SQLAlchemy writes an instant on SQLite."""


class BareAnswers(SqlAnswers):
    """As `SqlAnswers`; this runs for every POST."""

    def __init__(self, connection: AsyncConnection, table: Table, clock: Clock) -> None:
        super().__init__(connection, table, clock)
        self._at = clock.now()

    @override
    async def keep(self, key: bytes, answer: Stored) -> bool:
        on_sqlite = self._connection.dialect.name == "sqlite"
        rows = await _KEEP.run(
            self._connection,
            self._table,
            key,
            answer.fingerprint,
            answer.status,
            orjson.dumps(answer.headers).decode(),
            answer.body,
            answer.secret,
            self._at.strftime(SQLITE_INSTANT) if on_sqlite else self._at,
        )
        return bool(rows)
