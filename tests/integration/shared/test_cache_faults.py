"""The cache when its server is away, hangs, is flushed or comes back: never an error."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from support.caches import OwnValkey, cache_on, eventually, own_valkey
from techdock_shared.cache.redis import RedisCache, open_cache


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[OwnValkey]:
    async with own_valkey(tmp_path / "run") as running:
        yield running


async def every_call(cache: RedisCache) -> list[object]:
    return [
        await cache.get("a"),
        await cache.get_many(["a", "b"]),
        await cache.set("a", b"1", 60),
        await cache.set_many({"a": b"1"}, 60),
        await cache.claim("a", b"1", 60),
        await cache.delete("a"),
        await cache.incr("a"),
        await cache.incr("a", 1, 60),
        await cache.take("a", 1, 1),
        await cache.add("s", "a", 60),
        await cache.remove("s", "a"),
        await cache.count("s"),
        await cache.publish("c", b"1"),
    ]


MISSES = [
    None,
    [None, None],
    False,
    False,
    None,
    False,
    None,
    None,
    None,
    False,
    False,
    None,
    False,
]


@pytest.mark.parametrize(
    "url",
    ["unix:///nowhere/cache.sock", "redis://127.0.0.1:1", "redis://192.0.2.1:6379"],
    ids=["no socket", "refused", "no route"],
)
async def test_every_call_misses_quickly_without_a_server(url: str) -> None:
    cache = open_cache(url)
    start = time.monotonic()

    assert await every_call(cache) == MISSES

    assert time.monotonic() - start < 1.5
    assert not cache.available
    await cache.close()


async def test_a_server_that_hangs_costs_little_and_is_found_again(valkey: OwnValkey) -> None:
    async with cache_on(valkey) as cache:
        await cache.set("a", b"1", 60)
        valkey.stop_answering()
        start = time.monotonic()
        answers = [await cache.get("a") for _ in range(200)]
        elapsed_s = time.monotonic() - start
        valkey.answer_again()

        assert answers == [None] * 200
        assert elapsed_s < 1.5
        async with asyncio.timeout(10):
            while await cache.get("a") != b"1":
                await asyncio.sleep(0.01)
        assert cache.available


async def test_a_killed_server_is_replaced_and_found_again(valkey: OwnValkey) -> None:
    async with cache_on(valkey) as cache:
        await asyncio.gather(*(cache.set(f"k{n}", b"1", 60) for n in range(30)))
        valkey.kill()

        async with asyncio.timeout(10):
            while not await cache.set("a", b"2", 60):
                await asyncio.sleep(0.01)

        assert await cache.get("a") == b"2"
        assert await cache.get("k1") is None


async def test_a_flush_loses_values_and_scripts_and_nothing_else(valkey: OwnValkey) -> None:
    redis = Redis.from_url(valkey.url)
    async with cache_on(valkey) as cache:
        await cache.set("a", b"1", 60)
        assert await cache.take("b", 1, 1) == 0.0

        await redis.flushall()
        await redis.script_flush()

        assert await cache.get("a") is None
        assert await cache.take("b", 1, 1) == 0.0
        assert cache.available
    await redis.aclose()


async def test_a_key_of_another_kind_is_a_miss_and_does_not_open_the_breaker(
    valkey: OwnValkey,
) -> None:
    async with cache_on(valkey) as cache:
        await cache.add("set", "a", 60)
        for _ in range(5):
            assert await cache.get("set") is None
        assert cache.available


async def test_who_listens_is_told_after_the_connection_broke(valkey: OwnValkey) -> None:
    async with cache_on(valkey) as cache, cache.subscribe("a") as pokes:
        assert (await anext(pokes)).missed
        valkey.kill()

        async with asyncio.timeout(15):
            assert (await anext(pokes)).missed
            heard = False
            while not heard:
                await cache.publish("a", b"back")
                heard = (await anext(pokes)).body == b"back"


async def test_who_listens_without_a_server_is_told_to_look_now_and_then() -> None:
    cache = open_cache("unix:///nowhere/cache.sock")
    async with cache.subscribe("a") as pokes, asyncio.timeout(5):
        assert (await anext(pokes)).missed
        assert (await anext(pokes)).missed
    await cache.close()


async def test_many_at_once_do_not_break_the_cache(valkey: OwnValkey) -> None:
    async with cache_on(valkey) as cache:
        await cache.set("a", b"1", 60)
        answers = await asyncio.gather(*(cache.get("a") for _ in range(500)))
        assert set(answers) <= {b"1", None}
        await eventually(lambda: cache.available)
