"""Vectors of meaning in the index: every pair is compared, in whole numbers, exactly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numkong
import numpy as np
import numpy.typing as npt

from techdock_matching.adapters.index_counts import Rows
from techdock_matching.domain.ranking.arms import NOTHING
from techdock_matching.domain.ranking.meaning import Codes, Meaning
from techdock_matching.domain.ranking.profile import Kind
from techdock_matching.domain.ranking.vectors import (
    OFFERS_SHARE_APART,
    Backdrop,
    Expected,
    Floats,
    one_sided,
)

_CALIBRATED = Expected(0.0, 1.0)
_OFFERS_SHARE = 0.7
"""Weight of how an offer stands to needs at large, beside how the need stands to offers. Long
texts are best at 1, short ones at .5 (RESULTS.md): between the two."""

_FIRST_ROWS = 64
_SIGNED = 1 << 16
_LIKENESS_STEP = 16


@dataclass(frozen=True, slots=True)
class Usual:
    """What cosines of unrelated texts are like in each pair of languages, for one encoder.

    Attributes:
        pairs: Mean and deviation by the two languages, in either order.
        otherwise: For all other pairs.
    """

    pairs: Mapping[tuple[str, str], tuple[float, float]]
    otherwise: tuple[float, float] = (0.2, 0.1)

    def of(self, one: str, other: str) -> tuple[float, float]:
        """Return mean and deviation."""
        known = self.pairs.get((one, other)) or self.pairs.get((other, one))
        return known or self.otherwise


@dataclass(frozen=True, slots=True)
class Block:
    """Some vectors side by side.

    Attributes:
        norms: Their lengths; 0 where there is no vector.
        languages: Numbers of their languages.
        words: Lengths of the texts.
    """

    codes: Codes
    norms: Floats
    languages: npt.NDArray[np.int16]
    words: Floats

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which have a vector."""
        return self.norms > 0.0


class _Side:
    """The vectors of one side, by row."""

    def __init__(self, dimension: int) -> None:
        self.block = _empty(0, dimension)
        self.sample = _empty(0, dimension)
        self.sampled = np.zeros(0, np.bool_)
        self.backdrop = np.zeros((2, 0))
        self.signs: npt.NDArray[np.uint64] | None = None

    def reach(self, rows: int) -> None:
        """Make room for so many rows."""
        have = len(self.block.norms)
        if rows <= have:
            return
        more = max(rows, have + have // 2, _FIRST_ROWS) - have
        room = _empty(more, self.block.codes.shape[1])
        self.block = _joined(self.block, room)
        self.sampled = np.concatenate((self.sampled, np.zeros(more, np.bool_)))
        self.backdrop = np.concatenate((self.backdrop, np.zeros((2, more))), axis=1)


class MeaningSpace:
    """The vectors of both sides, and what they are normalised by."""

    def __init__(self, dimension: int, usual: Usual) -> None:
        self._usual = usual
        self._numbers: dict[str, int] = {}
        self._mean, self._deviation = np.zeros((0, 0)), np.ones((0, 0))
        self._sides: Mapping[Kind, _Side] = {kind: _Side(dimension) for kind in Kind}
        self._dimension = dimension

    @property
    def dimension(self) -> int:
        """How many components a vector has."""
        return self._dimension

    def standing_on(self, samples: Mapping[Kind, Block]) -> "MeaningSpace":
        """Return a space without profiles, with samples that were taken elsewhere."""
        found = MeaningSpace(self._dimension, self._usual)
        found._numbers, found._mean, found._deviation = (
            dict(self._numbers),
            self._mean,
            self._deviation,
        )
        for kind, side in found._sides.items():
            side.sample = samples[kind]
        return found

    def mark_sampled(self, kind: Kind, rows: Rows) -> None:
        """Say which rows stand in the sample of their side."""
        side = self._sides[kind]
        side.reach(int(rows.max(initial=-1)) + 1)
        side.sampled[rows] = True

    def known(self, kind: Kind) -> list[int]:
        """Return the rows that have a vector."""
        return np.flatnonzero(self._sides[kind].block.known).tolist()

    def has(self, kind: Kind, row: int) -> bool:
        """Whether a row has a vector."""
        block = self._sides[kind].block
        return 0 <= row < len(block.norms) and bool(block.norms[row])

    def put(self, kind: Kind, meanings: Mapping[int, Meaning]) -> None:
        """Take in the vectors of rows."""
        if not meanings:
            return
        side = self._sides[kind]
        rows = np.array(sorted(meanings), np.int32)
        side.reach(int(rows[-1]) + 1)
        fresh = self.block_of([meanings[row] for row in rows.tolist()])
        side.block.codes[rows], side.block.norms[rows] = fresh.codes, fresh.norms
        side.block.languages[rows], side.block.words[rows] = fresh.languages, fresh.words
        if side.signs is not None and int(rows[0]) < len(side.signs):
            side.signs = None if len(rows) > 1 else side.signs[: int(rows[0])]
        self._normalise(kind, rows)

    def remove(self, kind: Kind, row: int) -> None:
        """Forget the vector of a row."""
        if self.has(kind, row):
            self._sides[kind].block.norms[row] = 0.0

    def renewed(
        self, kept: Mapping[Kind, Rows] | None, sampled: Callable[[Kind, Rows], Rows]
    ) -> "MeaningSpace":
        """Return the same with the normals of today; this one stays as it is.

        Args:
            kept: The rows that stay, numbered anew in this order; None: all, as they are.
            sampled: Given the rows that have a vector, those that stand for their side.
        """
        fresh = MeaningSpace(self._dimension, self._usual)
        fresh._numbers, fresh._mean, fresh._deviation = self._numbers, self._mean, self._deviation
        for kind, side in self._sides.items():
            into = fresh._sides[kind]
            into.block, into.signs = side.block, side.signs
            if kept is not None:
                side.reach(int(kept[kind].max(initial=-1)) + 1)
                into.block, into.signs = _taken(side.block, kept[kind]), None
            rows = len(into.block.norms)
            into.sampled, into.backdrop = np.zeros(rows, np.bool_), np.zeros((2, rows))
            sample = sampled(kind, np.array(fresh.known(kind), np.int32))
            into.sampled[sample] = True
            into.sample = _taken(into.block, sample)
        for kind in fresh._sides:
            known = np.array(fresh.known(kind), np.int32)
            for first in range(0, len(known), 4096):
                fresh._normalise(kind, known[first : first + 4096])
        return fresh

    def of_rows(self, kind: Kind, rows: Rows) -> Block:
        """Return the vectors of rows; -1 and unknown ones have none."""
        block = self._sides[kind].block
        inside = (rows >= 0) & (rows < len(block.norms))
        if not len(block.norms):
            return _empty(len(rows), self._dimension)
        found = _taken(block, np.where(inside, rows, 0))
        found.norms[~inside] = 0.0
        return found

    def block_of(self, meanings: Sequence[Meaning | None]) -> Block:
        """Return vectors that need not be in the index."""
        found = _empty(len(meanings), self._dimension)
        for i, one in enumerate(meanings):
            if one is not None and one.codes.shape == (self._dimension,):
                found.codes[i] = one.codes
                found.languages[i] = self._number(one.language)
                found.words[i] = one.words
        exact = found.codes.astype(np.int64)
        found.norms[:] = np.sqrt((exact * exact).sum(axis=1).astype(np.float64))
        return found

    def likeness(self, kind: Kind, mine: Block, count: int) -> npt.NDArray[np.int32] | None:
        """Return how near every row of the other side is, roughly: by the signs of its vector.

        Args:
            mine: One vector; None is returned when there is none.
            count: Rows of the other side; 0 is returned for those without a vector.
        """
        if not mine.known.all():
            return None
        # Compiled code is loaded by those who are large enough to need it.
        from techdock_matching.adapters import index_compiled  # noqa: PLC0415

        side = self._sides[kind.other]
        side.reach(count)
        signs = _signs(side.block.codes[:0]) if side.signs is None else side.signs
        if len(signs) < count:
            firsts = range(len(signs), count, _SIGNED)
            more = [_signs(side.block.codes[at : min(at + _SIGNED, count)]) for at in firsts]
            side.signs = signs = np.concatenate((signs, *more))
        apart = np.zeros(count, np.uint16)
        index_compiled.differing(signs[:count], _signs(mine.codes)[0], apart)
        found = np.int32(self._dimension + 1) - apart
        found[~side.block.known[:count]] = 0
        return found << _LIKENESS_STEP

    def scores(
        self, kind: Kind, mine: Block, rows: Rows, count: int, among: Rows | None = None
    ) -> tuple[Floats, Block]:
        """Return two-sided scores with rows of the other side, and those rows' vectors.

        Args:
            kind: The side of mine.
            rows: Where mine stand in the index; -1 for those that do not.
            count: How many rows of the other side.
            among: Which ones; None: the first.
        """
        side = self._sides[kind.other]
        side.reach(count if among is None else int(among.max(initial=-1)) + 1)
        theirs = _first(side.block, count) if among is None else _taken(side.block, among)
        found = np.full((len(mine.norms), count), NOTHING)
        some, others = _where(mine.known), _where(theirs.known)
        if some.size and others.size:
            whole = others.size == count
            asked, answering = _taken(mine, some), theirs if whole else _taken(theirs, others)
            a = self._backdrop_of(kind, asked, rows[some])
            b = self._stored_backdrop(kind.other, others if among is None else among[others])
            same = asked.languages[:, None] == answering.languages[None, :]
            z = self._two_sided(kind, same, self._calibrated(asked, answering), a, b)
            if whole and some.size == len(found):
                found = z
            else:
                found[np.ix_(some, others)] = z
        return found, theirs

    def similarity(self, mine: Block, theirs: Block, kind: Kind, rows: tuple[int, int]) -> float:
        """Return the two-sided score of one vector of a side with one of the other.

        Args:
            kind: The side of mine.
            rows: Where both stand in the index, or -1.
        """
        if not (mine.known.all() and theirs.known.all()):
            return float(NOTHING)
        a = self._backdrop_of(kind, mine, np.array([rows[0]], np.int32))
        b = self._backdrop_of(kind.other, theirs, np.array([rows[1]], np.int32))
        same = mine.languages[:, None] == theirs.languages[None, :]
        return float(self._two_sided(kind, same, self._calibrated(mine, theirs), a, b)[0, 0])

    def _two_sided(
        self,
        kind: Kind,
        same: npt.NDArray[np.bool_],
        cosine: Floats,
        mine: Backdrop,
        theirs: Backdrop,
    ) -> Floats:
        """Return two-sided scores; `same` tells which pairs are of one language."""
        of_mine: Floats = one_sided(_CALIBRATED, cosine, mine, theirs.sampled)
        of_theirs: Floats = one_sided(_CALIBRATED, cosine.T, theirs, mine.sampled).T
        of_offers = of_theirs if kind is Kind.NEED else of_mine
        of_offers *= np.where(same, _OFFERS_SHARE, OFFERS_SHARE_APART)
        return of_mine + of_theirs

    def _calibrated(self, mine: Block, theirs: Block) -> Floats:
        """Return by how much cosines stand out from unrelated texts of the same two languages."""
        exact = np.asarray(numkong.cdist(mine.codes, theirs.codes, "dot"), np.float64)
        exact /= mine.norms[:, None] * theirs.norms[None, :]
        for number in np.unique(mine.languages).tolist():
            here = mine.languages == number
            exact[here] -= self._mean[number, theirs.languages]
            exact[here] /= self._deviation[number, theirs.languages]
        return exact

    def _normalise(self, kind: Kind, rows: Rows) -> None:
        side = self._sides[kind]
        backdrop = self._backdrop_of(kind, _taken(side.block, rows), rows)
        side.backdrop[:, rows] = backdrop.sums, backdrop.squares

    def _backdrop_of(self, kind: Kind, block: Block, rows: Rows) -> Backdrop:
        sample = self._sides[kind.other].sample
        sampled = self._sides[kind].sampled
        inside = np.array([0 <= row < len(sampled) and sampled[row] for row in rows.tolist()])
        if not len(sample.norms):
            nothing = np.zeros(len(block.norms))
            return Backdrop(nothing, nothing, inside.astype(np.bool_), 0)
        return Backdrop.of(self._calibrated(block, sample), inside.astype(np.bool_))

    def _stored_backdrop(self, kind: Kind, rows: Rows) -> Backdrop:
        side = self._sides[kind]
        sums, squares = side.backdrop[:, rows]
        count = len(self._sides[kind.other].sample.norms)
        return Backdrop(sums, squares, side.sampled[rows], count)

    def _number(self, language: str) -> int:
        if language not in self._numbers:
            self._numbers[language] = len(self._numbers)
            every = list(self._numbers)
            found = np.array([[self._usual.of(a, b) for b in every] for a in every])
            self._mean, self._deviation = found[:, :, 0], found[:, :, 1]
        return self._numbers[language]


def _signs(codes: Codes) -> npt.NDArray[np.uint64]:
    """Return the signs of vectors, packed into words."""
    bits = np.packbits(codes > 0, axis=1)
    lacking = -bits.shape[1] % 8
    if lacking:
        bits = np.pad(bits, ((0, 0), (0, lacking)))
    return np.ascontiguousarray(bits).view(np.uint64)


def _where(mask: npt.NDArray[np.bool_]) -> Rows:
    return np.flatnonzero(mask).astype(np.int32)


def _empty(rows: int, dimension: int) -> Block:
    return Block(
        np.zeros((rows, dimension), np.int8),
        np.zeros(rows),
        np.zeros(rows, np.int16),
        np.ones(rows),
    )


def _taken(block: Block, rows: npt.NDArray[np.integer]) -> Block:
    return Block(block.codes[rows], block.norms[rows], block.languages[rows], block.words[rows])


def _first(block: Block, rows: int) -> Block:
    """Return the first rows, without a copy: every search looks at all of them."""
    return Block(block.codes[:rows], block.norms[:rows], block.languages[:rows], block.words[:rows])


def _joined(one: Block, other: Block) -> Block:
    return Block(
        np.concatenate((one.codes, other.codes)),
        np.concatenate((one.norms, other.norms)),
        np.concatenate((one.languages, other.languages)),
        np.concatenate((one.words, other.words)),
    )
