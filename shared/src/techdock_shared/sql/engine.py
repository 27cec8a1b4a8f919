"""The one way to open a database, so that SQLite and PostgreSQL keep the same promises."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from techdock_shared import crash
from techdock_shared.errors import Unavailable
from techdock_shared.sql import sqlite, wake
from techdock_shared.sql.outage import is_outage

BUSY_S = 5.0
"""How long a writer waits for its turn before it says Unavailable."""

CONNECT_S = 5.0
READING = "techdock_reading"

_turns: WeakKeyDictionary[Engine, asyncio.Lock] = WeakKeyDictionary()


def open_engine(
    url: str,
    *,
    connections: int = 10,
    statement_timeout_s: float = 5.0,
    application: str = "techdock",
) -> AsyncEngine:
    """Open a database. Every transaction starts with a real BEGIN.

    Python's SQLite driver delays BEGIN to the first write and never sends it before a
    SAVEPOINT, so a rollback could keep half of a transaction; ours sends it itself.

    Args:
        url: `sqlite+aiosqlite:///path` or `postgresql+asyncpg://user:password@host/name`.
        connections: Most connections at a time; who finds none waits up to BUSY_S.
        statement_timeout_s: PostgreSQL ends a statement that runs longer.
        application: Name shown in PostgreSQL's list of connections.
    """
    if make_url(url).get_backend_name() == "sqlite":
        return _open_sqlite(url, connections)
    milliseconds = str(int(statement_timeout_s * 1000))
    return create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_S,
        pool_use_lifo=True,
        connect_args={
            "timeout": CONNECT_S,
            # The server's own limit comes first; this one is for a server that is gone.
            "command_timeout": statement_timeout_s + CONNECT_S,
            "server_settings": {
                "application_name": application,
                "statement_timeout": milliseconds,
                "lock_timeout": milliseconds,
                "idle_in_transaction_session_timeout": "60000",
                "timezone": "UTC",
            },
        },
    )


def _open_sqlite(url: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        module=sqlite.driver(),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=BUSY_S,
        pool_use_lifo=True,
        # Every other rollback of a returned connection would have nothing to roll back.
        pool_reset_on_return=None,
    )

    @event.listens_for(engine.sync_engine, "reset")
    def roll_back(driver: Any, _: object, __: object) -> None:
        driver.rollback()
        driver.in_place = False
        driver.set_flushing(True)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(driver: Any, _: object) -> None:
        driver.isolation_level = None
        driver.be_patient(int(BUSY_S * 1000))
        cursor = driver.cursor()
        # FULL: with NORMAL a power loss takes back commits that were already answered.
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # also `set_flushing`
            "foreign_keys=ON",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get(READING, False)
        driver: Any = connection.connection.dbapi_connection
        driver.begin(writing=not reading)

    return engine


@contextmanager
def outages() -> Iterator[None]:
    """Turn a failure of the database itself into Unavailable; let bugs through.

    Raises:
        Unavailable: The database cannot be reached, is too busy, full, or was lost.
    """
    try:
        yield
    except Exception as error:
        if is_outage(error):
            raise Unavailable("the database does not answer; try again") from error
        raise


@asynccontextmanager
async def transaction(
    engine: AsyncEngine, *, durable: bool = True
) -> AsyncIterator[AsyncConnection]:
    """Open a transaction that commits when the block ends well, else rolls back.

    On SQLite writers of one process take turns in the order they came, because SQLite's own
    waiting is a lottery with long pauses. After the commit those who wait for what it wrote
    are woken (see `wake`).

    Args:
        engine: The database.
        durable: Whether the commit must survive a power loss; False where losing it only
            means to do the same again.

    Raises:
        Unavailable: The database cannot be reached, is too busy or full, or was lost while
            it committed; in the last case nobody knows whether it did.
    """
    async with _turn(engine), _connected(engine, in_place=True) as connection:
        if not durable:
            await _do_not_flush(connection)
        begun = await connection.begin()
        try:
            if not durable and engine.dialect.name != "sqlite":
                await connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection
            crash.point("transaction.before_commit")
            await begun.commit()
            notes = wake.take_notes(connection)
        except BaseException:
            wake.take_notes(connection)
            if begun.is_active:
                await begun.rollback()
            raise
    crash.point("transaction.after_commit")
    for name in notes:
        wake.of(engine, name).set()


@asynccontextmanager
async def reading(engine: AsyncEngine, *, in_place: bool = False) -> AsyncIterator[AsyncConnection]:
    """Open a view of the database for queries only; it never waits for a writer.

    Args:
        engine: The database.
        in_place: On SQLite, run the queries on the event loop's thread, for those that take
            microseconds: a look-up by key, not a report.

    Raises:
        Unavailable: As in `transaction`.
    """
    async with _connected(engine, in_place=in_place) as connection:
        await connection.execution_options(**{READING: True, "postgresql_readonly": True})
        # Closing the connection ends the transaction: nothing was written.
        await connection.begin()
        yield connection


@asynccontextmanager
async def _connected(engine: AsyncEngine, *, in_place: bool) -> AsyncIterator[AsyncConnection]:
    with outages():
        try:
            connection = await engine.connect()
        except OSError as error:
            raise Unavailable("the database cannot be reached") from error
        try:
            if in_place and engine.dialect.name == "sqlite":
                driver: Any = (await connection.get_raw_connection()).dbapi_connection
                driver.in_place = True
            yield connection
        finally:
            await connection.close()


async def _do_not_flush(connection: AsyncConnection) -> None:
    """Let SQLite's next commit go without a flush; the pool takes this back."""
    if connection.dialect.name == "sqlite":
        driver: Any = (await connection.get_raw_connection()).dbapi_connection
        driver.set_flushing(False)


@asynccontextmanager
async def _turn(engine: AsyncEngine) -> AsyncIterator[None]:
    if engine.dialect.name != "sqlite":
        yield
        return
    turn = _turns.setdefault(engine.sync_engine, asyncio.Lock())
    if turn.locked():
        try:
            await asyncio.wait_for(turn.acquire(), BUSY_S)
        except TimeoutError as error:
            raise Unavailable("too many writers wait for the database; try again") from error
    else:
        await turn.acquire()
    try:
        yield
    finally:
        turn.release()
