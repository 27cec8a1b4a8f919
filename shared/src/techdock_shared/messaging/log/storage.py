"""The file: tables of the log, appending, reading, and what is removed again."""

import asyncio
import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import orjson
from aiokafka.errors import KafkaStorageError, UnknownTopicOrPartitionError
from techdock_contracts.topics import Topic

from techdock_shared.messaging.log.writer import Work, Writer

Result = TypeVar("Result")
Headers = Sequence[tuple[str, bytes]]

WATCH_S = 0.01
"""How soon a commit of another process is noticed, in seconds."""

CLEAN_S = 600.0
TOMBSTONES_KEPT_MS = 24 * 3600 * 1000
MOST_BYTES = 4 * 1024 * 1024
"""Bodies that are read at a time, so that a batch of large events does not fill the memory."""

MOST_OFFSETS = 1 << 40
"""A record's place in the file is its partition's id times this, plus its offset: one B-tree, in
the order in which each partition is read."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS partition(
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL, next INTEGER NOT NULL,
    compacted INTEGER NOT NULL, UNIQUE(topic, number));
CREATE TABLE IF NOT EXISTS record(
    at INTEGER PRIMARY KEY, ms INTEGER NOT NULL, key BLOB, value BLOB, headers BLOB);
CREATE TABLE IF NOT EXISTS newest(
    partition INTEGER, key BLOB, at INTEGER NOT NULL, PRIMARY KEY(partition, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session(
    id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, birth TEXT NOT NULL,
    expires REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS member(
    id TEXT PRIMARY KEY, grp TEXT NOT NULL, session TEXT NOT NULL, topics TEXT NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owner(
    grp TEXT, partition INTEGER, member TEXT NOT NULL, PRIMARY KEY(grp, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS committed(
    grp TEXT, partition INTEGER, next INTEGER NOT NULL, PRIMARY KEY(grp, partition)) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as it lies in the log."""

    offset: int
    ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Unstored:
    """A record on its way into a partition."""

    partition: int
    ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Storage:
    """The log of one file, as one process uses it."""

    def __init__(self, path: Path, topics: Iterable[Topic]) -> None:
        """Name the file; nothing is opened yet.

        Args:
            path: The file; its folder must exist.
            topics: Those that may be written and read; no other is ever made.
        """
        self.path = path
        self._topics = tuple(topics)
        self._partitions: dict[str, list[int]] = {}
        self._reader: sqlite3.Connection | None = None
        self._writer: Writer | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting: dict[asyncio.Event, set[int]] = {}
        self.ends: dict[int, int] = {}

    async def open(self) -> None:
        """Open the file, declare the topics, and begin to notice what others write.

        Raises:
            KafkaStorageError: The file cannot be opened.
        """
        self._writer = Writer(_connect(self.path, "FULL"))
        try:
            await self.write(partial(_declare, self._topics), durable=True)
            self._reader = _connect(self.path, "NORMAL")
        except BaseException:
            await self.close()
            raise
        rows = self._reader.execute("SELECT topic, id FROM partition ORDER BY topic, number")
        declared, found = {topic.name for topic in self._topics}, defaultdict(list)
        for name, partition in rows:
            if name in declared:
                found[name].append(partition)
        self._partitions = dict(found)
        self._see_ends()
        await self.write(clean, durable=False)
        self._tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._keep_clean())]

    async def close(self) -> None:
        """Finish what is being written, then close the file."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        if self._writer is not None:
            await self._writer.stop()
            self._writer = None
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def partitions(self, topic: str) -> list[int]:
        """Return the ids of a topic's partitions, by number.

        Raises:
            UnknownTopicOrPartitionError: The topic is not declared.
        """
        found = self._partitions.get(topic)
        if found is None:
            raise UnknownTopicOrPartitionError(
                f"the topic {topic} is not declared; the log has {sorted(self._partitions)}"
            )
        return found

    async def write(self, work: Work[Result], *, durable: bool) -> Result:
        """Do the work in a transaction that it shares with what else waits."""
        if self._writer is None:
            raise KafkaStorageError("the event log is closed")
        return await self._writer.submit(work, durable=durable)

    async def append(self, records: Sequence[Unstored]) -> list[int]:
        """Store records for good, in order, and return their offsets."""
        offsets, ends = await self.write(partial(_append, records), durable=True)
        self._move_ends(ends)
        return offsets

    def read(self, partition: int, offset: int, limit: int) -> tuple[list[Stored], int]:
        """Return up to `limit` records, or MOST_BYTES, and the offset after them.

        The offset may jump: a compacted partition has gaps.
        """
        end = self.ends.get(partition, 0)
        if offset >= end:
            return [], offset
        base = partition * MOST_OFFSETS
        rows = self._rows(
            "SELECT at, ms, key, value, headers FROM record WHERE at >= ? AND at < ? "
            "ORDER BY at LIMIT ?",
            (base + offset, base + end, limit),
        )
        found: list[Stored] = []
        size = 0
        for at, ms, key, value, headers in rows:
            found.append(Stored(at - base, ms, key, value, _headers(headers)))
            size += len(value or b"")
            if size > MOST_BYTES:
                break
        full = len(found) == limit or size > MOST_BYTES
        return found, found[-1].offset + 1 if full else end

    def first_offset(self, partition: int) -> int:
        """Return the offset of the oldest record that is left."""
        base = partition * MOST_OFFSETS
        oldest = self.query(
            "SELECT MIN(at) FROM record WHERE at >= ? AND at < ?", (base, base + MOST_OFFSETS)
        )[0][0]
        return self.ends.get(partition, 0) if oldest is None else oldest - base

    def query(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Run a query on the event loop's thread; it never waits for a writer.

        Raises:
            KafkaStorageError: The file cannot be read.
        """
        return list(self._rows(sql, parameters))

    def _rows(self, sql: str, parameters: Sequence[object]) -> Iterator[Any]:
        if self._reader is None:
            raise KafkaStorageError("the event log is closed")
        try:
            yield from self._reader.execute(sql, parameters)
        except sqlite3.Error as error:
            raise KafkaStorageError(f"the event log cannot be read: {error}") from error

    def wake_on(self, event: asyncio.Event, partitions: set[int]) -> None:
        """Set the event whenever one of the partitions grows; none means never again."""
        if partitions:
            self._waiting[event] = partitions
        else:
            self._waiting.pop(event, None)

    def _move_ends(self, ends: dict[int, int]) -> None:
        grown = {p for p, end in ends.items() if end > self.ends.get(p, 0)}
        for partition in grown:
            self.ends[partition] = ends[partition]
        for event, partitions in self._waiting.items():
            if not grown.isdisjoint(partitions):
                event.set()

    def _see_ends(self) -> None:
        self._move_ends(dict(self.query("SELECT id, next FROM partition")))

    async def _watch(self) -> None:
        """Notice commits: SQLite changes this number when another connection has committed."""
        seen = None
        while True:
            with suppress(KafkaStorageError):
                version = self.query("PRAGMA data_version")[0][0]
                if version != seen:
                    seen = version
                    self._see_ends()
            await asyncio.sleep(WATCH_S)

    async def _keep_clean(self) -> None:
        while True:
            await asyncio.sleep(CLEAN_S)
            with suppress(KafkaStorageError):
                await self.write(clean, durable=False)


def _connect(path: Path, synchronous: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            path, timeout=10, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        # 16 MB: a checkpoint flushes twice, and is rare enough then not to show in the delays.
        connection.execute("PRAGMA wal_autocheckpoint=4000")
    except sqlite3.Error as error:
        raise KafkaStorageError(f"the event log cannot be opened: {error}") from error
    return connection


def _declare(topics: Sequence[Topic], connection: sqlite3.Connection) -> None:
    for statement in SCHEMA.split(";"):
        connection.execute(statement)
    connection.executemany(
        "INSERT INTO partition(topic, number, next, compacted) VALUES(?, ?, 0, ?) "
        "ON CONFLICT(topic, number) DO UPDATE SET compacted = excluded.compacted",
        [(t.name, number, t.compacted) for t in topics for number in range(t.partitions)],
    )


def _append(
    records: Sequence[Unstored], connection: sqlite3.Connection
) -> tuple[list[int], dict[int, int]]:
    used = {record.partition for record in records}
    marks = ",".join("?" * len(used))
    found = connection.execute(
        f"SELECT id, next, compacted FROM partition WHERE id IN ({marks})",  # noqa: S608 - marks
        tuple(used),
    ).fetchall()
    ends = {partition: end for partition, end, _ in found}
    compacted = {partition for partition, _, compacts in found if compacts}
    rows, offsets = [], []
    for record in records:
        offset = ends[record.partition]
        ends[record.partition] = offset + 1
        offsets.append(offset)
        at = record.partition * MOST_OFFSETS + offset
        rows.append((at, record.ms, record.key, record.value, _headers_text(record.headers)))
    connection.executemany("INSERT INTO record VALUES(?, ?, ?, ?, ?)", rows)
    connection.executemany(
        "UPDATE partition SET next = ? WHERE id = ?", [(end, p) for p, end in ends.items()]
    )
    for record, row in zip(records, rows, strict=True):
        if record.partition in compacted:
            _compact(connection, record.partition, record.key, row[0])
    return offsets, ends


def _compact(connection: sqlite3.Connection, partition: int, key: bytes | None, at: int) -> None:
    """Forget the record that the one at `at` replaces."""
    older = connection.execute(
        "SELECT at FROM newest WHERE partition = ? AND key = ?", (partition, key)
    ).fetchone()
    if older is not None:
        connection.execute("DELETE FROM record WHERE at = ?", older)
    connection.execute("INSERT OR REPLACE INTO newest VALUES(?, ?, ?)", (partition, key, at))


def clean(connection: sqlite3.Connection) -> None:
    """Remove tombstones that are old and that every group has passed.

    Age alone would not do: the clock may jump, and a group that missed a tombstone would keep
    for ever what it was to forget.
    """
    old = connection.execute(
        "SELECT n.partition, n.key, n.at FROM newest n JOIN record r ON r.at = n.at "
        "WHERE r.value IS NULL AND r.ms < ? AND n.at - n.partition * ? < "
        "(SELECT MIN(c.next) FROM committed c WHERE c.partition = n.partition)",
        (time.time_ns() // 1_000_000 - TOMBSTONES_KEPT_MS, MOST_OFFSETS),
    ).fetchall()
    connection.executemany(
        "DELETE FROM newest WHERE partition = ? AND key = ?", [o[:2] for o in old]
    )
    connection.executemany("DELETE FROM record WHERE at = ?", [o[2:] for o in old])


def _headers_text(headers: Headers) -> bytes | None:
    if not headers:
        return None
    return orjson.dumps([(name, value.decode("latin-1")) for name, value in headers])


def _headers(text: bytes | None) -> tuple[tuple[str, bytes], ...]:
    if text is None:
        return ()
    return tuple((name, value.encode("latin-1")) for name, value in orjson.loads(text))
