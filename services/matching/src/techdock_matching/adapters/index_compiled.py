"""The inner loops of an index of hundreds of thousands of profiles, compiled."""

import numpy as np
import numpy.typing as npt

from techdock_matching.adapters.search.compiled import compiled, ones


@compiled
def add_products(
    starts: npt.NDArray[np.uint32],
    owners: npt.NDArray[np.uint16],
    weights: npt.NDArray[np.uint16],
    columns: npt.NDArray[np.int64],
    asked: npt.NDArray[np.int32],
    ends: npt.NDArray[np.int64],
    found: npt.NDArray[np.int32],
) -> None:
    """Add the products of asked vectors with all of a segment.

    Args:
        starts: Where the owners of each column of the segment start, and the end of the last.
        columns: Of the asked vectors, one after the other, as they stand in the segment.
        asked: Their weights.
        ends: Where each asked vector starts, and the end of the last.
        found: A row for each asked vector, a column for each vector of the segment.
    """
    for row in range(len(ends) - 1):
        for i in range(ends[row], ends[row + 1]):
            weight = asked[i]
            for k in range(starts[columns[i]], starts[columns[i] + 1]):
                found[row, owners[k]] += weight * weights[k]


@compiled
def differing(
    signs: npt.NDArray[np.uint64], mine: npt.NDArray[np.uint64], found: npt.NDArray[np.uint16]
) -> None:
    """Count in how many bits each of many rows differs from one."""
    for row in range(len(found)):
        count = np.int64(0)
        for word in range(signs.shape[1]):
            count += ones(signs[row, word] ^ mine[word])
        found[row] = count


@compiled
def steps(
    worth: npt.NDArray[np.int32],
    eligible: npt.NDArray[np.bool_],
    step: int,
    counts: npt.NDArray[np.int64],
) -> None:
    """Count those that count at all by what they are worth, in steps of so many bits."""
    for row in range(len(worth)):
        if eligible[row]:
            counts[worth[row] >> step] += 1


@compiled
def mark(
    worth: npt.NDArray[np.int32],
    eligible: npt.NDArray[np.bool_],
    least: int,
    marked: npt.NDArray[np.bool_],
) -> None:
    """Mark those that count at all and are worth so much at least."""
    for row in range(len(worth)):
        if eligible[row] and worth[row] >= least:
            marked[row] = True
