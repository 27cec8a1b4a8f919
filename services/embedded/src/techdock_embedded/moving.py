"""Brings a backup into the servers of a distributed Techdock.

Databases are copied table by table, each service in one transaction. The event log is sent to Kafka
from its beginning: what a service had taken in already it knows by its inbox, so nothing happens
twice, and what was still under way arrives.
"""

import importlib
import tempfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from techdock_shared.errors import Conflict, Unavailable
from techdock_shared.messaging.broker import open_broker
from techdock_shared.messaging.log.reading import messages
from techdock_shared.sql.engine import open_engine, transaction
from techdock_shared.sql.migrate import upgrade

from techdock_embedded.backup import restore
from techdock_embedded.compose import MIGRATIONS
from techdock_embedded.folder import SERVICES, Folder

ROWS_TOGETHER = 500
SENT_TOGETHER = 500
STATEMENT_S = 600.0

Told = Callable[[str, int, int], None]
"""(what, how many are done, of how many)"""


async def move(
    file: Path, databases: Mapping[str, str], kafka: Sequence[str], replication: int, told: Told
) -> str:
    """Restore a backup into empty databases and a Kafka cluster; returns when it was taken.

    Args:
        databases: Address of each service's database.
        kafka: `host:port`, one or more.
        replication: Copies of each topic, where it has to be made.
        told: Called as the work goes on.

    Raises:
        Unusable: The file is no backup.
        Conflict: A database holds something already.
        Unavailable: A server does not answer.
    """
    with tempfile.TemporaryDirectory() as work:
        folder = Folder(Path(work) / "data")
        manifest = restore(file, folder)
        for name in SERVICES:
            await _move_database(name, folder, databases[name], told)
        await _move_log(folder.log, kafka, replication, told)
    return str(manifest["taken_at"])


def _metadata(service: str) -> MetaData:
    tables = importlib.import_module(f"techdock_{service}.adapters.tables")
    metadata: MetaData = tables.metadata
    return metadata


async def _move_database(service: str, folder: Folder, url: str, told: Told) -> None:
    source = open_engine(folder.url(service))
    target = open_engine(url, statement_timeout_s=STATEMENT_S, application="techdock restore")
    try:
        # A backup of an earlier version is brought up to date before it is copied.
        await upgrade(source, MIGRATIONS[service])
        await upgrade(target, MIGRATIONS[service])
        metadata = _metadata(service)
        async with source.connect() as reading, transaction(target) as writing:
            await _insist_on_empty(service, writing, metadata)
            for number, table in enumerate(metadata.sorted_tables, 1):
                await writing.execute(table.delete())  # what a migration itself put there
                await _copy(table, reading, writing)
                told(f"Copying {service}", number, len(metadata.sorted_tables))
            await _go_on_counting(writing, metadata)
    finally:
        await _dispose(source, target)


async def _insist_on_empty(service: str, target: AsyncConnection, metadata: MetaData) -> None:
    """Refuse a database in which the service has written anything.

    Raises:
        Conflict: It has.
    """
    for name in ("outbox_sequences", "inbox", "jobs"):
        count = await target.execute(select(func.count()).select_from(metadata.tables[name]))
        if count.scalar_one():
            raise Conflict(f"the database of {service} is in use: name an empty one")


async def _copy(table: Table, source: AsyncConnection, target: AsyncConnection) -> None:
    rows = await source.stream(select(table))
    async for part in rows.mappings().partitions(ROWS_TOGETHER):
        await target.execute(insert(table), [dict(row) for row in part])


async def _go_on_counting(target: AsyncConnection, metadata: MetaData) -> None:
    """Let numbers that the database draws go on behind those that were copied."""
    if target.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        await target.execute(
            text(
                "SELECT setval(sequence, greatest(newest, 1), newest > 0) FROM "  # noqa: S608 - our own names
                "(SELECT pg_get_serial_sequence(:table, :column) AS sequence, "
                f"(SELECT coalesce(max({column.name}), 0) FROM {table.name}) AS newest) AS s "
                "WHERE sequence IS NOT NULL"
            ),
            {"table": table.name, "column": column.name},
        )


async def _move_log(log: Path, kafka: Sequence[str], replication: int, told: Told) -> None:
    total = sum(1 for _ in messages(log))
    broker = open_broker(kafka, replication=replication, client_id="techdock-restore")
    await broker.connect()
    under_way: deque[Any] = deque()
    done = 0
    try:
        for topic, key, value, headers in messages(log):
            under_way.append(await broker.send(topic, key or b"", value, headers))
            if len(under_way) >= SENT_TOGETHER:
                await under_way.popleft()
            done += 1
            if done % SENT_TOGETHER == 0:
                told("Sending events", done, total)
        while under_way:
            await under_way.popleft()
    except OSError as error:
        raise Unavailable("Kafka does not take the events") from error
    finally:
        await broker.stop()
    told("Sending events", total, total)


async def _dispose(*engines: AsyncEngine) -> None:
    for engine in engines:
        await engine.dispose()
