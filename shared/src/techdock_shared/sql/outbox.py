"""The transactional outbox: events leave with the state that caused them, or not at all.

Publishing to Kafka and committing to the database are two systems; a crash between them loses
or invents an event. So a service writes the event as a row in its own transaction, and a relay
sends committed rows afterwards, at least once and in order. Consumers deduplicate (see `inbox`).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

import orjson
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_contracts.event import Event
from techdock_contracts.topics import Topic

from techdock_shared.ids import uuid7
from techdock_shared.sql import wake
from techdock_shared.sql.raw import Raw, Rows
from techdock_shared.telemetry import current_correlation, current_traceparent

WAKE = "outbox"
CHANNEL = "techdock_outbox"
"""Where PostgreSQL is asked to tell the relay of another process that there is work."""

_COUNT_ON = Raw(
    sqlite="""
        INSERT INTO {table} AS s (topic, subject, last)
        SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
        ON CONFLICT (topic, subject) DO UPDATE SET last = s.last + excluded.last
        RETURNING topic, subject, last
    """,
    postgresql="""
        INSERT INTO {table} AS s (topic, subject, last)
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
        ON CONFLICT (topic, subject) DO UPDATE SET last = s.last + excluded.last
        RETURNING topic, subject, last
    """,
)
_NOTIFY = Raw(sqlite="", postgresql="SELECT pg_notify($1, '')")
_INSERT = Raw(
    sqlite="INSERT INTO {table} (topic, key, body, headers) VALUES (?, ?, ?, ?)",
    postgresql="""
        INSERT INTO {table} (topic, key, body, headers)
        SELECT t, k, b, h FROM unnest($1::text[], $2::text[], $3::bytea[], $4::text[])
        WITH ORDINALITY AS r(t, k, b, h, n) ORDER BY n
    """,
)

Row = tuple[str, str, bytes | None, str | None]
"""topic, key, body (None: a tombstone), headers as a JSON object of texts."""


def outbox_table(metadata: MetaData) -> Table:
    """Attach the outbox and its sequences to a service's metadata, so its migrations own them.

    A row is one message that the log does not have yet; sent rows are deleted, so the table
    stays as small as the backlog.
    """
    sequence_table(metadata)
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("topic", String(200), nullable=False),
        Column("key", String(200), nullable=False),
        Column("body", LargeBinary),
        Column("headers", Text),
        # Without it SQLite gives the id of a deleted newest row again, and a relay that
        # still holds the old row would delete the new one unsent.
        sqlite_autoincrement=True,
    )


def sequence_table(metadata: MetaData) -> Table:
    """Attach the counters of published events: one per topic and subject."""
    name = "outbox_sequences"
    known = metadata.tables.get(f"{metadata.schema}.{name}" if metadata.schema else name)
    if known is not None:
        return known
    return Table(
        name,
        metadata,
        Column("topic", String(200), primary_key=True),
        Column("subject", String(200), primary_key=True),
        Column("last", BigInteger, nullable=False),
    )


async def append(
    connection: AsyncConnection, outbox: Table, events: Iterable[Event]
) -> tuple[Event, ...]:
    """Write events beside the change that caused them, in the caller's transaction.

    Each gets the next sequence of its topic and subject, and the correlation and trace of the
    present task unless it carries its own. The counter's row stays locked until the commit, so
    the order of a subject in the outbox is the order in which its changes commit.

    Returns:
        The events as they will be read, in the order given.
    """
    given = tuple(events)
    if not given:
        return ()
    counts = Counter((event.topic.name, event.subject) for event in given)
    last = await _count_on(connection, sequence_table(outbox.metadata), counts)
    numbered: list[Event] = []
    for event in given:
        counter = (event.topic.name, event.subject)
        number = last[counter] - counts[counter] + 1
        counts[counter] -= 1
        numbered.append(stamped(event, sequence=number))
    await _insert(connection, outbox, [(e.topic.name, e.key, e.to_bytes(), None) for e in numbered])
    return tuple(numbered)


def stamped(event: Event, **update: object) -> Event:
    """Return the event with the correlation and trace of the present task, or with its own."""
    if event.correlationid is None and (correlation := current_correlation()) is not None:
        update["correlationid"] = correlation
    if event.traceparent is None and (trace := current_traceparent()) is not None:
        update["traceparent"] = trace
    return event.model_copy(update=update) if update else event


async def append_tombstone(
    connection: AsyncConnection,
    outbox: Table,
    topic: Topic,
    key: str,
    subject: str,
    *,
    id: UUID | None = None,
) -> None:
    """Announce the end of a key of a state topic, in the caller's transaction."""
    counted = await _count_on(
        connection, sequence_table(outbox.metadata), Counter({(topic.name, subject): 1})
    )
    sequence = counted[topic.name, subject]
    headers = {"ce_id": str(id or uuid7()), "ce_subject": subject, "ce_sequence": str(sequence)}
    await _insert(connection, outbox, [(topic.name, key, None, orjson.dumps(headers).decode())])


async def _count_on(
    connection: AsyncConnection, sequences: Table, counts: Counter[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Raise the counters and return where each of them stands now."""
    # Sorted, so that two transactions that publish about the same subjects cannot deadlock.
    rows = [(topic, subject, counts[topic, subject]) for topic, subject in sorted(counts)]
    counted = await _COUNT_ON.run(connection, sequences, Rows(rows))
    return {(topic, subject): last for topic, subject, last in counted}


async def _insert(connection: AsyncConnection, outbox: Table, rows: Sequence[Row]) -> None:
    if connection.dialect.name == "sqlite":
        await _INSERT.run_many(connection, outbox, rows)
    else:
        await _INSERT.run(connection, outbox, Rows(rows))
        # Notifications queue behind one lock of the whole server, so none goes to ourselves.
        if not wake.is_served(connection, WAKE):
            await _NOTIFY.run(connection, outbox, CHANNEL)
    wake.note(connection, WAKE)
