"""SQLAlchemy's driver for SQLite without four changes of thread for each statement.

aiosqlite runs each call in the connection's own thread. SQLAlchemy makes four calls for a statement
(open a cursor, execute, fetch, close), and each waits for its turn on a busy machine. Here one call
does all four; and a connection that is told so runs its statements in place, on the event loop's
thread, because most take a few microseconds. What may wait for a disk or for another process, BEGIN
and COMMIT, never runs in place.
"""

import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util import await_only
from typing_extensions import override


@dataclass(frozen=True, slots=True)
class _Done:
    description: Any = None
    rows: Sequence[Any] = ()
    rowcount: int = -1
    lastrowid: int | None = None


def _execute(connection: sqlite3.Connection, operation: str, parameters: Any) -> _Done:
    cursor = connection.execute(operation, () if parameters is None else parameters)
    rows = cursor.fetchall() if cursor.description else ()
    done = _Done(cursor.description, rows, cursor.rowcount, cursor.lastrowid)
    cursor.close()
    return done


def _execute_many(connection: sqlite3.Connection, operation: str, parameters: Any) -> _Done:
    cursor = connection.executemany(operation, parameters)
    done = _Done(None, (), cursor.rowcount, cursor.lastrowid)
    cursor.close()
    return done


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ("_done",)

    def __init__(self, adapt_connection: Any) -> None:
        # Not the base's: it opens a cursor, one change of thread.
        self._adapt_connection = adapt_connection
        self._connection = adapt_connection._connection  # noqa: SLF001 - as the base does
        self._cursor: Any = None
        self._rows = deque()
        self._done = _Done()

    @property
    @override
    def description(self) -> Any:
        return self._done.description

    @property
    @override
    def rowcount(self) -> int:
        return self._done.rowcount

    @property
    @override
    def lastrowid(self) -> Any:
        return self._done.lastrowid

    @override
    async def _async_soft_close(self) -> None:
        """Close nothing: the cursor is closed already."""

    @override
    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        await self._run(_execute, operation, parameters)

    @override
    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        await self._run(_execute_many, operation, seq_of_parameters)

    async def _run(self, work: Any, operation: Any, parameters: Any) -> None:
        adapter: Any = self._adapt_connection
        driver = adapter.driver_connection
        if adapter.in_place:
            self._done = work(driver._conn, operation, parameters)  # noqa: SLF001 - aiosqlite has no public name for the connection it wraps
        else:
            async with adapter._execute_mutex:  # noqa: SLF001 - as the base does
                self._done = await driver._execute(work, driver._conn, operation, parameters)  # noqa: SLF001 - aiosqlite offers no other way to run a function in its thread
        self._rows = deque(self._done.rows)


class Connection(AsyncAdapt_aiosqlite_connection):
    """A connection as SQLAlchemy's pool keeps it.

    Attributes:
        in_place: Whether statements run on the event loop's thread.
    """

    __slots__ = ("_flushing", "_patience_ms", "_waiting_ms", "in_place")

    _cursor_cls = _Cursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self.in_place = False
        self._patience_ms = self._waiting_ms = 0
        self._flushing = True

    def set_flushing(self, flushing: bool) -> None:
        """Say whether a commit waits until the disk has it; outside a transaction only."""
        if flushing != self._flushing:
            raw: sqlite3.Connection = self.driver_connection._conn  # noqa: SLF001 - as in _Cursor
            raw.execute(f"PRAGMA synchronous={'FULL' if flushing else 'NORMAL'}")
            self._flushing = flushing

    def be_patient(self, ms: int) -> None:
        """Set how long a statement waits for its turn among all processes; at the start."""
        self._patience_ms = ms
        self._wait_up_to(self.driver_connection._conn, ms)  # noqa: SLF001 - as in _Cursor

    def begin(self, *, writing: bool) -> None:
        """Begin a transaction; one that writes waits for its turn among all processes.

        Raises:
            sqlite3.OperationalError: The turn did not come in time.
        """
        raw: sqlite3.Connection = self.driver_connection._conn  # noqa: SLF001 - as in _Cursor
        if not writing:
            self._wait_up_to(raw, self._patience_ms)
            raw.execute("BEGIN")
            return
        # Who writes has nothing to wait for after its BEGIN.
        self._wait_up_to(raw, 0)
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        else:
            return
        # Somebody else writes: wait in the thread, not here.
        self._wait_up_to(raw, self._patience_ms)
        in_place, self.in_place = self.in_place, False
        try:
            cursor = self.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            cursor.close()
        finally:
            self.in_place = in_place

    def _wait_up_to(self, raw: sqlite3.Connection, ms: int) -> None:
        if ms != self._waiting_ms:
            raw.execute(f"PRAGMA busy_timeout={ms}")
            self._waiting_ms = ms

    @override
    def rollback(self) -> None:
        """Undo the transaction, if there is one; this waits for nothing."""
        raw: sqlite3.Connection | None = self.driver_connection._connection  # noqa: SLF001 - as in _Cursor
        if raw is not None and raw.in_transaction:
            if self.in_place:
                raw.rollback()
            else:
                super().rollback()


class _Driver(AsyncAdapt_aiosqlite_dbapi):
    @override
    def connect(self, *arg: Any, **kw: Any) -> AsyncAdapt_aiosqlite_connection:
        connecting: Any = aiosqlite.connect(*arg, **kw)
        # A connection that is never closed must not keep the process alive.
        getattr(connecting, "_thread", connecting).daemon = True
        opened: AsyncAdapt_aiosqlite_connection = await_only(Connection.create(self, connecting))
        return opened


def driver() -> Any:
    """Return the driver, to be given to `create_async_engine` as `module`."""
    return _Driver(aiosqlite, sqlite3)
