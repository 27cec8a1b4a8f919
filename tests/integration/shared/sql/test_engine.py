"""What a transaction promises on SQLite and PostgreSQL alike."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from support.databases import DATABASES, NEEDS_POSTGRES, OwnPostgres, database
from support.waiting import until
from techdock_shared.errors import Unavailable
from techdock_shared.sql.engine import open_engine, reading, transaction
from techdock_shared.sql.types import Instant

metadata = MetaData()
parents = Table("parents", metadata, Column("id", Integer, primary_key=True))
rows = Table(
    "rows_",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(100)),
    Column("at", Instant),
    Column("parent", ForeignKey("parents.id")),
)


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_transaction_is_all_or_nothing_with_savepoints_too(
    kind: str, tmp_path: Path
) -> None:
    async with database(kind, tmp_path, metadata) as engine:
        with pytest.raises(RuntimeError):
            async with transaction(engine) as connection:
                async with connection.begin_nested():
                    await connection.execute(rows.insert().values(id=1))
                raise RuntimeError("no")
        async with transaction(engine) as connection:
            await connection.execute(rows.insert().values(id=2))

        async with reading(engine) as connection:
            assert (await connection.execute(select(rows.c.id))).scalars().all() == [2]


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_reader_does_not_wait_for_a_writer(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine, transaction(engine) as writer:
        await writer.execute(rows.insert().values(id=1))

        async with asyncio.timeout(2), reading(engine) as reader:
            assert (await reader.execute(select(rows.c.id))).all() == []


@NEEDS_POSTGRES
async def test_what_reads_cannot_write(tmp_path: Path) -> None:
    async with database("postgresql", tmp_path, metadata) as engine:
        with pytest.raises(DBAPIError, match="read-only"):
            async with reading(engine) as connection:
                await connection.execute(rows.insert().values(id=1))


@pytest.mark.parametrize("kind", DATABASES)
async def test_many_writers_take_turns(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine:

        async def write(number: int) -> None:
            async with transaction(engine) as connection:
                await connection.execute(rows.insert().values(id=number))

        await asyncio.gather(*(write(number) for number in range(100)))

        async with reading(engine) as connection:
            assert len((await connection.execute(select(rows))).all()) == 100


@pytest.mark.parametrize("kind", DATABASES)
async def test_an_instant_comes_back_aware_and_utc(kind: str, tmp_path: Path) -> None:
    noon = datetime(2027, 5, 17, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    async with database(kind, tmp_path, metadata) as engine:
        async with transaction(engine) as connection:
            await connection.execute(rows.insert().values(id=1, at=noon))
            await connection.execute(rows.insert().values(id=2, at=noon + timedelta(hours=1)))
        async with reading(engine) as connection:
            found = (await connection.execute(select(rows.c.at).where(rows.c.at <= noon))).all()

        assert [at for (at,) in found] == [noon]
        assert found[0][0].tzinfo is UTC
        with pytest.raises(Exception, match="with its zone"):
            async with transaction(engine) as connection:
                await connection.execute(rows.insert().values(id=3, at=datetime(2027, 5, 17)))  # noqa: DTZ001 - the point


@pytest.mark.parametrize("kind", DATABASES)
async def test_foreign_keys_hold(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine:
        with pytest.raises(IntegrityError):
            async with transaction(engine) as connection:
                await connection.execute(rows.insert().values(id=1, parent=7))


@pytest.mark.parametrize("kind", DATABASES)
async def test_wrong_sql_is_a_bug_and_no_outage(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine:
        with pytest.raises((OperationalError, ProgrammingError)):
            async with transaction(engine) as connection:
                await connection.execute(text("SELECT * FROM nothing"))


async def test_sqlite_survives_a_power_loss_and_waits_for_its_turn(tmp_path: Path) -> None:
    async with database("sqlite", tmp_path) as engine, reading(engine) as connection:
        wanted = {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000}
        for pragma, value in wanted.items():
            found = (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one()
            assert found == value


async def test_a_commit_that_may_be_lost_does_not_change_the_next_one(tmp_path: Path) -> None:
    async with database("sqlite", tmp_path, metadata) as engine:
        for _ in range(3):
            async with transaction(engine, durable=False) as connection:
                assert (await connection.execute(text("PRAGMA synchronous"))).scalar_one() == 1
            async with transaction(engine) as connection:
                assert (await connection.execute(text("PRAGMA synchronous"))).scalar_one() == 2


async def test_a_database_that_is_locked_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("techdock_shared.sql.engine.BUSY_S", 0.05)
    async with database("sqlite", tmp_path, metadata) as engine:
        other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable):
            async with transaction(engine):
                pass
        other.execute("ROLLBACK")
        other.close()


async def test_a_full_disk_is_unavailable_and_leaves_nothing(tmp_path: Path) -> None:
    async with database("sqlite", tmp_path, metadata) as engine:
        with pytest.raises(Unavailable):
            async with transaction(engine) as connection:
                await connection.execute(text("PRAGMA max_page_count = 5"))
                for number in range(200):
                    await connection.execute(rows.insert().values(id=number, name="x" * 99))

        async with transaction(engine) as connection:
            await connection.execute(text("PRAGMA max_page_count = 1000000"))
            assert (await connection.execute(select(rows))).all() == []
            await connection.execute(rows.insert().values(id=1))


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    engine = open_engine("postgresql+asyncpg://nobody@127.0.0.1:9/none")
    with pytest.raises(Unavailable):
        async with transaction(engine):
            pass
    await engine.dispose()


@NEEDS_POSTGRES
async def test_a_statement_that_takes_too_long_is_unavailable(tmp_path: Path) -> None:
    async with database("postgresql", tmp_path) as base:
        engine = open_engine(
            base.url.render_as_string(hide_password=False), statement_timeout_s=0.1
        )
        with pytest.raises(Unavailable):
            async with transaction(engine) as connection:
                await connection.execute(text("SELECT pg_sleep(2)"))
        await engine.dispose()


@NEEDS_POSTGRES
async def test_no_free_connection_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("techdock_shared.sql.engine.BUSY_S", 0.1)
    async with database("postgresql", tmp_path) as base:
        engine = open_engine(base.url.render_as_string(hide_password=False), connections=1)
        async with transaction(engine):
            with pytest.raises(Unavailable):
                async with transaction(engine):
                    pass
        await engine.dispose()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user gets through to; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="techdock-postgres-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@NEEDS_POSTGRES
async def test_a_server_that_dies_is_unavailable_and_keeps_what_it_acknowledged(
    open_folder: Path,
) -> None:
    server = OwnPostgres(open_folder, durable=True)
    await asyncio.to_thread(server.start)
    engine = open_engine(f"{server.url}/postgres")
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    acknowledged: list[int] = []

    async def insert(number: int) -> bool:
        try:
            async with transaction(engine) as connection:
                await connection.execute(rows.insert().values(id=number))
        except Unavailable:
            return False
        acknowledged.append(number)
        return True

    try:
        for number in range(2):
            await until("it takes writes", partial(insert, number))
            with pytest.raises(Unavailable):
                async with transaction(engine) as connection:
                    await connection.execute(rows.insert().values(id=100 + number))
                    await asyncio.to_thread(server.stop_immediately)
                    await connection.execute(select(rows))
            assert not await insert(200 + number)
            await asyncio.to_thread(server.start)
        await until("it takes writes again", partial(insert, 9))
        async with reading(engine) as connection:
            found = (await connection.execute(select(rows.c.id).order_by(rows.c.id))).scalars()
            assert found.all() == acknowledged == [0, 1, 9]
    finally:
        await engine.dispose()
        await asyncio.to_thread(server.stop)
