"""The inner loops of an index of hundreds of thousands of profiles, compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

F = TypeVar("F", bound=Callable[..., Any])


def _compiled(function: F) -> F:
    """Compile a function when it is first called; kept between starts."""
    return cast("F", numba.njit(cache=True, nogil=True)(function))


@_compiled
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


@_compiled
def differing(
    signs: npt.NDArray[np.uint64], mine: npt.NDArray[np.uint64], found: npt.NDArray[np.uint16]
) -> None:
    """Count in how many bits each of many rows differs from one."""
    for row in range(len(found)):
        count = np.int64(0)
        for word in range(signs.shape[1]):
            # Bits summed in pairs, fours and bytes: what compilers know as one instruction.
            bits = signs[row, word] ^ mine[word]
            bits -= (bits >> np.uint64(1)) & np.uint64(0x5555555555555555)
            pairs = bits & np.uint64(0x3333333333333333)
            bits = pairs + ((bits >> np.uint64(2)) & np.uint64(0x3333333333333333))
            bits = (bits + (bits >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
            count += np.int64((bits * np.uint64(0x0101010101010101)) >> np.uint64(56))
        found[row] = count
