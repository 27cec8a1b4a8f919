"""Work that takes longer than a request or a handler may: rows that workers claim with a lease."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from techdock_shared.errors import NotFound
from techdock_shared.ids import uuid7
from techdock_shared.sql import wake
from techdock_shared.sql.types import Instant

WAKE = "jobs"
QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work, as its row tells.

    Attributes:
        kind: Names the handler.
        payload: What the handler needs, JSON.
        state: queued, running, done, failed or cancelled.
        progress: What the handler saved last, JSON; a takeover goes on from there.
        result: What the handler returned, JSON; None before.
        error: Why it failed last; safe to show to an operator.
        attempts: How often it was begun.
        cancelling: Somebody asked for its end.
    """

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    state: str
    progress: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    error: str | None
    attempts: int
    cancelling: bool
    created_at: datetime
    not_before: datetime


def jobs_table(metadata: MetaData) -> Table:
    """Attach the jobs to a service's metadata, so its migrations own the table."""
    table = Table(
        "jobs",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("kind", String(100), nullable=False),
        Column("payload", JSON, nullable=False),
        Column("state", String(20), nullable=False),
        Column("progress", JSON),
        Column("result", JSON),
        Column("error", Text),
        Column("attempts", Integer, nullable=False),
        Column("cancelling", Boolean, nullable=False),
        Column("once", String(200), unique=True),
        Column("owner", Uuid),
        Column("lease_until", Instant),
        Column("created_at", Instant, nullable=False),
        Column("not_before", Instant, nullable=False),
    )
    pending = table.c.state.in_((QUEUED, RUNNING))
    Index(
        "jobs_pending",
        table.c.not_before,
        table.c.id,
        postgresql_where=pending,
        sqlite_where=pending,
    )
    return table


async def enqueue(
    connection: AsyncConnection,
    jobs: Table,
    kind: str,
    payload: Mapping[str, Any],
    *,
    now: datetime,
    id: UUID | None = None,
    not_before: datetime | None = None,
    once: str | None = None,
) -> UUID | None:
    """Ask for a piece of work, in the caller's transaction.

    Args:
        now: The present moment, from the caller's clock.
        id: For a caller that must know it before.
        not_before: Earliest moment to begin; None is now.
        once: A name under which at most one job is ever asked for, like `mail:<event id>`.

    Returns:
        The job's id; None when a job of that name was asked for before.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = id or uuid7()
    statement = insert(jobs).values(
        id=new,
        kind=kind,
        payload=dict(payload),
        state=QUEUED,
        attempts=0,
        cancelling=False,
        once=once,
        created_at=now,
        not_before=not_before or now,
    )
    if once is not None:
        statement = statement.on_conflict_do_nothing(index_elements=["once"])
    if (await connection.execute(statement)).rowcount != 1:
        return None
    wake.note(connection, WAKE)
    return new


async def find(connection: AsyncConnection, jobs: Table, id: UUID) -> Job:
    """Return a job.

    Raises:
        NotFound: There is none with this id.
    """
    columns = [jobs.c[name] for name in Job.__dataclass_fields__]
    row = (await connection.execute(select(*columns).where(jobs.c.id == id))).one_or_none()
    if row is None:
        raise NotFound(f"no job {id}")
    return Job(*row)


async def cancel(connection: AsyncConnection, jobs: Table, id: UUID) -> None:
    """Ask for a job's end: a queued one ends at once, a running one when it next looks.

    A job that has ended stays as it is.

    Raises:
        NotFound: There is none with this id.
    """
    queued = (jobs.c.id == id) & (jobs.c.state == QUEUED)
    ended = update(jobs).where(queued).values(state=CANCELLED, cancelling=True)
    if (await connection.execute(ended)).rowcount == 1:
        return
    running = (jobs.c.id == id) & (jobs.c.state == RUNNING)
    asked = update(jobs).where(running).values(cancelling=True)
    if (await connection.execute(asked)).rowcount != 1:
        await find(connection, jobs, id)
