"""The journal and the facts over real databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from support.clock import FrozenClock
from support.databases import DATABASES, database
from support.reporting import DAY, DOCKING_EVENT, NOON, announced, booked, checked_in, held, profile
from techdock_contracts.event import Event
from techdock_reporting.adapters import tables
from techdock_reporting.adapters.rebuild import SqlRebuilder
from techdock_reporting.adapters.transaction import SqlBegin, SqlRead
from techdock_reporting.app.answers import exact
from techdock_reporting.app.record import record
from techdock_reporting.domain.journal import broken
from techdock_shared.errors import Invalid, NotFound
from techdock_shared.sql.migrate import differences, upgrade


@pytest.fixture(params=DATABASES)
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with database(request.param, tmp_path) as opened:
        await upgrade(opened, MIGRATIONS)
        yield opened


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


MIGRATIONS = Path(tables.__file__).with_name("migrations")


async def test_the_migrations_make_the_tables_of_the_code(engine: AsyncEngine) -> None:
    assert await differences(engine, tables.metadata) == []


async def hear(engine: AsyncEngine, clock: FrozenClock, *events: Event) -> None:
    async with SqlBegin(engine, clock)() as transaction:
        for event in events:
            await record(event, transaction)


async def test_what_was_heard_is_counted(engine: AsyncEngine, clock: FrozenClock) -> None:
    meeting, person = uuid4(), uuid4()
    await hear(engine, clock, checked_in(person, "KZ"), booked(meeting))
    await hear(engine, clock, announced(), held(meeting), profile("need", uuid4()))
    found = await exact(DOCKING_EVENT, DAY, None, SqlRead(engine, clock), clock)
    figures = {code: found.counted.value(code) for code in ("HEADCOUNT", "FOREIGN", "NEEDS")}
    assert figures == {"HEADCOUNT": 1, "FOREIGN": 1, "NEEDS": 1}
    assert found.counted.value("MEETINGS_HELD") == 1
    assert found.position == 5


async def test_the_journal_is_sealed_and_whole(engine: AsyncEngine, clock: FrozenClock) -> None:
    for _ in range(3):
        await hear(engine, clock, checked_in(uuid4(), "KZ"), checked_in(uuid4(), "CN"))
    async with SqlRead(engine, clock)() as transaction:
        rows = [row async for row in transaction.journal.seals()]
        head = await transaction.journal.head()
    assert list(broken(rows)) == []
    assert [row[0] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert (head.position, head.seal) == (6, rows[-1][2])


async def test_a_changed_message_is_found(engine: AsyncEngine, clock: FrozenClock) -> None:
    await hear(engine, clock, checked_in(uuid4(), "KZ"), checked_in(uuid4(), "CN"))
    async with engine.begin() as connection:
        j = tables.journal
        await connection.execute(update(j).where(j.c.position == 1).values(body=b"{}"))
    async with SqlRead(engine, clock)() as transaction:
        said = list(broken([row async for row in transaction.journal.seals()]))
    assert said == ["the message at position 1 is not the one received"]


async def test_a_rollback_leaves_neither_row_nor_fact(
    engine: AsyncEngine, clock: FrozenClock
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with SqlBegin(engine, clock)() as transaction:
            await record(announced(), transaction)
            await transaction.flush()
            raise ZeroDivisionError
    async with engine.connect() as connection:
        assert (await connection.execute(select(tables.journal))).all() == []
        assert (await connection.execute(select(tables.facts))).all() == []


async def test_as_known_is_what_was_known_then(engine: AsyncEngine, clock: FrozenClock) -> None:
    await hear(engine, clock, announced(), checked_in(uuid4(), "KZ"))
    before = clock.now()
    clock.time += timedelta(hours=1)
    await hear(engine, clock, checked_in(uuid4(), "KZ"))
    clock.time += timedelta(hours=1)
    read = SqlRead(engine, clock)
    then = await exact(DOCKING_EVENT, DAY, before, read, clock)
    now = await exact(DOCKING_EVENT, DAY, None, read, clock)
    again = await exact(DOCKING_EVENT, DAY, before, read, clock)
    assert (then.counted.value("HEADCOUNT"), now.counted.value("HEADCOUNT")) == (1, 2)
    assert then.checksum == again.checksum
    assert then.checksum != now.checksum


async def test_a_clock_that_steps_back_does_not_change_what_was_known(
    engine: AsyncEngine, clock: FrozenClock
) -> None:
    await hear(engine, clock, announced(), checked_in(uuid4(), "KZ"))
    clock.time -= timedelta(days=400)
    await hear(engine, clock, checked_in(uuid4(), "KZ"))
    async with engine.connect() as connection:
        j = tables.journal
        rows = (await connection.execute(select(j.c.received_at).order_by(j.c.position))).scalars()
        assert all(a <= b for a, b in pairwise(rows.all()))


async def test_as_known_must_not_lie_ahead_nor_before_the_docking_event(
    engine: AsyncEngine, clock: FrozenClock
) -> None:
    await hear(engine, clock, announced())
    read = SqlRead(engine, clock)
    with pytest.raises(Invalid, match="must not lie ahead"):
        await exact(DOCKING_EVENT, DAY, NOON + timedelta(days=1), read, clock)
    with pytest.raises(NotFound):
        await exact(DOCKING_EVENT, DAY, NOON - timedelta(days=1), read, clock)


async def test_a_rebuild_from_the_journal_gives_the_same_facts(
    engine: AsyncEngine, clock: FrozenClock
) -> None:
    meetings = [uuid4() for _ in range(30)]
    await hear(engine, clock, announced(), *(booked(meeting) for meeting in meetings))
    await hear(engine, clock, *(held(meeting, on=date(2027, 5, 18)) for meeting in meetings))
    async with SqlRead(engine, clock)() as transaction:
        before = await transaction.facts.sha256()
    async with engine.begin() as connection:
        await connection.execute(delete(tables.facts).where(tables.facts.c.kind == "meeting_held"))
    seen: list[tuple[int, int]] = []

    async def progress(done: int, total: int) -> None:
        seen.append((done, total))

    after = await SqlRebuilder(engine, clock).rebuild(progress)
    assert after == before
    assert seen[-1] == (61, 61)
    found = await exact(
        DOCKING_EVENT,
        None,
        None,
        SqlRead(engine, clock),
        replace(clock, time=NOON + timedelta(days=9)),
    )
    assert found.counted.value("MEETINGS_HELD") == 30
