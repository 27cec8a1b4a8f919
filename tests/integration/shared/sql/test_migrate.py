"""Migrations: all or nothing, by one process, and what they make is what the code expects."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, select, text
from support.databases import DATABASES, database
from techdock_shared.sql.engine import reading, transaction
from techdock_shared.sql.migrate import differences, upgrade

FIRST = '''
"""First."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0001", None
def upgrade():
    op.create_table("parents", sa.Column("id", sa.Integer, primary_key=True))
    op.create_table("children", sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("parent", sa.Integer, sa.ForeignKey("parents.id", ondelete="CASCADE")))
'''
SECOND = '''
"""Second."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"
def upgrade():
    with op.batch_alter_table("parents", recreate="always") as batch:
        batch.add_column(sa.Column("name", sa.String(50), nullable=False, server_default="x"))
'''
BROKEN = '''
"""Third."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0003", "0002"
def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer))
    raise RuntimeError("half way")
'''

metadata = MetaData()
Table(
    "parents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(50), nullable=False),
)
Table(
    "children",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parent", ForeignKey("parents.id", ondelete="CASCADE")),
)


@pytest.mark.parametrize("kind", DATABASES)
async def test_revisions_are_applied_once_and_keep_rows(kind: str, tmp_path: Path) -> None:
    migrations = tmp_path / "migrations"
    migrations.mkdir()
    (migrations / "0001_first.py").write_text(FIRST)
    async with database(kind, tmp_path) as engine:
        await asyncio.gather(*(upgrade(engine, migrations, "versions_of_a") for _ in range(3)))
        async with transaction(engine) as connection:
            await connection.execute(text("INSERT INTO parents VALUES (1)"))
            await connection.execute(text("INSERT INTO children VALUES (1, 1)"))
        assert await differences(engine, metadata, "versions_of_a")

        (migrations / "0002_second.py").write_text(SECOND)
        if kind == "postgresql":
            # Rebuilding a table that others refer to is SQLite's way only.
            plain = SECOND.replace(', recreate="always"', "")
            (migrations / "0002_second.py").write_text(plain)
        await upgrade(engine, migrations, "versions_of_a")

        assert await differences(engine, metadata, "versions_of_a") == []
        async with reading(engine) as connection:
            children = Table("children", MetaData(), Column("id", Integer))
            assert (await connection.execute(select(children))).all() == [(1,)]


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_revision_that_fails_changes_nothing(kind: str, tmp_path: Path) -> None:
    migrations = tmp_path / "migrations"
    migrations.mkdir()
    (migrations / "0001_first.py").write_text(FIRST)
    plain = SECOND.replace(', recreate="always"', "")
    (migrations / "0002_second.py").write_text(plain)
    async with database(kind, tmp_path) as engine:
        await upgrade(engine, migrations)
        (migrations / "0003_broken.py").write_text(BROKEN)
        with pytest.raises(RuntimeError, match="half way"):
            await upgrade(engine, migrations)
        (migrations / "0003_broken.py").unlink()

        await upgrade(engine, migrations)
        assert await differences(engine, metadata) == []
