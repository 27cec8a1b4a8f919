"""The tables as of the first release."""

import sqlalchemy as sa
from alembic import op
from techdock_shared.sql.types import Instant

revision = "0001"
down_revision = None


def upgrade() -> None:  # noqa: PLR0915 - one table after the other
    op.create_table(
        "calendars",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("participation_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index(("ix_calendars_person_id"), "calendars", ["person_id"], unique=False)
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "subject_id"),
    )
    op.create_table(
        "coverage",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("good_matches", sa.Integer(), nullable=False),
        sa.Column("best", sa.String(length=10), nullable=True),
        sa.PrimaryKeyConstraint("profile_id"),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("set_aside_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(("ix_dead_letters_state"), "dead_letters", ["state"], unique=False)
    op.create_table(
        "dismissals",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("counterpart_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("dismissed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "counterpart_id"),
    )
    op.create_table(
        "docking_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=True),
        sa.Column("venues", sa.JSON(), nullable=True),
        sa.Column("interpreters", sa.JSON(), nullable=True),
        sa.Column("most_meetings", sa.Integer(), nullable=True),
        sa.Column("facts_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=20), server_default="announced", nullable=False),
        sa.Column("state_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "explain_queue",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "docking_event_id"),
    )
    op.create_table(
        "explanations",
        sa.Column("need_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("need_sequence", sa.BigInteger(), nullable=False),
        sa.Column("offer_sequence", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("need_id", "offer_id"),
    )
    op.create_index(("ix_explanations_offer_id"), "explanations", ["offer_id"], unique=False)
    op.create_table(
        "frames",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "idempotency",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("kept_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(("ix_idempotency_kept_at"), "idempotency", ["kept_at"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(length=200), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id"),
    )
    op.create_table(
        "inbox_parked",
        sa.Column("consumer", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "topic", "subject", "sequence"),
    )
    op.create_table(
        "inbox_progress",
        sa.Column("consumer", sa.String(length=200), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "topic", "subject"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("cancelling", sa.Boolean(), nullable=False),
        sa.Column("once", sa.String(length=200), nullable=True),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("once"),
    )
    op.create_index(
        "jobs_pending",
        "jobs",
        ["not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
        sqlite_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_table(
        "match_lists",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("computed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "docking_event_id"),
    )
    op.create_index(
        "match_lists_of_docking_event", "match_lists", ["docking_event_id"], unique=False
    )
    op.create_table(
        "meeting_parties",
        sa.Column("participation_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("participation_id", "meeting_id"),
    )
    op.create_table(
        "meeting_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("asking_participation_id", sa.Uuid(), nullable=False),
        sa.Column("asked_participation_id", sa.Uuid(), nullable=False),
        sa.Column("asking_profile_id", sa.Uuid(), nullable=True),
        sa.Column("asked_profile_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "meeting_requests_by_asked",
        "meeting_requests",
        ["docking_event_id", "asked_participation_id", "state"],
        unique=False,
    )
    op.create_index(
        "meeting_requests_by_asking",
        "meeting_requests",
        ["docking_event_id", "asking_participation_id", "state"],
        unique=False,
    )
    op.create_index(
        "meeting_requests_of_docking_event",
        "meeting_requests",
        ["docking_event_id", "state", "id"],
        unique=False,
    )
    op.create_table(
        "meeting_ticks",
        sa.Column("kind", sa.String(length=11), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("tick", sa.BigInteger(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject_id", "tick"),
    )
    op.create_index(("ix_meeting_ticks_meeting_id"), "meeting_ticks", ["meeting_id"], unique=False)
    op.create_table(
        "meetings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("start", Instant(), nullable=False),
        sa.Column("end", Instant(), nullable=False),
        sa.Column("venue_id", sa.Uuid(), nullable=False),
        sa.Column("table_id", sa.Uuid(), nullable=True),
        sa.Column("interpreter_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(("ix_meetings_request_id"), "meetings", ["request_id"], unique=False)
    op.create_index(
        "meetings_of_docking_event", "meetings", ["docking_event_id", "start", "id"], unique=False
    )
    op.create_table(
        "organizations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("region", sa.String(length=10), nullable=True),
        sa.Column("size", sa.String(length=20), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("facts_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("state_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outbox_sequences",
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "subject"),
    )
    op.create_table(
        "participations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("person_count", sa.Integer(), nullable=True),
        sa.Column("languages", sa.Text(), nullable=True),
        sa.Column("persons", sa.JSON(), nullable=True),
        sa.Column("least_meetings", sa.Integer(), nullable=True),
        sa.Column("most_meetings", sa.Integer(), nullable=True),
        sa.Column("facts_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=20), server_default="confirmed", nullable=False),
        sa.Column("state_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "participations_of_docking_event",
        "participations",
        ["docking_event_id", "organization_id"],
        unique=False,
    )
    op.create_table(
        "profile_entries",
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.PrimaryKeyConstraint("docking_event_id", "profile_id"),
    )
    op.create_index("docking_events_of_profile", "profile_entries", ["profile_id"], unique=False)
    op.create_index(
        "profile_entries_by_organization",
        "profile_entries",
        ["docking_event_id", "organization_id", "kind"],
        unique=False,
    )
    op.create_table(
        "profiles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=5), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("facts_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(("ix_profiles_organization_id"), "profiles", ["organization_id"], unique=False)
    op.create_table(
        "project_parties",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "project_id"),
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=True),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        ("ix_projects_docking_event_id"), "projects", ["docking_event_id"], unique=False
    )
    op.create_table(
        "ranking_queue",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("profile_id"),
    )
    op.create_table(
        "ranking_state",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "request_pairs",
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("person_low", sa.Uuid(), nullable=False),
        sa.Column("person_high", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("docking_event_id", "person_low", "person_high"),
    )
    op.create_index(("ix_request_pairs_request_id"), "request_pairs", ["request_id"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=True),
        sa.Column("venue_id", sa.Uuid(), nullable=True),
        sa.Column("start", Instant(), nullable=True),
        sa.Column("end", Instant(), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.Column("slot_minutes", sa.Integer(), nullable=True),
        sa.Column("break_minutes", sa.Integer(), nullable=True),
        sa.Column("facts_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=20), server_default="planned", nullable=False),
        sa.Column("state_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        ("ix_sessions_docking_event_id"), "sessions", ["docking_event_id"], unique=False
    )
    op.create_table(
        "timetable_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        ("ix_timetable_runs_docking_event_id"), "timetable_runs", ["docking_event_id"], unique=False
    )
    op.create_table(
        "timetables",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("docking_event_id", "number", name="one_timetable_per_number"),
    )
    op.create_index(
        "one_published_timetable",
        "timetables",
        ["docking_event_id"],
        unique=True,
        sqlite_where=sa.text("state = 'published'"),
        postgresql_where=sa.text("state = 'published'"),
    )
