"""Identifiers: UUIDv7 where age helps an index, UUIDv4 where age must not show."""

import secrets
import threading
import time
from uuid import UUID, uuid4

_TAIL_BITS = 74
_VERSION_AND_VARIANT = (7 << 76) | (0b10 << 62)


class _Ordered:
    """Makes UUIDv7 that grow, also inside one millisecond and while the clock steps back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ms = 0
        self._tail = 0

    def next(self, ms: int) -> UUID:
        with self._lock:
            if ms > self._ms:
                # The top bit stays free: room to count on within the millisecond.
                self._ms, self._tail = ms, secrets.randbits(_TAIL_BITS - 1)
            else:
                self._tail += 1 + secrets.randbits(32)
                if self._tail >> _TAIL_BITS:
                    self._ms, self._tail = self._ms + 1, secrets.randbits(_TAIL_BITS - 1)
            high, low = self._tail >> 62, self._tail & ((1 << 62) - 1)
            return UUID(int=(self._ms << 80) | (high << 64) | low | _VERSION_AND_VARIANT)


_ordered = _Ordered()


def uuid7(clock_ms: int | None = None) -> UUID:
    """Return a new id that sorts by age.

    Args:
        clock_ms: Unix time in milliseconds to stamp it with. None takes the machine's clock;
            then ids grow within the process whatever the clock does.

    Source: RFC 9562, section 5.7, with the counter of section 6.2, method 2.
    """
    if clock_ms is not None:
        return _Ordered().next(clock_ms)
    return _ordered.next(time.time_ns() // 1_000_000)


def random_id() -> UUID:
    """Return a new id that tells nothing, not even its age."""
    return uuid4()
