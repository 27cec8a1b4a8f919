"""The worst hour, level by level: once all have places, hours that nobody needs are closed."""

import numpy as np

from techdock_matching.adapters.search import annealing, seats
from techdock_matching.adapters.search.arrays import AT, FIXED, HOURS, NONE, Given, State
from techdock_matching.adapters.search.compiled import Array
from techdock_matching.adapters.search.when import packed

_FROM = 0.15
_FOR = 0.3
"""Shares of a search: when hours are closed, and when that is given up if it did not succeed."""


class Daytime:
    """Closes, for some of a search, the hours that are worse than the worst which has to be."""

    def __init__(self, given: Given, state: State) -> None:
        self._given = given
        self._state = state
        self._closed_at: float | None = None
        self._before: Array | None = None

    def look(self, share: float) -> None:
        """Close hours, or open them again, as it is time.

        Args:
            share: Of the search that is done.
        """
        if self._closed_at is None:
            if share >= _FROM and not self._state.total[0]:
                self._closed_at = share
                self._close()
        elif self._before is not None and share >= self._closed_at + _FOR:
            if self._state.total[0]:
                self._given.open[:] = self._before
                annealing.restore(self._given, self._state)
            self._before = None

    def _close(self) -> None:
        g, s = self._given, self._state
        count = g.stretch.shape[0]
        off = g.off[g.request[:, HOURS]]
        opened = np.unpackbits(g.open.view(np.uint8), axis=1, bitorder="little")[:, :count] > 0
        free = (g.request[:, FIXED] == 0) & opened.any(axis=1)
        best_of_each = np.where(opened, off, np.iinfo(np.int64).max).min(axis=1)
        needed = int(best_of_each[free].max(initial=0))
        at = s.seat[:, AT]
        worse = free & (at != NONE) & (off[np.arange(len(at)), at] > needed)
        if not worse.any():
            return
        self._before = g.open.copy()
        g.open[free] &= ~packed(off[free] > needed)
        for m in np.flatnonzero(worse):
            seats.take(g, s, m)
