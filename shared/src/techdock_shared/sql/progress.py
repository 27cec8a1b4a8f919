"""How far a consumer is with each subject, and the events that came before their turn."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    and_,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from techdock_shared.sql.raw import Raw, Rows

_READ = Raw(
    sqlite="""
        SELECT subject, sequence, waiting FROM {table}
        WHERE consumer = ? AND topic = ? AND subject IN (SELECT value FROM json_each(?))
    """,
    postgresql="""
        SELECT subject, sequence, waiting FROM {table}
        WHERE consumer = $1 AND topic = $2 AND subject = ANY($3::text[])
        ORDER BY subject FOR UPDATE
    """,
)
_WRITE = Raw(
    sqlite="""
        INSERT INTO {table} (consumer, topic, subject, sequence, waiting)
        SELECT ?, ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
        ON CONFLICT (consumer, topic, subject)
        DO UPDATE SET sequence = excluded.sequence, waiting = excluded.waiting
    """,
    postgresql="""
        INSERT INTO {table} (consumer, topic, subject, sequence, waiting)
        SELECT $1, $2, s, q, w FROM unnest($3::text[], $4::bigint[], $5::int[]) AS r(s, q, w)
        ON CONFLICT (consumer, topic, subject)
        DO UPDATE SET sequence = excluded.sequence, waiting = excluded.waiting
    """,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a consumer stands with a subject of a topic.

    Attributes:
        sequence: The last event that took effect; 0 before the first.
        waiting: Events that are parked because an earlier one is missing or set aside.
    """

    sequence: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """An event that waits for its turn, as it came."""

    sequence: int
    event_id: UUID
    partition: int
    offset: int
    key: str
    body: bytes | None
    headers: str


Whose = tuple[str, str, str]
"""consumer, topic, subject"""


def progress_table(metadata: MetaData) -> Table:
    """Attach the consumers' progress to a service's metadata."""
    return Table(
        "inbox_progress",
        metadata,
        Column("consumer", String(200), primary_key=True),
        Column("topic", String(200), primary_key=True),
        Column("subject", String(200), primary_key=True),
        Column("sequence", BigInteger, nullable=False),
        Column("waiting", Integer, nullable=False),
    )


def parked_table(metadata: MetaData) -> Table:
    """Attach the events that wait for their turn to a service's metadata."""
    return Table(
        "inbox_parked",
        metadata,
        Column("consumer", String(200), primary_key=True),
        Column("topic", String(200), primary_key=True),
        Column("subject", String(200), primary_key=True),
        Column("sequence", BigInteger, primary_key=True, autoincrement=False),
        Column("event_id", Uuid, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("key", String(200), nullable=False),
        Column("body", LargeBinary),
        Column("headers", Text, nullable=False),
    )


async def read(
    connection: AsyncConnection, table: Table, consumer: str, topic: str, subjects: Collection[str]
) -> dict[str, Progress]:
    """Return where the consumer stands with each subject that it has met before.

    The rows stay locked: a replay by an operator and a new event of the same subject meet here.
    """
    rows = await _READ.run(connection, table, consumer, topic, list(subjects))
    return {subject: Progress(sequence, waiting) for subject, sequence, waiting in rows}


async def write(
    connection: AsyncConnection,
    table: Table,
    consumer: str,
    topic: str,
    reached: dict[str, Progress],
) -> None:
    """Store where the consumer stands now."""
    if not reached:
        return
    rows = [(s, reached[s].sequence, reached[s].waiting) for s in sorted(reached)]
    await _WRITE.run(connection, table, consumer, topic, Rows(rows))


async def park(
    connection: AsyncConnection,
    table: Table,
    consumer: str,
    topic: str,
    parked: Iterable[tuple[str, Parked]],
) -> None:
    """Store events, each with its subject, until their turn comes."""
    rows = [
        {
            "consumer": consumer,
            "topic": topic,
            "subject": subject,
            "sequence": each.sequence,
            "event_id": each.event_id,
            "partition": each.partition,
            "offset": each.offset,
            "key": each.key,
            "body": each.body,
            "headers": each.headers,
        }
        for subject, each in parked
    ]
    if rows:
        await connection.execute(insert(table), rows)


async def parked_from(
    connection: AsyncConnection, table: Table, whose: Whose, sequence: int, limit: int
) -> list[Parked]:
    """Return the events that are parked of a subject, from a sequence on, in order."""
    t = table.c
    columns = (t.sequence, t.event_id, t.partition, t.offset, t.key, t.body, t.headers)
    query = select(*columns).where(_is(table, whose) & (t.sequence >= sequence))
    result = await connection.execute(query.order_by(t.sequence).limit(limit))
    return [Parked(*row) for row in result.all()]


async def unpark(
    connection: AsyncConnection, table: Table, whose: Whose, first: int, last: int
) -> None:
    """Remove parked events that have had their turn."""
    theirs = table.c.sequence.between(first, last)
    await connection.execute(delete(table).where(_is(table, whose) & theirs))


def _is(table: Table, whose: Whose) -> ColumnElement[bool]:
    t = table.c
    return and_(t.consumer == whose[0], t.topic == whose[1], t.subject == whose[2])


async def count_parked(connection: AsyncConnection, table: Table, consumer: str) -> int:
    """Return how many events of a consumer are parked."""
    counted = select(func.count()).select_from(table).where(table.c.consumer == consumer)
    return (await connection.execute(counted)).scalar_one()
