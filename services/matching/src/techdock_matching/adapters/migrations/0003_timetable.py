"""The best of a run, kept against the loss of its worker; what is away; interpreters' calendars."""

import sqlalchemy as sa
from alembic import op
from techdock_shared.sql.types import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("timetable_runs", sa.Column("best", sa.Text()))
    op.create_table(
        "outages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("start", Instant(), nullable=False),
        sa.Column("end", Instant(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # An interpreter has a calendar and takes no part.
    with op.batch_alter_table("calendars") as calendars:
        calendars.alter_column("participation_id", existing_type=sa.Uuid(), nullable=True)
    op.create_index("ix_outages_docking_event_id", "outages", ["docking_event_id"])
