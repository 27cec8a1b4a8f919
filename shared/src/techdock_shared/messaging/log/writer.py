"""The one who writes: whatever came while the last commit ran shares the next one.

A commit that survives a power loss costs a flush of the disk, so a thousand commits a second are
few; one flush for all that wait makes it ten thousand records. Statements run on the event loop's
thread, which takes microseconds each; a thread of their own would wait for the interpreter's lock
after every single one. Only COMMIT, which waits for the disk, goes to a thread.
"""

import asyncio
import random
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from aiokafka.errors import KafkaError, KafkaStorageError

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

MOST_TOGETHER = 256
"""Most pieces of work that share a commit."""

BUSY_S = 10.0
"""How long another process may hold the file, in seconds."""


@dataclass(frozen=True, slots=True)
class _Piece:
    work: Work[Any]
    durable: bool
    done: "asyncio.Future[Any]"


@dataclass(frozen=True, slots=True)
class _Outcome:
    result: Any = None
    error: Exception | None = None


class Writer:
    """Runs pieces of work one after the other, in transactions that they share."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Write on a connection of its own, which is closed by `stop`."""
        self._connection = connection
        # No waiting inside SQLite: it would hold up the event loop.
        connection.execute("PRAGMA busy_timeout=0")
        self._pieces: deque[_Piece] = deque()
        self._thread = ThreadPoolExecutor(1, "event-log")
        self._task: asyncio.Task[None] | None = None
        self._flushing: bool | None = None

    def submit(self, work: Work[Result], *, durable: bool) -> "asyncio.Future[Result]":
        """Do the work soon; the future is done when it is committed.

        Args:
            work: Changes the database; what it raises undoes its own changes only.
            durable: Whether the commit must survive a power loss. What may be done again,
                such as storing an offset, need not; it survives the end of the process.
        """
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._pieces.append(_Piece(work, durable, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())
        return done

    async def stop(self) -> None:
        """Finish what was submitted, then close the connection."""
        if self._task is not None:
            await self._task
        self._thread.shutdown()
        self._connection.close()

    async def _write(self) -> None:
        while self._pieces:
            most = min(len(self._pieces), MOST_TOGETHER)
            pieces = [self._pieces.popleft() for _ in range(most)]
            try:
                outcomes = await self._commit_together(pieces)
            except Exception as error:  # noqa: BLE001 - told to each who waits
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                outcomes = [_Outcome(error=_as_kafka_error(error))] * len(pieces)
            for piece, outcome in zip(pieces, outcomes, strict=True):
                _settle(piece.done, outcome)

    async def _commit_together(self, pieces: list[_Piece]) -> list[_Outcome]:
        durable = any(piece.durable for piece in pieces)
        if durable != self._flushing:
            self._connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._flushing = durable
        await self._begin()
        outcomes = [self._try(piece.work) for piece in pieces]
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, self._connection.execute, "COMMIT")
        return outcomes

    async def _begin(self) -> None:
        """Wait for the file without holding up the event loop."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + BUSY_S
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or loop.time() > deadline:
                    raise
            else:
                return
            # At random, so that two processes that met do not meet again.
            await asyncio.sleep(random.uniform(0.0005, 0.003))  # noqa: S311 - no secret

    def _try(self, work: Work[Any]) -> _Outcome:
        self._connection.execute("SAVEPOINT piece")
        try:
            result = work(self._connection)
        except KafkaError as error:
            self._connection.execute("ROLLBACK TO piece")
            self._connection.execute("RELEASE piece")
            return _Outcome(error=error)
        self._connection.execute("RELEASE piece")
        return _Outcome(result)


def _as_kafka_error(error: Exception) -> Exception:
    if not isinstance(error, sqlite3.Error):
        return error
    failure: Exception = KafkaStorageError(f"the event log cannot be written: {error}")
    failure.__cause__ = error
    return failure


def _settle(future: "asyncio.Future[Any]", outcome: _Outcome) -> None:
    if future.done():
        return
    if outcome.error is None:
        future.set_result(outcome.result)
    else:
        future.set_exception(outcome.error)
