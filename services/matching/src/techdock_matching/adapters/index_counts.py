"""The counted terms of the rows of one side: side by side in few large arrays, not as objects."""

from array import array
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking.terms import Counts
from techdock_matching.domain.ranking.words import Columns

Rows = npt.NDArray[np.int32]
Starts = npt.NDArray[np.int64]
Often = npt.NDArray[np.uint16]

_PORTION, _PORTION_TERMS = 4096, 1 << 18


class CountStore:
    """How often each column occurs in each row.

    The arrays grow where they lie; what is dropped stays in them, unseen, until `kept`.
    """

    def __init__(self) -> None:
        """Make an empty one."""
        self._columns: array[int] = array("i")
        self._counts: array[int] = array("H")
        self._starts: Starts = np.zeros(0, np.int64)
        self._lengths: Rows = np.zeros(0, np.int32)
        self._size = 0

    def __len__(self) -> int:
        """How many rows say anything."""
        return self._size

    @property
    def terms(self) -> int:
        """How much all rows say together, those included that were dropped."""
        return len(self._columns)

    @property
    def rows(self) -> Rows:
        """The rows that say anything, ascending."""
        return np.flatnonzero(self._lengths).astype(np.int32)

    def having(self, rows: Rows) -> npt.NDArray[np.bool_]:
        """Return which of some rows say anything."""
        inside = rows < len(self._lengths)
        found: npt.NDArray[np.bool_] = np.zeros(len(rows), np.bool_)
        found[inside] = self._lengths[rows[inside]] > 0
        return found

    def of(self, row: int) -> Counts | None:
        """Return what a row says; None: nothing."""
        if not 0 <= row < len(self._lengths) or not self._lengths[row]:
            return None
        part = slice(int(self._starts[row]), int(self._starts[row] + self._lengths[row]))
        columns = np.frombuffer(self._columns, np.int32)[part].copy()
        return Counts(columns, np.frombuffer(self._counts, np.uint16)[part].copy())

    def put(self, counts: Mapping[int, Counts]) -> None:
        """Take in new rows."""
        if not counts:
            return
        rows = np.fromiter(counts, np.int64, len(counts))
        every = list(counts.values())
        lengths = np.array([len(one.columns) for one in every], np.int64)
        self._append(
            rows,
            lengths,
            np.concatenate([one.columns for one in every]),
            np.concatenate([one.counts for one in every]),
        )

    def drop(self, row: int) -> bool:
        """Forget a row; say whether it was there."""
        if row >= len(self._lengths) or not self._lengths[row]:
            return False
        self._lengths[row] = 0
        self._size -= 1
        return True

    def gathered(self, rows: Rows) -> tuple[Columns, Often, Starts]:
        """Return columns and counts of rows, and where each row starts, and the end of the last."""
        lengths = self._lengths[rows].astype(np.int64)
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
        first = self._starts[rows]
        columns, counts = (
            np.frombuffer(self._columns, np.int32),
            np.frombuffer(self._counts, np.uint16),
        )
        if len(rows) and (first[1:] == first[:-1] + lengths[:-1]).all():
            part = slice(int(first[0]), int(first[-1] + lengths[-1]))
            return columns[part].copy(), counts[part].copy(), starts
        at = np.repeat(first - starts[:-1], lengths) + np.arange(starts[-1])
        return columns[at], counts[at], starts

    def cut(self, rows: Rows, most: int, terms: int | None = None) -> Iterator[Rows]:
        """Yield rows, so many at a time at most, and so many that say so much at most."""
        while rows.size:
            said = np.cumsum(self._lengths[rows[:most]], dtype=np.int64)
            few = len(said) if terms is None else int(np.searchsorted(said, terms, "right"))
            yield rows[: max(few, 1)]
            rows = rows[max(few, 1) :]

    def portions(self) -> Iterator[Columns]:
        """Yield the columns of all rows, some at a time."""
        for rows in self.cut(self.rows, _PORTION, _PORTION_TERMS):
            yield self.gathered(rows)[0]

    def kept(self, rows: Sequence[int] | Rows) -> "CountStore":
        """Return the same of some rows, which are numbered anew in the order given."""
        fresh, numbers = CountStore(), np.asarray(rows, np.int32)
        new = np.flatnonzero(self.having(numbers))
        for start in range(0, len(new), _PORTION):
            some = new[start : start + _PORTION]
            columns, counts, starts = self.gathered(numbers[some])
            fresh._append(some, np.diff(starts), columns, counts)
        return fresh

    def _append(
        self, rows: npt.NDArray[np.int64], lengths: Starts, columns: Columns, counts: Often
    ) -> None:
        lacking = int(rows.max()) + 1 - len(self._lengths)
        if lacking > 0:
            more = max(lacking, len(self._lengths) // 2)
            self._starts = np.concatenate((self._starts, np.zeros(more, np.int64)))
            self._lengths = np.concatenate((self._lengths, np.zeros(more, np.int32)))
        ends = len(self._columns) + np.cumsum(lengths)
        self._starts[rows] = ends - lengths
        self._lengths[rows] = lengths
        self._size += len(rows)
        self._columns.frombytes(np.ascontiguousarray(columns, np.int32).data.cast("B"))
        self._counts.frombytes(np.ascontiguousarray(counts, np.uint16).data.cast("B"))
