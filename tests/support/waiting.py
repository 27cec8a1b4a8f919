"""Waiting for a condition, never for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(what: str, ask: Callable[[], Awaitable[T | None]], *, within_s: float = 30.0) -> T:
    """Ask again and again until there is a true answer; fail, naming `what`, when it comes not."""
    deadline = time.monotonic() + within_s
    while True:
        answer = await ask()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {within_s} s; last answer {answer!r}")
        await asyncio.sleep(0.02)
