"""How willing a party is to meet who asks it, from what it answered so far; never why it declined.

Who was asked little stands near the average of all, and who was never asked stands on it: newcomers
are neither punished nor favoured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking.weights import Weights

Party = TypeVar("Party")
Values = TypeVar("Values", int, npt.NDArray[np.int64])

WHOLE = 1_000
"""A leaning of so much counts with the whole weight."""

OFTEN = "often"
SELDOM = "seldom"

_PRIOR = 8
"""The average counts as much as so many answers of the party itself."""

_LEAST_TOLD = 5
_NOTABLE = 250


@dataclass(frozen=True, slots=True)
class Answers:
    """What a party answered to requests: what is withdrawn, expired or cancelled is no answer."""

    accepted: int = 0
    declined: int = 0

    @property
    def count(self) -> int:
        """How many there are."""
        return self.accepted + self.declined


@dataclass(frozen=True, slots=True)
class Leaning:
    """How much more or less willing than the average a party is.

    Attributes:
        value: -1000 to 1000; 0: as willing as the average.
        told: `often`, `seldom`, or none where it is not far off, or there are too few answers.
    """

    value: int
    told: str | None = None


def leanings(answers: Mapping[Party, Answers]) -> dict[Party, Leaning]:
    """Return the leaning of each party.

    >>> all_equal = leanings({"a": Answers(3, 3), "b": Answers(1, 1)})
    >>> all_equal["a"], all_equal["b"]
    (Leaning(value=0, told=None), Leaning(value=0, told=None))
    """
    whole = sum(one.count for one in answers.values())
    if not whole:
        return {}
    mean = sum(one.accepted for one in answers.values()) / whole
    return {party: _leaning(one, mean) for party, one in answers.items() if one.count}


def _leaning(answers: Answers, mean: float) -> Leaning:
    rate = (answers.accepted + _PRIOR * mean) / (answers.count + _PRIOR)
    off = rate - mean
    room = (1 - mean) if off > 0 else mean
    value = round(WHOLE * off / room) if room else 0
    told = None
    if answers.count >= _LEAST_TOLD and abs(value) >= _NOTABLE:
        told = OFTEN if value > 0 else SELDOM
    return Leaning(value, told)


def thousandths(mine: Values, theirs: Values, weights: Weights) -> Values:
    """Return what the leanings of both sides add to the score of a pair: half the weight each."""
    return round(weights.acceptance * 500) * (mine + theirs) // WHOLE
