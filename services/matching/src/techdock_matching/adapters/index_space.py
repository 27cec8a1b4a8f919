"""One space of the index: the vectors of both sides, and what they are normalised by."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from techdock_matching.adapters.index_segment import Rows, Segment, Vectors
from techdock_matching.domain.ranking import vectors as v
from techdock_matching.domain.ranking.profile import Kind
from techdock_matching.domain.ranking.terms import Counts, Space
from techdock_matching.domain.ranking.vectors import Backdrop, Floats
from techdock_matching.domain.ranking.words import Columns

_GROWTH = 4
"""A segment this many times the next stays alone; so there are few, and few are built again."""

_MOST_ROWS = 4096
"""Of a segment; keeps what is needed to build one small."""


class SpaceSide:
    """The vectors of one side of a space, by row."""

    def __init__(self) -> None:
        self.counts: dict[int, Counts] = {}
        self.segments: list[Segment] = []
        self.sample = _nothing()
        self._backdrop = np.zeros((2, 0))

    def backdrop(self, rows: Rows, count: int) -> Backdrop:
        """Return the backdrop of rows, taken against so many of the other side."""
        sums, squares = self._backdrop[:, rows]
        return Backdrop(sums, squares, self.sampled(rows), count)

    def sampled(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Return which rows stand in the sample."""
        return np.isin(rows, self.sample.rows)

    def keep(self, rows: Rows, backdrop: Backdrop) -> None:
        """Store the backdrop of rows."""
        lacking = int(rows.max(initial=-1)) + 1 - self._backdrop.shape[1]
        if lacking > 0:
            more = max(lacking, self._backdrop.shape[1] // 2)
            self._backdrop = np.concatenate((self._backdrop, np.zeros((2, more))), axis=1)
        self._backdrop[:, rows] = backdrop.sums, backdrop.squares


class IndexSpace:
    """The profiles that say anything in one space, both sides."""

    def __init__(self, space: Space) -> None:
        self._space = space
        self.sides: Mapping[Kind, SpaceSide] = {kind: SpaceSide() for kind in Kind}
        self._profiles = 0
        self._columns: Columns = np.zeros(0, np.int32)
        self._frequency = np.zeros(0, np.int32)

    def add(self, kind: Kind, counts: Mapping[int, Counts]) -> None:
        """Take in new rows of one side."""
        side = self.sides[kind]
        side.counts.update(counts)
        self._take_in(kind, list(counts))
        while len(side.segments) > 1 and _worth_joining(*side.segments[-2:]):
            last, before = side.segments.pop(), side.segments.pop()
            rows = [
                row for row in (*before.rows.tolist(), *last.rows.tolist()) if row in side.counts
            ]
            if rows:
                vectors = self.weighed(side.counts[row] for row in rows)
                side.segments.append(Segment(_rows(rows), vectors))

    def remove(self, kind: Kind, row: int) -> None:
        """Forget a row; it stays in its segment, unasked for, until that is built again."""
        self.sides[kind].counts.pop(row, None)

    def renumber(self, numbers: Mapping[Kind, Mapping[int, int]]) -> None:
        """Give rows their new numbers; only together with `refresh`."""
        for kind, side in self.sides.items():
            side.counts = {numbers[kind][row]: counts for row, counts in side.counts.items()}

    def refresh(self, samples: Mapping[Kind, Sequence[int]]) -> None:
        """Compute frequencies, weights and normals anew.

        Args:
            samples: The rows that stand for each side.
        """
        for side in self.sides.values():
            side.segments = []
        self._count()
        for kind, side in self.sides.items():
            rows = samples[kind]
            side.sample = Segment(_rows(rows), self.weighed(side.counts[row] for row in rows))
        for kind, side in self.sides.items():
            self._take_in(kind, sorted(side.counts))

    def weighed(self, counts: Iterable[Counts]) -> Vectors:
        """Return the unit vectors of counted terms."""
        every = list(counts)
        if not every:
            return Vectors(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(1, np.int64))
        columns = np.concatenate([one.columns for one in every])
        starts = np.concatenate(([0], np.cumsum([len(one.columns) for one in every])))
        raw = v.raw_weights(np.concatenate([one.counts for one in every]), self.rarity(columns))
        squares = np.add.reduceat(raw.astype(np.int64) ** 2, starts[:-1])
        return Vectors(columns, v.unit_weights(raw, np.repeat(squares, np.diff(starts))), starts)

    def rarity(self, columns: Columns) -> Floats:
        """Return the inverse document frequency of columns."""
        frequency = np.zeros(len(columns), np.int32)
        if len(self._columns):
            at = np.searchsorted(self._columns, columns)
            at[at == len(self._columns)] = 0
            here = self._columns[at] == columns
            frequency[here] = self._frequency[at[here]]
        return v.rarity(self._profiles, frequency, columns)

    def backdrop(self, kind: Kind, vectors: Vectors, rows: Rows) -> Backdrop:
        """Return the backdrop of vectors of a side.

        Args:
            rows: Where they stand in the index; -1 for those that do not.
        """
        cosines = v.cosines(self.sides[kind.other].sample.products(vectors))
        return Backdrop.of(cosines, self.sides[kind].sampled(rows))

    def similar(
        self, kind: Kind, vectors: Vectors, backdrop: Backdrop
    ) -> Iterator[tuple[Rows, Floats]]:
        """Yield rows of the other side and their two-sided scores: a row for each vector.

        Args:
            kind: The side of the vectors.
        """
        other = self.sides[kind.other]
        count = len(self.sides[kind].sample)
        for segment in other.segments:
            cosines = v.cosines(segment.products(vectors))
            theirs = other.backdrop(segment.rows, count)
            yield segment.rows, v.two_sided(self._space, cosines, backdrop, theirs)

    def _take_in(self, kind: Kind, rows: Sequence[int]) -> None:
        """Build segments of rows, and their normals."""
        side = self.sides[kind]
        for first in range(0, len(rows), _MOST_ROWS):
            some = rows[first : first + _MOST_ROWS]
            vectors = self.weighed(side.counts[row] for row in some)
            side.keep(_rows(some), self.backdrop(kind, vectors, _rows(some)))
            side.segments.append(Segment(_rows(some), vectors))

    def _count(self) -> None:
        every = [counts.columns for side in self.sides.values() for counts in side.counts.values()]
        self._profiles = len(every)
        if every:
            self._columns, frequency = np.unique(np.concatenate(every), return_counts=True)
            self._frequency = frequency.astype(np.int32)
        else:
            self._columns, self._frequency = np.zeros(0, np.int32), np.zeros(0, np.int32)


def _rows(rows: Sequence[int]) -> npt.NDArray[np.int32]:
    return np.array(rows, np.int32)


def _worth_joining(before: Segment, last: Segment) -> bool:
    return len(before) < _GROWTH * len(last) and len(before) + len(last) <= _MOST_ROWS


def _nothing() -> Segment:
    empty = np.zeros(0, np.int32)
    return Segment(empty, Vectors(empty, empty, np.zeros(1, np.int64)))
