"""How the arms of the ranking count together: words, meaning and concepts."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking.vectors import Floats
from techdock_matching.domain.ranking.weights import Weights

NOTHING = -np.inf
"""The score of an arm in which two profiles cannot be compared."""

_DAMPED_FROM = 10.0
"""Where the score of words grows like its logarithm rather than itself: a few rare words that two
texts share by chance reach 20, and texts in other languages then never come before them. On texts
of one language .02 better, on long ones the same (tests/benchmark/RESULTS.md)."""


@dataclass(frozen=True, slots=True)
class Arms:
    """Weights of the arms beside each other; adapters/arms.csv says what each was learnt on.

    Attributes:
        version: Raised with each learning.
        words: Lengths of texts in words, ascending.
        beside: Weight of the meaning beside the words of one language, at each of these lengths.
        apart: Weight of the meaning where two profiles share no language.
        concepts: Weight of the concepts beside the meaning, there.
    """

    version: int
    words: tuple[float, ...]
    beside: tuple[float, ...]
    apart: float
    concepts: float

    def weight_beside(self, mine: Floats, theirs: Floats) -> Floats:
        """Return the weight of the meaning for texts of such lengths (geometric mean), in words.

        Short texts share few words though they say the same; on long ones words say more.
        """
        length = 0.5 * (np.log(np.maximum(mine, 1.0)) + np.log(np.maximum(theirs, 1.0)))
        found: Floats = np.interp(length, np.log(self.words), self.beside)
        return found


def damped(named: Floats) -> Floats:
    """Return what scores of words or concepts count beside meaning."""
    found: Floats = _DAMPED_FROM * np.arcsinh(named / _DAMPED_FROM)
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """The two-sided scores of pairs in each arm; `NOTHING` where they cannot be compared.

    Attributes:
        beside: Weight of the meaning beside words, for each pair.
    """

    words: Floats
    concepts: Floats
    meaning: Floats
    beside: Floats


def together(said: Said, arms: Arms, weights: Weights) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return what texts say of pairs, and of which they say anything.

    A z-score has no upper end, and twice as similar is not twice as good: asinh grows like z near
    0 and like its logarithm far out, so that fit still counts among close texts.
    """
    shared, near = said.words > NOTHING, said.meaning > NOTHING
    named = said.concepts > NOTHING
    meaning = np.where(near, said.meaning, 0.0)
    concepts = np.where(named, said.concepts, 0.0)
    with_words = damped(np.where(shared, said.words, 0.0)) + said.beside * meaning
    without = arms.apart * meaning + weights.concepts * arms.concepts * damped(concepts)
    found = np.arcsinh(np.where(shared, with_words, without))
    alone = ~shared & ~near & named
    found[alone] = weights.concepts * np.arcsinh(concepts[alone])
    found *= weights.text
    return found, shared | near | named
