"""In how many profiles each column of a space occurs."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking import vectors as v
from techdock_matching.domain.ranking.vectors import Floats
from techdock_matching.domain.ranking.words import WORDS, Columns

_MOST_APART = 1 << 22
"""So many counted columns are merged at once."""


class Frequency:
    """Columns of pairs have a place each; those of words are few, and looked up."""

    def __init__(self, profiles: int = 0, portions: Iterable[Columns] = ()) -> None:
        """Count.

        Args:
            profiles: How many there are.
            portions: The columns of some of them at a time, each once for each profile.
        """
        self._profiles = profiles
        self._pairs = np.zeros(WORDS if profiles else 0, np.int32)
        self._words: Columns = np.zeros(0, np.int32)
        self._of_words = np.zeros(0, np.int32)
        apart: list[tuple[Columns, npt.NDArray[np.int32]]] = []
        for columns in portions:
            pairs = columns < WORDS
            self._pairs += np.bincount(columns[pairs], minlength=WORDS).astype(np.int32)
            words, counts = np.unique(columns[~pairs], return_counts=True)
            apart.append((words, counts.astype(np.int32)))
            if sum(len(one) for one, _ in apart) > _MOST_APART:
                self._merge(apart)
                apart = []
        self._merge(apart)

    @classmethod
    def counted(
        cls, profiles: int, columns: Columns, frequency: npt.NDArray[np.int32]
    ) -> "Frequency":
        """Return what was counted elsewhere.

        Args:
            columns: Each once, ascending.
        """
        found = cls(profiles)
        pairs = columns < WORDS
        found._pairs[columns[pairs]] = frequency[pairs]
        found._words, found._of_words = columns[~pairs], frequency[~pairs]
        return found

    def of(self, columns: Columns) -> npt.NDArray[np.int32]:
        """Return how many profiles have each column."""
        frequency = np.zeros(len(columns), np.int32)
        pairs = columns < WORDS
        if len(self._pairs):
            frequency[pairs] = self._pairs[columns[pairs]]
        if len(self._words):
            words = columns[~pairs]
            at = np.searchsorted(self._words, words)
            at[at == len(self._words)] = 0
            frequency[~pairs] = np.where(self._words[at] == words, self._of_words[at], 0)
        return frequency

    def rarity(self, columns: Columns) -> Floats:
        """Return the inverse document frequency of columns."""
        return v.rarity(self._profiles, self.of(columns), columns)

    def _merge(self, apart: Iterable[tuple[Columns, npt.NDArray[np.int32]]]) -> None:
        every = [(self._words, self._of_words), *apart]
        words, where = np.unique(np.concatenate([one for one, _ in every]), return_inverse=True)
        counts = np.concatenate([count for _, count in every])
        self._of_words = np.bincount(where, counts, len(words)).astype(np.int32)
        self._words = words
