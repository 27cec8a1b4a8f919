"""The only FastStream subscriber of the code base.

FastStream's own defaults for Kafka commit the offset first and lose a message on a crash;
NACK_ON_ERROR alone stops a partition at the first message that cannot be handled. So there is
one subscriber, with the consumer's retries and dead letters behind it, and no other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiokafka import ConsumerRecord
from faststream import AckPolicy
from faststream.kafka import Topic as KafkaTopic
from faststream.kafka.message import KafkaMessage
from techdock_contracts.topics import Topic

from techdock_shared.messaging.broker import Broker
from techdock_shared.messaging.consumer import Consumer
from techdock_shared.messaging.record import Record, read

MAX_BATCH = 500
POLL_INTERVAL_MS = 300_000
"""How long a batch may take before Kafka gives its partitions to another member."""

SESSION_MS = 6_000
"""How long a member may be silent; the least that Kafka's default allows. It bounds how long the
partitions of a killed process stand still."""

Raw = tuple["ConsumerRecord[bytes, bytes]", ...]


def subscribe(
    broker: Broker, topic: Topic, consumer: Consumer, max_records: int = MAX_BATCH
) -> None:
    """Deliver the topic to the consumer in batches, at least once, in key order.

    The offsets are committed after the effects of the batch. Call it before the broker starts.

    Args:
        broker: Kafka or the embedded log; this line cannot tell.
        topic: A declared one.
        consumer: Where the batches go.
        max_records: Most messages of one batch, and so of one transaction.

    Raises:
        ValueError: The topic is not declared on this broker.
    """
    if topic not in broker.topics:
        raise ValueError(f"{topic.name} is not declared; the broker has {broker.topics}")

    async def decode(message: KafkaMessage) -> list[Record]:
        raw: Any = message.raw_message
        return [read(topic, each) for each in raw]

    # A group of its own for each topic: the members of one Kafka group all pause whenever one
    # of them starts or dies, whatever it reads.
    @broker.subscriber(
        KafkaTopic(topic.name, num_partitions=topic.partitions, declare=False),
        group_id=f"{consumer.group}.{topic.name}",
        batch=True,
        max_records=max_records,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        max_poll_interval_ms=POLL_INTERVAL_MS,
        session_timeout_ms=SESSION_MS,
        heartbeat_interval_ms=SESSION_MS // 3,
        parser=_parse,
        decoder=decode,
        no_reply=True,
    )
    async def receive(records: list[Record]) -> None:
        await consumer.take(records)


async def _parse(raw: Raw, original: Callable[[Raw], Awaitable[KafkaMessage]]) -> KafkaMessage:
    """Make FastStream's message of a batch without touching what may be broken.

    Its own parser decodes every header of every message and fails the batch, for ever, at the
    first that is not UTF-8.
    """
    ends = tuple(replace(each, headers=(), value=b"") for each in (raw[0], raw[-1]))
    message = await original(ends)
    message.raw_message = raw
    return message
