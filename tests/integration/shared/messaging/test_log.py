"""What both logs promise to FastStream's subscribers: nothing lost, order per key, at least once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from support.broker import (
    KAFKA,
    LOGS,
    Counted,
    effects_of,
    make_unit,
    metadata,
    open_log,
    publish,
    record_effect,
    tables,
    thing,
    things,
)
from support.databases import database
from support.waiting import until
from techdock_contracts.event import Event
from techdock_shared.errors import Unavailable
from techdock_shared.messaging.broker import Broker
from techdock_shared.messaging.consumer import Consumer
from techdock_shared.messaging.record import Record
from techdock_shared.messaging.relay import Relay
from techdock_shared.messaging.subscriber import subscribe
from techdock_shared.sql.unit import begin_of


@dataclass
class Taker:
    """Stands where the consumer does, and notes what comes."""

    group: str = "taker"
    records: list[Record] = field(default_factory=list)
    batches: int = 0
    refuse: Callable[[list[Record]], Exception | None] = lambda _: None

    async def take(self, records: list[Record]) -> None:
        self.batches += 1
        error = self.refuse(records)
        if error is not None:
            raise error
        self.records.extend(records)

    def numbers(self, subject: str) -> list[int]:
        return [_number(r) for r in self.records if r.subject == subject]


def _number(record: Record) -> int:
    number: int = getattr(record.content, "number", -1)
    return number


@asynccontextmanager
async def receiving(
    log: str, folder: Path, kind: type[Event], *takers: Any
) -> AsyncIterator[Broker]:
    broker = open_log(log, folder, kind)
    for taker in takers:
        subscribe(broker, kind.topic, taker, max_records=50)
    async with broker.receiving():
        assert broker.ready.is_set()
        yield broker


async def send(broker: Broker, kind: type[Event], subject: str, *numbers: int) -> None:
    events = [thing(kind, subject, n, n) for n in numbers]
    sent = [await broker.send(kind.topic.name, e.key.encode(), e.to_bytes(), ()) for e in events]
    await asyncio.gather(*sent)


@pytest.mark.parametrize("log", LOGS)
async def test_messages_of_a_key_come_in_the_order_sent(log: str, tmp_path: Path) -> None:
    async with things() as kind:
        taker = Taker()
        async with receiving(log, tmp_path, kind, taker) as broker:
            for start in range(1, 400, 100):
                for subject in ("a", "b", "c", "d"):
                    await send(broker, kind, subject, *range(start, start + 100))
            await until("all came", lambda: _has(taker, 1600))

        for subject in ("a", "b", "c", "d"):
            assert taker.numbers(subject) == list(range(1, 401))


@pytest.mark.parametrize("log", LOGS)
async def test_a_group_goes_on_where_it_was_and_a_new_one_begins_at_the_start(
    log: str, tmp_path: Path
) -> None:
    async with things() as kind:
        first, second, other = Taker(), Taker(), Taker("other")
        async with receiving(log, tmp_path, kind, first) as broker:
            await send(broker, kind, "a", 1, 2)
            await until("both came", lambda: _has(first, 2))
        async with receiving(log, tmp_path, kind, second, other) as broker:
            await send(broker, kind, "a", 3)
            await until("the third came", lambda: _has(second, 1))
            await until("all came", lambda: _has(other, 3))

        assert second.numbers("a") == [3]
        assert other.numbers("a") == [1, 2, 3]


@pytest.mark.parametrize("log", LOGS)
async def test_a_refused_batch_comes_again_and_others_go_on(log: str, tmp_path: Path) -> None:
    async with things() as kind:
        refusals = 0

        def refuse(_: list[Record]) -> Exception | None:
            nonlocal refusals
            refusals += 1
            return Unavailable("not now") if refusals <= 5 else None

        taker, other = Taker(refuse=refuse), Taker("other")
        async with receiving(log, tmp_path, kind, taker, other) as broker:
            await send(broker, kind, "a", 1, 2, 3)
            await send(broker, kind, "b", 1)
            await until("all came", lambda: _has(taker, 4))
            await until("the other is not held up", lambda: _has(other, 4))

        assert taker.numbers("a") == [1, 2, 3]
        assert taker.numbers("b") == [1]


@pytest.mark.parametrize("log", LOGS)
async def test_headers_that_are_no_text_stop_nothing(log: str, tmp_path: Path) -> None:
    async with things() as kind:
        taker = Taker()
        async with receiving(log, tmp_path, kind, taker) as broker:
            event = thing(kind, "a", 1, 1)
            headers = [("h", b"\xff\xfe"), ("content-type", b"\x00")]
            await (await broker.send(kind.topic.name, b"\xff", event.to_bytes(), headers))
            await (await broker.send(kind.topic.name, b"a", None, headers))
            await until("both came", lambda: _has(taker, 2))

        assert {r.broken is None for r in taker.records} == {True, False}


@pytest.mark.parametrize("log", LOGS)
async def test_a_topic_that_is_not_declared_is_refused(log: str, tmp_path: Path) -> None:
    async with things() as kind, receiving(log, tmp_path, kind) as broker:
        with pytest.raises(KafkaError) as refusal:
            await broker.send("test.unknown.v1", b"k", b"{}", ())

        assert isinstance(refusal.value, UnknownTopicOrPartitionError)
        assert "test.unknown.v1 is not declared" in str(refusal.value)


@pytest.mark.parametrize("log", LOGS)
async def test_two_members_share_and_one_that_leaves_is_replaced(log: str, tmp_path: Path) -> None:
    async with things(partitions=4) as kind, AsyncExitStack() as stack:
        one, two = Taker(), Taker()
        broker = await stack.enter_async_context(receiving(log, tmp_path, kind, one))
        await send(broker, kind, "a", 1)
        await until("the first came", lambda: _has(one, 1))
        async with receiving(log, tmp_path, kind, two):
            await until("both read", lambda: _both_read(broker, kind, one, two), within_s=30)
        sent = len(one.records) + len(two.records)
        subjects = [f"after-{n}" for n in range(20)]
        for subject in subjects:
            await send(broker, kind, subject, 1)
        await until("all came to the first", lambda: _came(one, subjects), within_s=30)

        both = one.records + two.records
        assert len({r.id for r in both}) >= sent + 20


@pytest.mark.parametrize("log", LOGS)
async def test_from_outbox_to_effect(log: str, tmp_path: Path) -> None:
    async with (
        things() as kind,
        database("sqlite", tmp_path, metadata) as engine,
    ):
        consumer = Consumer("test", {kind: record_effect}, begin_of(engine, make_unit))
        broker = open_log(log, tmp_path, kind)
        subscribe(broker, kind.topic, consumer)
        async with broker.receiving(), _relaying(engine, broker):
            for n in range(20):
                await publish(engine, [thing(kind, s, n) for s in "abcde"])
            await until("all took effect", lambda: _effects(engine, 100))

        counted = await Counted.of(engine)
        assert counted.numbers == {s: list(range(20)) for s in "abcde"}


async def test_kafka_gets_the_settings_of_a_topic(tmp_path: Path) -> None:
    if not KAFKA:
        pytest.skip("Kafka: no TECHDOCK_TEST_KAFKA")
    async with (
        things(compacted=True, partitions=2) as kind,
        receiving("kafka", tmp_path, kind) as broker,
    ):
        reader: Any = AIOKafkaConsumer(kind.topic.name, bootstrap_servers=KAFKA.split(","))
        await reader.start()
        assert reader.partitions_for_topic(kind.topic.name) == {0, 1}
        await reader.stop()
        (answer,) = await broker.config.admin_client.describe_configs(  # type: ignore[attr-defined] # FastStream types it loosely
            [ConfigResource(ConfigResourceType.TOPIC, kind.topic.name)]
        )
        settings = {entry[0]: entry[1] for entry in answer.resources[0][4]}
        assert settings["cleanup.policy"] == "compact"


async def test_a_broker_whose_log_is_away_starts_and_comes_up_later(tmp_path: Path) -> None:
    async with things() as kind:
        folder = tmp_path / "later"
        broker = open_log("embedded", folder, kind)
        taker = Taker()
        subscribe(broker, kind.topic, taker)  # type: ignore[arg-type] # stands in for a consumer
        async with broker.receiving(patience_s=0.05):
            assert not broker.ready.is_set()
            with pytest.raises(Unavailable):
                await broker.send(kind.topic.name, b"a", b"{}", ())
            folder.mkdir()
            await asyncio.wait_for(broker.ready.wait(), 10)
            await send(broker, kind, "a", 1)
            await until("it came", lambda: _has(taker, 1))


@asynccontextmanager
async def _relaying(engine: Any, broker: Broker) -> AsyncIterator[None]:
    task = asyncio.create_task(Relay(engine, tables.outbox, broker).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _has(taker: Taker, count: int) -> bool:
    return len(taker.records) >= count


async def _effects(engine: Any, count: int) -> bool:
    return len(await effects_of(engine)) >= count


async def _came(taker: Taker, subjects: list[str]) -> bool:
    return {r.subject for r in taker.records} >= set(subjects)


async def _both_read(broker: Broker, kind: type[Event], one: Taker, two: Taker) -> bool:
    """Send until both have something new: the partitions are shared then."""
    await send(broker, kind, f"s{len(one.records) + len(two.records)}", 1)
    await asyncio.sleep(0.01)
    return bool(two.records)
