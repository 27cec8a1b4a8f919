"""Processes that die at any moment, by SIGKILL or at a named point: nothing lost, nothing twice."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from support.broker import KAFKA, LOGS, Counted, make_thing, metadata, tables, thing
from support.databases import DATABASES, database_url
from support.flow_program import Run, Running, counters, start, topic_named
from support.waiting import until
from techdock_contracts.event import Event
from techdock_shared.crash import EXIT_CODE
from techdock_shared.messaging.embedded import EmbeddedBroker
from techdock_shared.messaging.record import Record
from techdock_shared.messaging.subscriber import subscribe
from techdock_shared.sql.engine import open_engine, reading

SUBJECTS, EVENTS = 4, 60


@dataclass
class Flow:
    """What the program works on, and the program."""

    engine: AsyncEngine
    url: str
    log: str
    topic: str

    def start(self, crash_at: str = "") -> Running:
        return start(Run(self.url, self.log, self.topic, SUBJECTS, EVENTS, crash_at))

    async def finish(self, *processes: Running) -> None:
        """Wait until they have ended well, and judge what is there."""
        for process in processes or (self.start(),):
            assert await process.ended() == 0
        counted = await Counted.of(self.engine)
        assert counted.numbers == {f"s{n}": list(range(1, EVENTS + 1)) for n in range(SUBJECTS)}
        async with reading(self.engine) as connection:
            assert (await connection.execute(tables.parked.select())).all() == []


@asynccontextmanager
async def flow(log: str, kind: str, folder: Path) -> AsyncIterator[Flow]:
    async with database_url(kind, folder) as url:
        engine = open_engine(url)
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
            await connection.execute(
                counters.insert(), [{"subject": f"s{n}", "number": 0} for n in range(SUBJECTS)]
            )
        where = str(folder / "log.db") if log == "embedded" else KAFKA
        yield Flow(engine, url, where, f"test.{uuid4().hex}.v1")
        await engine.dispose()


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("log", LOGS)
async def test_sigkill_at_random_moments_loses_and_repeats_nothing(
    log: str, kind: str, tmp_path: Path
) -> None:
    rng = random.Random(7)
    async with flow(log, kind, tmp_path) as f:
        for _ in range(3):
            process = f.start()
            await process.ready()
            await asyncio.sleep(rng.uniform(0.0, 0.25))
            await process.kill()
        await f.finish()


async def test_a_crash_at_each_named_point_loses_and_repeats_nothing(tmp_path: Path) -> None:
    points = (
        "transaction.before_commit:9",
        "transaction.after_commit:9",
        "relay.before_send:2",
        "relay.before_mark:2",
        "relay.after_mark:2",
        "consumer.after_claim:2",
        "consumer.before_commit:2",
        "consumer.before_ack:2",
        "offsets.before_commit:2",
        "offsets.after_commit",
    )
    async with flow("embedded", "sqlite", tmp_path) as f:
        for point in points:
            process = f.start(crash_at=point)
            assert await process.ended() == EXIT_CODE, f"{point} was not passed"
        await f.finish()


async def test_sigkill_of_one_of_two_processes_leaves_its_work_to_the_other(
    tmp_path: Path,
) -> None:
    async with flow("embedded", "sqlite", tmp_path) as f:
        first, second = f.start(), f.start()
        await first.ready()
        await second.ready()
        await first.kill()

        await f.finish(second)


async def test_the_partitions_of_a_killed_process_are_taken_over_at_once(tmp_path: Path) -> None:
    class Taker:
        group = "test"

        def __init__(self) -> None:
            self.records: list[Record] = []

        async def take(self, records: list[Record]) -> None:
            self.records.extend(records)

    async with flow("embedded", "sqlite", tmp_path) as f:
        process = f.start()
        await process.ready()
        await process.kill()
        kind = make_thing(topic_named(f.topic))
        broker, taker = EmbeddedBroker(Path(f.log), (kind.topic,)), Taker()
        subscribe(broker, kind.topic, taker)  # type: ignore[arg-type] # stands in for a consumer
        try:
            begun = time.monotonic()
            async with broker.receiving():
                event = thing(kind, "new", 1)
                await (await broker.send(f.topic, b"new", event.to_bytes(), ()))
                await until("it came", lambda: _came(taker.records, "new"))
            assert time.monotonic() - begun < 1.0
        finally:
            Event.registry.pop("test.thing.v1", None)


async def _came(records: list[Record], subject: str) -> bool:
    return any(record.subject == subject for record in records)
