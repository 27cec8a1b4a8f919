"""What a consumer promises: each event once, in the order of its subject, none in the way."""

import asyncio
import random
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from support.broker import (
    effects_of,
    make_unit,
    metadata,
    record_effect,
    tables,
    thing,
    things,
)
from support.databases import DATABASES, database
from techdock_contracts.event import Event, Tombstone
from techdock_shared import crash
from techdock_shared.errors import Conflict, Invalid, NotFound, Unavailable
from techdock_shared.ids import uuid7
from techdock_shared.messaging.consumer import Consumer
from techdock_shared.messaging.record import Record, read
from techdock_shared.sql.dead_letters import DISCARDED, OPEN, REPLAYED, DeadLetter, listed
from techdock_shared.sql.engine import reading
from techdock_shared.sql.unit import SqlUnit, begin_of


@dataclass
class World:
    """A consumer over a database, and messages for it."""

    engine: AsyncEngine
    kind: type[Event]
    failing: dict[int, Callable[[], Exception]] = field(default_factory=dict)
    handled: list[int] = field(default_factory=list)
    offset: int = 0

    def __post_init__(self) -> None:
        self.consumer = self.new_consumer()

    def new_consumer(self, **settings: Any) -> Consumer:
        return Consumer(
            "test",
            {self.kind: self.handle, self.kind.topic: record_effect},
            begin_of(self.engine, make_unit),
            service="reporting",
            **{"attempts": 3, "first_pause_s": 0.001, "longest_pause_s": 0.002, **settings},
        )

    async def handle(self, event: Any, unit: SqlUnit) -> None:
        """Write down; fail afterwards where told, so that a failure has something to undo."""
        self.handled.append(event.number)
        await record_effect(event, unit)
        if event.number in self.failing:
            error = self.failing[event.number]()
            raise error

    def message(
        self,
        body: bytes | None,
        key: str = "a",
        headers: Sequence[tuple[str, bytes]] = (),
        offset: int | None = None,
    ) -> Record:
        if offset is None:
            offset, self.offset = self.offset, self.offset + 1
        raw: ConsumerRecord[bytes, bytes] = ConsumerRecord(
            self.kind.topic.name, 0, offset, 0, 0, key.encode(), body, None, 0, 0, tuple(headers)
        )
        return read(self.kind.topic, raw)

    def of(self, subject: str, sequence: int, number: int | None = None) -> Record:
        event = thing(self.kind, subject, sequence if number is None else number, sequence)
        return self.message(event.to_bytes(), subject)

    async def letters(self, state: str = OPEN) -> list[DeadLetter]:
        async with reading(self.engine) as connection:
            return await listed(connection, tables.dead_letters, tables.parked, state=state)

    async def count(self, table: Any) -> int:
        async with reading(self.engine) as connection:
            return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


@asynccontextmanager
async def world(kind: str, folder: Path, *, compacted: bool = False) -> AsyncIterator[World]:
    async with database(kind, folder, metadata) as engine, things(compacted=compacted) as a_kind:
        yield World(engine, a_kind)


@pytest.mark.parametrize("kind", DATABASES)
async def test_an_event_that_comes_twice_takes_effect_once(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path) as w:
        first, second = w.of("a", 1), w.of("a", 2)

        await w.consumer.take([first, second, first])
        await w.consumer.take([second])

        assert await effects_of(w.engine) == [("a", 1), ("a", 2)]


@pytest.mark.parametrize("kind", DATABASES)
async def test_two_groups_each_take_an_event(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path) as w:
        record = w.of("a", 1)
        other = Consumer("other", {w.kind: record_effect}, begin_of(w.engine, make_unit))

        await w.consumer.take([record])
        await other.take([record])

        assert await effects_of(w.engine) == [("a", 1), ("a", 1)]


@pytest.mark.parametrize("kind", DATABASES)
async def test_an_event_before_its_turn_waits(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path) as w:
        await w.consumer.take([w.of("a", 3), w.of("b", 1), w.of("a", 2)])
        assert await effects_of(w.engine) == [("b", 1)]
        assert await w.count(tables.parked) == 2

        await w.consumer.take([w.of("a", 1), w.of("a", 4)])

        assert await effects_of(w.engine) == [("b", 1), *(("a", n) for n in (1, 2, 3, 4))]
        assert await w.count(tables.parked) == 0


@pytest.mark.parametrize("kind", DATABASES)
async def test_what_is_poison_hurts_no_neighbour(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path) as w:
        good = thing(w.kind, "a", 1, 1).to_bytes()
        broken = good.replace(b'"thing_id":"a"', b'"thing_id":7').replace(b'"sequence":1', b"")
        poison = [
            w.message(b"\xff\x00 no JSON"),
            w.message(b"[" * 100_000),
            w.message(b"null"),
            w.message(b'{"type": "test.thing.v1", "data": {}}'),
            w.message(broken, headers=[("h", b"\xff")]),
            w.message(None),
        ]

        await w.consumer.take([w.of("a", 1), *poison, w.of("a", 2)])
        await w.consumer.take(poison)

        assert await effects_of(w.engine) == [("a", 1), ("a", 2)]
        letters = await w.letters()
        assert [letter.offset for letter in letters] == [r.offset for r in poison]
        assert {letter.error for letter in letters} == {"broken_contract"}
        assert letters[0].body == b"\xff\x00 no JSON"
        # One announcement to operators for each, in the same transaction.
        assert await w.count(tables.outbox) == len(poison)


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_type_newer_than_the_reader_is_skipped_in_its_turn(
    kind: str, tmp_path: Path
) -> None:
    async with world(kind, tmp_path) as w:
        newer = thing(w.kind, "a", 1, 1).to_bytes().replace(b"test.thing.v1", b"test.newer.v1")

        await w.consumer.take([w.message(newer), w.of("a", 2)])

        assert await effects_of(w.engine) == [("a", 2)]


@pytest.mark.parametrize("kind", DATABASES)
async def test_later_events_queue_behind_a_dead_letter_until_it_is_replayed(
    kind: str, tmp_path: Path
) -> None:
    async with world(kind, tmp_path) as w:
        w.failing[2] = lambda: Invalid("the sum is off")

        await w.consumer.take([w.of("a", n) for n in (1, 2, 3)] + [w.of("b", 7, 70)])
        await w.consumer.take([w.of("a", 4), w.of("b", 1, 10)])

        assert await effects_of(w.engine) == [("a", 1), ("b", 10)]
        (letter,) = await w.letters()
        assert (letter.subject, letter.sequence, letter.error, letter.queued) == (
            "a",
            2,
            "invalid",
            2,
        )
        assert letter.attempts == 1

        with pytest.raises(Invalid):
            await w.consumer.replay(letter.id)
        assert await w.letters() == [letter]

        w.failing.clear()
        assert await w.consumer.replay(letter.id) == 3
        assert (await effects_of(w.engine))[2:] == [("a", 2), ("a", 3), ("a", 4)]
        assert [each.id for each in await w.letters(REPLAYED)] == [letter.id]
        with pytest.raises(Conflict):
            await w.consumer.replay(letter.id)
        with pytest.raises(NotFound):
            await w.consumer.replay(uuid7())


@pytest.mark.parametrize("kind", DATABASES)
async def test_one_that_fails_in_a_replay_holds_up_the_rest(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path) as w:
        w.failing = {1: lambda: Invalid("no"), 3: lambda: Invalid("no")}
        await w.consumer.take([w.of("a", n) for n in (1, 2, 3, 4)])
        del w.failing[1]

        (letter,) = await w.letters()
        assert await w.consumer.replay(letter.id) == 2

        (next_letter,) = await w.letters()
        assert (next_letter.sequence, next_letter.queued) == (3, 1)
        w.failing.clear()
        assert await w.consumer.replay(next_letter.id) == 2
        assert await effects_of(w.engine) == [("a", n) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_discarded_dead_letter_lets_the_rest_go(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path) as w:
        w.failing[1] = lambda: Invalid("no")
        await w.consumer.take([w.of("a", n) for n in (1, 2, 3)])

        (letter,) = await w.letters()
        assert await w.consumer.discard(letter.id) == 2

        assert await effects_of(w.engine) == [("a", 2), ("a", 3)]
        assert [each.id for each in await w.letters(DISCARDED)] == [letter.id]


@pytest.mark.parametrize("kind", DATABASES)
async def test_dead_letters_of_a_subject_are_replayed_in_order(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path) as w:
        broken = [
            thing(w.kind, "a", n, n).to_bytes().replace(b'"thing_id":"a"', b'"thing_id":7')
            for n in (1, 2)
        ]
        await w.consumer.take([*map(w.message, broken), w.of("a", 3)])

        first, second = await w.letters()
        assert (first.sequence, second.sequence) == (1, 2)
        with pytest.raises(Conflict):
            await w.consumer.discard(second.id)
        with pytest.raises(Invalid):
            await w.consumer.replay(first.id)
        assert await w.consumer.discard(first.id) == 0
        assert await w.consumer.discard(second.id) == 1
        assert await effects_of(w.engine) == [("a", 3)]


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_bug_gets_a_few_tries_then_a_dead_letter(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path) as w:
        w.failing = {2: lambda: KeyError("bug"), 12: lambda: NotFound("not yet")}
        records = [w.of("a", n) for n in (1, 2, 3)] + [w.of("b", n, 10 + n) for n in (1, 2)]

        await w.consumer.take(records)

        assert await effects_of(w.engine) == [("a", 1), ("b", 11)]
        assert {(e.error, e.attempts) for e in await w.letters()} == {
            ("KeyError", 3),
            ("not_found", 3),
        }


@pytest.mark.parametrize("kind", DATABASES)
async def test_an_early_event_succeeds_at_a_later_try(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path) as w:

        def not_yet() -> Exception:
            if w.handled.count(2) >= 3:
                w.failing.clear()
            return NotFound("not yet")

        w.failing[2] = not_yet
        consumer = w.new_consumer(attempts=6)

        await consumer.take([w.of("a", n) for n in (1, 2, 3)])

        assert await effects_of(w.engine) == [("a", n) for n in (1, 2, 3)]
        assert await w.letters() == []


@pytest.mark.parametrize("kind", DATABASES)
async def test_an_outage_is_waited_for_and_costs_no_attempt(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path) as w:

        def away() -> Exception:
            if w.handled.count(2) >= 20:
                w.failing.clear()
            return Unavailable("away")

        w.failing[2] = away

        await w.consumer.take([w.of("a", n) for n in (1, 2, 3)])

        assert await effects_of(w.engine) == [("a", n) for n in (1, 2, 3)]
        assert await w.letters() == []


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_state_topic_tells_the_newest_only(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path, compacted=True) as w:
        grave = uuid7()
        headers = [
            ("ce_id", str(grave).encode()),
            ("ce_subject", b"a"),
            ("ce_sequence", b"6"),
        ]

        # A gap is none: the messages between were compacted away.
        await w.consumer.take([w.of("a", 3), w.of("a", 5), w.of("a", 4)])
        await w.consumer.take([w.message(None, "a", headers), w.of("a", 2)])

        assert await effects_of(w.engine) == [("a", 3), ("a", 5), ("a", -1)]
        found = w.message(None, "a", headers).content
        assert found == Tombstone(grave, w.kind.topic, "a", "a", 6)


@pytest.mark.parametrize("kind", DATABASES)
async def test_too_many_that_wait_stop_the_group_and_lose_nothing(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("techdock_shared.messaging.consumer.OUTAGE_PATIENCE_S", 0.0)
    async with world(kind, tmp_path) as w:
        consumer = w.new_consumer(most_parked=2)
        records = [w.of("a", n) for n in (2, 3, 4)]

        with pytest.raises(Unavailable):
            await consumer.take(records)
        await consumer.take([w.of("a", 1), *records])

        assert await effects_of(w.engine) == [("a", n) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("kind", DATABASES)
async def test_more_than_a_batch_may_wait(kind: str, tmp_path: Path) -> None:
    async with world(kind, tmp_path) as w:
        await w.consumer.take([w.of("a", n) for n in range(2, 1202)])

        await w.consumer.take([w.of("a", 1), w.of("b", 1)])

        assert (await effects_of(w.engine))[:-1] == [("a", n) for n in range(1, 1202)]
        assert await w.count(tables.parked) == 0


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_repeats_and_disorder_change_no_effect(seed: int) -> None:
    """Each subject's effects are those of the undisturbed stream, whatever came when."""
    rng = random.Random(seed)

    async def run(folder: Path) -> None:
        async with world("sqlite", folder) as w:
            records = [w.of(s, n) for s in "abc" for n in range(1, 9)]
            stream = records + rng.choices(records, k=5)
            rng.shuffle(stream)
            if rng.random() < 0.5:
                w.failing[4] = lambda: Invalid("no")
            while stream:
                size = rng.randint(1, 8)
                batch, stream = stream[:size], stream[size:]
                await w.consumer.take(batch)
            if w.failing:
                assert {n for _, n in await effects_of(w.engine)} <= {1, 2, 3}
                w.failing.clear()
                for letter in await w.letters():
                    await w.consumer.replay(letter.id)
            effects = await effects_of(w.engine)
            for subject in "abc":
                assert [n for s, n in effects if s == subject] == list(range(1, 9))

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder)))


POINTS = (
    "consumer.before_claim",
    "consumer.after_claim",
    "consumer.before_commit",
    "transaction.before_commit",
    "transaction.after_commit",
    "consumer.after_commit",
    "consumer.before_ack",
)


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("kind", DATABASES)
async def test_a_crash_at_any_point_leaves_each_effect_once(
    kind: str, point: str, tmp_path: Path
) -> None:
    async with world(kind, tmp_path) as w:
        records = [w.of("a", n) for n in (1, 2, 3)]
        crashed: list[str] = []

        def hook(passed: str) -> None:
            if passed == point and not crashed:
                crashed.append(passed)
                raise Crash

        crash.install(hook)
        try:
            with pytest.raises(Crash):
                await w.consumer.take(records)
        finally:
            crash.install(None)
        await w.consumer.take(records)

        assert crashed == [point]
        assert await effects_of(w.engine) == [("a", n) for n in (1, 2, 3)]


async def test_an_id_is_the_same_however_often_a_message_without_one_comes(tmp_path: Path) -> None:
    async with world("sqlite", tmp_path) as w:
        once = w.message(b"junk", offset=4)
        again = w.message(b"junk", offset=4)
        other = w.message(b"junk", offset=5)

        assert once.id == again.id != other.id
        assert isinstance(once.id, UUID)
