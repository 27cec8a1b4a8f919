"""A POST that is sent again has one effect and gets the same answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import httpx
import pytest
from fastapi import File, Form
from fastapi.responses import Response
from pydantic import BaseModel
from support.http import Memory, TablePrincipals, a_principal, an_administrator, client_of
from techdock_shared.cache.redis import open_fake_cache
from techdock_shared.errors import Conflict, Unavailable
from techdock_shared.http.app import App, Body, new_app
from techdock_shared.http.idempotency import Begin, Once, created
from techdock_shared.http.principal import SignedIn, public


class Thing(Body):
    name: str


class ThingOut(BaseModel):
    name: str
    number: int


class World:
    """An app with one thing to make, a database, and perhaps a cache."""

    def __init__(self, cache: Any, title: str = "Test") -> None:
        self.title = title
        self.database = Memory()
        self.cache = cache
        self.runs = 0
        self.in_command: Callable[[], Any] = lambda: None
        self.app = self._app()

    def _app(self) -> App:
        principals = TablePrincipals({"ana": a_principal(), "bo": an_administrator()})
        app = new_app(
            self.title,
            service="test",
            cache=self.cache,
            principals=principals,
            answers=lambda transaction: transaction,
        )

        async def make(name: str, begin: Begin[Memory]) -> ThingOut:
            self.runs += 1
            async with begin() as transaction:
                if name == "taken" and "taken" in transaction.things:
                    raise Conflict("taken already")
                transaction.things.append(name)
                made = self.in_command()
                if asyncio.iscoroutine(made):
                    await made
                return ThingOut(name=name, number=len(transaction.things))

        @app.post("/things", status_code=201, response_model=ThingOut)
        async def post(body: Thing, who: SignedIn, once: Once) -> Response:
            return await once(
                self.database.begin,
                lambda begin: make(body.name, begin),
                lambda thing: created(thing, 1, f"/things/{thing.number}"),
            )

        @app.post("/others", status_code=201, response_model=ThingOut)
        async def other(body: Thing, who: SignedIn, once: Once) -> Response:
            return await once(self.database.begin, lambda begin: make(body.name, begin), created)

        @app.post("/uploads", dependencies=[public], response_model=ThingOut)
        async def upload(
            file: Annotated[bytes, File()], kind: Annotated[str, Form()], once: Once
        ) -> Response:
            return await once(
                self.database.begin, lambda begin: make(kind + str(len(file)), begin), created
            )

        @app.post("/sessions", dependencies=[public], response_model=ThingOut)
        async def session(body: Thing, once: Once) -> Response:
            return await once(
                self.database.begin,
                lambda begin: make("token-of-" + body.name, begin),
                created,
                secret=True,
            )

        return app

    def client(self, token: str = "ana") -> httpx.AsyncClient:
        return client_of(self.app, authorization=f"Bearer {token}")

    async def post(
        self, key: str, name: str = "hall", path: str = "/things", token: str = "ana"
    ) -> httpx.Response:
        async with self.client(token) as client:
            return await client.post(path, json={"name": name}, headers={"idempotency-key": key})


@pytest.fixture(params=["with a cache", "without a cache"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    cache = open_fake_cache() if request.param == "with a cache" else None
    yield World(cache)
    if cache is not None:
        await cache.close()


async def test_the_same_request_again_gets_the_same_answer_and_has_no_effect(world: World) -> None:
    first = await world.post("k")
    second = await world.post("k")

    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    for name in ("etag", "location", "content-type"):
        assert first.headers[name] == second.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert world.database.things == ["hall"]


async def test_the_answer_outlives_the_cache(world: World) -> None:
    first = await world.post("k")
    if world.cache is not None:
        await world.cache.client.flushall()

    second = await world.post("k")

    assert second.content == first.content
    assert second.headers["idempotency-replayed"] == "true"
    assert world.database.things == ["hall"]


async def test_another_key_is_another_request(world: World) -> None:
    await world.post("k")
    await world.post("l")
    assert world.database.things == ["hall", "hall"]


@pytest.mark.parametrize(
    ("name", "path"), [("other", "/things"), ("hall", "/others"), ("hall", "/things?x=1")]
)
async def test_a_key_used_for_another_request_is_refused(
    world: World, name: str, path: str
) -> None:
    await world.post("k")

    answer = await world.post("k", name, path)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert world.database.things == ["hall"]


async def test_keys_of_different_accounts_do_not_meet(world: World) -> None:
    await world.post("k", token="ana")
    other = await world.post("k", token="bo")
    assert other.json()["number"] == 2


async def test_keys_of_services_that_share_a_cache_do_not_meet(world: World) -> None:
    other = World(world.cache, "Another")
    await world.post("k")
    answer = await other.post("k")
    assert answer.headers.get("idempotency-replayed") is None
    assert other.database.things == ["hall"]


async def test_while_the_first_is_under_way_the_second_is_told_to_wait(world: World) -> None:
    second: list[httpx.Response] = []

    async def send_again() -> None:
        world.in_command = lambda: None
        second.append(await world.post("k"))

    world.in_command = send_again
    first = await world.post("k")

    assert first.status_code == 201
    assert (second[0].status_code, second[0].json()["code"]) == (409, "in_flight")
    assert second[0].headers["retry-after"] == "1"
    assert world.database.things == ["hall"]
    assert (await world.post("k")).content == first.content


async def test_a_refusal_is_not_kept(world: World) -> None:
    world.database.things.append("taken")
    assert (await world.post("k", "taken")).status_code == 409

    world.database.things.clear()

    assert (await world.post("k", "taken")).status_code == 201


async def test_an_echo_of_its_own_effect_is_answered_as_the_first_time(world: World) -> None:
    first = await world.post("k", "taken")
    if world.cache is not None:
        await world.cache.client.flushall()

    second = await world.post("k", "taken")

    assert second.status_code == 201
    assert second.content == first.content
    assert world.database.things == ["taken"]


async def test_a_failed_commit_leaves_neither_effect_nor_answer(world: World) -> None:
    def break_down() -> None:
        world.database.before_commit = lambda: None
        raise Unavailable("the database went away")

    world.database.before_commit = break_down

    assert (await world.post("k")).status_code == 503
    assert world.database.things == []
    assert world.database.answers == {}
    assert (await world.post("k")).status_code == 201


async def test_a_bug_leaves_neither_effect_nor_answer(world: World) -> None:
    def fail() -> None:
        world.in_command = lambda: None
        raise RuntimeError("a bug")

    world.in_command = fail

    assert (await world.post("k")).status_code == 500
    assert world.database.things == []
    assert (await world.post("k")).status_code == 201


async def test_a_request_that_was_cut_off_can_be_sent_again_at_once(world: World) -> None:
    reached = asyncio.Event()

    async def hang() -> None:
        reached.set()
        await asyncio.Event().wait()

    world.in_command = hang
    cut = asyncio.ensure_future(world.post("k"))
    await reached.wait()
    cut.cancel()
    await asyncio.wait([cut])
    world.in_command = lambda: None

    assert (await world.post("k")).status_code == 201
    assert world.database.things == ["hall"]


async def test_a_hundred_at_once_have_one_effect(world: World) -> None:
    answers = await asyncio.gather(*(world.post("k") for _ in range(100)))

    assert {a.status_code for a in answers} <= {201, 409}
    assert len({a.content for a in answers if a.status_code == 201}) == 1
    assert world.database.things == ["hall"]


async def test_an_upload_is_told_apart_by_its_bytes(world: World) -> None:
    async with client_of(world.app) as client:

        async def send(content: bytes) -> httpx.Response:
            body = (
                b"--b\r\nContent-Disposition: form-data; name=kind\r\n\r\nneeds\r\n"
                b"--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\n"
                + content
                + b"\r\n--b--\r\n"
            )
            headers = {"idempotency-key": "k", "content-type": "multipart/form-data; boundary=b"}
            return await client.post("/uploads", content=body, headers=headers)

        first, again, other = await send(b"abc"), await send(b"abc"), await send(b"abd")

    assert first.status_code == 201, first.text
    assert again.content == first.content
    assert other.status_code == 422
    assert world.database.things == ["needs3"]


async def test_an_answer_that_holds_a_secret_is_kept_unreadable(world: World) -> None:
    first = await world.post("a key that only the client has", "ana", "/sessions")
    second = await world.post("a key that only the client has", "ana", "/sessions")

    assert b"token-of-ana" in first.content
    assert second.content == first.content
    kept = next(iter(world.database.answers.values()))
    assert b"token-of-ana" not in kept.body
    if world.cache is not None:
        keys = await world.cache.client.keys("*answer*")
        assert b"token-of-ana" not in await world.cache.client.get(keys[0])


async def test_rubbish_in_the_cache_is_passed_over() -> None:
    cache = open_fake_cache()
    world = World(cache)
    first = await world.post("k")
    key = (await cache.client.keys("*answer*"))[0]

    for rubbish in (b"", b"[]\n", b"[1,2,3,4]\nx", b"\xff"):
        await cache.client.set(key, rubbish)
        assert (await world.post("k")).content == first.content

    assert world.database.things == ["hall"]
    await cache.close()
