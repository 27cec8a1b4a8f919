"""How fast do events go from an outbox over a log to a projection, and how soon after the commit?

    python tests/benchmark/event_flow.py [--events 100000] [--kafka HOST:PORT,...] [--postgres URL]

Prints one JSON line. Rates in events per second: `append` writes outbox rows, 500 a transaction;
`relay` outbox to log; `consume` log to inbox and projection; `through` relay and consumer at the
same time, from backlog to projection, in one process on the embedded log and in two on Kafka, as
they are deployed; `bare` a FastStream batch consumer that only parses the same records. Processor
time of this process beside, because a busy machine says little. Delays in milliseconds from a
command's commit to its handler, one command at a time.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

from faststream import AckPolicy
from sqlalchemy import Column, Integer, String, Table
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from support.broker import make_thing, metadata, publish, tables, thing
from support.databases import database_url
from support.measuring import goal, tell
from techdock_contracts.event import Event
from techdock_contracts.topics import Topic
from techdock_shared.messaging.broker import Broker, open_broker
from techdock_shared.messaging.consumer import Consumer
from techdock_shared.messaging.embedded import EmbeddedBroker
from techdock_shared.messaging.relay import Relay
from techdock_shared.messaging.subscriber import subscribe
from techdock_shared.sql.engine import open_engine
from techdock_shared.sql.raw import Raw, Rows
from techdock_shared.sql.unit import SqlUnit, begin_of

SUBJECTS = 2000
DELAYS = 300
PAUSE_S = 0.02
LEAST_PER_S = 5_000
LEAST_SHARE = 0.25
DELAY_GOALS = {"embedded": (10, 30), "kafka": (20, 60)}
"""Milliseconds, p50 and p95."""

totals = Table(
    "totals",
    metadata,
    Column("subject", String(100), primary_key=True),
    Column("events", Integer, nullable=False),
    Column("newest", Integer, nullable=False),
)
_ADD = Raw(
    sqlite="""
        INSERT INTO {table} AS t (subject, events, newest)
        SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
        ON CONFLICT (subject) DO UPDATE
        SET events = t.events + excluded.events, newest = excluded.newest
    """,
    postgresql="""
        INSERT INTO {table} AS t (subject, events, newest)
        SELECT * FROM unnest($1::text[], $2::int[], $3::int[])
        ON CONFLICT (subject) DO UPDATE
        SET events = t.events + excluded.events, newest = excluded.newest
    """,
)


class Projecting(SqlUnit):
    """A service's transaction with a projection that is written once a batch."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection, tables)
        self.counts: Counter[str] = Counter()
        self.newest: dict[str, int] = {}

    async def flush(self) -> None:
        if self.counts:
            rows = [(s, self.counts[s], self.newest[s]) for s in sorted(self.counts)]
            await _ADD.run(self.connection, totals, Rows(rows))
            self.counts.clear()
        await super().flush()


def topic_of(name: str) -> Topic:
    return Topic(name, "thing_id", "test", ("test",), partitions=6)


class Flow:
    """One database, one log, and what is measured on them."""

    def __init__(self, url: str, kafka: list[str], folder: Path, events: int) -> None:
        self.url = url
        self.engine = open_engine(url)
        self.kafka = kafka
        self.folder = folder
        self.events = events
        self.handled = 0
        self.handled_at = 0.0
        self.kind = self.new_kind()

    def new_kind(self) -> type[Event]:
        topic = topic_of(f"test.{uuid4().hex}.v1")
        self.kind = make_thing(topic)
        return self.kind

    def broker(self) -> Broker:
        topics = (self.kind.topic,)
        if self.kafka:
            return open_broker(self.kafka, topics=topics)
        return EmbeddedBroker(self.folder / "log.db", topics)

    async def handle(self, event: Any, unit: Projecting) -> None:
        unit.counts[event.subject] += 1
        unit.newest[event.subject] = event.number
        self.handled += 1
        self.handled_at = time.perf_counter()

    def consuming(self) -> Broker:
        broker = self.broker()
        begin = begin_of(self.engine, Projecting)
        subscribe(broker, self.kind.topic, Consumer("test", {self.kind: self.handle}, begin))
        return broker

    async def append(self) -> float:
        """Fill the outbox; return events per second."""
        note = "x" * 250
        batches = [
            [
                thing(self.kind, f"subject-{n % SUBJECTS}", n, traceparent=note)
                for n in range(start, min(start + 500, self.events))
            ]
            for start in range(0, self.events, 500)
        ]
        begun = time.perf_counter()
        for batch in batches:
            await publish(self.engine, batch)
        return self.events / (time.perf_counter() - begun)

    async def relay(self) -> float:
        """Move the outbox to the log."""
        broker = self.broker()
        relay = Relay(self.engine, tables.outbox, broker)
        async with broker.receiving():
            begun = time.perf_counter()
            while await relay.drain():
                pass
            return self.events / (time.perf_counter() - begun)

    async def consume(self) -> float:
        """Give effect to what is in the log."""
        self.handled = 0
        async with self.consuming().receiving():
            await self.all_handled()
            begun = self.first_at
            return self.events / (time.perf_counter() - begun)

    async def through(self) -> float:
        """Relay and consume at the same time."""
        self.handled = 0
        broker = self.consuming()
        async with broker.receiving(), AsyncExitStack() as stack:
            if self.kafka:
                elsewhere = relay_elsewhere(self.url, self.kafka, self.kind.topic)
                begun = await stack.enter_async_context(elsewhere)
            else:
                begun = time.perf_counter()
                await stack.enter_async_context(relaying(self.engine, broker))
            await self.all_handled()
            return self.events / (time.perf_counter() - begun)

    async def all_handled(self) -> None:
        self.first_at = time.perf_counter()
        while self.handled < self.events:
            if not self.handled:
                self.first_at = time.perf_counter()
            await asyncio.sleep(0.001)

    async def bare(self) -> float:
        """Only parse the records of the last run."""
        broker = self.broker()
        seen, first_at, done = 0, 0.0, asyncio.Event()

        @broker.subscriber(
            self.kind.topic.name,
            group_id="bare",
            batch=True,
            max_records=500,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
        )
        async def receive(batch: list[Any]) -> None:
            nonlocal seen, first_at
            first_at = first_at or time.perf_counter()
            seen += len(batch)
            if seen >= self.events:
                done.set()

        async with broker.receiving():
            await done.wait()
            return self.events / (time.perf_counter() - first_at)

    async def delays(self) -> list[float]:
        """Commit one event after the other; return the delays to their handlers, sorted."""
        broker = self.consuming()
        found: list[float] = []
        async with broker.receiving(), relaying(self.engine, broker):
            for number in range(DELAYS + 10):
                self.handled = 0
                await publish(self.engine, [thing(self.kind, f"delay-{number % 50}", number)])
                committed = time.perf_counter()
                while not self.handled:
                    await asyncio.sleep(0.0005)
                found.append((self.handled_at - committed) * 1000)
                await asyncio.sleep(PAUSE_S)
        return sorted(found[10:])


@asynccontextmanager
async def relaying(engine: AsyncEngine, broker: Broker) -> AsyncIterator[None]:
    task = asyncio.create_task(Relay(engine, tables.outbox, broker).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def relay_elsewhere(url: str, kafka: list[str], topic: Topic) -> AsyncIterator[float]:
    """Relay in a process of its own; gives the time at which it was told to begin."""
    words = [sys.executable, __file__, "--relay", url, topic.name, "--kafka", ",".join(kafka)]
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe)
    assert child.stdin
    assert child.stdout
    try:
        assert await child.stdout.readline() == b"ready\n"
        child.stdin.write(b"go\n")
        yield time.perf_counter()
    finally:
        child.kill()
        await child.wait()


async def relay_here(url: str, topic: str, kafka: list[str]) -> None:
    """Be that process."""
    broker = open_broker(kafka, topics=(topic_of(topic),))
    async with broker.receiving():
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        await Relay(open_engine(url), tables.outbox, broker).run()


async def measure(flow: Flow) -> dict[str, Any]:
    stages: tuple[tuple[str, Callable[[], Awaitable[float]]], ...] = (
        ("append", flow.append),
        ("relay", flow.relay),
        ("consume", flow.consume),
        ("bare", flow.bare),
        ("through", flow.through),
    )
    rates, cpu_us = {}, {}
    for name, stage in stages:
        if name == "through":
            flow.new_kind()
            await flow.append()
        used = time.process_time()
        rates[name] = round(await stage())
        cpu_us[name] = round((time.process_time() - used) / flow.events * 1e6)
    delays = await flow.delays()
    return {
        "events_per_s": rates,
        "cpu_us_per_event": cpu_us,
        "delay_ms": {
            "p50": round(delays[len(delays) // 2], 1),
            "p95": round(delays[int(len(delays) * 0.95)], 1),
        },
    }


async def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("--events", type=int, default=100_000)
    asking.add_argument("--kafka", default="", help="servers; without: the embedded log")
    asking.add_argument("--postgres", default="", help="a server; without: SQLite")
    asking.add_argument("--relay", nargs=2, help=argparse.SUPPRESS)
    asked = asking.parse_args()
    kafka = asked.kafka.split(",") if asked.kafka else []
    if asked.relay:
        await relay_here(*asked.relay, kafka)
        return
    if asked.postgres:
        os.environ["TECHDOCK_TEST_POSTGRES"] = asked.postgres
    kind = "postgresql" if asked.postgres else "sqlite"
    with tempfile.TemporaryDirectory() as folder:
        async with database_url(kind, Path(folder)) as url:
            flow = Flow(url, kafka, Path(folder), asked.events)
            async with flow.engine.begin() as connection:
                await connection.run_sync(metadata.create_all)
            found = await measure(flow)
            await flow.engine.dispose()
    where = {"log": "kafka" if asked.kafka else "embedded", "database": kind}
    tell("event_flow", goals_of(where["log"], kind, found), **where, events=asked.events, **found)


def goals_of(log: str, database: str, found: dict[str, Any]) -> list[Any]:
    """Hold what was measured against the goals."""
    rates, delays, limits = found["events_per_s"], found["delay_ms"], DELAY_GOALS[log]
    through, bare = rates["through"], rates["bare"]
    where = f"{log}, {database}"
    flow = f"outbox to projection, {where}"
    share = goal(f"{flow}, of a bare consumer", through / bare, LEAST_SHARE, "x", least=True)
    return [
        goal(flow, through, LEAST_PER_S, "events/s", least=True),
        # In one process, with nothing between it and its log, a bare consumer sets no goal.
        *([share] if log == "kafka" else []),
        goal(f"commit to handler p50, {where}", delays["p50"], limits[0], "ms"),
        goal(f"commit to handler p95, {where}", delays["p95"], limits[1], "ms"),
    ]


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
