"""Which texts of many say nearly the same words: found by sketches, then compared in full.

A sketch keeps the least of many hashes of a text's words (Broder, "On the resemblance and
containment of documents", 1997): two texts agree in as many of them as they share words. Texts that
agree in a whole band of three are compared.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking.words import WORDS, Columns

NEARLY_ALL = 0.7
"""Of the words of two texts together, the share that both have, from which on they say the same."""

_LEAST_WORDS = 8
_BANDS = 8
_ROWS = 3
_SEED = 1997
_PORTION = 2_000


def families(columns: Columns, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return for each text the first that says nearly the same, perhaps over others in between.

    Texts of fewer than eight different words have nobody but themselves.

    Args:
        columns: Of one text after the other, ascending within each, as words.py makes them.
        starts: Where each text starts, and the end of the last.
    """
    words = [columns[a:b][columns[a:b] >= WORDS] for a, b in pairwise(starts.tolist())]
    long = [text for text, found in enumerate(words) if len(found) >= _LEAST_WORDS]
    first = np.arange(len(words))
    if not long:
        return first
    sketches = np.concatenate(
        [
            _sketches([words[text] for text in long[at : at + _PORTION]])
            for at in range(0, len(long), _PORTION)
        ]
    )
    for one, other in _near(sketches):
        a, b = _root(first, long[one]), _root(first, long[other])
        if a != b and _alike(words[long[one]], words[long[other]]):
            first[max(a, b)] = min(a, b)
    return np.array([_root(first, text) for text in range(len(words))])


def _sketches(words: Sequence[Columns]) -> npt.NDArray[np.uint64]:
    """Return a number for each band of each text."""
    chance = np.random.default_rng(_SEED)
    factors = chance.integers(1, 1 << 62, _BANDS * _ROWS, np.uint64) * np.uint64(2) + np.uint64(1)
    every = np.concatenate(words).astype(np.uint64)
    starts = np.cumsum([0, *map(len, words[:-1])])
    found = np.zeros((len(words), _BANDS), np.uint64)
    for number, factor in enumerate(factors):
        mixed = every * factor
        mixed ^= mixed >> np.uint64(29)
        mixed *= np.uint64(0x9E3779B97F4A7C15)  # Of the golden ratio: spreads the bits.
        least = np.minimum.reduceat(mixed, starts)
        band = number // _ROWS
        found[:, band] = found[:, band] * np.uint64(0x100000001B3) + least
    return found


def _near(sketches: npt.NDArray[np.uint64]) -> Iterator[tuple[int, int]]:
    """Yield each text with the first that agrees with it in a band."""
    for band in sketches.T:
        order = np.argsort(band, kind="stable")
        ranked = band[order]
        begins = np.concatenate(([True], ranked[1:] != ranked[:-1]))
        heads = order[np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))]
        yield from zip(heads[~begins].tolist(), order[~begins].tolist(), strict=True)


def _alike(mine: Columns, theirs: Columns) -> bool:
    both = len(np.intersect1d(mine, theirs, assume_unique=True))
    return both >= NEARLY_ALL * (len(mine) + len(theirs) - both)


def _root(first: npt.NDArray[np.int64], text: int) -> int:
    while first[text] != text:
        text = int(first[text])
    return text
