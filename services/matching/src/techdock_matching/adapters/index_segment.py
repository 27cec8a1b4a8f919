"""A segment: some weighted vectors by column, immutable."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from techdock_matching.domain.ranking.vectors import Weights32
from techdock_matching.domain.ranking.words import Columns

Rows = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Vectors:
    """Some vectors, one after the other.

    Attributes:
        columns: Ascending within each vector.
        weights: As many.
        starts: Where each vector starts, and the end of the last.
    """

    columns: Columns
    weights: Weights32
    starts: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """How many vectors there are."""
        return len(self.starts) - 1


class Segment:
    """Vectors of some rows, found by column.

    Attributes:
        rows: The row that each of its vectors stands for.
    """

    __slots__ = ("_by_column", "_columns", "rows")

    def __init__(self, rows: Rows, vectors: Vectors) -> None:
        self.rows = rows
        some = vectors.weights > 0
        columns = vectors.columns[some]
        order = np.argsort(columns, kind="stable")
        columns = columns[order]
        starts = np.flatnonzero(np.concatenate(([True], columns[1:] != columns[:-1])))
        starts = starts if columns.size else starts[:0]
        owner = np.repeat(np.arange(len(vectors), dtype=np.int32), np.diff(vectors.starts))[some]
        self._columns = columns[starts]
        self._by_column = csr_array(
            (vectors.weights[some][order], owner[order], np.append(starts, columns.size)),
            shape=(len(self._columns), len(rows)),
        )

    def __len__(self) -> int:
        """How many vectors there are."""
        return len(self.rows)

    def products(self, vectors: Vectors) -> npt.NDArray[np.int32]:
        """Return the product of each given vector (a row) with each of the segment (a column)."""
        if not len(self._columns):
            return np.zeros((len(vectors), len(self.rows)), np.int32)
        at = np.searchsorted(self._columns, vectors.columns)
        at[at == len(self._columns)] = 0
        here = (self._columns[at] == vectors.columns) & (vectors.weights > 0)
        kept = np.concatenate((np.zeros(1, np.int64), np.cumsum(here)))
        asked = csr_array(
            (vectors.weights[here], at[here].astype(np.int32), kept[vectors.starts]),
            shape=(len(vectors), len(self._columns)),
        )
        dense: npt.NDArray[np.int32] = (asked @ self._by_column).toarray()
        return dense
