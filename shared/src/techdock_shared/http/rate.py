"""How often one may ask: a token bucket per principal and, for strangers, per address.

Who tries to sign in is limited by the account that they name, too: guesses may come from anywhere.
"""

import hashlib
import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from fastapi import Request

from techdock_shared.cache.ports import Cache
from techdock_shared.errors import TooMany

TRIES, TRIES_S = 10, 15 * 60
MOST_LOCAL_BUCKETS = 10_000
MOST_ADDRESS_CHARACTERS = 64


@lru_cache(maxsize=4096)
def is_inside(host: str) -> bool:
    """Say whether an address belongs to a private network or to this machine."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def visitor_of(request: Request) -> str | None:
    """Return the network address of who asks, perhaps by way of the portal.

    Only who asks from a private address may speak for somebody else; a server with a gateway
    before it has put the visitor's address in place of the gateway's already.
    """
    host = request.client.host if request.client is not None else None
    if host is None or not is_inside(host):
        return host
    forwarded = request.headers.get("x-forwarded-for", "")
    return forwarded.rpartition(",")[2].strip()[:MOST_ADDRESS_CHARACTERS] or host


class AskedTooOften(TooMany):
    """More requests than the bucket holds.

    Attributes:
        retry_after_s: When the next one will be taken, in seconds.
    """

    code = "too_many"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("too many requests; come back a little later")
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests per second, and so many at once after a pause."""

    per_s: float
    burst: int


class LocalBuckets:
    """Token buckets of this process alone, for the time without a cache."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str, rate: Rate) -> float:
        """Take a token; returns 0.0, or the seconds until there is one."""
        now = self._now()
        tokens, since = self._buckets.pop(key, (float(rate.burst), now))
        tokens = min(float(rate.burst), tokens + (now - since) * rate.per_s)
        taken = tokens >= 1
        tokens -= taken
        self._buckets[key] = (tokens, now)
        if len(self._buckets) > MOST_LOCAL_BUCKETS:
            self._buckets.popitem(last=False)
        return 0.0 if taken else (1 - tokens) / rate.per_s


@dataclass(frozen=True, slots=True)
class Rates:
    """The limits of one service.

    Attributes:
        principal: Per account; None sets no limit.
        address: Per network address of callers that are not signed in; None sets no limit.
            Private addresses are exempt: from there come the portal and the operator; a
            gateway says whom it speaks for.
        tries: Per account that somebody tries to get into, whether it exists or not; None sets
            no limit.
    """

    principal: Rate | None = Rate(per_s=100, burst=500)
    address: Rate | None = Rate(per_s=30, burst=150)
    tries: Rate | None = Rate(per_s=TRIES / TRIES_S, burst=TRIES)
    local: LocalBuckets = field(default_factory=LocalBuckets)

    async def take(self, cache: Cache | None, key: str, rate: Rate) -> None:
        """Take a token from the shared bucket, or from the local one without a cache.

        Raises:
            AskedTooOften: There is none.
        """
        wait_s = None
        if cache is not None:
            wait_s = await cache.take(key, rate.per_s, rate.burst)
        if wait_s is None:
            wait_s = self.local.take(key, rate)
        if wait_s > 0:
            raise AskedTooOften(wait_s)

    async def stranger(self, request: Request) -> None:
        """Take a token of the caller's address."""
        host = visitor_of(request)
        if self.address is not None and host is not None and not is_inside(host):
            await self.take(request.app.state.cache, f"rate.address.{host}", self.address)

    async def attempt(self, request: Request, purpose: str, account: str) -> None:
        """Take a token for trying to get into an account; the right key needs one as well.

        Args:
            purpose: What is tried, such as `password`. Each has a bucket of its own, so that who
                guesses passwords does not keep the owner from asking for a link.
            account: Names the account, as compared. The cache gets only its hash.

        Raises:
            AskedTooOften: There is none.
        """
        if self.tries is not None:
            named = hashlib.sha256(account.encode()).hexdigest()
            key = f"rate.{purpose}.{named}"
            await self.take(request.app.state.cache, key, self.tries)
