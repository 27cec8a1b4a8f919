"""R5, R6 and a database that is away: what a running program does without its parts."""

import asyncio
from contextlib import suppress

import httpx
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from support.history import History
from support.judging import judge
from support.load import at_work
from support.locks import held, rows
from support.programs import CACHE
from support.stage import Stage, stage
from support.story import text
from support.waiting import until

from .conftest import Survivor

FLUSH_S = 0.1


async def said(survivor: Survivor, what: str, since: int) -> None:
    """Wait until the program has said so."""

    async def is_said() -> bool:
        return what in survivor.program.logged()[since:]

    await until(f"the program says `{what}`", is_said, within_s=60)


@pytest.mark.timeout(600)
async def test_the_log_is_away(survivor: Survivor) -> None:
    async with at_work(survivor.program.url, survivor.token, 51) as scene:
        await scene.done(10)
        since = len(survivor.program.logged())
        with held(survivor.folder / "events.db"):
            await scene.done(40)
            # Longer than a writer waits for its turn: now it is an outage and not a delay.
            await said(survivor, "the event log cannot be written", since)
            assert rows(survivor.folder / "registration.db", "outbox") > 0
            await scene.done(10)
    # Writes were taken all the time; what they told came later, as `at_work` has found out.
    assert scene.history.away == []


@pytest.mark.timeout(600)
async def test_the_cache_is_flushed_and_killed(survivor: Survivor) -> None:
    async with at_work(survivor.program.url, survivor.token, 61) as scene:
        flushing = asyncio.create_task(_flush(survivor))
        await scene.done(40)
        for _ in range(3):
            child = survivor.program.child(CACHE)
            assert child is not None
            child.kill()
            await scene.done(10)
            await until("the cache is back", lambda: _runs(survivor))
        flushing.cancel()
        with suppress(asyncio.CancelledError):
            await flushing
    assert scene.history.away == []


async def _flush(survivor: Survivor) -> None:
    """Forget everything ten times a second, also the scripts; the server may be away."""
    async with Redis.from_url(f"unix://{survivor.folder / 'run' / 'cache.sock'}") as redis:
        while True:
            with suppress(RedisError, OSError):
                await redis.flushall()
                await redis.script_flush()
            await asyncio.sleep(FLUSH_S)


async def _runs(survivor: Survivor) -> bool:
    return survivor.program.child(CACHE) is not None


@pytest.mark.timeout(600)
async def test_a_database_is_away(survivor: Survivor) -> None:
    async with stage(survivor.program.url, survivor.token) as prepared:
        profiles, key = "/api/registration/v1/profiles", "one intention"
        body = {
            "organization_id": prepared.story.organizations["alma"]["id"],
            "kind": "need",
            "docking_events": [prepared.docking_event],
            "texts": {"title": text("en", en="A pump"), "summary": text("en", en="For a well")},
            "publish": True,
        }
        token = prepared.tokens["alma"]
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}

        async def post() -> httpx.Response:
            return await prepared.http.post(profiles, json=body, headers=headers)

        with held(survivor.folder / "registration.db"):
            refused = await post()
            # Who only reads, or asks another service, goes on.
            found = await prepared.http.get("/api/registration/v1/me", headers=headers)
            asked = await _ask(prepared)
        assert refused.status_code == 503
        assert refused.json()["code"] == "unavailable"
        assert int(refused.headers["retry-after"]) > 0
        assert found.status_code == 200
        assert asked.status_code == 201
        mine = {"mine": "true", "docking_event_id": prepared.docking_event}
        there = await prepared.http.get(profiles, params=mine, headers=headers)
        assert there.json()["items"] == [], "nothing half-done"

        done = await post()
        assert done.status_code == 201
        there = await prepared.http.get(profiles, params=mine, headers=headers)
        assert [each["id"] for each in there.json()["items"]] == [done.json()["id"]]
        assert await judge(prepared, _one(prepared)) == []


async def _ask(prepared: Stage) -> httpx.Response:
    body = {
        "asked_participation_id": prepared.story.participations["bayan"]["id"],
        "message": {"language": "en", "text": "one request"},
    }
    return await prepared.http.post(
        f"/api/{prepared.story.matching_path}/requests",
        json=body,
        headers={
            "Authorization": f"Bearer {prepared.tokens['alma']}",
            "Idempotency-Key": "one request",
        },
    )


def _one(prepared: Stage) -> History:
    history = History()
    for kind, name in (("profile", "A pump"), ("request", "one request")):
        history.invoke(0, kind, name).outcome = "ok"
    return history
