"""The thread that writes: whatever came while the last commit ran shares the next one.

A commit that survives a power loss costs a flush of the disk, so a thousand commits a second are
few; one flush for all that wait makes it ten thousand records.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from aiokafka.errors import KafkaError, KafkaStorageError

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

MOST_TOGETHER = 256
"""Most pieces of work that share a commit."""


@dataclass(frozen=True, slots=True)
class _Piece:
    work: Work[Any]
    durable: bool
    done: "asyncio.Future[Any]"


class Writer:
    """Runs pieces of work one after the other, in transactions that they share."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Begin to write on a connection of its own."""
        self._connection = connection
        self._pieces: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="event-log-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[Result], *, durable: bool) -> "asyncio.Future[Result]":
        """Do the work soon; the future is done when it is committed.

        Args:
            work: Changes the database; what it raises undoes its own changes only.
            durable: Whether the commit must survive a power loss. What may be done again,
                such as storing an offset, need not; it survives the end of the process.
        """
        done: asyncio.Future[Result] = self._loop.create_future()
        self._pieces.put(_Piece(work, durable, done))
        return done

    async def stop(self) -> None:
        """Finish what was submitted, then end the thread."""
        self._pieces.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        connection = self._connection
        flushing = True
        try:
            while (pieces := self._next_pieces()) is not None:
                durable = any(piece.durable for piece in pieces)
                if durable != flushing:
                    connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
                    flushing = durable
                outcomes = _commit_together(connection, [piece.work for piece in pieces])
                self._loop.call_soon_threadsafe(_settle, [piece.done for piece in pieces], outcomes)
        finally:
            connection.close()

    def _next_pieces(self) -> list[_Piece] | None:
        first = self._pieces.get()
        if first is None:
            return None
        pieces = [first]
        while len(pieces) < MOST_TOGETHER:
            try:
                piece = self._pieces.get_nowait()
            except queue.Empty:
                break
            if piece is None:
                self._pieces.put(None)
                break
            pieces.append(piece)
        return pieces


@dataclass(frozen=True, slots=True)
class _Outcome:
    result: Any = None
    error: Exception | None = None


def _commit_together(connection: sqlite3.Connection, works: list[Work[Any]]) -> list[_Outcome]:
    try:
        connection.execute("BEGIN IMMEDIATE")
        outcomes = [_try(connection, work) for work in works]
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return [_Outcome(error=_as_kafka_error(error))] * len(works)
    return outcomes


def _try(connection: sqlite3.Connection, work: Work[Any]) -> _Outcome:
    connection.execute("SAVEPOINT piece")
    try:
        result = work(connection)
    except KafkaError as error:
        connection.execute("ROLLBACK TO piece")
        connection.execute("RELEASE piece")
        return _Outcome(error=error)
    connection.execute("RELEASE piece")
    return _Outcome(result)


def _as_kafka_error(error: sqlite3.Error) -> KafkaError:
    failure = KafkaStorageError(f"the event log cannot be written: {error}")
    failure.__cause__ = error
    return failure


def _settle(futures: "list[asyncio.Future[Any]]", outcomes: list[_Outcome]) -> None:
    for future, outcome in zip(futures, outcomes, strict=True):
        if future.done():
            continue
        if outcome.error is None:
            future.set_result(outcome.result)
        else:
            future.set_exception(outcome.error)
