"""What aiokafka does otherwise than we need: an unlucky seek, an empty answer, topics' settings."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import IllegalStateError, TopicAlreadyExistsError, for_code
from techdock_contracts.topics import Topic
from typing_extensions import override

from techdock_shared import crash
from techdock_shared.telemetry import CONSUMER_LAG

log = logging.getLogger(__name__)

DECLARE_S = 30.0
MOST_MESSAGE_BYTES = 1024 * 1024


class PatientConsumer(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka has no types
    """A consumer that waits for records, and for which a lost partition is no failure."""

    @override
    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> "dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]":
        """Wait for records as long as it takes.

        FastStream sleeps after an empty answer, and an event that comes meanwhile would wait
        for it to wake.
        """
        while True:
            found: dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]
            found = await super().getmany(
                *partitions, timeout_ms=timeout_ms or 200, max_records=max_records
            )
            if found:
                self._tell_lag()
                return found

    @override
    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from an offset, unless another member reads the partition now.

        FastStream rewinds the partitions of a failed batch one by one. If one that was lost
        raised, the rest would stay where they are and be committed unhandled.
        """
        try:
            super().seek(partition, offset)
        except IllegalStateError:
            log.info("a lost partition is not rewound", extra={"partition": str(partition)})

    @override
    async def commit(self, offsets: Any = None) -> None:
        """Store how far the group is."""
        crash.point("offsets.before_commit")
        await super().commit(offsets)
        crash.point("offsets.after_commit")

    def _tell_lag(self) -> None:
        lags: dict[str, int] = {}
        for partition in self.assignment():
            state = self._subscription.subscription.assignment.state_value(partition)
            high = self.highwater(partition)
            if high is not None and state.has_valid_position:
                left = max(0, high - state.position)
                lags[partition.topic] = lags.get(partition.topic, 0) + left
        for topic, lag in lags.items():
            group = str(self._group_id).removesuffix(f".{topic}")
            CONSUMER_LAG.labels(group, topic).set(lag)


async def declare(admin: AIOKafkaAdminClient, topics: Sequence[Topic], replication: int) -> None:
    """Make the topics that the cluster misses; those it has stay as they are.

    Raises:
        KafkaError: The cluster cannot make one now, for example because it has too few nodes.
    """
    new = [
        NewTopic(
            topic.name,
            num_partitions=topic.partitions,
            replication_factor=replication,
            topic_configs=settings_of(topic, replication),
        )
        for topic in topics
    ]
    answer = await asyncio.wait_for(admin.create_topics(new), DECLARE_S)
    for each in answer.to_object()["topic_errors"]:
        failure = for_code(each["error_code"]) if each["error_code"] else None
        if failure is not None and not issubclass(failure, TopicAlreadyExistsError):
            raise failure(f"{each['topic']}: {each.get('error_message')}")


def settings_of(topic: Topic, replication: int) -> dict[str, str]:
    """Return the settings of a topic on Kafka."""
    kept = (
        {"cleanup.policy": "compact", "delete.retention.ms": str(24 * 3600 * 1000)}
        if topic.compacted
        else {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
    )
    return {
        **kept,
        "min.insync.replicas": str(min(2, replication)),
        "max.message.bytes": str(MOST_MESSAGE_BYTES),
    }
