"""The producer: as much of aiokafka's as is used, over the log of one file."""

import asyncio
import time
from collections.abc import Sequence

from aiokafka import TopicPartition
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.structs import RecordMetadata

from techdock_shared.messaging.log.storage import Headers, Storage, Unstored


class Producer:
    """Appends records; those sent in one turn of the event loop are stored together.

    Keys go to partitions as with Kafka, by the same hash.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._partitioner = DefaultPartitioner()
        self._unsent: list[tuple[Unstored, str, int, asyncio.Future[RecordMetadata]]] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._closed = False

    async def start(self) -> None:
        """Begin; the storage is open already."""

    async def stop(self) -> None:
        """Store what was sent, then end."""
        await self.flush()
        self._closed = True

    async def flush(self) -> None:
        """Wait until all that was sent is stored."""
        while self._unsent or self._sending:
            await asyncio.gather(*self._sending, asyncio.sleep(0), return_exceptions=True)

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        headers: Headers | None = None,
    ) -> "asyncio.Future[RecordMetadata]":
        """Append a record; the future is done when it is stored for good.

        Raises:
            UnknownTopicOrPartitionError: The topic is not declared.
        """
        partitions = self._storage.partitions(topic)
        if partition is None:
            numbers = list(range(len(partitions)))
            partition = int(self._partitioner(key, numbers, numbers))
        ms = timestamp_ms or time.time_ns() // 1_000_000
        record = Unstored(partitions[partition], ms, key, value, headers or ())
        done: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._send_all)
        self._unsent.append((record, topic, partition, done))
        return done

    async def send_and_wait(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
        headers: Headers | None = None,
    ) -> RecordMetadata:
        """Append a record and wait until it is stored for good."""
        return await (await self.send(topic, value, key, partition, timestamp_ms, headers))

    def _send_all(self) -> None:
        unsent, self._unsent = self._unsent, []
        task = asyncio.create_task(self._store(unsent))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _store(
        self, unsent: Sequence[tuple[Unstored, str, int, "asyncio.Future[RecordMetadata]"]]
    ) -> None:
        try:
            offsets = await self._storage.append([record for record, *_ in unsent])
        except Exception as error:  # noqa: BLE001 - told to each who sent
            for *_, done in unsent:
                if not done.done():
                    done.set_exception(error)
            return
        for (record, topic, number, done), offset in zip(unsent, offsets, strict=True):
            if not done.done():
                place = TopicPartition(topic, number)
                done.set_result(RecordMetadata(topic, number, place, offset, record.ms, 0, 0))
