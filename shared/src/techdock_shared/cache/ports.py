"""The cache as everybody sees it. Nothing here is ever the only copy of anything."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Poke:
    """A hint that something changed; whoever gets one reads again from the truth.

    Attributes:
        channel: Where it was published; empty when `missed`.
        body: What was published; never the only copy of anything.
        missed: True for the poke that stands for all those that may have been lost while
            the connection was away.
    """

    channel: str
    body: bytes
    missed: bool = False


class Cache(Protocol):
    """Shared state that may vanish at any moment.

    No method raises because the cache is away, slow or flushed: it returns within about a
    tenth of a second what a miss returns, and the caller goes to the truth.
    """

    @property
    def available(self) -> bool:
        """Whether calls reach the cache at present; False while the breaker is open."""
        ...

    async def get(self, key: str) -> bytes | None:
        """Return the value, or None: absent, expired or away."""
        ...

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Return a value or None for each key, in one round trip."""
        ...

    async def set(self, key: str, value: bytes, ttl_s: float) -> bool:
        """Keep a value for so many seconds; False when it could not be kept."""
        ...

    async def set_many(self, values: Mapping[str, bytes], ttl_s: float) -> bool:
        """Keep several values in one round trip; False when they could not all be kept."""
        ...

    async def claim(self, key: str, value: bytes, ttl_s: float) -> bytes | None:
        """Keep the value unless the key has one; return the one it had.

        Returns:
            None when the value is now kept, and also when the cache is away: a claim is a
            fast path and never the proof that nobody else holds it.
        """
        ...

    async def delete(self, *keys: str) -> bool:
        """Forget keys; False when that could not be done (they then end by their ttl)."""
        ...

    async def incr(self, key: str, by: int = 1, ttl_s: float | None = None) -> int | None:
        """Add to a counter and return its new value; None when away.

        Args:
            key: A missing counter starts at zero.
            by: May be negative.
            ttl_s: Seconds from now until the counter ends; None leaves its end as it is.
        """
        ...

    async def take(self, key: str, rate_per_s: float, burst: int) -> float | None:
        """Take one token from a bucket that fills at a rate up to a burst.

        Returns:
            0.0 when a token was taken, else the seconds until one will be there; None when
            away (use a local bucket then).
        """
        ...

    async def add(self, key: str, member: str, ttl_s: float) -> bool:
        """Put a member into a set for so many seconds; again renews it."""
        ...

    async def remove(self, key: str, member: str) -> bool:
        """Take a member out of a set."""
        ...

    async def count(self, key: str) -> int | None:
        """Count the members that have not expired; None when away."""
        ...

    async def publish(self, channel: str, body: bytes) -> bool:
        """Poke everybody who listens; False when nobody can have heard it."""
        ...

    def subscribe(self, *channels: str) -> AbstractAsyncContextManager[AsyncIterator[Poke]]:
        """Listen to channels until the block ends.

        The iterator yields a poke with `missed` when listening has begun, after each
        reconnection, and now and then while the cache is away: whoever gets one reads
        everything again. It ends when the cache is closed.

        Example:
            async with cache.subscribe("docking_event.7") as pokes:
                async for poke in pokes: ...
        """
        ...

    async def close(self) -> None:
        """Let go of connections and end all subscriptions."""
        ...
