"""A segment: some weighted vectors by column, immutable."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from techdock_matching.adapters.index_counts import Rows
from techdock_matching.domain.ranking.vectors import Weights32
from techdock_matching.domain.ranking.words import Columns

Products = npt.NDArray[np.int32]

MOST_COMPACT = 1 << 15
"""Rows of a compact segment: they are numbered in 16 bits, and one is built in some 300 MB."""


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

    def part(self, first: int, end: int) -> "Vectors":
        """Return some of them."""
        starts = self.starts[first : end + 1]
        every = slice(int(starts[0]), int(starts[-1]))
        return Vectors(self.columns[every], self.weights[every], starts - starts[0])


@dataclass(frozen=True, slots=True)
class _ByColumn:
    """Vectors turned round.

    Attributes:
        columns: Each once, ascending.
        starts: Where the owners of each column start, and the end of the last.
        owners: Which vectors have it.
        weights: As many.
    """

    columns: Columns
    starts: npt.NDArray[np.int64]
    owners: npt.NDArray[np.int32]
    weights: Weights32


_Compact = tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint16], npt.NDArray[np.uint16]]


class Segment:
    """Vectors of some rows, found by column.

    Attributes:
        rows: The row that each of its vectors stands for, ascending.
    """

    __slots__ = ("_by_column", "_columns", "_compact", "rows")

    def __init__(self, rows: Rows, vectors: Vectors, *, compact: bool = False) -> None:
        """Build it.

        Args:
            compact: Half the memory, and quick for single questions; needs compiled code, which
                takes a second and 100 MB to load.
        """
        self.rows = rows
        turned = _turned(vectors)
        self._columns = turned.columns
        self._by_column: csr_array | None = None
        self._compact: _Compact | None = None
        if compact:
            self._compact = (
                turned.starts.astype(np.uint32),
                turned.owners.astype(np.uint16),
                turned.weights.astype(np.uint16),
            )
        else:
            self._by_column = csr_array(
                (turned.weights, turned.owners, turned.starts),
                shape=(len(turned.columns), len(rows)),
            )

    def __len__(self) -> int:
        """How many vectors there are."""
        return len(self.rows)

    def numbered(self, rows: Rows) -> "Segment":
        """Return the same vectors, standing for other rows."""
        found = copy(self)
        found.rows = rows
        return found

    def products(self, vectors: Vectors) -> Products:
        """Return the product of each given vector (a row) with each of the segment (a column)."""
        if not len(self._columns):
            return np.zeros((len(vectors), len(self.rows)), np.int32)
        at = np.searchsorted(self._columns, vectors.columns)
        at[at == len(self._columns)] = 0
        here = (self._columns[at] == vectors.columns) & (vectors.weights > 0)
        kept = np.concatenate((np.zeros(1, np.int64), np.cumsum(here)))
        weights, columns, starts = vectors.weights[here], at[here], kept[vectors.starts]
        if self._compact is not None:
            # Loaded by those who are large enough: it takes a second and 100 MB.
            from techdock_matching.adapters import index_compiled  # noqa: PLC0415

            found = np.zeros((len(vectors), len(self.rows)), np.int32)
            index_compiled.add_products(*self._compact, columns, weights, starts, found)
            return found
        asked = csr_array(
            (weights, columns.astype(np.int32), starts), shape=(len(vectors), len(self._columns))
        )
        dense: Products = (asked @ self._by_column).toarray()
        return dense


def joined(parts: Sequence[Vectors]) -> Vectors:
    """Return all vectors of the parts, in their order."""
    sizes = np.cumsum([0, *(len(one.columns) for one in parts)])
    starts = [one.starts[:-1] + at for one, at in zip(parts, sizes[:-1], strict=True)]
    return Vectors(
        np.concatenate([one.columns for one in parts]),
        np.concatenate([one.weights for one in parts]),
        np.concatenate((*starts, sizes[-1:])),
    )


def _turned(vectors: Vectors) -> _ByColumn:
    some = vectors.weights > 0
    columns = vectors.columns[some]
    order = np.argsort(columns, kind="stable")
    columns = columns[order]
    starts = np.flatnonzero(np.concatenate(([True], columns[1:] != columns[:-1])))
    starts = starts if columns.size else starts[:0]
    owner = np.repeat(np.arange(len(vectors), dtype=np.int32), np.diff(vectors.starts))[some]
    return _ByColumn(
        columns[starts],
        np.append(starts, columns.size),
        owner[order],
        vectors.weights[some][order],
    )
