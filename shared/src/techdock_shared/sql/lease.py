"""Exactly one process does this: a lock that ends with its holder, however that ends."""

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from techdock_shared.sql.engine import outages

RETRY_S = 0.5


class Held(Protocol):
    """A lock while it is held."""

    async def check(self) -> None:
        """Return while this process holds it.

        Raises:
            Unavailable: It is lost; somebody else may hold it now.
        """
        ...

    async def listen(self, channel: str, told: Callable[[], None]) -> None:
        """Call back whenever another process notifies the channel, where that is possible."""
        ...


@asynccontextmanager
async def exclusive(engine: AsyncEngine, name: str) -> AsyncIterator[Held]:
    """Wait until this process alone holds the name, and hold it while the block runs.

    On PostgreSQL the lock lives on a connection of its own, on SQLite it is a locked file beside
    the database. Either is free again as soon as its holder dies.

    Args:
        engine: Holders of different databases do not meet.
        name: What is held, like `relay`.

    Raises:
        Unavailable: The database cannot be reached.
    """
    if engine.dialect.name == "sqlite":
        async with _locked_file(_file_of(engine, name)):
            yield _File()
        return
    number = int.from_bytes(
        hashlib.sha256(f"techdock {name}".encode()).digest()[:8], "big", signed=True
    )
    while True:
        with outages():
            async with engine.connect() as plain:
                connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
                held = _Advisory(connection, number)
                if await held.take():
                    try:
                        yield held
                    finally:
                        await held.give_back()
                    return
        await asyncio.sleep(RETRY_S)


class _File:
    async def check(self) -> None:
        """Return: a file stays locked as long as its process lives."""

    async def listen(self, channel: str, told: Callable[[], None]) -> None:
        """Listen to nothing: one process has the database."""


class _Advisory:
    def __init__(self, connection: AsyncConnection, number: int) -> None:
        self._connection = connection
        self._number = number
        self._listening: list[tuple[str, Callable[..., None]]] = []

    async def take(self) -> bool:
        asked = await self._connection.exec_driver_sql(
            "SELECT pg_try_advisory_lock($1)", (self._number,)
        )
        return bool(asked.scalar_one())

    async def give_back(self) -> None:
        # A connection that was lost has taken the lock with it.
        with suppress(DBAPIError, OSError):
            for channel, told in self._listening:
                await (await self._driver()).remove_listener(channel, told)
            await self._connection.exec_driver_sql("SELECT pg_advisory_unlock($1)", (self._number,))

    async def check(self) -> None:
        with outages():
            await self._connection.exec_driver_sql("SELECT 1")

    async def listen(self, channel: str, told: Callable[[], None]) -> None:
        def called(*_: object) -> None:
            told()

        with outages():
            await (await self._driver()).add_listener(channel, called)
        self._listening.append((channel, called))

    async def _driver(self) -> Any:
        return (await self._connection.get_raw_connection()).driver_connection


def _file_of(engine: AsyncEngine, name: str) -> Path | None:
    database = engine.url.database
    return Path(f"{database}.{name}.lock") if database and database != ":memory:" else None


@asynccontextmanager
async def _locked_file(path: Path | None) -> AsyncIterator[None]:
    if path is None:
        yield
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        while not _try_lock(file):  # noqa: ASYNC110 - another process cannot set our event
            await asyncio.sleep(RETRY_S)
        yield


def _try_lock(file: IO[Any]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - Windows has no fcntl

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - the others have no msvcrt

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
