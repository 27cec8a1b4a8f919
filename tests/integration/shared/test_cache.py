"""The cache port over a real Valkey and over the stand-in: the same promises."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.caches import OwnValkey, cache_on, own_valkey
from support.clock import FrozenClock
from techdock_shared.cache.redis import RedisCache, open_cache, open_fake_cache


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[OwnValkey]:
    async with own_valkey(tmp_path / "run") as running:
        yield running


@pytest.fixture(params=["valkey", "fake"])
async def cache(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FrozenClock
) -> AsyncIterator[RedisCache]:
    if request.param == "fake":
        fake = open_fake_cache(clock)
        yield fake
        await fake.close()
        return
    async with own_valkey(tmp_path / "run") as running, cache_on(running, clock) as real:
        yield real


async def test_what_was_set_is_there_until_it_is_deleted(cache: RedisCache) -> None:
    assert await cache.get("a") is None
    assert await cache.set("a", b"\x00\xff", 60)
    assert await cache.get("a") == b"\x00\xff"
    assert await cache.delete("a")
    assert await cache.get("a") is None


async def test_a_value_ends_with_its_time(cache: RedisCache) -> None:
    await cache.set("short", b"1", 0.02)
    await cache.set("long", b"1", 60)

    async with asyncio.timeout(2):
        while await cache.get("short") is not None:
            await asyncio.sleep(0.005)

    assert await cache.get("long") == b"1"


async def test_many_keys_travel_together(cache: RedisCache) -> None:
    assert await cache.set_many({"a": b"1", "c": b"3"}, 60)
    assert await cache.get_many(["a", "b", "c"]) == [b"1", None, b"3"]
    assert await cache.get_many([]) == []
    assert await cache.set_many({}, 60)
    assert await cache.delete()


async def test_the_first_claim_wins(cache: RedisCache) -> None:
    claims = await asyncio.gather(*(cache.claim("k", str(n).encode(), 60) for n in range(20)))
    winner = await cache.get("k")
    assert claims.count(None) == 1
    assert set(claims) - {None} == {winner}


async def test_a_counter_counts(cache: RedisCache) -> None:
    assert await cache.incr("n") == 1
    assert await cache.incr("n", 4, ttl_s=60) == 5
    assert await cache.incr("n", -2) == 3


async def test_the_present_are_counted_until_they_leave_or_fall_silent(
    cache: RedisCache, clock: FrozenClock
) -> None:
    await cache.add("hall", "ana", 30)
    await cache.add("hall", "bo", 60)
    await cache.add("hall", "bo", 60)
    assert await cache.count("hall") == 2

    clock.time += timedelta(seconds=31)
    assert await cache.count("hall") == 1

    await cache.remove("hall", "bo")
    assert await cache.count("hall") == 0


async def test_a_poke_reaches_all_who_listen_to_its_channel(cache: RedisCache) -> None:
    async with cache.subscribe("one", "two") as first, cache.subscribe("two") as second:
        assert (await anext(first)).missed
        assert (await anext(first)).missed
        assert (await anext(second)).missed

        await cache.publish("two", b"hello")
        await cache.publish("one", b"only first")

        poke = await anext(first)
        assert (poke.channel, poke.body, poke.missed) == ("two", b"hello", False)
        assert (await anext(second)).body == b"hello"
        assert (await anext(first)).body == b"only first"


async def test_whoever_comes_late_to_a_channel_hears_too(cache: RedisCache) -> None:
    async with cache.subscribe("a") as early:
        await anext(early)
        async with cache.subscribe("a") as late:
            assert (await anext(late)).missed
            await cache.publish("a", b"x")
            assert (await anext(late)).body == b"x"
        assert (await anext(early)).body == b"x"


async def test_a_line_that_grows_too_long_becomes_one_poke(cache: RedisCache) -> None:
    async with cache.subscribe("a") as slow, cache.subscribe("a") as fast:
        await anext(slow)
        await anext(fast)
        for n in range(200):
            await cache.publish("a", str(n).encode())
            assert (await anext(fast)).body == str(n).encode()

        first = await anext(slow)
        assert first.missed
        last = first
        while last.body != b"199":
            last = await anext(slow)


async def test_closing_ends_every_subscription(valkey: OwnValkey) -> None:
    cache = open_cache(valkey.url)
    async with cache.subscribe("a") as pokes:
        await anext(pokes)
        reading = asyncio.ensure_future(_all(pokes))
        await asyncio.sleep(0)
        await cache.close()
        async with asyncio.timeout(2):
            assert await reading == 0


async def _all(pokes: AsyncIterator[object]) -> int:
    return len([poke async for poke in pokes])


async def test_a_bucket_gives_its_burst_and_then_its_rate(valkey: OwnValkey) -> None:
    async with cache_on(valkey) as cache:
        waits = [await cache.take("bucket", 0.5, 5) for _ in range(7)]

    assert waits[:5] == [0.0] * 5
    assert waits[5] == pytest.approx(2.0, abs=0.2)
    assert waits[6] == pytest.approx(2.0, abs=0.2)


async def test_a_bucket_is_shared_between_processes(valkey: OwnValkey) -> None:
    async with cache_on(valkey) as one, cache_on(valkey) as other:
        waits = await asyncio.gather(*(c.take("b", 0.01, 10) for c in [one, other] * 10))
    assert waits.count(0.0) == 10


async def test_a_bucket_fills_again(valkey: OwnValkey) -> None:
    async with cache_on(valkey) as cache:
        assert await cache.take("b", 50, 1) == 0.0
        wait_s = await cache.take("b", 50, 1)
        assert wait_s is not None
        assert 0 < wait_s <= 0.02
        async with asyncio.timeout(2):
            while await cache.take("b", 50, 1) != 0.0:
                await asyncio.sleep(0.002)


async def test_the_stand_in_leaves_buckets_to_the_process() -> None:
    cache = open_fake_cache()
    assert await cache.take("b", 1, 1) is None
    assert cache.available
    await cache.close()
