"""SQL in the driver's own words, for the few statements that run for every request or batch.

SQLAlchemy compiles a multi-row statement anew for each number of rows, which costs more than the
statement itself; these have one text whatever the number of rows. They also go past SQLAlchemy's
execution, straight to the driver's connection that it holds: measured on a request that writes a
need, it took three quarters of a statement's processor time.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NoReturn
from uuid import UUID

import orjson
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError
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

    async def run(
        self, connection: AsyncConnection, table: Table, *given: Any
    ) -> Sequence[Sequence[Any]]:
        """Run it in the caller's transaction and return what it returns, row by row.

        Raises:
            sqlalchemy.exc.DBAPIError: As if SQLAlchemy had run it.
        """
        on_sqlite = connection.dialect.name == "sqlite"
        text = _named(self.sqlite if on_sqlite else self.postgresql, table.fullname)
        values = tuple(_for_sqlite(given) if on_sqlite else _for_postgresql(given))
        driver = _driver(connection)
        if not on_sqlite:
            return await _on_postgresql(connection, driver, text, values)
        if driver.in_place:
            return _in_place(connection, driver, text, values)
        result = await connection.exec_driver_sql(text, values)
        return list(result.all()) if result.returns_rows else []

    async def run_many(
        self, connection: AsyncConnection, table: Table, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """Run it once for each row of values, on SQLite only."""
        text = _named(self.sqlite, table.fullname)
        driver = _driver(connection)
        if not driver.in_place:
            await connection.exec_driver_sql(text, list(rows))
            return
        for row in rows:
            _in_place(connection, driver, text, row)


def _driver(connection: AsyncConnection) -> Any:
    """Return SQLAlchemy's adapter of the driver's connection."""
    if connection.sync_connection is None:
        raise RuntimeError("the connection is not open")
    return connection.sync_connection.connection.dbapi_connection


def _in_place(
    connection: AsyncConnection, driver: Any, text: str, values: tuple[Any, ...]
) -> list[Any]:
    raw: sqlite3.Connection = driver.driver_connection._conn  # noqa: SLF001 - as in sqlite.py
    try:
        cursor = raw.execute(text, values)
        rows = cursor.fetchall() if cursor.description else []
        cursor.close()
    except sqlite3.Error as error:
        _raise(connection, text, error, sqlite3.Error)
    return rows


async def _on_postgresql(
    connection: AsyncConnection, driver: Any, text: str, values: tuple[Any, ...]
) -> Sequence[Any]:
    try:
        if driver._transaction is None:  # noqa: SLF001 - the adapter begins with the first statement
            await driver._start_transaction()  # noqa: SLF001 - has no public name
        rows: Sequence[Any] = await driver.driver_connection.fetch(text, *values)
    except Exception as error:
        try:
            driver._handle_exception(error)  # noqa: SLF001 - gives it the class that SQLAlchemy knows
        except driver.dbapi.Error as known:
            if connection.dialect.is_disconnect(known, driver, None):
                await connection.invalidate(known)
            _raise(connection, text, known, driver.dbapi.Error)
        raise
    return rows


def _raise(connection: AsyncConnection, text: str, error: Exception, base: Any) -> NoReturn:
    """Raise what SQLAlchemy would have raised."""
    raise DBAPIError.instance(
        text,
        None,
        error,
        base,
        dialect=connection.dialect,
        connection_invalidated=connection.invalidated,
    ) from error


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
