"""What is old goes; what still guards something stays."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from support.broker import metadata, tables
from support.clock import NOON, FrozenClock
from support.databases import DATABASES, database
from techdock_shared.http.idempotency import Stored
from techdock_shared.ids import uuid7
from techdock_shared.sql import inbox, jobs
from techdock_shared.sql.engine import reading, transaction
from techdock_shared.sql.housekeeping import Housekeeping
from techdock_shared.sql.idempotency import SqlAnswers


@pytest.mark.parametrize("kind", DATABASES)
async def test_the_old_goes_and_the_young_stays(kind: str, tmp_path: Path) -> None:
    clock = FrozenClock()

    def ms(days: int) -> int:
        return int((NOON - timedelta(days=days)).timestamp() * 1000)

    async with database(kind, tmp_path, metadata) as engine:
        async with transaction(engine) as connection:
            young, old = uuid7(ms(1)), uuid7(ms(100))
            assert await inbox.claim(connection, tables.inbox, "g", [young, old]) == {young, old}
            for days in (1, 8):
                clock.time = NOON - timedelta(days=days)
                answers = SqlAnswers(connection, tables.idempotency, clock)
                assert await answers.keep(bytes([days]) * 32, Stored(b"f" * 32, 201, body=b"x"))
                assert not await answers.keep(bytes([days]) * 32, Stored(b"g" * 32, 201))
            kept = NOON - timedelta(days=100)
            await jobs.enqueue(connection, tables.jobs, "x", {}, now=kept)
            done = await jobs.enqueue(connection, tables.jobs, "x", {}, now=kept)
            assert done is not None
            await jobs.cancel(connection, tables.jobs, done)
        clock.time = NOON

        await Housekeeping(engine, tables, "test", clock).tidy()

        async with reading(engine) as connection:
            assert (await connection.execute(select(tables.inbox.c.event_id))).all() == [(young,)]
            answers = SqlAnswers(connection, tables.idempotency, clock)
            assert await answers.find(bytes([8]) * 32) is None
            found = await answers.find(bytes([1]) * 32)
            assert found == Stored(b"f" * 32, 201, {}, b"x", secret=False)
            counted = select(func.count()).select_from(tables.jobs)
            assert (await connection.execute(counted)).scalar_one() == 1
