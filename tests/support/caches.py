"""Caches for tests: a real Valkey of the test's own, with the means to hurt it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
from techdock_shared.cache.redis import RedisCache, open_cache
from techdock_shared.cache.valkey import ValkeyChild

from support.clock import FrozenClock


class OwnValkey:
    """A Valkey child, and the process ids behind it."""

    def __init__(self, child: ValkeyChild) -> None:
        self.child = child

    @property
    def url(self) -> str:
        return self.child.url

    def server(self) -> psutil.Process:
        """The server's process; other tests of this process may have servers too."""
        return server_under(psutil.Process(), self.child.socket)

    def kill(self) -> None:
        """SIGKILL the server; its guard starts another."""
        self.server().kill()

    def stop_answering(self) -> None:
        """Let the server hang."""
        self.server().send_signal(signal.SIGSTOP)

    def answer_again(self) -> None:
        self.server().send_signal(signal.SIGCONT)


def server_under(process: psutil.Process, socket: Path) -> psutil.Process:
    """The Valkey server on a socket, among the descendants of a process."""
    for each in process.children(recursive=True):
        if "valkey-server" in each.name() and any(str(socket) in word for word in each.cmdline()):
            return each
    raise AssertionError(f"no Valkey server on {socket} under {process}")


@asynccontextmanager
async def own_valkey(folder: Path) -> AsyncIterator[OwnValkey]:
    """Run a Valkey server for one test."""
    child = ValkeyChild(folder)
    await child.start()
    try:
        yield OwnValkey(child)
    finally:
        await child.stop()


@asynccontextmanager
async def cache_on(
    valkey: OwnValkey, clock: FrozenClock | None = None
) -> AsyncIterator[RedisCache]:
    """Open a cache on a server and close it."""
    cache = open_cache(valkey.url, clock)
    try:
        yield cache
    finally:
        await cache.close()


def gone(pid: int) -> bool:
    """Say whether a process has ended (a zombie has)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def eventually(holds: Callable[[], bool], within_s: float = 5.0) -> None:
    """Wait until a condition holds; fail when it does not in time."""
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.01)


def environment() -> dict[str, str]:
    """The environment for a child process of a test."""
    return {key: value for key, value in os.environ.items() if not key.startswith("TECHDOCK_")}
