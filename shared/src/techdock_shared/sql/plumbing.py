"""The tables every service has beside its own."""

from dataclasses import dataclass

from sqlalchemy import MetaData, Table

from techdock_shared.sql.dead_letters import dead_letters_table
from techdock_shared.sql.idempotency import idempotency_table
from techdock_shared.sql.inbox import inbox_table
from techdock_shared.sql.jobs import jobs_table
from techdock_shared.sql.outbox import outbox_table, sequence_table
from techdock_shared.sql.progress import parked_table, progress_table


@dataclass(frozen=True, slots=True)
class Plumbing:
    """The tables of one service that carry events and work, not business."""

    outbox: Table
    sequences: Table
    inbox: Table
    progress: Table
    parked: Table
    dead_letters: Table
    jobs: Table
    idempotency: Table


def plumbing_tables(metadata: MetaData) -> Plumbing:
    """Attach all of them to a service's metadata, so its migrations own the tables."""
    return Plumbing(
        outbox=outbox_table(metadata),
        sequences=sequence_table(metadata),
        inbox=inbox_table(metadata),
        progress=progress_table(metadata),
        parked=parked_table(metadata),
        dead_letters=dead_letters_table(metadata),
        jobs=jobs_table(metadata),
        idempotency=idempotency_table(metadata),
    )
