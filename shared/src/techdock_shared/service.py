"""What a service looks like to the program that hosts it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI

log = logging.getLogger(__name__)

Background = Callable[[], Awaitable[None]]

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
CANCEL_AGAIN_S = 0.5
"""A task may take so long to put things in order before it is cancelled once more."""


async def _nothing() -> None:
    """Close nothing."""


@dataclass(frozen=True, slots=True)
class Service:
    """HTTP on the front, endless tasks at the back.

    Attributes:
        http: The service's app.
        background: Tasks that run as long as the service does. One that fails is logged and
            started again, after a pause that doubles up to half a minute.
        close: Gives back what the service opened itself; runs after the tasks have ended.
    """

    http: FastAPI
    background: Sequence[Background] = field(default_factory=tuple)
    close: Background = _nothing

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the background tasks going; stop them when the block ends."""
        tasks = [asyncio.create_task(_keep_going(task)) for task in self.background]
        try:
            yield
        finally:
            await _end(tasks)
            await self.close()


async def _end(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Cancel tasks until all have ended: some library swallows a cancellation now and then."""
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=CANCEL_AGAIN_S)


async def _keep_going(task: Background) -> None:
    """Run a task until it ends by itself; after a failure run it again."""
    pause_s = FIRST_PAUSE_S
    while True:
        begun = asyncio.get_running_loop().time()
        try:
            await task()
        except Exception:
            log.exception("a background task failed and is started again")
        else:
            return
        if asyncio.get_running_loop().time() - begun > LONGEST_PAUSE_S:
            pause_s = FIRST_PAUSE_S
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
