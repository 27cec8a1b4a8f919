"""The cache over Redis or Valkey: the only module that knows the client library."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from hashlib import sha1
from typing import Any, TypeVar

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError, ResponseError
from typing_extensions import override

from techdock_shared import telemetry
from techdock_shared.cache.breaker import Breaker
from techdock_shared.cache.listening import Listening
from techdock_shared.cache.ports import Cache, Poke
from techdock_shared.clock import Clock, SystemClock

log = structlog.get_logger(__name__)

CONNECT_S = 0.1
ANSWER_S = 0.05
CALL_S = 0.2
MOST_CONNECTIONS = 64

# Generic cell rate: one number a bucket, the moment at which it would be full again. The
# server's clock counts, so that replicas with different clocks share one bucket.
TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local gap = 1 / tonumber(ARGV[1])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local wait = full + gap - tonumber(ARGV[2]) * gap - now
if wait > 0 then return tostring(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', full + gap),
           'PX', math.ceil((full + gap - now) * 1000) + 1000)
return '0'
"""
TAKE_SHA = sha1(TAKE.encode(), usedforsecurity=False).hexdigest()

T = TypeVar("T")


def open_cache(url: str, clock: Clock | None = None, prefix: str = "techdock.") -> "RedisCache":
    """Return the cache at an address; nothing is connected yet.

    Args:
        url: `redis://host:6379/0`, `rediss://...` or `unix:///path/to.sock`.
        clock: For the ends of presences.
        prefix: In front of every key and channel, so that installations can share a server.
    """
    # A connection that the server closed while it lay in the pool is opened again at once;
    # a slow answer is not asked for twice.
    retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
    commands = BlockingConnectionPool.from_url(
        url,
        max_connections=MOST_CONNECTIONS,
        timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        socket_connect_timeout=CONNECT_S,
        retry=retry,
    )
    listening = BlockingConnectionPool.from_url(
        url,
        max_connections=4,
        timeout=CONNECT_S,
        socket_timeout=None,
        socket_connect_timeout=CONNECT_S,
        retry=Retry(NoBackoff(), 0),
    )
    return RedisCache(
        Redis.from_pool(commands), Redis.from_pool(listening), clock or SystemClock(), prefix
    )


class RedisCache(Cache):
    """See `Cache` for what is promised; here is how: short timeouts and a breaker."""

    def __init__(
        self, commands: Redis, listening: Redis, clock: Clock, prefix: str, *, scripts: bool = True
    ) -> None:
        """Take what it stands on.

        Args:
            commands: A client with short timeouts.
            listening: A client that waits without end.
            clock: For the ends of presences.
            prefix: In front of every key and channel.
            scripts: Whether the server runs Lua; without it there are no shared buckets.
        """
        self._scripts = scripts
        # The client types its answers for both settings of decode_responses; ours are bytes.
        self._redis: Any = commands
        self._prefix = prefix
        self._clock = clock
        self._breaker = Breaker()
        self._listening = Listening(listening, prefix)
        self._answered = telemetry.CACHE_CALLS.labels("answered").inc
        self._failed = telemetry.CACHE_CALLS.labels("failed").inc
        self._skipped = telemetry.CACHE_CALLS.labels("skipped").inc

    @property
    @override
    def available(self) -> bool:
        return self._breaker.closed

    @property
    def client(self) -> Any:
        """The library's client: for looking into the server, never for a service's work."""
        return self._redis

    async def ping(self) -> None:
        """Ask whether the server answers; raises what went wrong. For health checks."""
        await self._redis.ping()

    async def _call(self, call: Callable[[], Awaitable[T]], miss: T) -> T:
        """Return the answer, or `miss` when there is none in time."""
        if not self._breaker.admits():
            self._skipped()
            return miss
        try:
            async with asyncio.timeout(CALL_S):
                answer = await call()
        except ResponseError as error:
            # It answers, so it is not away: full, of another type, or read-only.
            self._failed()
            log.warning("cache refuses", error=str(error))
            return miss
        except (RedisError, OSError, TimeoutError) as error:
            self._failed()
            was_closed = self._breaker.closed
            self._breaker.failed()
            if was_closed and not self._breaker.closed:
                telemetry.CACHE_AVAILABLE.set(0)
                log.warning("cache is away; working without it", error=repr(error))
            return miss
        self._answered()
        if not self._breaker.closed:
            log.info("cache is back")
            telemetry.CACHE_AVAILABLE.set(1)
        self._breaker.succeeded()
        return answer

    @override
    async def get(self, key: str) -> bytes | None:
        return await self._call(lambda: self._redis.get(self._prefix + key), None)

    @override
    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        if not keys:
            return []
        names = [self._prefix + key for key in keys]
        miss: list[bytes | None] = [None] * len(names)
        return await self._call(lambda: self._redis.mget(names), miss)

    @override
    async def set(self, key: str, value: bytes, ttl_s: float) -> bool:
        name, px = self._prefix + key, _ms(ttl_s)
        return bool(await self._call(lambda: self._redis.set(name, value, px=px), False))

    @override
    async def set_many(self, values: Mapping[str, bytes], ttl_s: float) -> bool:
        if not values:
            return True
        px = _ms(ttl_s)

        async def send() -> bool:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for key, value in values.items():
                    pipeline.set(self._prefix + key, value, px=px)
                return all(await pipeline.execute())

        return await self._call(send, False)

    @override
    async def claim(self, key: str, value: bytes, ttl_s: float) -> bytes | None:
        name, px = self._prefix + key, _ms(ttl_s)
        return await self._call(
            lambda: self._redis.set(name, value, px=px, nx=True, get=True), None
        )

    @override
    async def delete(self, *keys: str) -> bool:
        if not keys:
            return True
        names = [self._prefix + key for key in keys]
        return await self._call(lambda: self._redis.unlink(*names), None) is not None

    @override
    async def incr(self, key: str, by: int = 1, ttl_s: float | None = None) -> int | None:
        name = self._prefix + key
        if ttl_s is None:
            return await self._call(lambda: self._redis.incrby(name, by), None)
        px = _ms(ttl_s)

        async def send() -> int | None:
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.incrby(name, by)
                pipeline.pexpire(name, px)
                count: int = (await pipeline.execute())[0]
                return count

        return await self._call(send, None)

    @override
    async def take(self, key: str, rate_per_s: float, burst: int) -> float | None:
        if not self._scripts:
            return None
        name = self._prefix + key

        async def send() -> bytes | None:
            answer: bytes
            try:
                answer = await self._redis.evalsha(TAKE_SHA, 1, name, rate_per_s, burst)
            except NoScriptError:
                answer = await self._redis.eval(TAKE, 1, name, rate_per_s, burst)
            return answer

        wait_s = await self._call(send, None)
        return None if wait_s is None else float(wait_s)

    @override
    async def add(self, key: str, member: str, ttl_s: float) -> bool:
        name, now = self._prefix + key, self._clock.now().timestamp()

        async def send() -> bool:
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.zremrangebyscore(name, "-inf", now)
                pipeline.zadd(name, {member: now + ttl_s})
                pipeline.pexpire(name, _ms(ttl_s), gt=True)
                pipeline.pexpire(name, _ms(ttl_s), nx=True)
                await pipeline.execute()
                return True

        return await self._call(send, False)

    @override
    async def remove(self, key: str, member: str) -> bool:
        name = self._prefix + key
        return await self._call(lambda: self._redis.zrem(name, member), None) is not None

    @override
    async def count(self, key: str) -> int | None:
        name, now = self._prefix + key, self._clock.now().timestamp()
        return await self._call(lambda: self._redis.zcount(name, f"({now}", "+inf"), None)

    @override
    async def publish(self, channel: str, body: bytes) -> bool:
        name = self._prefix + channel
        return await self._call(lambda: self._redis.publish(name, body), None) is not None

    @override
    def subscribe(self, *channels: str) -> AbstractAsyncContextManager[AsyncIterator[Poke]]:
        return self._listening.to(*channels)

    @override
    async def close(self) -> None:
        await self._listening.close()
        await self._redis.aclose()


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def open_fake_cache(clock: Clock | None = None) -> RedisCache:
    """Return a cache inside this process, where no Valkey server exists for the platform.

    It keeps its promises for this process alone; token buckets fall back to local ones.
    """
    from fakeredis.aioredis import FakeRedis  # noqa: PLC0415 - only where it is needed

    log.warning("no Valkey server for this platform: the cache lives in this process")
    fake = FakeRedis()
    return RedisCache(fake, fake, clock or SystemClock(), "techdock.", scripts=False)
