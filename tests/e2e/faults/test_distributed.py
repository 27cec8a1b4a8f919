"""The same faults on the distributed Techdock: three Kafka nodes, PostgreSQL, Valkey, a gateway.

The same people do the same things, and the same judge looks at what is there.
"""

import asyncio
import os
import random
import time
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from support.load import at_work
from support.servers import Distributed, distributed
from support.stage import stage
from support.waiting import until
from techdock_contracts import registration as r
from techdock_shared.messaging.broker import open_broker

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

SEED = int(os.environ.get("TECHDOCK_TEST_SEED", "0")) or random.SystemRandom().randint(1, 10**6)
VICTIMS = ("registration", "matching", "reporting", "matching-worker", "registration")
NODE = "kafka-2"
AWAY_S = 20.0
FLUSH_S = 0.1
PAUSE_S = 0.4


@pytest.fixture
def cluster() -> Distributed:
    return distributed()


@pytest.fixture
def token(cluster: Distributed) -> str:
    return cluster.token()


@pytest.fixture
def rng() -> random.Random:
    print(f"TECHDOCK_TEST_SEED={SEED}")
    return random.Random(SEED)


async def test_kills_under_load(cluster: Distributed, token: str, rng: random.Random) -> None:
    """R2: service processes are killed at random; meanwhile one Kafka node is gone."""
    back_s = []
    async with at_work(cluster.url, token, SEED, planning=True, pause_s=PAUSE_S) as scene:
        await scene.done(10)
        await asyncio.to_thread(cluster.kill, NODE)
        for victim in rng.sample(VICTIMS, len(VICTIMS)):
            await scene.done(rng.randint(3, 15))
            await asyncio.to_thread(cluster.kill, victim)
            begun = time.monotonic()
            await asyncio.to_thread(cluster.start, victim)
            back_s.append(time.monotonic() - begun)
        await asyncio.to_thread(cluster.start, NODE)
        await scene.done(10)
    print("back after", *(f"{each:.1f}" for each in sorted(back_s)), "s")


async def test_kafka_is_away(cluster: Distributed, token: str) -> None:
    """R5: all nodes are gone for twenty seconds; writes are taken, and drain later."""
    async with at_work(cluster.url, token, SEED + 1, pause_s=2 * PAUSE_S) as scene:
        await scene.done(10)
        await asyncio.to_thread(cluster.kill, "kafka")
        ends = time.monotonic() + AWAY_S
        while time.monotonic() < ends:
            await scene.done(5)
        await asyncio.to_thread(cluster.start, "kafka")
        await scene.done(10)
    assert scene.history.away == []


async def test_the_cache_is_flushed_and_killed(cluster: Distributed, token: str) -> None:
    """R6: nothing wrong, no 5xx."""
    async with at_work(cluster.url, token, SEED + 2) as scene:
        flushing = asyncio.create_task(_flush())
        await scene.done(40)
        await asyncio.to_thread(cluster.kill, "redis")
        await scene.done(30)
        await asyncio.to_thread(cluster.start, "redis")
        await scene.done(10)
        flushing.cancel()
        with suppress(asyncio.CancelledError):
            await flushing
    assert scene.history.away == []


async def _flush() -> None:
    async with Redis.from_url(os.environ["TECHDOCK_TEST_REDIS"]) as redis:
        while True:
            with suppress(RedisError, OSError):
                await redis.flushall()
                await redis.script_flush()
            await asyncio.sleep(FLUSH_S)


async def test_postgresql_is_away(cluster: Distributed, token: str) -> None:
    """503 with Retry-After, nothing half-done; afterwards what was asked for happens once."""
    async with at_work(cluster.url, token, SEED + 3, pause_s=PAUSE_S) as scene:
        await scene.done(10)
        me, mine = "/api/registration/v1/me", {"Authorization": f"Bearer {token}"}
        await asyncio.to_thread(cluster.kill, "postgres")
        async with httpx.AsyncClient(base_url=cluster.url, timeout=30) as client:
            answer = await client.get(me, headers=mine)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
        await asyncio.to_thread(cluster.start, "postgres")
        await scene.done(10)
    # `at_work` found Retry-After with each of them, and every effect once.
    assert scene.history.away


async def test_a_poisoned_record_is_set_aside(cluster: Distributed, token: str) -> None:
    """R10: bytes that break the contract, through Kafka; everything else goes on."""
    topic, key, body = r.CheckedIn.topic, uuid4().hex, b'{"type": "registration.checked_in.v1"'
    servers = os.environ["TECHDOCK_TEST_KAFKA"].split(",")
    broker = open_broker(servers, replication=len(servers))
    async with stage(cluster.url, token) as prepared, broker.receiving():
        sent = await (await broker.send(topic.name, key.encode(), body, [("note", b"\xff")]))
        begun = datetime.now(UTC)
        admin, organizer = prepared.story.administrator, prepared.story.organizer
        assert organizer
        person = {"person_id": prepared.persons["alma"][0]}
        await organizer.post(f"{prepared.story.event_path}/attendance", person)
        path = f"reporting/v1/docking-events/{prepared.docking_event}/figures"

        async def counted() -> bool:
            found = (await organizer.get(path, as_of="2999-12-31"))["figures"]
            return ("HEADCOUNT", 1) in {(f["indicator"], f["value"]) for f in found}

        await until("a healthy event is counted", counted)

        async def set_aside() -> str | None:
            async for x in admin.every("reporting/v1/dead-letters"):
                place = (x["topic"], x["partition"], x["offset"], x["key"])
                if place == (topic.name, sent.partition, sent.offset, key):
                    return str(x["id"])
            return None

        letter = await until("it is set aside", set_aside, within_s=30)
        assert (datetime.now(UTC) - begun).total_seconds() < 30
        given_up = await admin.post(f"reporting/v1/dead-letters/{letter}/discard")
        assert given_up["state"] == "discarded"
        assert await set_aside() is None
