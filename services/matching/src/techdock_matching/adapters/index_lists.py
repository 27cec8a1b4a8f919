"""The best of many scores: exact, best first, ties by id."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from techdock_matching.domain.ranking.match import Candidate

Scores = npt.NDArray[np.int32]
Keys = npt.NDArray[np.int64]

OUT = np.int32(np.iinfo(np.int32).min)
"""The score of a pair that is not listed."""

_NONE = np.int64(np.iinfo(np.int64).min)
_PLACE = np.int64(1 << 32)


def best(scores: Scores, ids: Sequence[UUID], limit: int) -> list[Candidate]:
    """Return the best of one row of scores."""
    listed = np.flatnonzero(scores != OUT)
    if listed.size > limit:
        least = np.partition(scores[listed], listed.size - limit)[listed.size - limit]
        listed = listed[scores[listed] >= least]
    found = [Candidate(ids[i], int(scores[i])) for i in listed.tolist()]
    return sorted(found, key=lambda c: (-c.score, c.profile_id))[:limit]


class Tops:
    """The best so far of each of some profiles, while more counterparts come by.

    A key holds a score and the place of a counterpart in the order of ids, so that one number
    compares both.
    """

    def __init__(self, size: int, limit: int) -> None:
        self._keys = np.full((size, limit), _NONE, np.int64)

    @property
    def keys(self) -> Keys:
        """The keys of each profile in a row, best first."""
        return -np.sort(-self._keys, axis=1)

    def offer(self, scores: Scores, places: npt.NDArray[np.int64], rows: slice) -> None:
        """Take in scores of some of the profiles (rows) with some counterparts (columns)."""
        keys = scores.astype(np.int64) * _PLACE + (_PLACE - 1 - places)[None, :]
        keys[scores == OUT] = _NONE
        limit = self._keys.shape[1]
        if keys.shape[1] > limit:
            keys = np.partition(keys, keys.shape[1] - limit, axis=1)[:, -limit:]
        both = np.concatenate((self._keys[rows], keys), axis=1)
        self._keys[rows] = np.partition(both, both.shape[1] - limit, axis=1)[:, -limit:]


class Lists(Mapping[UUID, list[Candidate]]):
    """Ranked lists, kept small: some megabytes for 20,000 lists of 20."""

    def __init__(self) -> None:
        self._rows: dict[UUID, tuple[Keys, Sequence[UUID]]] = {}

    def put(self, profile_id: UUID, keys: Keys, by_place: Sequence[UUID]) -> None:
        """Store a list: keys, best first, and the counterpart of each place."""
        self._rows[profile_id] = (keys[keys != _NONE], by_place)

    @override
    def __getitem__(self, profile_id: UUID) -> list[Candidate]:
        keys, by_place = self._rows[profile_id]
        scores, rest = np.divmod(keys, _PLACE)
        places = _PLACE - 1 - rest
        return [
            Candidate(by_place[place], score)
            for place, score in zip(places.tolist(), scores.tolist(), strict=True)
        ]

    @override
    def __iter__(self) -> Iterator[UUID]:
        return iter(self._rows)

    @override
    def __len__(self) -> int:
        return len(self._rows)
