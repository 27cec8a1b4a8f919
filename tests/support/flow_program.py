"""A program that publishes and consumes, to be killed at any moment.

Each command raises a subject's counter and announces its number, in one transaction; each effect
is a row. It ends when every subject has all its effects. Started again, it goes on.

It is forked off a server that has everything imported, so that a run takes milliseconds to start;
what is killed is a process of its own all the same.
"""

import asyncio
import multiprocessing
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Column, Integer, String, Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from techdock_contracts.event import Event
from techdock_contracts.topics import Topic
from techdock_shared import crash
from techdock_shared.messaging.broker import Broker, open_broker
from techdock_shared.messaging.consumer import Consumer
from techdock_shared.messaging.embedded import EmbeddedBroker
from techdock_shared.messaging.relay import Relay
from techdock_shared.messaging.subscriber import subscribe
from techdock_shared.sql import outbox
from techdock_shared.sql.engine import open_engine, reading, transaction
from techdock_shared.sql.unit import begin_of

from support.broker import (
    effects,
    make_thing,
    make_unit,
    metadata,
    record_effect,
    tables,
    thing,
)

counters = Table(
    "counters",
    metadata,
    Column("subject", String(100), primary_key=True),
    Column("number", Integer, nullable=False),
)


def topic_named(name: str) -> Topic:
    """The topic of a run."""
    return Topic(name, key="thing_id", producer="test", consumers=("test",), partitions=3)


async def raise_counter(engine: AsyncEngine, kind: type[Event], subject: str) -> int:
    """A command: state and event in one transaction."""
    async with transaction(engine) as connection:
        mine = counters.c.subject == subject
        raised = update(counters).where(mine).values(number=counters.c.number + 1)
        number = (await connection.execute(raised.returning(counters.c.number))).scalar_one()
        await outbox.append(connection, tables.outbox, [thing(kind, subject, number)])
    assert isinstance(number, int)
    return number


async def command(engine: AsyncEngine, kind: type[Event], subject: str, events: int) -> None:
    """Raise a subject's counter up to a number."""
    async with reading(engine) as connection:
        query = select(counters.c.number).where(counters.c.subject == subject)
        number = (await connection.execute(query)).scalar_one()
    while number < events:
        number = await raise_counter(engine, kind, subject)


@asynccontextmanager
async def relaying(engine: AsyncEngine, broker: Broker) -> AsyncIterator[None]:
    """Run the relay meanwhile."""
    task = asyncio.create_task(Relay(engine, tables.outbox, broker).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass(frozen=True)
class Run:
    """What the program is to do.

    Attributes:
        log: A file of the embedded log, or Kafka's servers.
        crash_at: A named point, as TECHDOCK_CRASH_AT has it; empty for none.
    """

    url: str
    log: str
    topic: str
    subjects: int
    events: int
    crash_at: str = ""


async def _run(run: Run, told: "Connection[str, str]") -> None:
    kind = make_thing(topic_named(run.topic))
    engine = open_engine(run.url)
    topics = (kind.topic,)
    broker = (
        EmbeddedBroker(Path(run.log), topics)
        if run.log.endswith(".db")
        else open_broker(run.log.split(","), topics=topics)
    )
    begin = begin_of(engine, make_unit)
    subscribe(broker, kind.topic, Consumer("test", {kind: record_effect}, begin), max_records=20)
    async with broker.receiving(), relaying(engine, broker):
        told.send("ready")
        commands = (command(engine, kind, f"s{n}", run.events) for n in range(run.subjects))
        await asyncio.gather(*commands)
        counted = select(func.count()).select_from(effects)
        left = 1
        while left > 0:
            async with reading(engine) as connection:
                done = (await connection.execute(counted)).scalar_one()
            left = run.subjects * run.events - done
            await asyncio.sleep(0.01)
    await engine.dispose()


def _main(run: Run, told: "Connection[str, str]") -> None:
    if run.crash_at:
        crash.install(crash.exit_at(run.crash_at))
    asyncio.run(_run(run, told))


@dataclass
class Running:
    """A process of the program."""

    process: BaseProcess
    told: "Connection[str, str]"

    async def ready(self) -> None:
        """Return once it publishes and receives."""
        assert await asyncio.to_thread(self.told.poll, 30)
        assert self.told.recv() == "ready"

    async def ended(self) -> int | None:
        """Wait for its end and return its exit code."""
        await asyncio.to_thread(self.process.join, 60)
        return self.process.exitcode

    async def kill(self) -> None:
        """SIGKILL it."""
        self.process.kill()
        await self.ended()


def start(run: Run) -> Running:
    """Start a process of the program."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    # The server does not learn sys.path in this Python, and would quietly import nothing.
    before = os.environ.get("PYTHONPATH")
    tests = str(Path(__file__).resolve().parents[1])
    os.environ["PYTHONPATH"] = tests if before is None else f"{tests}{os.pathsep}{before}"
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_main, args=(run, theirs), daemon=True)
    try:
        process.start()
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
    theirs.close()
    return Running(process, ours)
