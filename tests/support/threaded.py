"""A program of this process for tests that are not asynchronous themselves."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from support.inside import Inside, inside

T = TypeVar("T")

PATIENCE_S = 60.0


class Elsewhere:
    """An event loop in a thread of its own, which other threads give work to."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="techdock")
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it there, and wait for it here."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_S)

    def end(self) -> None:
        """Stop the loop and the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def program(
    root: Path, prepare: Callable[[Inside], Awaitable[T]]
) -> Iterator[tuple[Elsewhere, Inside, T]]:
    """Run a Techdock in another thread until the block ends.

    Args:
        prepare: Fills it; its result is yielded with the program.
    """
    elsewhere = Elsewhere()
    ended = asyncio.Event()
    ready: asyncio.Future[tuple[Inside, T]]

    async def live() -> None:
        try:
            async with inside(root) as running:
                ready.set_result((running, await prepare(running)))
                await ended.wait()
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            raise

    async def begin() -> tuple[Inside, T]:
        nonlocal ready
        ready = asyncio.get_running_loop().create_future()
        tasks.append(asyncio.ensure_future(live()))
        return await ready

    async def finish() -> None:
        ended.set()
        await tasks[0]

    tasks: list[asyncio.Task[None]] = []
    try:
        running, prepared = elsewhere.do(begin())
        try:
            yield elsewhere, running, prepared
        finally:
            elsewhere.do(finish())
    finally:
        elsewhere.end()
