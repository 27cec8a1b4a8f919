"""A circuit breaker: who is away is not asked again and again."""

import time
from collections.abc import Callable

FAILURES_TO_OPEN = 3
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 4.0


class Breaker:
    """Counts failures in a row; when open, admits one probe after each pause.

    Closed, every call passes. After three failures in a row it opens: calls are skipped for
    a pause that doubles from 0.25 s to 4 s, then one call passes as a probe and decides.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Take a clock that only goes forward, in seconds."""
        self._now = now
        self._failures = 0
        self._pause_s = FIRST_PAUSE_S
        self._closed_again_at: float | None = None

    @property
    def closed(self) -> bool:
        """Whether calls pass."""
        return self._closed_again_at is None

    def admits(self) -> bool:
        """Say whether a call may be tried; when open, one caller at a time is the probe."""
        if self._closed_again_at is None:
            return True
        now = self._now()
        if now < self._closed_again_at:
            return False
        # Taken at once, so that whoever comes while the probe runs is not one too.
        self._closed_again_at = now + self._pause_s
        return True

    def succeeded(self) -> None:
        """Close: a call was answered."""
        self._failures = 0
        if self._closed_again_at is not None:
            self._closed_again_at = None
            self._pause_s = FIRST_PAUSE_S

    def failed(self) -> None:
        """Count a call that was not answered in time."""
        self._failures += 1
        if self._closed_again_at is not None:
            self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2)
        elif self._failures < FAILURES_TO_OPEN:
            return
        self._closed_again_at = self._now() + self._pause_s
