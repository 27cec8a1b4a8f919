"""R1 in one process: between a commit and its effects elsewhere, whoever carries events dies.

Registration's outbox, its relay, the log in its file, and matching and reporting that listen; all
real, over their files. The carrier dies once at a point, everything is started again, and in the
end each event was heard once, in order.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from support.clock import NOON, FrozenClock
from support.crashes import CONSUMER_POINTS, Died, dying_at
from support.delivering import in_order, listened
from support.readers import READERS, Reader, make_tables, url_of
from support.tales import Told, tale
from support.waiting import until
from techdock_contracts.event import Event
from techdock_registration.adapters.transaction import SqlBegin
from techdock_shared.messaging.embedded import EmbeddedBroker
from techdock_shared.messaging.relay import Relay
from techdock_shared.messaging.subscriber import subscribe
from techdock_shared.sql import outbox
from techdock_shared.sql.engine import open_engine

LISTENERS = ("matching", "reporting")
SEED = 3
RELAY_POINTS = ("relay.before_send", "relay.before_mark", "relay.after_mark")
OFFSET_POINTS = ("offsets.before_commit", "offsets.after_commit")


@dataclass
class Line:
    """The way of events, as one process holds it."""

    engines: dict[str, AsyncEngine]
    relay: Relay

    async def models(self) -> dict[str, object]:
        return {name: await READERS[name].model(self.engines[name]) for name in LISTENERS}


@asynccontextmanager
async def line(folder: Path) -> AsyncIterator[Line]:
    """Start everything over the files of a folder."""
    async with AsyncExitStack() as stack:
        engines = {}
        for name in READERS:
            engines[name] = open_engine(url_of(folder / f"{name}.db"))
            stack.push_async_callback(engines[name].dispose)
        broker = EmbeddedBroker(folder / "events.db")
        for name in LISTENERS:
            _listen(READERS[name], engines[name], broker)
        await stack.enter_async_context(broker.receiving())
        tables = READERS["registration"].tables
        yield Line(engines, Relay(engines["registration"], tables.outbox, broker))


def _listen(reader: Reader, engine: AsyncEngine, broker: EmbeddedBroker) -> None:
    consumer = reader.consumer(engine)
    topics = {getattr(key, "topic", key) for key in reader.handlers}
    for topic in sorted(topics, key=lambda topic: topic.name):
        subscribe(broker, topic, consumer, max_records=10)


def of_registration(told: Sequence[Told]) -> list[Event]:
    """Events in the order told, as commands tell them: the outbox counts."""
    return [
        each.model_copy(update={"sequence": 0})
        for each in told
        if isinstance(each, Event) and each.topic.producer == "registration"
    ]


@pytest.fixture
async def told(tmp_path: Path) -> list[Event]:
    """What commands of registration have committed, in its outbox; nobody has heard of it."""
    for reader in READERS.values():
        engine = open_engine(url_of(tmp_path / f"{reader.name}.db"))
        await make_tables(reader, engine)
        await engine.dispose()
    events = of_registration(tale(SEED))
    engine = open_engine(url_of(tmp_path / "registration.db"))
    async with SqlBegin(engine, FrozenClock(NOON))() as transaction:
        numbered = await outbox.append(
            transaction.connection, READERS["registration"].tables.outbox, events
        )
    await engine.dispose()
    return list(numbered)


async def _expected(told: Sequence[Event], folder: Path) -> dict[str, object]:
    models: dict[str, object] = {}
    for name in LISTENERS:
        reader = READERS[name]
        engine = open_engine(url_of(folder / f"expected_{name}.db"))
        await make_tables(reader, engine)
        await reader.hear(engine, in_order(listened(told, reader.handlers)))
        models[name] = await reader.model(engine)
        await engine.dispose()
    return models


@pytest.mark.parametrize("point", [*RELAY_POINTS, *OFFSET_POINTS, *CONSUMER_POINTS])
async def test_whoever_carries_events_dies(point: str, told: list[Event], tmp_path: Path) -> None:
    expected = await _expected(told, tmp_path)
    died: list[str] = []

    async def has_died() -> bool:
        return bool(died)

    async with line(tmp_path) as before:
        with dying_at(point) as died, suppress(Died):
            await before.relay.drain()
            # Not the relay: then a listener dies, in a task of the log's.
            await until(f"somebody dies at {point}", has_died)
    async with line(tmp_path) as after:
        while await after.relay.drain():
            pass

        async def all_heard() -> bool:
            return await after.models() == expected

        try:
            await until("everybody has heard all", all_heard)
        except AssertionError:
            assert await after.models() == expected
    assert died == [point]


async def test_nobody_dies(told: list[Event], tmp_path: Path) -> None:
    expected = await _expected(told, tmp_path)
    async with line(tmp_path) as whole:
        await whole.relay.drain()

        async def all_heard() -> bool:
            return await whole.models() == expected

        await until("everybody has heard all", all_heard)
