"""What alembic does with a service's revisions, inside a transaction of ours."""

from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData


def apply(connection: Connection, migrations: Path, version_table: str) -> None:
    """Apply the revisions that the database misses."""
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


def compare(connection: Connection, metadata: MetaData, version_table: str) -> list[Any]:
    """Return in what the database differs from these tables."""
    options = {"version_table": version_table, "compare_type": False}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))
