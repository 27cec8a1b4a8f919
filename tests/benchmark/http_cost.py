"""What does writing a need cost the server, against an endpoint that only validates it?

    python tests/benchmark/http_cost.py [--requests 3000]

POST /v1/profiles of registration (validated, authorized, stored, its event in the outbox, the answer
kept) against a bare FastAPI endpoint that validates the same model and makes the same Redis calls, on
SQLite and on PostgreSQL by asyncpg. Each is a server process of its own under uvicorn; what counts is
its processor time per request, user and system, all its threads. Its background (relay, jobs) does
not run. Limits of how often one may ask are too high to be met; asking them is part of both.
Prints one JSON line.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx
import psutil
import techdock_registration.wiring as registration
from fastapi import FastAPI
from support.databases import POSTGRES_AVAILABLE, database_url
from support.measuring import goal, tell
from support.story import Story, text
from techdock_embedded.client import Client, Json
from techdock_registration.app.sign_in import create_administrator, make_token_for
from techdock_registration.entrypoints.http.profiles import ProfileBody
from techdock_shared.cache.redis import open_cache
from techdock_shared.cache.valkey import ValkeyChild
from techdock_shared.clock import SystemClock
from techdock_shared.http import serving
from techdock_shared.http.rate import Rate, Rates
from techdock_shared.http.sse import Streams
from techdock_shared.messaging.embedded import EmbeddedBroker
from techdock_shared.sql.engine import open_engine
from techdock_shared.sql.migrate import upgrade
from techdock_shared.telemetry import configure_logging

WARM_UP = 300
AT_ONCE = 4
ROUNDS = 10
MOST = 4.0
LIFTED = Rates(principal=Rate(per_s=10_000_000, burst=10_000_000), address=None)
ADMINISTRATOR = "admin@story.example"
KEY = bytes(range(32))


class Noting:
    """A cache that notes which calls are made."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache
        self.calls: list[tuple[str, Any, Any]] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._cache, name)
        if not asyncio.iscoroutinefunction(found):
            return found

        async def noted(*words: Any, **named: Any) -> Any:
            self.calls.append((name, words, named))
            return await found(*words, **named)

        return noted


class Server:
    """The child: registration, or the bare endpoint."""

    def __init__(self, url: str, redis: str) -> None:
        self.engine = open_engine(url)
        self.cache = open_cache(redis)
        self.clock = SystemClock()

    def real(self, folder: Path, cache: Any) -> FastAPI:
        broker = EmbeddedBroker(folder / "events.db")
        service = registration.build(self.engine, broker, cache, KEY, self.clock)
        service.http.state.rates = LIFTED
        return service.http

    async def prepared(self, app: FastAPI) -> tuple[str, Json]:
        """Open a docking event; return a token and the need that is written again and again."""
        await upgrade(self.engine, registration.MIGRATIONS)
        await create_administrator(ADMINISTRATOR, app.state.begin, self.clock)
        scopes = ("read", "write")
        token = await make_token_for(ADMINISTRATOR, "load", scopes, app.state.begin, self.clock)
        outer = FastAPI()
        outer.mount("/api/registration", app)
        transport = httpx.ASGITransport(outer)
        async with httpx.AsyncClient(transport=transport, base_url="http://techdock") as http:
            story = Story(Client(http, token))
            story.organizer = story.administrator
            story.tenant = await story.administrator.post(
                "registration/v1/tenants",
                {
                    "code": "centre",
                    "names": text("en", en="Centre"),
                    "zone": "Asia/Urumqi",
                    "languages": ["en"],
                },
            )
            roles = f"registration/v1/tenants/{story.tenant['id']}/roles"
            await story.administrator.post(roles, {"email": ADMINISTRATOR, "role": "organizer"})
            await story.open_docking_event()
        return token, need(story)

    async def bare(self, app: FastAPI, noting: Noting, token: str, body: Json) -> FastAPI:
        """Return an endpoint that validates the same and asks the cache the same."""
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://techdock") as http:
            for _ in range(2):  # the first fills the cache
                noting.calls.clear()
                answer = await http.post("/v1/profiles", json=body, headers=heads(token))
                assert answer.status_code == 201, answer.text
        calls, cache = list(noting.calls), self.cache
        plain = FastAPI()

        @plain.post("/v1/profiles", status_code=201)
        async def write(body: ProfileBody) -> dict[str, UUID]:
            for name, words, named in calls:
                await getattr(cache, name)(*words, **named)
            return {"id": uuid4()}

        plain.state.calls = [name for name, *_ in calls]
        return plain

    async def serve(self, which: str, folder: Path) -> None:
        noting = Noting(self.cache)
        app = self.real(folder, noting if which == "bare" else self.cache)
        token, body = await self.prepared(app)
        calls: list[str] = []
        if which == "bare":
            app = await self.bare(app, noting, token, body)
            calls = app.state.calls
        bound = serving.listen("127.0.0.1", 0)
        port = bound.getsockname()[1]

        async def ready() -> None:
            said = {"port": port, "token": token, "body": body, "calls": calls}
            print(json.dumps(said), flush=True)

        await serving.serve(app, bound, streams=Streams(), ready=ready, lifespan="off")
        await self.cache.close()
        await self.engine.dispose()


def need(story: Story) -> Json:
    """A need as participants write them."""
    return {
        "organization_id": story.organizations["host"]["id"],
        "kind": "need",
        "docking_events": [story.docking_event["id"]],
        "texts": {
            "title": text("ru", ru="Капельное орошение на солёной воде", en="Drip irrigation"),
            "summary": text("ru", ru="Ищем эмиттеры, которые не забиваются солью. " * 4),
            "description": text("ru", ru="Вода содержит до восемь граммов соли на литр. " * 20),
        },
        "trl_least": 6,
        "cooperation": ["licence", "joint_research"],
        "technology_keywords": ["irrigation", "salinity"],
        "ipc": ["A01G25/02"],
        "sdg": [2, 6],
        "languages": ["ru", "en"],
        "partner_countries": ["CN", "KZ"],
        "conditions": {"climate": ["arid"], "water": ["saline"]},
        "publish": True,
    }


def heads(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}


@contextmanager
def child(which: str, url: str, redis: str, folder: Path) -> Iterator[tuple[int, Json]]:
    """Run a server; gives its process id and what it said."""
    folder.mkdir()
    words = [sys.executable, __file__, "--serve", which, url, redis, str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout
        try:
            yield process.pid, json.loads(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(10)


async def load(said: Json, requests: int) -> None:
    content = json.dumps(said["body"]).encode()
    url = f"http://127.0.0.1:{said['port']}/v1/profiles"
    head = {"Content-Type": "application/json"}

    async def one(share: int) -> None:
        async with httpx.AsyncClient() as http:
            for _ in range(share):
                answer = await http.post(url, content=content, headers=head | heads(said["token"]))
                assert answer.status_code == 201, answer.text

    await asyncio.gather(*(one(requests // AT_ONCE) for _ in range(AT_ONCE)))


async def costs_ms(urls: dict[str, str], redis: str, folder: Path, requests: int) -> Json:
    """Return processor milliseconds per request of each server, and what the cache was asked.

    They take turns, so that what else the machine does falls on all alike.
    """
    used, system, told = Counter[str](), Counter[str](), {}
    with ExitStack() as stack:
        for which, url in urls.items():
            told[which] = stack.enter_context(child(which, url, redis, folder / which))
            await load(told[which][1], WARM_UP)
        for _ in range(ROUNDS):
            for which, (pid, said) in told.items():
                before = psutil.Process(pid).cpu_times()
                await load(said, requests // ROUNDS)
                after = psutil.Process(pid).cpu_times()
                system[which] += after.system - before.system
                used[which] += after.user - before.user + after.system - before.system
    asked = requests // ROUNDS * ROUNDS / 1000
    return {
        "bare_ms": round(used["bare"] / asked, 3),
        "real_ms": round(used["real"] / asked, 3),
        "of_that_system_ms": round(system["real"] / asked, 3),
        "cache_calls": told["bare"][1]["calls"],
    }


@asynccontextmanager
async def valkey(folder: Path) -> AsyncIterator[str]:
    server = ValkeyChild(folder)
    await server.start()
    try:
        yield server.url
    finally:
        await server.stop()


async def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("--requests", type=int, default=3000)
    asking.add_argument("--serve", nargs=4, help=argparse.SUPPRESS)
    asked = asking.parse_args()
    if asked.serve:
        which, url, redis, folder = asked.serve
        configure_logging("json")
        await Server(url, redis).serve(which, Path(folder))
        return
    kinds = ["sqlite", *(["postgresql"] if POSTGRES_AVAILABLE else [])]
    goals, found = [], {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        async with valkey(folder / "cache") as redis:
            for kind in kinds:
                async with AsyncExitStack() as stack:
                    urls = {
                        which: await stack.enter_async_context(
                            database_url(kind, folder, f"{kind}_{which}")
                        )
                        for which in ("bare", "real")
                    }
                    place = folder / f"{kind}-servers"
                    place.mkdir()
                    found[kind] = await costs_ms(urls, redis, place, asked.requests)
                times = found[kind]["real_ms"] / found[kind]["bare_ms"]
                where = "asyncpg" if kind == "postgresql" else "SQLite"
                goals.append(goal(f"POST a need on {where}, against a bare one", times, MOST, "x"))
    tell("http_cost", goals, requests=asked.requests, **found)


if __name__ == "__main__":
    serving.run(main)
