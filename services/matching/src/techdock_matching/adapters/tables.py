"""Tables of matching. Only this package knows them.

Projections hold what registration tells. `facts_sequence` and `state_sequence` say up to which
event of their subject they were told, so that an older message changes nothing; both come apart
because a change of state (opened, withdrawn) may arrive before the facts.

What is only counted stands in small columns of its own (`person_count` and `languages` beside
`persons`; owner and kind in `profile_entries`), so that counting parses and opens nothing large.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from techdock_shared.sql.plumbing import plumbing_tables
from techdock_shared.sql.types import Instant

metadata = MetaData()

# Projections --------------------------------------------------------------------------------

organizations = Table(
    "organizations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(40)),
    Column("country", String(2)),
    Column("region", String(10)),
    Column("size", String(20)),
    Column("group_id", Uuid),
    Column("facts_sequence", BigInteger, nullable=False, server_default="0"),
    Column("merged_into", Uuid),
    Column("state_sequence", BigInteger, nullable=False, server_default="0"),
)
docking_events = Table(
    "docking_events",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("code", String(80)),
    Column("starts_on", Date),
    Column("ends_on", Date),
    Column("zone", String(64)),
    Column("country", String(2)),
    Column("languages", JSON),
    Column("venues", JSON),
    Column("interpreters", JSON),
    Column("most_meetings", Integer),
    Column("facts_sequence", BigInteger, nullable=False, server_default="0"),
    Column("state", String(20), nullable=False, server_default="announced"),
    Column("state_sequence", BigInteger, nullable=False, server_default="0"),
)
sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("docking_event_id", Uuid, nullable=False, index=True),
    Column("kind", String(40)),
    Column("venue_id", Uuid),
    Column("start", Instant),
    Column("end", Instant),
    Column("zone", String(64)),
    Column("slot_minutes", Integer),
    Column("break_minutes", Integer),
    Column("facts_sequence", BigInteger, nullable=False, server_default="0"),
    Column("state", String(20), nullable=False, server_default="planned"),
    Column("state_sequence", BigInteger, nullable=False, server_default="0"),
)
participations = Table(
    "participations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("docking_event_id", Uuid, nullable=False),
    Column("tenant_id", Uuid, nullable=False),
    Column("organization_id", Uuid, nullable=False),
    Column("country", String(2)),
    Column("group_id", Uuid),
    Column("contact_id", Uuid),
    Column("person_count", Integer),
    Column("languages", Text),
    Column("persons", JSON),
    Column("least_meetings", Integer),
    Column("most_meetings", Integer),
    Column("facts_sequence", BigInteger, nullable=False, server_default="0"),
    Column("state", String(20), nullable=False, server_default="confirmed"),
    Column("state_sequence", BigInteger, nullable=False, server_default="0"),
    Index("participations_of_docking_event", "docking_event_id", "organization_id"),
)
profiles = Table(
    "profiles",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("organization_id", Uuid, index=True),
    Column("kind", String(5)),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("valid_until", Date),
    Column("title", Text, nullable=False, server_default=""),
    Column("content", LargeBinary),
    Column("published", Boolean, nullable=False),
    Column("facts_sequence", BigInteger, nullable=False, server_default="0"),
)
profile_entries = Table(
    "profile_entries",
    metadata,
    Column("docking_event_id", Uuid, primary_key=True),
    Column("profile_id", Uuid, primary_key=True),
    Column("organization_id", Uuid, nullable=False),
    Column("kind", String(5), nullable=False),
    Index("docking_events_of_profile", "profile_id"),
    Index("profile_entries_by_organization", "docking_event_id", "organization_id", "kind"),
)

# Ranking ------------------------------------------------------------------------------------

ranking_queue = Table(
    "ranking_queue",
    metadata,
    Column("profile_id", Uuid, primary_key=True),
    Column("stamp", BigInteger, nullable=False),
)
match_lists = Table(
    "match_lists",
    metadata,
    Column("profile_id", Uuid, primary_key=True),
    Column("docking_event_id", Uuid, primary_key=True),
    Column("places", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("computed_at", Instant, nullable=False),
    Index("match_lists_of_docking_event", "docking_event_id"),
)
explanations = Table(
    "explanations",
    metadata,
    Column("need_id", Uuid, primary_key=True),
    Column("offer_id", Uuid, primary_key=True, index=True),
    Column("need_sequence", BigInteger, nullable=False),
    Column("offer_sequence", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
)
explain_queue = Table(
    "explain_queue",
    metadata,
    Column("profile_id", Uuid, primary_key=True),
    Column("docking_event_id", Uuid, primary_key=True),
)
ranking_state = Table(
    "ranking_state",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
)
coverage = Table(
    "coverage",
    metadata,
    Column("profile_id", Uuid, primary_key=True),
    Column("good_matches", Integer, nullable=False),
    Column("best", String(10)),
)
dismissals = Table(
    "dismissals",
    metadata,
    Column("profile_id", Uuid, primary_key=True),
    Column("counterpart_id", Uuid, primary_key=True),
    Column("reason", String(40), nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("dismissed_at", Instant, nullable=False),
)

saved_matches = Table(
    "saved_matches",
    metadata,
    Column("profile_id", Uuid, primary_key=True),
    Column("counterpart_id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("saved_at", Instant, nullable=False),
)
vectors = Table(
    "vectors",
    metadata,
    Column("encoder", String(80), primary_key=True),
    Column("content_hash", LargeBinary(32), primary_key=True),
    Column("vector", LargeBinary, nullable=False),
)
ranking_weights = Table(
    "ranking_weights",
    metadata,
    Column("docking_event_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("content", Text, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("set_at", Instant, nullable=False),
)

# Requests -----------------------------------------------------------------------------------

meeting_requests = Table(
    "meeting_requests",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("docking_event_id", Uuid, nullable=False),
    Column("asking_participation_id", Uuid, nullable=False),
    Column("asked_participation_id", Uuid, nullable=False),
    Column("asking_profile_id", Uuid),
    Column("asked_profile_id", Uuid),
    Column("state", String(20), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("content", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Index("meeting_requests_of_docking_event", "docking_event_id", "state", "id"),
    Index("meeting_requests_by_asking", "docking_event_id", "asking_participation_id", "state"),
    Index("meeting_requests_by_asked", "docking_event_id", "asked_participation_id", "state"),
)
request_pairs = Table(
    "request_pairs",
    metadata,
    Column("docking_event_id", Uuid, primary_key=True),
    Column("person_low", Uuid, primary_key=True),
    Column("person_high", Uuid, primary_key=True),
    Column("request_id", Uuid, nullable=False, index=True),
)
proposals = Table(
    "proposals",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("docking_event_id", Uuid, nullable=False),
    Column("participation_low", Uuid, nullable=False),
    Column("participation_high", Uuid, nullable=False),
    Column("state", String(20), nullable=False),
    Column("content", Text, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint(
        "docking_event_id",
        "participation_low",
        "participation_high",
        name="one_proposal_per_pair",
    ),
    Index("proposals_by_low", "participation_low", "state"),
    Index("proposals_by_high", "participation_high", "state"),
)

# Timetable ----------------------------------------------------------------------------------

frames = Table(
    "frames",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("content", Text, nullable=False),
    Column("version", Integer, nullable=False),
)
outages = Table(
    "outages",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("docking_event_id", Uuid, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("thing_id", Uuid, nullable=False),
    Column("start", Instant, nullable=False),
    Column("end", Instant, nullable=False),
    Column("noted_by", Uuid, nullable=False),
    Column("noted_at", Instant, nullable=False),
)
timetable_runs = Table(
    "timetable_runs",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("docking_event_id", Uuid, nullable=False, index=True),
    Column("state", String(20), nullable=False),
    Column("content", Text, nullable=False),
    Column("best", Text),
    Column("version", Integer, nullable=False),
)
timetables = Table(
    "timetables",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("docking_event_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("content", Text, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("docking_event_id", "number", name="one_timetable_per_number"),
    Index(
        "one_published_timetable",
        "docking_event_id",
        unique=True,
        sqlite_where=text("state = 'published'"),
        postgresql_where=text("state = 'published'"),
    ),
)
meetings = Table(
    "meetings",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("docking_event_id", Uuid, nullable=False),
    Column("request_id", Uuid, index=True),
    Column("start", Instant, nullable=False),
    Column("end", Instant, nullable=False),
    Column("venue_id", Uuid, nullable=False),
    Column("table_id", Uuid),
    Column("interpreter_id", Uuid),
    Column("state", String(20), nullable=False),
    Column("content", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Index("meetings_of_docking_event", "docking_event_id", "start", "id"),
)
meeting_parties = Table(
    "meeting_parties",
    metadata,
    Column("participation_id", Uuid, primary_key=True),
    Column("meeting_id", Uuid, primary_key=True),
)
meeting_ticks = Table(
    "meeting_ticks",
    metadata,
    Column("kind", String(11), primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
    Column("tick", BigInteger, primary_key=True),
    Column("meeting_id", Uuid, nullable=False, index=True),
)
counters = Table(
    "counters",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
calendars = Table(
    "calendars",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("token_hash", LargeBinary(32), nullable=False, unique=True),
    Column("docking_event_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False, index=True),
    Column("participation_id", Uuid),
    Column("language", String(35), nullable=False),
    Column("created_at", Instant, nullable=False),
)

# Cooperation --------------------------------------------------------------------------------

projects = Table(
    "projects",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("docking_event_id", Uuid, index=True),
    Column("meeting_id", Uuid),
    Column("state", String(20), nullable=False),
    Column("stage", String(20)),
    Column("content", Text, nullable=False),
    Column("version", Integer, nullable=False),
)
project_parties = Table(
    "project_parties",
    metadata,
    Column("organization_id", Uuid, primary_key=True),
    Column("project_id", Uuid, primary_key=True),
)

# Plumbing -----------------------------------------------------------------------------------

plumbing = plumbing_tables(metadata)
outbox = plumbing.outbox
