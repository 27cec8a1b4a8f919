"""How long does reporting take to derive all facts anew from 100,000 rows of its journal?

    python tests/benchmark/rebuild_speed.py [--rows 100000]

Hears a docking event with check-ins, needs, offers, meetings booked and held, rebuilds, and compares
the SHA-256 of the facts with that from before. On SQLite, and on PostgreSQL where its wheel is
installed. Prints one JSON line.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy.ext.asyncio import AsyncEngine
from support.databases import POSTGRES_AVAILABLE, database
from support.measuring import goal, tell
from support.reporting import announced, booked, checked_in, held, profile
from techdock_contracts.event import Event
from techdock_reporting.adapters.rebuild import SqlRebuilder
from techdock_reporting.adapters.transaction import SqlBegin, SqlRead
from techdock_reporting.app.record import record
from techdock_reporting.wiring import MIGRATIONS
from techdock_shared.clock import SystemClock
from techdock_shared.sql.migrate import upgrade

STEP = 500
MOST_S = 15.0
COUNTRIES = ("CN", "KZ", "UZ", "RU", "PK", "IR", "DE")


def heard() -> Iterator[Event]:
    """What reporting hears of a very large docking event, without end."""
    yield announced()
    number = 0
    while True:
        number += 1
        meeting = uuid4()
        yield checked_in(uuid4(), COUNTRIES[number % len(COUNTRIES)])
        yield profile("need" if number % 2 else "offer", uuid4())
        yield booked(meeting)
        yield held(meeting)


async def quiet(_: int, __: int) -> None:
    """Nobody looks at the progress."""


async def rebuilding_s(engine: AsyncEngine, rows: int) -> tuple[float, float]:
    """Return seconds and processor seconds of a rebuild of so many rows."""
    clock, events = SystemClock(), islice(heard(), rows)
    await upgrade(engine, MIGRATIONS)
    while step := list(islice(events, STEP)):
        async with SqlBegin(engine, clock)() as transaction:
            for event in step:
                await record(event, transaction)
    async with SqlRead(engine, clock)() as transaction:
        before = await transaction.facts.sha256()
        assert (await transaction.journal.head()).position == rows
    begun, used = time.perf_counter(), time.process_time()
    after = await SqlRebuilder(engine, clock).rebuild(quiet)
    seconds, cpu_s = time.perf_counter() - begun, time.process_time() - used
    assert after == before, "the rebuilt facts differ"
    return seconds, cpu_s


async def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("--rows", type=int, default=100_000)
    asked = asking.parse_args()
    goals, used = [], {}
    for kind in ("sqlite", *(["postgresql"] if POSTGRES_AVAILABLE else [])):
        with tempfile.TemporaryDirectory() as folder:
            async with database(kind, Path(folder)) as engine:
                seconds, cpu_s = await rebuilding_s(engine, asked.rows)
        name = f"rebuild from {asked.rows:,} journal rows, same hash, {kind}"
        goals.append(goal(name, seconds, MOST_S, "s"))
        used[kind] = round(cpu_s, 1)
    tell("rebuild_speed", goals, rows=asked.rows, cpu_s=used)


if __name__ == "__main__":
    asyncio.run(main())
