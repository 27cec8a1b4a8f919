"""The revisions make exactly the tables that the code expects."""

from pathlib import Path

import pytest
from support.databases import DATABASES, database
from techdock_matching.adapters import tables
from techdock_matching.wiring import MIGRATIONS
from techdock_shared.sql.migrate import differences, upgrade


@pytest.mark.parametrize("kind", DATABASES)
async def test_the_revisions_make_the_tables(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path) as engine:
        await upgrade(engine, MIGRATIONS)
        await upgrade(engine, MIGRATIONS)
        assert await differences(engine, tables.metadata) == []
