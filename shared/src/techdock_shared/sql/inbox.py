"""The inbox: an event takes effect once, however often it is delivered."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Column, MetaData, String, Table, Uuid
from sqlalchemy.ext.asyncio import AsyncConnection

from techdock_shared.sql.raw import Raw

_CLAIM = Raw(
    sqlite="""
        INSERT INTO {table} (consumer, event_id) SELECT ?, value FROM json_each(?) WHERE true
        ON CONFLICT DO NOTHING RETURNING event_id
    """,
    # Sorted, so that two replicas that claim the same events cannot deadlock.
    postgresql="""
        INSERT INTO {table} (consumer, event_id) SELECT $1, id FROM unnest($2::uuid[]) AS id
        ORDER BY id ON CONFLICT DO NOTHING RETURNING event_id
    """,
)


def inbox_table(metadata: MetaData) -> Table:
    """Attach the inbox to a service's metadata, so its migrations own the table."""
    return Table(
        "inbox",
        metadata,
        Column("consumer", String(200), primary_key=True),
        Column("event_id", Uuid, primary_key=True),
    )


async def claim(
    connection: AsyncConnection, inbox: Table, consumer: str, ids: Sequence[UUID]
) -> set[UUID]:
    """Claim events for a consumer and return those that nobody claimed before.

    The claim commits or rolls back with the caller's transaction. A rival's claim that is
    not committed yet is waited for.
    """
    if not ids:
        return set()
    rows = await _CLAIM.run(connection, inbox, consumer, list(ids))
    return {UUID(str(row[0])) for row in rows}


async def first_time(
    connection: AsyncConnection, inbox: Table, consumer: str, event_id: UUID
) -> bool:
    """Claim one event; False means it already took effect."""
    return bool(await claim(connection, inbox, consumer, (event_id,)))


async def forget(connection: AsyncConnection, inbox: Table, before: UUID) -> int:
    """Remove claims on events whose UUIDv7 is older, and return how many.

    Sequences keep guarding what is forgotten here; choose an age at which no producer sends
    an old event under a second type any more.
    """
    statement = inbox.delete().where(inbox.c.event_id < before)
    return (await connection.execute(statement)).rowcount
