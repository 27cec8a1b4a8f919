"""Bring a database to the newest schema, from code, with alembic's revisions of a service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from techdock_shared.sql.engine import outages, transaction

LOCK = 0x7465_6368_646F_636B


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
    if engine.dialect.name == "sqlite":
        async with _sqlite_without_foreign_keys(engine) as connection:
            await connection.run_sync(_upgrade, migrations, version_table)
            broken = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
            if broken:
                raise RuntimeError(f"a migration breaks foreign keys: {broken[:5]}")
        return
    async with transaction(engine) as connection:
        # A revision of a large table may take longer than a request may.
        await connection.execute(text("SET LOCAL statement_timeout = 0"))
        await connection.execute(text("SET LOCAL lock_timeout = 0"))
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        await connection.run_sync(_upgrade, migrations, version_table)


async def differences(
    engine: AsyncEngine, metadata: MetaData, version_table: str = "alembic_version"
) -> list[Any]:
    """Return what the tables of the code have and the database has not, or the other way round.

    Empty when the revisions make what the code expects; a test asks this.
    """

    def compare(connection: Connection) -> list[Any]:
        options = {"version_table": version_table, "compare_type": False}
        return list(
            compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        )

    with outages():
        async with engine.connect() as connection:
            return await connection.run_sync(compare)


def _upgrade(connection: Connection, migrations: Path, version_table: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    script = ScriptDirectory(str(migrations), version_locations=[str(migrations)])

    def revisions(revision: Any, _: MigrationContext) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 - as alembic's own command does

    with EnvironmentContext(config, script, fn=revisions) as environment:
        environment.configure(
            connection=connection, version_table=version_table, render_as_batch=True
        )
        environment.run_migrations()


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
