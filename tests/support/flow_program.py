"""A program that publishes and consumes, to be killed at any moment.

    python -m support.flow_program DATABASE_URL LOG TOPIC SUBJECTS EVENTS

LOG is a file of the embedded log, or Kafka's servers. Each command raises a subject's counter and
announces its number, in one transaction; each effect is a row. It ends when every subject has
EVENTS effects. Started again, it goes on.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Column, Integer, String, Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from techdock_contracts.event import Event
from techdock_contracts.topics import Topic
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


async def run(url: str, log: str, name: str, subjects: int, events: int) -> None:
    """Publish and consume until all is done."""
    kind = make_thing(topic_named(name))
    engine = open_engine(url)
    topics = (kind.topic,)
    broker = (
        EmbeddedBroker(Path(log), topics)
        if log.endswith(".db")
        else open_broker(log.split(","), topics=topics)
    )
    begin = begin_of(engine, make_unit)
    subscribe(broker, kind.topic, Consumer("test", {kind: record_effect}, begin), max_records=20)
    async with broker.receiving(), relaying(engine, broker):
        print("ready", flush=True)
        commands = (command(engine, kind, f"s{n}", events) for n in range(subjects))
        await asyncio.gather(*commands)
        print("told", flush=True)
        counted = select(func.count()).select_from(effects)
        left = 1
        while left > 0:
            async with reading(engine) as connection:
                left = subjects * events - (await connection.execute(counted)).scalar_one()
            await asyncio.sleep(0.01)
        print("done", flush=True)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])))
