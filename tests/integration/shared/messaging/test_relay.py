"""What the relay promises: what was committed leaves, in order, though log and process may fail."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from support.broker import metadata, publish, tables, thing, things
from support.databases import DATABASES, NEEDS_POSTGRES, database, database_url
from support.waiting import until
from techdock_shared import crash
from techdock_shared.errors import Unavailable
from techdock_shared.messaging.relay import Relay
from techdock_shared.sql import outbox
from techdock_shared.sql.engine import open_engine, reading, transaction


@dataclass
class FakeLog:
    """Keeps what it is sent; refuses the messages whose turn it is told."""

    refused: set[int] = field(default_factory=set)
    sent: list[tuple[str, int]] = field(default_factory=list)
    headers: list[Any] = field(default_factory=list)
    asked: int = 0

    async def send(
        self, topic: str, key: bytes, body: bytes | None, headers: Sequence[tuple[str, bytes]]
    ) -> "asyncio.Future[None]":
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        number = -1 if body is None else orjson.loads(body)["data"]["number"]
        if self.asked in self.refused:
            future.set_exception(ConnectionError("gone"))
        else:
            self.sent.append((key.decode(), number))
            self.headers.append(dict(headers))
            future.set_result(None)
        self.asked += 1
        return future


async def rows_left(engine: AsyncEngine) -> int:
    async with reading(engine) as connection:
        counted = select(func.count()).select_from(tables.outbox)
        return (await connection.execute(counted)).scalar_one()


@asynccontextmanager
async def running(relay: Relay) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(relay.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_rollback_leaves_neither(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine, things() as a:
        with pytest.raises(RuntimeError):
            async with transaction(engine) as connection:
                await outbox.append(connection, tables.outbox, [thing(a, "a", 1)])
                raise RuntimeError("no")
        await publish(engine, [thing(a, "a", 2)])

        log = FakeLog()
        assert await Relay(engine, tables.outbox, log).drain() == 1

        assert log.sent == [("a", 2)]
        # The number of the one that was rolled back is given again: a gap would be waited for.
        assert await rows_left(engine) == 0


@pytest.mark.parametrize("kind", DATABASES)
async def test_events_are_numbered_by_topic_and_subject(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine, things() as a:
        async with transaction(engine) as connection:
            first = await outbox.append(
                connection, tables.outbox, [thing(a, s, 0) for s in ("a", "b", "a")]
            )
        async with transaction(engine) as connection:
            second = await outbox.append(
                connection, tables.outbox, [thing(a, s, 0) for s in ("b", "a")]
            )
            await outbox.append_tombstone(connection, tables.outbox, a.topic, "a", "a")

        assert [(e.subject, e.sequence) for e in first] == [("a", 1), ("b", 1), ("a", 2)]
        assert [(e.subject, e.sequence) for e in second] == [("b", 2), ("a", 3)]
        log = FakeLog()
        await Relay(engine, tables.outbox, log).drain()
        assert log.headers[-1]["ce_sequence"] == b"4"
        assert log.headers[0] == {"content-type": b"application/cloudevents+json"}


@pytest.mark.parametrize("kind", DATABASES)
async def test_what_the_log_refused_is_sent_again_and_its_key_stays_in_order(
    kind: str, tmp_path: Path
) -> None:
    async with database(kind, tmp_path, metadata) as engine, things() as a:
        await publish(engine, [thing(a, s, n) for n in (1, 2, 3) for s in ("a", "b")])
        log = FakeLog(refused={2})
        relay = Relay(engine, tables.outbox, log)

        with pytest.raises(Unavailable):
            await relay.drain()
        assert await rows_left(engine) == 2
        await relay.drain()

        # The third of "a" comes again behind the second: the log's last word is the newest.
        assert [n for key, n in log.sent if key == "a"] == [1, 3, 2, 3]
        assert [n for key, n in log.sent if key == "b"] == [1, 2, 3]


@NEEDS_POSTGRES
async def test_a_late_committer_is_not_skipped(tmp_path: Path) -> None:
    async with database("postgresql", tmp_path, metadata) as engine, things() as a:
        log = FakeLog()
        relay = Relay(engine, tables.outbox, log)
        async with transaction(engine) as late:
            await outbox.append(late, tables.outbox, [thing(a, "late", 1)])
            await publish(engine, [thing(a, "early", 2)])
            assert await relay.drain() == 1
            assert log.sent == [("early", 2)]
        await relay.drain()

        assert log.sent == [("early", 2), ("late", 1)]


@NEEDS_POSTGRES
async def test_two_transactions_about_one_subject_commit_in_the_order_of_their_numbers(
    tmp_path: Path,
) -> None:
    async with database("postgresql", tmp_path, metadata) as engine, things() as a:
        async with transaction(engine) as first:
            await outbox.append(first, tables.outbox, [thing(a, "a", 1)])
            second = asyncio.create_task(publish(engine, [thing(a, "a", 2)]))
            done, _ = await asyncio.wait({second}, timeout=0.1)
            assert not done
        await second

        log = FakeLog()
        await Relay(engine, tables.outbox, log).drain()
        assert log.sent == [("a", 1), ("a", 2)]


@pytest.mark.parametrize("kind", DATABASES)
async def test_one_relay_runs_and_another_takes_over(kind: str, tmp_path: Path) -> None:
    async with database_url(kind, tmp_path) as url, things() as a:
        one, two = open_engine(url), open_engine(url)
        async with one.begin() as connection:
            await connection.run_sync(metadata.create_all)
        first, second = FakeLog(), FakeLog()
        async with running(Relay(one, tables.outbox, first)):
            await publish(one, [thing(a, "a", 1)])
            await until("the first sent it", lambda: _count(first, 1))
            async with running(Relay(two, tables.outbox, second)):
                for n in range(2, 12):
                    # The second process commits, and tells the first one.
                    await publish(two if n % 2 else one, [thing(a, "a", n)])
                await until("the first sent all", lambda: _count(first, 11))
                assert second.sent == []
        async with running(Relay(two, tables.outbox, second)):
            await publish(two, [thing(a, "a", 12)])
            await until("the second sent it", lambda: _count(second, 1))

        assert first.sent == [("a", n) for n in range(1, 12)]
        assert second.sent == [("a", 12)]
        await one.dispose()
        await two.dispose()


@NEEDS_POSTGRES
async def test_a_commit_of_another_process_wakes_the_relay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("techdock_shared.messaging.relay.POLL_S", 60.0)
    async with database_url("postgresql", tmp_path) as url, things() as a:
        one, two = open_engine(url), open_engine(url)
        async with one.begin() as connection:
            await connection.run_sync(metadata.create_all)
        log = FakeLog()
        async with running(Relay(one, tables.outbox, log)):
            await publish(one, [thing(a, "a", 1)])
            await until("the first was sent", lambda: _count(log, 1))
            begun = time.monotonic()
            await publish(two, [thing(a, "a", 2)])
            await until("the second was sent", lambda: _count(log, 2))
            assert time.monotonic() - begun < 1.0
        await one.dispose()
        await two.dispose()


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("point", ["relay.before_send", "relay.before_mark", "relay.after_mark"])
@pytest.mark.parametrize("kind", DATABASES)
async def test_a_crash_of_the_relay_loses_nothing_and_keeps_the_order(
    kind: str, point: str, tmp_path: Path
) -> None:
    async with database(kind, tmp_path, metadata) as engine, things() as a:
        await publish(engine, [thing(a, "a", n) for n in range(5)])
        log = FakeLog()

        def hook(passed: str) -> None:
            if passed == point:
                crash.install(None)
                raise Crash

        crash.install(hook)
        with pytest.raises(Crash):
            await Relay(engine, tables.outbox, log).drain()
        await publish(engine, [thing(a, "a", 5)])
        await Relay(engine, tables.outbox, log).drain()

        first_seen = list(dict.fromkeys(n for _, n in log.sent))
        assert first_seen == list(range(6))
        assert len(log.sent) == (11 if point == "relay.before_mark" else 6)


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_log_that_is_away_is_waited_for(kind: str, tmp_path: Path) -> None:
    class Away(FakeLog):
        away = True

        async def send(self, *sending: Any) -> "asyncio.Future[None]":
            if self.away:
                raise Unavailable("away")
            return await super().send(*sending)

    async with database(kind, tmp_path, metadata) as engine, things() as a:
        log = Away()
        async with running(Relay(engine, tables.outbox, log)):
            await publish(engine, [thing(a, "a", n) for n in range(1200)])
            await asyncio.sleep(0.05)
            assert await rows_left(engine) == 1200
            log.away = False
            await until("all were sent", lambda: _count(log, 1200))

        assert log.sent == [("a", n) for n in range(1200)]


async def _count(log: FakeLog, count: int) -> bool:
    return len(log.sent) >= count
