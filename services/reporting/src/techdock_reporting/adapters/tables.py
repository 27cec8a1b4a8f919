"""Tables of reporting. Only this package knows them."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
)
from techdock_shared.sql.plumbing import plumbing_tables
from techdock_shared.sql.types import Instant

metadata = MetaData()
plumbing = plumbing_tables(metadata)

Position = BigInteger().with_variant(Integer, "sqlite")

journal = Table(
    "journal",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=False),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("type", String(100), nullable=False),
    Column("topic", String(100), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("body", LargeBinary),  # none once it was erased
    Column("body_sha256", LargeBinary(32), nullable=False),
    Column("seal", LargeBinary(32), nullable=False),
)
Index("journal_received", journal.c.received_at, journal.c.position)

head = Table(
    "journal_head",
    metadata,
    # One row: locking it gives the rows of the journal their order.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", Position, nullable=False),
    Column("seal", LargeBinary(32), nullable=False),
    Column("received_at", Instant),
    Column("generation", Integer, nullable=False),  # of the facts that are read
)

facts = Table(
    "facts",
    metadata,
    Column("generation", Integer, primary_key=True),
    Column("kind", String(40), primary_key=True),
    Column("thing_id", String(100), primary_key=True),
    Column("position", Position, primary_key=True),
    Column("subject", String(100), nullable=False),
    Column("docking_event_id", Uuid),
    Column("tenant_id", Uuid),
    Column("occurred_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("attributes", JSON, nullable=False),
)
Index("facts_subject", facts.c.generation, facts.c.subject)
Index("facts_docking_event", facts.c.generation, facts.c.docking_event_id, facts.c.position)
Index("facts_kind", facts.c.generation, facts.c.kind, facts.c.tenant_id)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, nullable=False),
    Column("at", Instant, nullable=False),
    Column("position", Position, ForeignKey("journal.position"), nullable=True),
    Column("question", JSON, nullable=False),
    Column("content", JSON, nullable=False),
)
Index("ledger_account", ledger.c.account_id, ledger.c.at)
