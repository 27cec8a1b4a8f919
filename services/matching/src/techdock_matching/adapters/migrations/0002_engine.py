"""What was saved, vectors of texts, the weights that organizers set, and their proposals."""

import sqlalchemy as sa
from alembic import op
from techdock_shared.sql.types import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "saved_matches",
        sa.Column("profile_id", sa.Uuid(), nullable=False),
        sa.Column("counterpart_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("profile_id", "counterpart_id"),
    )
    op.create_table(
        "vectors",
        sa.Column("encoder", sa.String(length=80), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("encoder", "content_hash"),
    )
    op.create_table(
        "ranking_weights",
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("docking_event_id", "version"),
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("docking_event_id", sa.Uuid(), nullable=False),
        sa.Column("participation_low", sa.Uuid(), nullable=False),
        sa.Column("participation_high", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "docking_event_id",
            "participation_low",
            "participation_high",
            name="one_proposal_per_pair",
        ),
    )
    op.create_index("proposals_by_low", "proposals", ["participation_low", "state"])
    op.create_index("proposals_by_high", "proposals", ["participation_high", "state"])
