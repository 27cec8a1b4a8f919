"""Values as the drivers take and give them, for the few statements in their own words.

SQLite keeps a UUID as 32 hexadecimal digits and a date as text; PostgreSQL's driver takes and
gives both as they are.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection


def bare(connection: AsyncConnection, *values: Any) -> list[Any]:
    """Return values as the driver of a connection takes them."""
    if connection.dialect.name != "sqlite":
        return list(values)
    return [_for_sqlite(value) for value in values]


def _for_sqlite(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    return value.isoformat() if isinstance(value, date) else value


def uuids(row: Sequence[Any], count: int) -> tuple[Any, ...]:
    """Return a row whose first values are UUIDs, whatever the driver made of them."""
    return tuple(
        UUID(value) if isinstance(value, str) else UUID(bytes=value.bytes) for value in row[:count]
    ) + tuple(row[count:])
