"""What a ranking needs of a lexicon: which concepts a text names, whatever its language."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking.words import Columns


class Spot(NamedTuple):
    """A concept that is named in a text.

    Attributes:
        start: Where its term begins.
        end: Where it ends.
        concept: Id of the concept.
        field: WIPO technology field of the concept.
    """

    start: int
    end: int
    concept: str
    field: int


class Lexicon(Protocol):
    """Finds concepts in texts."""

    @property
    def fingerprint(self) -> bytes:
        """Another one whenever it might find something else."""
        ...

    def spot(self, text: str, language: str) -> Sequence[Spot]:
        """Return the concepts that a text names, in their order, the longest terms first.

        Args:
            language: Primary subtag; of a language that the lexicon does not know nothing is found.
        """
        ...

    def in_english(
        self,
        text: str,  # noqa: ARG002 - this one says nothing
        language: str,  # noqa: ARG002
    ) -> Mapping[int, float]:
        """Return the columns of English words that say a text, and how often each, in quarters.

        Args:
            language: Primary subtag; in one that the lexicon does not know nothing is said.
        """
        return {}

    def worth_in_english(self, columns: Columns) -> npt.NDArray[np.float64]:
        """Return what English words are worth by which a text may be found from other languages.

        0 for those that say no word of another language.
        """
        return np.zeros(len(columns))
