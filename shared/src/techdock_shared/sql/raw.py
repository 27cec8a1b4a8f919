"""SQL in the driver's own words, for the few statements that run for every batch of events.

SQLAlchemy compiles a multi-row statement anew for each number of rows, which costs more than the
statement itself; these have one text whatever the number of rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, slots=True)
class Rows:
    """A table of values: one JSON array of arrays on SQLite, one array a column on PostgreSQL."""

    rows: Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Raw:
    """One statement for both databases; `{table}` stands for the table's name.

    Attributes:
        sqlite: Takes `?`; lists and Rows arrive as JSON text, to be read by `json_each`.
        postgresql: Takes `$1`; lists arrive as arrays, Rows as one array a column.
    """

    sqlite: str
    postgresql: str

    async def run(self, connection: AsyncConnection, table: Table, *given: Any) -> list[Any]:
        """Run it in the caller's transaction and return what it returns, row by row."""
        on_sqlite = connection.dialect.name == "sqlite"
        text = _named(self.sqlite if on_sqlite else self.postgresql, table.fullname)
        values = tuple(_for_sqlite(given) if on_sqlite else _for_postgresql(given))
        result = await connection.exec_driver_sql(text, values)
        return list(result.all()) if result.returns_rows else []


@lru_cache(maxsize=256)
def _named(text: str, table: str) -> str:
    return text.replace("{table}", table)


def _for_sqlite(given: Sequence[Any]) -> list[Any]:
    values: list[Any] = []
    for value in given:
        match value:
            case Rows(rows):
                values.append(orjson.dumps(rows).decode())
            case [UUID(), *_]:
                values.append(orjson.dumps([each.hex for each in value]).decode())
            case list():
                values.append(orjson.dumps(value).decode())
            case _:
                values.append(value)
    return values


def _for_postgresql(given: Sequence[Any]) -> list[Any]:
    values: list[Any] = []
    for value in given:
        if isinstance(value, Rows):
            values.extend(list(column) for column in zip(*value.rows, strict=True))
        else:
            values.append(value)
    return values
