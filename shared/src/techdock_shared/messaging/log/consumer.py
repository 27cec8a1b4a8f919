"""The consumer: as much of aiokafka's as is used, over the log of one file."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, IllegalStateError

from techdock_shared import crash
from techdock_shared.messaging.log import groups
from techdock_shared.messaging.log.groups import Member
from techdock_shared.messaging.log.members import Members
from techdock_shared.messaging.log.storage import Storage, Stored
from techdock_shared.telemetry import CONSUMER_LAG


class Consumer:
    """Reads the partitions that its group gives it, from where the group is."""

    def __init__(
        self,
        *,
        storage: Storage,
        members: Members,
        group_id: str,
        auto_offset_reset: str = "earliest",
        **_: Any,
    ) -> None:
        """Prepare; other settings of aiokafka have no meaning here.

        Args:
            storage: The log.
            members: The consumers of this process.
            group_id: The group to read for.
            auto_offset_reset: Where a new group begins: `earliest` or `latest`.
        """
        self._storage = storage
        self._members = members
        self._from_start = auto_offset_reset == "earliest"
        self._group_id = group_id
        self._listener: ConsumerRebalanceListener | None = None
        self._places: dict[TopicPartition, int] = {}
        self._positions: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._grown = asyncio.Event()
        self._turn = 0
        self._closed = False
        self._member = Member(uuid4().hex, group_id, ())
        # FastStream's log lines read these.
        self._coordinator = SimpleNamespace(member_id=self._member.id)
        self._subscription = SimpleNamespace(topics=set())

    def subscribe(
        self,
        topics: Iterable[str] = (),
        pattern: str | None = None,
        listener: ConsumerRebalanceListener | None = None,
    ) -> None:
        """Say what to read; call it before `start`.

        Raises:
            IllegalStateError: A pattern; topics are named here.
        """
        if pattern:
            raise IllegalStateError("the embedded log reads named topics, not a pattern")
        self._subscription.topics = set(topics)
        self._member = Member(self._member.id, self._group_id, tuple(sorted(topics)))
        self._listener = listener

    async def start(self) -> None:
        """Join the group.

        Raises:
            UnknownTopicOrPartitionError: A topic is not declared.
        """
        for topic in self._member.topics:
            self._storage.partitions(topic)
        await self._members.join(self._member, self._take)

    async def stop(self) -> None:
        """Leave the group, so that others may go on at once."""
        if self._closed:
            return
        self._closed = True
        self._storage.wake_on(self._grown, set())
        self._grown.set()
        await self._members.leave(self._member)

    def assignment(self) -> set[TopicPartition]:
        """Return the partitions that this consumer reads."""
        return set(self._positions)

    async def getmany(
        self,
        *_: TopicPartition,
        timeout_ms: int = 0,  # noqa: ARG002 - see below
        max_records: int | None = None,
    ) -> "dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]":
        """Wait for records and return them by partition, in order.

        It waits as long as it takes, whatever the timeout: FastStream sleeps after an empty
        answer, and an event that comes meanwhile would wait for it to wake.

        Raises:
            ConsumerStoppedError: The consumer was stopped.
        """
        while True:
            if self._closed:
                raise ConsumerStoppedError
            self._grown.clear()
            found = self._read(max_records or 500)
            if found:
                # Others get a turn even if the batch is refused at once and read again.
                await asyncio.sleep(0)
                return found
            await self._grown.wait()

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from an offset, unless another member reads the partition now.

        FastStream rewinds the partitions of a failed batch one by one. If one that was lost
        raised, the rest would stay where they are and be committed unhandled.
        """
        if partition not in self._positions:
            return
        self._positions[partition] = offset
        self._grown.set()

    async def position(self, partition: TopicPartition) -> int:
        """Return the offset that is read next."""
        return self._positions[partition]

    def highwater(self, partition: TopicPartition) -> int:
        """Return the offset after the last record."""
        return self._storage.ends.get(self._places[partition], 0)

    async def committed(self, partition: TopicPartition) -> int | None:
        """Return the offset that the group has committed."""
        place = self._storage.partitions(partition.topic)[partition.partition]
        return self._committed_of(place)

    async def commit(self, offsets: Mapping[TopicPartition, int] | None = None) -> None:
        """Store how far the group is; None stores where this consumer is.

        Raises:
            CommitFailedError: Another member reads one of the partitions now.
        """
        wanted = dict(self._positions if offsets is None else offsets)
        new = {tp: offset for tp, offset in wanted.items() if self._committed.get(tp) != offset}
        if not new:
            return
        crash.point("offsets.before_commit")
        places = {self._places[tp]: offset for tp, offset in new.items() if tp in self._places}
        work = partial(groups.commit, self._member, places)
        await self._storage.write(work, durable=False)
        crash.point("offsets.after_commit")
        self._committed.update(new)

    def _read(self, most: int) -> "dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]":
        assigned = sorted(self._positions)
        self._turn += 1
        found: dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]] = {}
        for turn in range(len(assigned)):
            place = assigned[(self._turn + turn) % len(assigned)]
            partition = self._places[place]
            stored, position = self._storage.read(partition, self._positions[place], most)
            self._positions[place] = position
            if stored:
                found[place] = [_record(place, each) for each in stored]
                most -= len(stored)
            if most <= 0:
                break
        self._tell_lag()
        return found

    def _tell_lag(self) -> None:
        lags: dict[str, int] = dict.fromkeys(self._member.topics, 0)
        for place, position in self._positions.items():
            lags[place.topic] += max(0, self.highwater(place) - position)
        for topic, lag in lags.items():
            CONSUMER_LAG.labels(self._group_id.removesuffix(f".{topic}"), topic).set(lag)

    async def _take(self, partitions: set[int]) -> None:
        """Read these partitions from now on, and no others."""
        places = {
            TopicPartition(topic, number): partition
            for topic in self._member.topics
            for number, partition in enumerate(self._storage.partitions(topic))
            if partition in partitions
        }
        if places == self._places:
            return
        lost = self._places.keys() - places.keys()
        if lost and self._listener is not None:
            await _maybe(self._listener.on_partitions_revoked(lost))
        self._positions = {
            place: self._positions.get(place, self._start_of(partition))
            for place, partition in places.items()
        }
        self._committed = {p: o for p, o in self._committed.items() if p in places}
        self._places = places
        self._storage.wake_on(self._grown, set(partitions))
        self._grown.set()
        if self._listener is not None:
            await _maybe(self._listener.on_partitions_assigned(set(places)))

    def _start_of(self, partition: int) -> int:
        committed = self._committed_of(partition)
        if committed is not None:
            return committed
        if self._from_start:
            return self._storage.first_offset(partition)
        return self._storage.ends.get(partition, 0)

    def _committed_of(self, partition: int) -> int | None:
        rows = self._storage.query(
            "SELECT next FROM committed WHERE grp = ? AND partition = ?",
            (self._group_id, partition),
        )
        return int(rows[0][0]) if rows else None


def _record(place: TopicPartition, stored: Stored) -> "ConsumerRecord[bytes, bytes]":
    return ConsumerRecord(
        topic=place.topic,
        partition=place.partition,
        offset=stored.offset,
        timestamp=stored.ms,
        timestamp_type=0,
        key=stored.key,
        value=stored.value,
        checksum=None,
        serialized_key_size=len(stored.key or b""),
        serialized_value_size=len(stored.value or b""),
        headers=stored.headers,
    )


async def _maybe(result: Awaitable[None] | None) -> None:
    if result is not None:
        await result
