"""Pokes: one connection to the server for all who listen in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from techdock_shared.cache.ports import Poke

log = structlog.get_logger(__name__)

MOST_WAITING = 64
QUIET_S = 5.0
RECONNECT_S = 0.2
LONGEST_RECONNECT_S = 5.0
END_S = 0.1
MISSED = Poke("", b"", missed=True)


class _Listener:
    """One who listens, with the pokes that wait for it."""

    def __init__(self, channels: frozenset[str]) -> None:
        self.channels = channels
        self.waiting: asyncio.Queue[Poke | None] = asyncio.Queue(MOST_WAITING)

    def give(self, poke: Poke | None) -> None:
        """Put a poke in line; a line that is full becomes one poke that stands for all."""
        if self.waiting.full():
            while not self.waiting.empty():
                self.waiting.get_nowait()
            self.waiting.put_nowait(MISSED)
        self.waiting.put_nowait(poke)


async def _end(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks until they have ended.

    Once is not enough: `asyncio.wait_for` of Python 3.11, which client libraries use, loses
    a cancellation that comes together with what it waited for.
    """
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=END_S)
    for task in tasks:
        if not task.cancelled():
            task.exception()  # looked at, so that nobody complains that it was not


class Listening:
    """Keeps one subscribed connection, opens it again when it breaks, and says so."""

    def __init__(self, redis: "Redis", prefix: str) -> None:
        """Take a client without an answer timeout."""
        self._redis = redis
        self._prefix = prefix
        self._own = f"{prefix}listening"
        self._listeners: set[_Listener] = set()
        self._wanted: dict[str, int] = {}
        self._confirmed: set[str] = set()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    @asynccontextmanager
    async def to(self, *channels: str) -> AsyncIterator[AsyncIterator[Poke]]:
        """Listen until the block ends; see `Cache.subscribe`."""
        listener = _Listener(frozenset(self._prefix + channel for channel in channels))
        self._listeners.add(listener)
        for channel in listener.channels:
            self._wanted[channel] = self._wanted.get(channel, 0) + 1
        if self._closed:
            listener.give(None)
        elif listener.channels <= self._confirmed:
            listener.give(MISSED)
        self._changed.set()
        if self._task is None and not self._closed:
            self._task = asyncio.get_running_loop().create_task(self._listen())
        try:
            yield self._pokes(listener)
        finally:
            self._listeners.discard(listener)
            for channel in listener.channels:
                self._wanted[channel] -= 1
                if not self._wanted[channel]:
                    del self._wanted[channel]
            self._changed.set()

    async def _pokes(self, listener: _Listener) -> AsyncIterator[Poke]:
        while (poke := await listener.waiting.get()) is not None:
            yield poke

    async def close(self) -> None:
        """End every subscription and the connection."""
        self._closed = True
        for listener in self._listeners:
            listener.give(None)
        if self._task is not None:
            await _end(self._task)
        await self._redis.aclose()

    async def _listen(self) -> None:
        """Listen for as long as the process lives."""
        pause_s = RECONNECT_S
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(self._own)
                    pause_s = RECONNECT_S
                    await self._relay(pubsub)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("not listening for pokes", why=repr(error))
            self._confirmed.clear()
            # Without the server, those who listen look at the truth now and then.
            for listener in self._listeners:
                listener.give(MISSED)
            await asyncio.sleep(pause_s)
            pause_s = min(LONGEST_RECONNECT_S, pause_s * 2)

    async def _relay(self, pubsub: Any) -> None:
        """Read and follow at the same time, until the connection breaks."""
        tasks = {
            asyncio.ensure_future(self._read(pubsub)),
            asyncio.ensure_future(self._follow(pubsub)),
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            await _end(*tasks)

    async def _read(self, pubsub: Any) -> None:
        """Hand out what comes; a server that leaves a ping without answer is away."""
        pinged = False
        while True:
            message: dict[str, Any] | None = await pubsub.get_message(timeout=QUIET_S)
            if message is not None:
                pinged = False
                self._hand_out(message)
            elif pinged:
                raise TimeoutError("no answer to a ping")
            else:
                await pubsub.ping()
                pinged = True

    async def _follow(self, pubsub: Any) -> None:
        """Keep the connection's channels those that somebody listens to."""
        subscribed: set[str] = set()
        while True:
            self._changed.clear()
            wanted = set(self._wanted)
            if gone := subscribed - wanted:
                self._confirmed -= gone
                await pubsub.unsubscribe(*gone)
            if new := wanted - subscribed:
                await pubsub.subscribe(*new)
            subscribed = wanted
            await self._changed.wait()

    def _hand_out(self, message: dict[str, Any]) -> None:
        if message["type"] not in {"subscribe", "message"}:
            return
        name = message["channel"].decode()
        listeners = [listener for listener in self._listeners if name in listener.channels]
        if message["type"] == "message":
            poke = Poke(name.removeprefix(self._prefix), message["data"])
        elif name in self._wanted:
            # From now on nothing is lost; what was published before is read by looking.
            self._confirmed.add(name)
            poke = MISSED
        else:
            return
        for listener in listeners:
            listener.give(poke)
