"""Logs for tests: the embedded one, and Kafka when TECHDOCK_TEST_KAFKA names a server.

@pytest.mark.parametrize("log", LOGS)
async def test_x(log: str, tmp_path: Path) -> None:
    async with things() as thing:
        broker = open_log(log, tmp_path, thing)
"""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal
from uuid import uuid4

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from techdock_contracts.event import Event
from techdock_contracts.topics import DEAD, Topic
from techdock_shared.ids import uuid7
from techdock_shared.messaging.broker import Broker, open_broker
from techdock_shared.messaging.embedded import EmbeddedBroker
from techdock_shared.sql import outbox
from techdock_shared.sql.engine import reading, transaction
from techdock_shared.sql.plumbing import plumbing_tables
from techdock_shared.sql.unit import SqlUnit

from support.clock import NOON

KAFKA = os.environ.get("TECHDOCK_TEST_KAFKA", "")
REQUIRED = os.environ.get("CI") == "true" and os.environ.get("TECHDOCK_REQUIRE_KAFKA") == "1"
LOGS = [
    pytest.param("embedded", id="embedded"),
    pytest.param(
        "kafka",
        id="kafka",
        marks=[
            pytest.mark.kafka,
            pytest.mark.skipif(not KAFKA and not REQUIRED, reason="Kafka: no TECHDOCK_TEST_KAFKA"),
        ],
    ),
]

metadata = MetaData()
tables = plumbing_tables(metadata)
effects = Table(
    "effects",
    metadata,
    Column("at", Integer, primary_key=True),
    Column("subject", String(100)),
    Column("number", Integer),
    sqlite_autoincrement=True,
)
"""What handlers did, in the order in which it was committed."""


def make_thing(topic: Topic) -> type[Event]:
    """A kind of event on a topic; `things` takes it back."""

    class Thing(Event):
        topic: ClassVar[Topic]
        type: Literal["test.thing.v1"] = "test.thing.v1"
        thing_id: str
        number: int = 0

    Thing.topic = topic
    return Thing


@asynccontextmanager
async def things(
    name: str | None = None, *, partitions: int = 3, compacted: bool = False
) -> AsyncIterator[type[Event]]:
    """A kind of event on a topic that no other test uses."""
    topic = Topic(
        name or f"test.{uuid4().hex}.v1",
        key="thing_id",
        producer="test",
        consumers=("test",),
        compacted=compacted,
        partitions=partitions,
    )
    thing = make_thing(topic)
    try:
        yield thing
    finally:
        # The contracts' own tests look at all kinds that there are.
        Event.registry.pop("test.thing.v1", None)


def open_log(kind: str, folder: Path, *kinds: type[Event]) -> Broker:
    """The broker over a log that has the topics of these kinds."""
    topics = (*(kind.topic for kind in kinds), *DEAD.values())
    if kind == "embedded":
        return EmbeddedBroker(folder / "log.db", topics)
    assert KAFKA, "Kafka is required, and TECHDOCK_TEST_KAFKA names none"
    return open_broker(KAFKA.split(","), topics=topics)


def thing(kind: type[Event], subject: str, number: int, sequence: int = 0, **more: Any) -> Event:
    """An event of a kind."""
    return kind.model_validate(
        {
            "id": uuid7(),
            "time": NOON,
            "subject": subject,
            "sequence": sequence,
            "thing_id": subject,
            "number": number,
            **more,
        }
    )


async def publish(engine: AsyncEngine, events: Sequence[Event]) -> None:
    """Write events as a command does."""
    async with transaction(engine) as connection:
        await outbox.append(connection, tables.outbox, events)


def make_unit(connection: AsyncConnection) -> SqlUnit:
    """The transaction of the service under test."""
    return SqlUnit(connection, tables)


async def record_effect(event: Any, unit: SqlUnit) -> None:
    """A handler: writes down what it was given."""
    await unit.connection.execute(
        effects.insert().values(subject=event.subject, number=getattr(event, "number", -1))
    )


async def effects_of(engine: AsyncEngine) -> list[tuple[str, int]]:
    """What handlers did."""
    query = select(effects.c.subject, effects.c.number).order_by(effects.c.at)
    async with reading(engine) as connection:
        return [(subject, number) for subject, number in (await connection.execute(query)).all()]


@dataclass
class Counted:
    """By subject, the numbers in the order of their effects."""

    numbers: dict[str, list[int]]

    @classmethod
    async def of(cls, engine: AsyncEngine) -> "Counted":
        numbers: dict[str, list[int]] = {}
        for subject, number in await effects_of(engine):
            numbers.setdefault(subject, []).append(number)
        return cls(numbers)

    def total(self) -> int:
        return sum(map(len, self.numbers.values()))
