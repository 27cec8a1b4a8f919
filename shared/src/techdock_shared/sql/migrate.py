"""Bring a database to the newest schema, from code, with alembic's revisions of a service.

Alembic is loaded only when there is something to do: nearly every start finds the newest schema.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnClause, MetaData, column, inspect, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from techdock_shared.sql.engine import outages, transaction

LOCK = 0x7465_6368_646F_636B
_DECLARED = re.compile(r"^(revision|down_revision)\b[^=\n]*=\s*[\"']([^\"']+)[\"']", re.MULTILINE)


async def upgrade(
    engine: AsyncEngine, migrations: Path, version_table: str = "alembic_version"
) -> None:
    """Apply the revisions that the database misses, all of them or none.

    Processes that start together wait for one another; the first does the work.

    Args:
        engine: The service's database.
        migrations: Folder that holds the revisions, one Python file each. It needs no env.py.
        version_table: Where the database keeps its revision; one per service, if several
            share a database.

    Raises:
        Unavailable: The database cannot be reached.
    """
    newest = _newest(migrations)
    if newest is not None and await _stored(engine, version_table) == newest:
        return
    from techdock_shared.sql import revisions  # noqa: PLC0415 - see the top

    if engine.dialect.name == "sqlite":
        async with _sqlite_without_foreign_keys(engine) as connection:
            await connection.run_sync(revisions.apply, migrations, version_table)
            broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
            if broken:
                raise RuntimeError(f"a migration breaks foreign keys: {broken[:5]}")
        return
    async with transaction(engine) as connection:
        # A revision of a large table may take longer than a request may.
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text("SET LOCAL lock_timeout = 0"))
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        await connection.run_sync(revisions.apply, migrations, version_table)


async def differences(
    engine: AsyncEngine, metadata: MetaData, version_table: str = "alembic_version"
) -> list[Any]:
    """Return what the tables of the code have and the database has not, or the other way round.

    Empty when the revisions make what the code expects; a test asks this.
    """
    from techdock_shared.sql import revisions  # noqa: PLC0415 - see the top

    with outages():
        async with engine.connect() as connection:
            return await connection.run_sync(revisions.compare, metadata, version_table)


async def _stored(engine: AsyncEngine, version_table: str) -> str | None:
    """Return the revision that the database is at; None: it has none yet."""
    version: ColumnClause[str] = column("version_num")
    with outages():
        async with engine.connect() as connection:
            if not await connection.run_sync(lambda c: inspect(c).has_table(version_table)):
                return None
            found = await connection.execute(select(version).select_from(table(version_table)))
            return found.scalar()


def _newest(migrations: Path) -> str | None:
    """Return the revision that no other one follows; None: only alembic can tell."""
    declared: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for file in migrations.glob("*.py"):
        for name, revision in _DECLARED.findall(file.read_text(encoding="utf-8")):
            declared[name].add(revision)
    last = declared["revision"] - declared["down_revision"]
    return last.pop() if len(last) == 1 else None


@asynccontextmanager
async def _sqlite_without_foreign_keys(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a transaction in which a table may be rebuilt.

    SQLite changes a table by making a new one and dropping the old; with foreign keys on, the
    drop would take the rows that refer to it along. The switch works outside transactions only.
    """
    with outages():
        async with engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            await driver.execute("PRAGMA foreign_keys=OFF")
            try:
                async with connection.begin():
                    yield connection
            finally:
                await driver.execute("PRAGMA foreign_keys=ON")
