"""Where the lists end: what a newcomer must beat to enter a list that is full."""

from collections.abc import Mapping
from uuid import UUID

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.profile import Kind

_ROOM = np.int32(np.iinfo(np.int32).min)
"""The score that has to be beaten where there is room."""


class Ends:
    """The last place of each full list, by docking event and row.

    A newcomer is compared with every list of the other side at once, so scores stand in arrays.
    """

    def __init__(self) -> None:
        self._scores: dict[tuple[UUID | None, Kind], npt.NDArray[np.int32]] = {}
        self._last: dict[tuple[UUID | None, Kind], dict[int, UUID]] = {}

    def note(
        self, docking_event_id: UUID | None, kind: Kind, ends: Mapping[int, Candidate | None]
    ) -> None:
        """Take in the last places of the lists of rows; none: there is room."""
        if not ends:
            return
        key = docking_event_id, kind
        scores = self._reaching(key, max(ends) + 1)
        last = self._last.setdefault(key, {})
        for row, end in ends.items():
            scores[row] = _ROOM if end is None else end.score
            if end is None:
                last.pop(row, None)
            else:
                last[row] = end.profile_id

    def entered(
        self, docking_event_id: UUID | None, kind: Kind, scores: npt.NDArray[np.int32], mine: UUID
    ) -> npt.NDArray[np.bool_]:
        """Return into which lists (rows) a profile comes with these scores; ties by id."""
        key = docking_event_id, kind
        ends = self._reaching(key, len(scores))[: len(scores)]
        found: npt.NDArray[np.bool_] = scores > ends
        last = self._last.get(key, {})
        for row in np.flatnonzero((scores == ends) & (ends != _ROOM)).tolist():
            found[row] = mine <= last[row]
        return found

    def clear(self) -> None:
        """Forget all: rows have other numbers, or lists are computed anew."""
        self._scores.clear()
        self._last.clear()

    def _reaching(self, key: tuple[UUID | None, Kind], size: int) -> npt.NDArray[np.int32]:
        found = self._scores.get(key)
        if found is None or len(found) < size:
            kept = np.zeros(0, np.int32) if found is None else found
            more = np.full(max(size - len(kept), len(kept) // 2), _ROOM, np.int32)
            found = self._scores[key] = np.concatenate((kept, more))
        return found
