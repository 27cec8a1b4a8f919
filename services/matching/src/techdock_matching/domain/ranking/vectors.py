"""Weighted vectors in whole numbers, and scores that both sides have normalised.

Weights are integers, so that a sum does not depend on its order: an inverted index, a plain loop
and another machine come to the same cosine, to the last digit.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking.profile import Kind
from techdock_matching.domain.ranking.terms import CODES, CONCEPTS, WHOLE, Space
from techdock_matching.domain.ranking.words import WORDS, Columns

Weights32 = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

UNIT = 1 << 14
"""Length of a vector; a product of two vectors is their cosine times `UNIT` squared."""

SAMPLE = 256
"""Profiles of the other side against which a profile is normalised."""

_PAIR_WEIGHT = 0.7  # best of .5, .7, 1, 1.3 on the needs and offers (tests/benchmark/RESULTS.md)
_SATURATION = 1.2
_RAW_UNIT = 256
_COMMON_SHARE = 5
_COMMON_LEAST = 50
OFFERS_SHARE_APART = 0.3
"""Weight of how an offer stands to needs at large where two profiles share no language.

Needs of other languages and topics say little of what is usual for an offer; with needs like it in
the sample .3 is best, without any 0 (tests/benchmark/RESULTS.md): between the two."""

_PRIOR = 8
"""What is expected before anything is sampled counts as much as so many profiles."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the cosines of unrelated profiles are expected to be, before any is sampled."""

    mean: float
    deviation: float


_TEXTS = Expected(0.01, 0.01)
_CODES = Expected(0.05, 0.1)


def expected(space: Space) -> Expected:
    """Return what unrelated profiles share in a space."""
    return _CODES if space in {CODES, CONCEPTS} else _TEXTS


@dataclass(frozen=True, slots=True)
class Backdrop:
    """How similar some profiles are to the other side at large, in one space.

    Attributes:
        sums: Of the cosines with the sample of the other side, for each profile.
        squares: Of the same cosines, summed.
        sampled: Which of the profiles stand in the sample of their own side.
        count: Profiles in the sample of the other side.
    """

    sums: Floats
    squares: Floats
    sampled: npt.NDArray[np.bool_]
    count: int

    @classmethod
    def of(cls, cosines: Floats, sampled: npt.NDArray[np.bool_]) -> Self:
        """Return the backdrop of profiles (rows) whose cosines with the sample are given."""
        return cls(cosines.sum(axis=1), (cosines**2).sum(axis=1), sampled, cosines.shape[1])


def rarity(profiles: int, frequency: npt.NDArray[np.integer], columns: Columns) -> Floats:
    """Return the inverse document frequency of columns, 0 for words that are everywhere.

    Args:
        profiles: Profiles of both sides in the space.
        frequency: How many of them have each column.
    """
    found: Floats = 1.0 + np.log((profiles + 1.0) / (frequency + 1.0))
    found[columns < WORDS] *= _PAIR_WEIGHT
    found[frequency > max(_COMMON_LEAST, profiles // _COMMON_SHARE)] = 0.0
    return found


def raw_weights(space: Space, counts: npt.NDArray[np.integer], rarities: Floats) -> Weights32:
    """Return damped counts times rarity, in whole numbers, before the length is taken out.

    A word said often counts little more than one said twice: c (k + 1) / (c + k), as in BM25
    (Robertson and Zaragoza 2009), k = 1.2; better by .007 than 1 + log c (RESULTS.md).
    """
    often = counts.astype(np.float64) / (WHOLE if space == CONCEPTS else 1)
    damped = often * (_SATURATION + 1.0) / (often + _SATURATION)
    return np.rint(damped * rarities * _RAW_UNIT).astype(np.int32)


def unit_weights(raw: Weights32, squares: npt.NDArray[np.int64]) -> Weights32:
    """Return raw weights scaled to vectors of length `UNIT`.

    Args:
        squares: For each weight, the sum of the squares of its vector.
    """
    lengths = np.sqrt(np.maximum(squares, 1).astype(np.float64))
    return np.rint(raw * (UNIT / lengths)).astype(np.int32)


def cosines(products: npt.NDArray[np.integer]) -> Floats:
    """Return the cosines that belong to products of unit vectors."""
    return products.astype(np.float64) / float(UNIT * UNIT)


def two_sided(space: Space, kind: Kind, cosine: Floats, mine: Backdrop, theirs: Backdrop) -> Floats:
    """Return the sum of both z-scores: the same seen from either side.

    A pair is measured against all others: its own cosine is no part of its backdrop.

    Args:
        kind: The side of mine.
        cosine: A row for each profile of mine, a column for each of theirs.
    """
    z: Floats = one_sided(expected(space), cosine, mine, theirs.sampled)
    other: Floats = one_sided(expected(space), cosine.T, theirs, mine.sampled).T
    if space == CONCEPTS:
        of_offers = other if kind is Kind.NEED else z
        of_offers *= OFFERS_SHARE_APART
    z += other
    return z


def one_sided(
    prior: Expected, cosine: Floats, backdrop: Backdrop, inside: npt.NDArray[np.bool_]
) -> Floats:
    """Return the z-score of each row; `inside` tells which columns stand in the sample."""
    count = np.array(backdrop.count, np.float64)
    sums, squares = backdrop.sums[:, None], backdrop.squares[:, None]
    mean, deviation = _spread(prior, count, sums, squares)
    z: Floats = cosine * (1.0 / deviation) - mean / deviation
    if inside.any():
        own = cosine[:, inside]
        mean, deviation = _spread(prior, count - 1.0, sums - own, squares - own**2)
        z[:, inside] = (own - mean) / deviation
    return z


def _spread(prior: Expected, count: Floats, sums: Floats, squares: Floats) -> tuple[Floats, Floats]:
    """Return mean and deviation; with few in the sample both lean towards what is expected."""
    mean: Floats = (sums + _PRIOR * prior.mean) / (count + _PRIOR)
    # Cancellation may leave a hair below zero where all cosines are equal.
    off = np.maximum(squares - 2.0 * mean * sums + count * mean**2, 0.0)
    deviation: Floats = np.sqrt((off + _PRIOR * prior.deviation**2) / (count + _PRIOR))
    return mean, deviation
