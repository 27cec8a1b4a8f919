"""Messages that could not be handled: kept with bytes and reason, and seen by a person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from techdock_shared.errors import Conflict, NotFound
from techdock_shared.sql.types import Instant

OPEN, REPLAYED, DISCARDED = "open", "replayed", "discarded"
MOST_DETAIL_CHARACTERS = 4000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was set aside.

    Attributes:
        id: Of the dead letter; not of the event.
        consumer: The consumer group that could not handle it.
        topic: Where it came from, with `partition` and `offset`.
        subject: The aggregate it is about; None when the message does not tell.
        sequence: Its place among the events of the subject; 0 when it has none.
        error: Kind of failure, like `invalid` or `KeyError`; safe to show.
        detail: What was expected and found; may name ids.
        attempts: Tries before it was set aside.
        state: `open`, `replayed` or `discarded`.
        queued: Later events of the same subject that wait behind it.
    """

    id: UUID
    consumer: str
    topic: str
    partition: int
    offset: int
    key: str
    event_id: UUID
    subject: str | None
    sequence: int
    body: bytes | None
    error: str
    detail: str
    attempts: int
    set_aside_at: datetime
    headers: tuple[tuple[str, str], ...] = field(default=())
    state: str = OPEN
    settled_at: datetime | None = None
    queued: int = 0


def dead_letters_table(metadata: MetaData) -> Table:
    """Attach the dead letters to a service's metadata, so its migrations own the table."""
    return Table(
        "dead_letters",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("consumer", String(200), nullable=False),
        Column("topic", String(200), nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),
        Column("key", String(200), nullable=False),
        Column("event_id", Uuid, nullable=False),
        Column("subject", String(200)),
        Column("sequence", BigInteger, nullable=False),
        Column("body", LargeBinary),
        Column("headers", Text, nullable=False),
        Column("error", String(200), nullable=False),
        Column("detail", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("state", String(20), nullable=False, index=True),
        Column("set_aside_at", Instant, nullable=False),
        Column("settled_at", Instant),
    )


async def put(connection: AsyncConnection, table: Table, letters: Sequence[DeadLetter]) -> None:
    """Keep messages, in the caller's transaction."""
    rows = [
        {
            column.name: getattr(letter, column.name)
            for column in table.columns
            if column.name != "headers"
        }
        | {
            "headers": orjson.dumps(letter.headers).decode(),
            "detail": letter.detail[:MOST_DETAIL_CHARACTERS],
        }
        for letter in letters
    ]
    if rows:
        await connection.execute(insert(table), rows)


async def listed(
    connection: AsyncConnection,
    table: Table,
    parked: Table,
    *,
    state: str = OPEN,
    after: UUID | None = None,
    limit: int = 100,
) -> list[DeadLetter]:
    """Return dead letters, oldest first, with the number of events queued behind each."""
    wanted = table.c.state == state
    if after is not None:
        wanted &= table.c.id > after
    query = select(table, _queued(table, parked)).where(wanted).order_by(table.c.id).limit(limit)
    return [_from_row(row) for row in (await connection.execute(query)).mappings()]


async def get(connection: AsyncConnection, table: Table, parked: Table, id: UUID) -> DeadLetter:
    """Return one dead letter.

    Raises:
        NotFound: There is none with this id.
    """
    query = select(table, _queued(table, parked)).where(table.c.id == id)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no dead letter {id}")
    return _from_row(row)


async def settle(
    connection: AsyncConnection, table: Table, id: UUID, state: str, at: datetime
) -> None:
    """Close an open dead letter as replayed or discarded.

    Raises:
        Conflict: It is closed already.
    """
    mine = (table.c.id == id) & (table.c.state == OPEN)
    result = await connection.execute(update(table).where(mine).values(state=state, settled_at=at))
    if result.rowcount != 1:
        raise Conflict(f"dead letter {id} is settled already")


async def count_open(connection: AsyncConnection, table: Table) -> int:
    """Return how many dead letters nobody has settled yet."""
    counted = select(func.count()).select_from(table).where(table.c.state == OPEN)
    return (await connection.execute(counted)).scalar_one()


def _queued(table: Table, parked: Table) -> Any:
    behind = (
        (parked.c.consumer == table.c.consumer)
        & (parked.c.topic == table.c.topic)
        & (parked.c.subject == table.c.subject)
    )
    counted = select(func.count()).select_from(parked).where(behind)
    return counted.correlate(table).scalar_subquery().label("queued")


def _from_row(row: Any) -> DeadLetter:
    headers = tuple((name, text) for name, text in orjson.loads(row["headers"]))
    return DeadLetter(**{**row, "headers": headers})
