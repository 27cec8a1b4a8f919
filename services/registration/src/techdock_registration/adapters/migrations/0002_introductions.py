"""What others said of persons who have not come yet."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "introductions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("native", sa.String(length=300), nullable=False),
        sa.Column("latin", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("participation_id", "person_id", name="introductions_person"),
    )
    op.create_index(op.f("ix_introductions_person_id"), "introductions", ["person_id"])
    op.create_index(op.f("ix_introductions_account_id"), "introductions", ["account_id"])
