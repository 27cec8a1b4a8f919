"""Native code: functions compiled once and kept in the user's cache directory.

The directory is named by what all compiled functions say, because a function that calls another
one is not compiled anew by itself when only the other one changes.
"""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])

Array: TypeAlias = NDArray[Any]

Number: TypeAlias = Any
"""A number or truth value of native code: numba finds its type, which mypy cannot follow."""

ONE = np.uint64(1)


def _cache_directory() -> Path:
    """Return where the native code of this very version of the functions is kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    stated = sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        text = source.read_bytes()
        if b"@compiled" in text or source.name == "arrays.py":
            stated.update(text)
    return Path(home) / "techdock" / "timetable" / stated.hexdigest()[:16]


def compiled(function: F) -> F:
    """Compile a function when it is first called, or load it from the cache."""
    config: Any = numba.config
    before = config.CACHE_DIR
    if not before:
        config.CACHE_DIR = str(_DIRECTORY)
    try:
        native: Any = numba.njit
        made = native(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
        return cast("F", made)
    finally:
        config.CACHE_DIR = before


_DIRECTORY = _cache_directory()


@intrinsic
def _ones_of(_typing: Any, _word: Any) -> Any:
    def code(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.ctpop(given[0])

    return types.int64(types.uint64), code


@intrinsic
def _trailing_of(_typing: Any, _word: Any) -> Any:
    def code(context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.cttz(given[0], context.get_constant(types.boolean, 0))

    return types.int64(types.uint64), code


_ones: Any = _ones_of
_trailing: Any = _trailing_of


@compiled
def ones(word: Number) -> Number:
    """Count the bits of a word."""
    return _ones(word)


@compiled
def lowest(word: Number) -> Number:
    """Return the number of the lowest bit of a word that is not 0."""
    return _trailing(word)


@compiled
def has(row: Array, number: Number) -> Number:
    """Whether a bit is set in a row of words."""
    return (row[number >> 6] >> np.uint64(number & 63)) & ONE != np.uint64(0)


@compiled
def draw(chance: Array) -> Number:
    """Return the next 64 random bits: xorshift64*, Vigna, ACM TOMS 42(4), 2016."""
    x = chance[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    chance[0] = x
    return x * np.uint64(2685821657736338717)


@compiled
def below(chance: Array, limit: Number) -> Number:
    """Return a random number from 0 to below a limit of at most 2**31."""
    return np.int64(((draw(chance) >> np.uint64(33)) * np.uint64(limit)) >> np.uint64(31))


@compiled
def share(chance: Array) -> Number:
    """Return a random number from 0 to below 1."""
    return np.float64(draw(chance) >> np.uint64(11)) * (1.0 / 9007199254740992.0)
