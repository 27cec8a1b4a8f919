"""Redis flushed all the time, then killed, under load: no wrong answer, no 5xx (R6)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.responses import Response
from pydantic import BaseModel
from support.caches import OwnValkey, cache_on, own_valkey
from support.clock import FrozenClock
from support.http import Memory, a_principal, client_of
from techdock_shared.cache.ports import Cache
from techdock_shared.http.app import App, Body, new_app
from techdock_shared.http.idempotency import Begin, Once, created
from techdock_shared.http.principal import Principal, Role, SignedIn
from techdock_shared.http.principals import CachedPrincipals, sign
from techdock_shared.http.rate import Rate, Rates

KEY = b"the key of this deployment"
CLIENTS = 8
REQUESTS = 60


class Thing(Body):
    name: str


class ThingOut(BaseModel):
    name: str
    owner: str


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[OwnValkey]:
    async with own_valkey(tmp_path / "run") as running:
        yield running


def an_app(cache: Cache, database: Memory, people: dict[str, Principal]) -> App:
    clock = FrozenClock()

    async def ask(token: str) -> Any:
        who = people.get(token)
        return None if who is None else sign(who, token, clock.time, KEY)

    generous = Rates(principal=Rate(per_s=10_000, burst=10_000))
    app = new_app(
        "Test",
        service="test",
        cache=cache,
        principals=CachedPrincipals(cache, ask, KEY, clock),
        answers=lambda transaction: transaction,
        rates=generous,
    )

    @app.post("/things", status_code=201, response_model=ThingOut)
    async def post(body: Thing, who: SignedIn, once: Once) -> Response:
        async def act(begin: Begin[Memory]) -> ThingOut:
            async with begin() as transaction:
                transaction.things.append(body.name)
                await asyncio.sleep(0)
                return ThingOut(name=body.name, owner=str(who.account_id))

        # One writer at a time, as SQLite has it.
        async with turn:
            return await once(database.begin, act, created)

    turn = asyncio.Lock()
    return app


@pytest.mark.parametrize("fault", ["flushed", "killed", "hanging"])
async def test_no_answer_is_wrong_and_none_is_5xx(valkey: OwnValkey, fault: str) -> None:
    people = {
        f"token {n}": a_principal(account_id=uuid4(), roles=(Role("organizer"),))
        for n in range(CLIENTS)
    }
    database = Memory()
    wanted: set[str] = set()
    done = asyncio.Event()

    async def use(app: App, token: str) -> None:
        async with client_of(app, authorization=f"Bearer {token}") as client:
            for n in range(REQUESTS):
                name, key = f"{token}/{n}", str(uuid4())
                for _ in range(2):  # sent again, as a client does that lost the answer
                    answer = await client.post(
                        "/things", json={"name": name}, headers={"idempotency-key": key}
                    )
                    assert answer.status_code == 201, answer.text
                    owner = str(people[token].account_id)
                    assert answer.json() == {"name": name, "owner": owner}
                wanted.add(name)
            stranger = await client.post(
                "/things",
                json={"name": "x"},
                headers={"idempotency-key": "x", "authorization": f"Bearer {uuid4()}"},
            )
            assert stranger.status_code == 401

    async def hurt(cache: Any) -> None:
        if fault == "hanging":
            valkey.stop_answering()
        while not done.is_set():
            if fault == "flushed":
                await cache.client.flushall()
                await cache.client.script_flush()
            elif fault == "killed":
                with suppress(AssertionError):  # its guard has not started the next one yet
                    valkey.kill()
            await asyncio.sleep(0.005)
        if fault == "hanging":
            valkey.answer_again()

    async with cache_on(valkey) as cache:
        app = an_app(cache, database, people)
        hurting = asyncio.ensure_future(hurt(cache))
        try:
            async with asyncio.timeout(60):
                await asyncio.gather(*(use(app, token) for token in people))
        finally:
            done.set()
            await asyncio.gather(hurting, return_exceptions=True)

    assert sorted(database.things) == sorted(wanted)
    assert len(wanted) == CLIENTS * REQUESTS
