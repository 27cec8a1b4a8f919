"""The best timetable of a run, kept against the loss of its worker."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("timetable_runs", sa.Column("best", sa.Text()))
