"""One space of the index: the vectors of both sides, and what they are normalised by."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from techdock_matching.adapters.index_counts import CountStore, Rows
from techdock_matching.adapters.index_frequency import Frequency
from techdock_matching.adapters.index_segment import (
    MOST_COMPACT,
    Products,
    Segment,
    Vectors,
    joined,
)
from techdock_matching.domain.ranking import vectors as v
from techdock_matching.domain.ranking.profile import Kind
from techdock_matching.domain.ranking.terms import Counts, Space
from techdock_matching.domain.ranking.vectors import Backdrop, Floats

_GROWTH = 4
"""A segment this many times the next stays alone; so there are few, and few are built again."""

_MOST_ROWS, _MOST_TERMS = 4096, 1 << 19
"""Of a segment; keeps what is needed to build one small: some 30 MB."""

_LEAST_COMPACT = 1_000
"""Fewer rows are soon joined with others."""

_LEAST_CUT, _CUTS = 1 << 20, 32
"""Compact segments say so much at least, and are so many at most but for later ones."""

_TERMS_AT_ONCE = 1 << 17

Sampled = Callable[[Kind, Rows], Rows]
"""Given the rows of a side that say anything, those that stand for it."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """From what size of a side on the index works in another way; tests make them small.

    Attributes:
        compact: Segments are compact; the same results, sooner and in less memory.
        exact: Beyond it candidates are chosen by words, meaning and codes each before every pair
            is compared in full: what none of these would put far in front is not found.
        candidates: So many at least of each of words and meaning; a quarter of codes and concepts.
    """

    compact: int = 4_000
    exact: int = 200_000
    candidates: int = 8_192


class SpaceSide:
    """The vectors of one side of a space, by row."""

    def __init__(self, counts: CountStore | None = None) -> None:
        self.counts = counts or CountStore()
        self.segments: list[Segment] = []
        self.waiting: list[int] = []
        self.sample = _nothing()
        self._in_sample = np.zeros(0, np.bool_)
        self._backdrop = np.zeros((2, 0))

    def represent(self, sample: Segment) -> None:
        """Let some vectors stand for the side; rows below 0 are none of it."""
        self.sample = sample
        self._in_sample = np.zeros(int(sample.rows.max(initial=-1)) + 1, np.bool_)
        self._in_sample[sample.rows[sample.rows >= 0]] = True

    def backdrop(self, rows: Rows, count: int) -> Backdrop:
        """Return the backdrop of rows, taken against so many of the other side."""
        sums, squares = self._backdrop[:, rows]
        return Backdrop(sums, squares, self.sampled(rows), count)

    def sampled(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Return which rows stand in the sample."""
        found = np.zeros(len(rows), np.bool_)
        known = (rows >= 0) & (rows < len(self._in_sample))
        found[known] = self._in_sample[rows[known]]
        return found

    def keep(self, rows: Rows, backdrop: Backdrop) -> None:
        """Store the backdrop of rows."""
        lacking = int(rows.max(initial=-1)) + 1 - self._backdrop.shape[1]
        if lacking > 0:
            more = max(lacking, self._backdrop.shape[1] // 2)
            self._backdrop = np.concatenate((self._backdrop, np.zeros((2, more))), axis=1)
        self._backdrop[:, rows] = backdrop.sums, backdrop.squares


class IndexSpace:
    """The profiles that say anything in one space, both sides."""

    def __init__(self, space: Space, sizes: Sizes) -> None:
        self._space = space
        self._sizes = sizes
        self.sides: Mapping[Kind, SpaceSide] = {kind: SpaceSide() for kind in Kind}
        self._frequency = Frequency()

    @classmethod
    def standing_on(
        cls, space: Space, sizes: Sizes, frequency: Frequency, samples: Mapping[Kind, Segment]
    ) -> "IndexSpace":
        """Return a space without profiles, with figures that were taken elsewhere."""
        found = cls(space, sizes)
        found._frequency = frequency
        for kind, side in found.sides.items():
            side.represent(samples[kind])
        return found

    def add(self, kind: Kind, counts: Mapping[int, Counts]) -> None:
        """Take in new rows of one side; they are weighed when somebody asks."""
        side = self.sides[kind]
        side.counts.put(counts)
        side.waiting.extend(counts)

    def remove(self, kind: Kind, row: int) -> None:
        """Forget a row; it stays in its segment, unasked for, until that is built again."""
        self.sides[kind].counts.drop(row)

    def renewed(self, kept: Mapping[Kind, Rows] | None, sampled: Sampled) -> "IndexSpace":
        """Return the same with frequencies, weights and normals of today; this one stays as it is.

        Args:
            kept: The rows that stay, numbered anew in this order; None: all, as they are.
            sampled: Chooses who stands for a side.
        """
        fresh = IndexSpace(self._space, self._sizes)
        fresh.sides = {
            kind: SpaceSide(side.counts if kept is None else side.counts.kept(kept[kind]))
            for kind, side in self.sides.items()
        }
        every = [side.counts for side in fresh.sides.values()]
        portions = (columns for counts in every for columns in counts.portions())
        fresh._frequency = Frequency(sum(map(len, every)), portions)
        for kind, side in fresh.sides.items():
            rows = sampled(kind, side.counts.rows)
            side.represent(Segment(rows, fresh._weighed_rows(kind, rows)))
        for kind, side in fresh.sides.items():
            fresh._take_in(kind, side.counts.rows)
        return fresh

    def settle(self) -> None:
        """Weigh what was added since somebody asked last."""
        for kind, side in self.sides.items():
            if not side.waiting:
                continue
            rows = np.array(side.waiting, np.int32)
            side.waiting = []
            self._take_in(kind, rows[side.counts.having(rows)])
            while len(side.segments) > 1 and _worth_joining(*side.segments[-2:]):
                last, before = side.segments.pop(), side.segments.pop()
                rows = np.concatenate((before.rows, last.rows))
                rows = rows[side.counts.having(rows)]
                if rows.size:
                    side.segments.append(Segment(rows, self._weighed_rows(kind, rows)))

    def weighed(self, counts: Iterable[Counts]) -> Vectors:
        """Return the unit vectors of counted terms."""
        every = list(counts)
        if not every:
            return _no_vectors()
        columns = np.concatenate([one.columns for one in every])
        starts = np.concatenate(([0], np.cumsum([len(one.columns) for one in every])))
        return self._weighed(columns, np.concatenate([one.counts for one in every]), starts)

    def rarity(self, columns: npt.NDArray[np.int32]) -> Floats:
        """Return the inverse document frequency of columns."""
        return self._frequency.rarity(columns)

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
        for segment in self.sides[kind.other].segments:
            products = segment.products(vectors)
            yield segment.rows, self.two_sided(kind, segment.rows, products, backdrop)

    def two_sided(self, kind: Kind, rows: Rows, products: Products, backdrop: Backdrop) -> Floats:
        """Return the two-sided scores that belong to products with rows of the other side."""
        theirs = self.sides[kind.other].backdrop(rows, len(self.sides[kind].sample))
        return v.two_sided(self._space, kind, v.cosines(products), backdrop, theirs)

    def products(self, kind: Kind, vectors: Vectors, count: int) -> Products:
        """Return the products of one vector with so many rows of the other side, 0 for nothing."""
        found = np.zeros(count, np.int32)
        for segment in self.sides[kind.other].segments:
            first, last = int(segment.rows[0]), int(segment.rows[-1]) + 1
            whole = last - first == len(segment.rows)
            # Rows mostly stand side by side, and then need not be looked up.
            found[slice(first, last) if whole else segment.rows] = segment.products(vectors)[0]
        return found

    def _take_in(self, kind: Kind, rows: Rows) -> None:
        """Build segments of rows, and their normals."""
        side = self.sides[kind]
        least = min(_LEAST_COMPACT, self._sizes.compact)
        compact = len(side.counts) > self._sizes.compact and len(rows) >= least
        most = MOST_COMPACT if compact else _MOST_ROWS
        terms = max(_LEAST_CUT, side.counts.terms // _CUTS) if compact else _MOST_TERMS
        for some in side.counts.cut(rows, most, terms):
            vectors = self._weighed_rows(kind, some)
            for start in range(0, len(some), _MOST_ROWS):
                few = some[start : start + _MOST_ROWS]
                part = vectors.part(start, start + len(few))
                side.keep(few, self.backdrop(kind, part, few))
            side.segments.append(Segment(some, vectors, compact=compact))

    def _weighed_rows(self, kind: Kind, rows: Rows) -> Vectors:
        counts = self.sides[kind].counts
        # A few at a time: on the way each weight takes ten times the room that it is kept in.
        parts = [
            self._weighed(*counts.gathered(few))
            for few in counts.cut(rows, _MOST_ROWS, _TERMS_AT_ONCE)
        ]
        return joined(parts) if parts else _no_vectors()

    def _weighed(
        self,
        columns: npt.NDArray[np.int32],
        counts: npt.NDArray[np.uint16],
        starts: npt.NDArray[np.int64],
    ) -> Vectors:
        raw = v.raw_weights(self._space, counts, self.rarity(columns))
        squares = np.add.reduceat(raw.astype(np.int64) ** 2, starts[:-1])
        return Vectors(columns, v.unit_weights(raw, np.repeat(squares, np.diff(starts))), starts)


def _worth_joining(before: Segment, last: Segment) -> bool:
    return len(before) < _GROWTH * len(last) and len(before) + len(last) <= _MOST_ROWS


def _no_vectors() -> Vectors:
    empty = np.zeros(0, np.int32)
    return Vectors(empty, empty, np.zeros(1, np.int64))


def _nothing() -> Segment:
    return Segment(np.zeros(0, np.int32), _no_vectors())
