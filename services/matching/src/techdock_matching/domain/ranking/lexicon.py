"""What a ranking needs of a lexicon: which concepts a text names, whatever its language."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


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
