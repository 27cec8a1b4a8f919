"""How a broker over Kafka gets over a producer that is of no use any more."""

import asyncio
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError, OutOfOrderSequenceNumber
from techdock_contracts.topics import PROFILES
from techdock_shared.errors import Unavailable
from techdock_shared.messaging import broker as module
from techdock_shared.messaging.broker import ServerBroker, open_broker

TOPIC = PROFILES.name


class Producer:
    """Stands in for aiokafka's."""

    made: list["Producer"]
    away = False

    def __init__(self, **_: Any) -> None:
        self.got: list[bytes | None] = []
        self.failing = False
        self.stopped = False
        type(self).made.append(self)

    async def start(self) -> None:
        if self.away:
            raise KafkaConnectionError

    async def stop(self) -> None:
        self.stopped = True

    async def send(self, _: str, body: bytes | None, **more: Any) -> "asyncio.Future[Any]":
        sent = asyncio.get_running_loop().create_future()
        if self.failing:
            sent.set_exception(OutOfOrderSequenceNumber())
        else:
            self.got.append(body)
            sent.set_result(None)
        return sent


@pytest.fixture
async def broker(monkeypatch: pytest.MonkeyPatch) -> ServerBroker:
    Producer.made = []
    monkeypatch.setattr(module, "AIOKafkaProducer", Producer)
    monkeypatch.setattr(Producer, "away", False)
    opened = open_broker(["nowhere:1"])
    await opened._connect_producer()  # noqa: SLF001 - the part of connecting that is looked at
    return opened


async def send(broker: ServerBroker, body: bytes) -> None:
    """Send as the relay does: it waits for all, and looks at each afterwards."""
    sent = await broker.send(TOPIC, b"key", body, ())
    await asyncio.gather(sent, return_exceptions=True)
    sent.result()


async def test_a_producer_that_fails_is_replaced(broker: ServerBroker) -> None:
    await send(broker, b"1")
    (first,) = Producer.made
    first.failing = True
    with pytest.raises(OutOfOrderSequenceNumber):
        await send(broker, b"2")

    await send(broker, b"2")
    await send(broker, b"3")

    (_, second) = Producer.made
    assert (first.got, second.got) == ([b"1"], [b"2", b"3"])
    assert first.stopped


async def test_while_the_log_is_away_the_failure_says_so(
    broker: ServerBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    Producer.made[0].failing = True
    with pytest.raises(OutOfOrderSequenceNumber):
        await send(broker, b"1")
    monkeypatch.setattr(Producer, "away", True)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await send(broker, b"1")
    monkeypatch.setattr(Producer, "away", False)

    await send(broker, b"1")

    assert Producer.made[-1].got == [b"1"]
