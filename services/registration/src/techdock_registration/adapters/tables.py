"""Tables of registration. Only this package knows them.

An aggregate is one row: columns to find it by, and the whole of it in `body`, JSON as the codec
wrote it. Nothing looks inside a body with SQL, so it is text and not a JSON type: that saves both
databases a second parse of every profile.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from techdock_shared.sql.plumbing import plumbing_tables
from techdock_shared.sql.types import Instant

metadata = MetaData()
plumbing = plumbing_tables(metadata)
outbox = plumbing.outbox


def _aggregate(name: str, *columns: Column[object] | UniqueConstraint | Index) -> Table:
    return Table(
        name,
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("version", Integer, nullable=False),
        *columns,
        Column("body", Text, nullable=False),
    )


def _id(name: str, *, null: bool = False, index: bool = False) -> Column[object]:
    return Column(name, Uuid, nullable=null, index=index)


def _code(name: str, *, null: bool = False, index: bool = False) -> Column[object]:
    return Column(name, String(200), nullable=null, index=index)


tenants = _aggregate("tenants", Column("code", String(40), nullable=False, unique=True))

accounts = _aggregate(
    "accounts",
    Column("email", String(254), unique=True),
    _code("state"),
    # Counts for principals only; the aggregate's own version is the ETag of /me.
    Column("generation", Integer, nullable=False, server_default="0"),
)

counting_ids = Table(
    "counting_ids",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, unique=True),
)

introductions = Table(
    "introductions",
    metadata,
    Column("id", Uuid, primary_key=True),
    _id("participation_id"),
    _id("person_id", index=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("native", String(300), nullable=False),
    Column("latin", String(300)),
    UniqueConstraint("participation_id", "person_id", name="introductions_person"),
)

representations = Table(
    "representations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    _id("organization_id", index=True),
    _code("role"),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
)

roles = Table(
    "roles",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    _code("name"),
    _id("tenant_id", null=True, index=True),
    _id("docking_event_id", null=True),
    _id("organization_id", null=True),
    Column("granted_at", Instant, nullable=False),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_sha256", LargeBinary(32), primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("ticket_sha256", LargeBinary(32), primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("expires_at", Instant, nullable=False),
    Column("redeemed_at", Instant),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    _code("name"),
    Column("token_sha256", LargeBinary(32), nullable=False, unique=True),
    Column("beginning", String(20), nullable=False),
    _code("scopes"),
    Column("created_at", Instant, nullable=False),
    Column("expires_on", Date),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("account_id", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    _code("purpose"),
    _code("text_version"),
    Column("given", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)

organizations = _aggregate(
    "organizations",
    _code("state"),
    _code("kind"),
    Column("country", String(2), nullable=False, index=True),
    _id("group_id"),
    _id("merged_into", null=True, index=True),
    _id("registered_for", null=True),
    Column("sort_name", String(300), nullable=False, index=True),
    Column("search", Text, nullable=False),
)

docking_events = _aggregate(
    "docking_events",
    _id("tenant_id"),
    _code("code"),
    _code("state", index=True),
    Column("is_told", Boolean, nullable=False),
    Column("starts_on", Date, nullable=False, index=True),
    Column("ends_on", Date, nullable=False),
    UniqueConstraint("tenant_id", "code", name="docking_events_code"),
)

sessions = _aggregate(
    "sessions",
    _id("docking_event_id", index=True),
    _code("state"),
    Column("start", Instant, nullable=False),
)

participations = _aggregate(
    "participations",
    _id("docking_event_id"),
    _id("organization_id", index=True),
    _code("state"),
    Column("applied_at", Instant, nullable=False),
    Index("participations_of_docking_event", "docking_event_id", "state", "id"),
)

participation_persons = Table(
    "participation_persons",
    metadata,
    Column("participation_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True, index=True),
    _id("docking_event_id", index=True),
    _id("organization_id"),
    _code("role"),
    Column("confirmed", Boolean, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Uuid, primary_key=True),
    _id("docking_event_id"),
    _id("participation_id"),
    _id("person_id"),
    UniqueConstraint("docking_event_id", "person_id", name="tickets_person"),
)

profiles = _aggregate(
    "profiles",
    _id("organization_id", index=True),
    _code("kind"),
    _code("state", index=True),
    Column("valid_until", Date, nullable=False),
    Column("search", Text, nullable=False),
)

profile_entries = Table(
    "profile_entries",
    metadata,
    Column("docking_event_id", Uuid, primary_key=True),
    Column("profile_id", Uuid, primary_key=True, index=True),
)

external_ids = Table(
    "external_ids",
    metadata,
    Column("scope", Uuid, primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("external_id", String(200), primary_key=True),
    _id("id", index=True),
)

attendance = Table(
    "attendance",
    metadata,
    Column("id", Uuid, primary_key=True),
    _id("docking_event_id", index=True),
    _id("person_id"),
    _id("session_id", null=True),
    Column("at", Instant, nullable=False),
    Column("is_first", Boolean, nullable=False),
    _code("mode"),
    _code("device", null=True),
    _id("participation_id"),
    _id("organization_id"),
    _id("tenant_id"),
    _code("zone"),
    Column("recorded_at", Instant, nullable=False),
)

attendance_firsts = Table(
    "attendance_firsts",
    metadata,
    Column("place_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    _id("attendance_id"),
)

requests = Table(
    "requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    _id("docking_event_id"),
    _id("asking_participation_id", index=True),
    _id("asked_participation_id", index=True),
    Column("accepted", Boolean, nullable=False),
    Column("countered", Boolean, nullable=False),
    Column("persons", Text, nullable=False),
)

meetings = Table(
    "meetings",
    metadata,
    Column("id", Uuid, primary_key=True),
    _id("docking_event_id", index=True),
    Column("start", Instant, nullable=False),
    _code("zone"),
    Column("persons", Text, nullable=False),
    Column("moved_in", Integer, nullable=False),
)

mails = _aggregate(
    "mails",
    _id("account_id", index=True),
    _id("docking_event_id", null=True, index=True),
    Column("cause", String(300), nullable=False, unique=True),
    _code("reason"),
    _code("state"),
    Column("planned_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("link_until", Instant),
    Index("mails_due", "state", "due_at"),
)

import_files = Table(
    "import_files",
    metadata,
    # The id of the job that applies it.
    Column("id", Uuid, primary_key=True),
    _id("docking_event_id", index=True),
    _id("account_id"),
    Column("kind", String(20), nullable=False),
    Column("name", String(300), nullable=False),
    Column("options", Text, nullable=False),
    # Emptied when the job is done.
    Column("content", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)
