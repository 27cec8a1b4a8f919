"""A writer that waits for another process waits alone."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from support.databases import database
from support.locks import held
from techdock_shared.errors import Unavailable
from techdock_shared.sql import engine as sql
from techdock_shared.sql.engine import transaction


async def test_who_waits_for_another_process_holds_nobody_up(tmp_path: Path) -> None:
    async with database("sqlite", tmp_path) as engine:

        async def write(statement: str) -> None:
            async with transaction(engine) as connection:
                await connection.execute(text(statement))

        await write("CREATE TABLE t (a)")
        with held(tmp_path / "test.db"):
            waiting = asyncio.create_task(write("INSERT INTO t VALUES (1)"))
            async with asyncio.timeout(2):
                for _ in range(20):
                    await asyncio.sleep(0.01)
            assert not waiting.done()
        await waiting


async def test_who_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "BUSY_S", 0.2)
    async with database("sqlite", tmp_path) as engine:
        async with transaction(engine) as connection:
            await connection.execute(text("CREATE TABLE t (a)"))
        with held(tmp_path / "test.db"), pytest.raises(Unavailable):
            async with transaction(engine):
                pass
        async with transaction(engine) as connection:
            await connection.execute(text("INSERT INTO t VALUES (1)"))
