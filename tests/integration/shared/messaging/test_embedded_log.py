"""What is particular to the embedded log: its file, its leases, what it forgets."""

import asyncio
import multiprocessing
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, KafkaStorageError
from support.waiting import until
from techdock_contracts.topics import Topic
from techdock_shared.messaging.log import groups, storage
from techdock_shared.messaging.log.consumer import Consumer
from techdock_shared.messaging.log.groups import LEASE_S, Member, Session
from techdock_shared.messaging.log.members import Members
from techdock_shared.messaging.log.producer import Producer
from techdock_shared.messaging.log.storage import Storage

EVENTS = Topic("t.events.v1", "k", "t", (), partitions=2)
STATES = Topic("t.states.v1", "k", "t", (), partitions=2, compacted=True)


@asynccontextmanager
async def opened(folder: Path, *topics: Topic) -> AsyncIterator[Storage]:
    log = Storage(folder / "log.db", topics or (EVENTS, STATES))
    await log.open()
    try:
        yield log
    finally:
        await log.close()


@asynccontextmanager
async def consuming(log: Storage, topic: Topic, group: str = "g") -> AsyncIterator[Consumer]:
    members = Members(log)
    consumer = Consumer(storage=log, members=members, group_id=group)
    consumer.subscribe([topic.name])
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()
        await members.end()


async def take(consumer: Consumer) -> dict[bytes, list[bytes | None]]:
    """What comes at once, by key."""
    found: dict[bytes, list[bytes | None]] = {}
    for records in (await consumer.getmany()).values():
        for record in records:
            assert record.key is not None
            found.setdefault(record.key, []).append(record.value)
    return found


async def test_a_state_topic_keeps_the_newest_of_a_key(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        producer = Producer(log)
        for n in range(5):
            for key in (b"a", b"b", b"c"):
                await producer.send(STATES.name, b"%d" % n, key)
                await producer.send(EVENTS.name, b"%d" % n, key)
        await producer.send_and_wait(STATES.name, None, b"b")

        async with consuming(log, STATES) as consumer:
            assert await take(consumer) == {b"a": [b"4"], b"b": [None], b"c": [b"4"]}
        async with consuming(log, EVENTS) as consumer:
            assert (await take(consumer))[b"a"] == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_tombstone_goes_when_it_is_old_and_every_group_has_passed_it(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as log:
        producer = Producer(log)
        await producer.send_and_wait(STATES.name, b"1", b"a")
        await producer.send_and_wait(STATES.name, None, b"a", timestamp_ms=1)

        await log.write(storage.clean, durable=False)
        async with consuming(log, STATES) as consumer:
            assert await take(consumer) == {b"a": [None]}
            await log.write(storage.clean, durable=False)
            assert log.query("SELECT count(*) FROM record")[0][0] == 1
            await consumer.commit()
        await log.write(storage.clean, durable=False)
        assert log.query("SELECT count(*) FROM record")[0][0] == 0

        # The offsets go on: what is forgotten is not numbered again.
        await producer.send_and_wait(STATES.name, b"2", b"a")
        async with consuming(log, STATES) as consumer:
            assert await take(consumer) == {b"a": [b"2"]}


async def test_a_member_that_lost_a_partition_cannot_move_the_group(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        await Producer(log).send_and_wait(EVENTS.name, b"1", b"a")
        async with consuming(log, EVENTS) as stale:
            await take(stale)
            # As if this process had been silent for longer than its lease.
            await log.write(lambda c: c.execute("DELETE FROM owner"), durable=False)
            with pytest.raises(CommitFailedError):
                await stale.commit()
        async with consuming(log, EVENTS) as consumer:
            assert await take(consumer) == {b"a": [b"1"]}


async def test_seeking_a_partition_of_somebody_else_does_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as log, consuming(log, EVENTS) as consumer:
        consumer.seek(TopicPartition("t.other.v1", 0), 5)

        assert consumer.assignment() == {TopicPartition(EVENTS.name, n) for n in (0, 1)}


@pytest.mark.parametrize("case", ["alive", "dead", "silent", "from before the reboot", "other"])
async def test_whose_lease_ends(case: str, tmp_path: Path) -> None:
    child = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,), daemon=True)
    child.start()
    assert child.pid is not None
    birth = groups.birth_of(child.pid)
    assert birth
    now = 1000.0
    expires = {"silent": now - 1, "from before the reboot": now + 1e6}.get(case, now + LEASE_S)
    theirs = Session("theirs", groups.host(), child.pid, "another" if case == "other" else birth)
    if case == "dead":
        child.kill()
        child.join()
    member = Member("m", "g", (EVENTS.name,))
    async with opened(tmp_path) as log:
        ours = groups.this_session()

        def before(connection: sqlite3.Connection) -> None:
            groups.keep(theirs, [member], now, connection)
            connection.execute("UPDATE session SET expires = ?", (expires,))

        def after(connection: sqlite3.Connection) -> dict[str, set[int]]:
            return groups.keep(ours, [Member("n", "g", (EVENTS.name,))], now, connection)

        await log.write(before, durable=False)
        mine = (await log.write(after, durable=False))["n"]

        assert len(mine) == (0 if case == "alive" else 2)
    child.kill()
    child.join()


async def test_a_process_is_not_taken_for_one_that_had_its_number(tmp_path: Path) -> None:
    assert groups.birth_of(os.getpid())
    assert groups.birth_of(2**22 + 1) is None


async def test_a_full_disk_refuses_and_the_log_goes_on_afterwards(tmp_path: Path) -> None:
    async with opened(tmp_path) as log:
        producer = Producer(log)
        await producer.send_and_wait(EVENTS.name, b"1", b"a")

        def limit(pages: int) -> Any:
            return lambda c: c.execute(f"PRAGMA max_page_count = {pages}").fetchall()

        await log.write(limit(1), durable=False)
        with pytest.raises(KafkaStorageError):
            await producer.send_and_wait(EVENTS.name, b"x" * 200_000, b"a")
        await log.write(limit(1_000_000), durable=False)
        await producer.send_and_wait(EVENTS.name, b"2", b"a")

        async with consuming(log, EVENTS) as consumer:
            assert await take(consumer) == {b"a": [b"1", b"2"]}


async def test_what_another_process_appends_wakes_a_reader(tmp_path: Path) -> None:
    async with (
        opened(tmp_path) as here,
        opened(tmp_path) as there,
        consuming(here, EVENTS) as consumer,
    ):
        waiting = asyncio.create_task(take(consumer))
        await asyncio.sleep(0)
        await Producer(there).send_and_wait(EVENTS.name, b"1", b"a")

        assert await asyncio.wait_for(waiting, 5) == {b"a": [b"1"]}


async def test_large_records_come_a_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MOST_BYTES", 1000)
    async with opened(tmp_path) as log:
        producer = Producer(log)
        for n in range(6):
            await producer.send_and_wait(EVENTS.name, b"%d" % n * 400, b"a")
        async with consuming(log, EVENTS) as consumer:
            sizes = []
            while sum(sizes) < 6:
                sizes.append(len((await take(consumer))[b"a"]))

        assert sizes == [3, 3]


async def test_two_processes_append_without_a_gap(tmp_path: Path) -> None:
    async with opened(tmp_path) as one, opened(tmp_path) as two:
        producers = [Producer(one), Producer(two)]
        sent = [await p.send(EVENTS.name, b"x", b"a") for _ in range(200) for p in producers]
        offsets = [(await each).offset for each in sent]

        assert sorted(offsets) == list(range(400))
        await until("both see the end", lambda: _same_ends(one, two))


async def _same_ends(one: Storage, two: Storage) -> bool:
    return one.ends == two.ends
