"""No offer drowns the others: an upper limit to how often each is shown, and a floor of twice."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import chain
from math import ceil
from typing import TypeVar
from uuid import UUID

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.quality import SHOWN

Key = TypeVar("Key", bound=Hashable)

Scored = Mapping[Key, Sequence[tuple[Key, int]]]
"""Lists: counterparts with their scores, best first."""

_LEAST_CAP = 5
_FAIR_SHARES = 2
_FLOOR = 2
_MORE = 2
_AT_ONCE = 100_000


def usual_cap(owners: int, counterparts: int) -> int:
    """Return how often a counterpart is shown at most: twice its fair share, and at least 5."""
    fair = SHOWN * owners / max(1, counterparts)
    return max(_LEAST_CAP, ceil(_FAIR_SHARES * fair))


def capped(lists: Scored[Key], cap: int) -> dict[Key, list[Key]]:
    """Return the lists with the first ten places given out so that all are shown.

    The best pairs of all lists have their place first, until a counterpart has stood `cap` times
    among somebody's first ten; whoever finds no place there keeps the next ones, in order. Then
    each counterpart that stands nowhere takes the last place where it scores best, from one that
    is shown elsewhere too, and each that stands there once takes a last but one.

    Args:
        lists: Longer than ten, or nothing can be given away.
        cap: How often a counterpart is shown at most.
    """
    owners = list(lists)
    numbers: dict[Key, int] = {}
    for places in lists.values():
        for other, _ in places:
            numbers.setdefault(other, len(numbers))
    others = list(numbers)
    sizes = [len(places) for places in lists.values()]
    scored = list(chain.from_iterable(lists.values()))
    owning = np.repeat(np.arange(len(owners), dtype=np.int32), sizes)
    listed = np.fromiter((numbers[one] for one, _ in scored), np.int32, len(scored))
    scores = np.fromiter((value for _, value in scored), np.int64, len(scored))
    # Stable: pairs of one score in the order of owners, and of places.
    best = np.argsort(-scores, kind="stable")
    first = _given(owning[best], listed[best], (len(owners), len(others)), cap)
    found: dict[Key, list[Key]] = {}
    for at, (one, places) in enumerate(lists.items()):
        taken = set(first[at])
        rest = (other for other, _ in places if numbers[other] not in taken)
        found[one] = [*(others[number] for number in first[at]), *rest]
    return found


def evened(lists: Mapping[UUID, Sequence[Candidate]], cap: int) -> dict[UUID, list[Candidate]]:
    """Return lists whose first ten places are given out so, in the order of their scores.

    Who gave way to others scores no more than the place after which it stands now.
    """
    order = capped(
        {one: [(c.profile_id, c.score) for c in places] for one, places in lists.items()}, cap
    )
    found: dict[UUID, list[Candidate]] = {}
    for one, places in order.items():
        scores = {candidate.profile_id: candidate.score for candidate in lists[one]}
        least = max(scores.values(), default=0)
        found[one] = []
        for other in places:
            # One less, so that equal scores stay in the order of ids.
            least = scores[other] if scores[other] <= least else least - 1
            found[one].append(Candidate(other, least))
    return found


def _given(
    owner: npt.NDArray[np.int32], other: npt.NDArray[np.int32], sizes: tuple[int, int], cap: int
) -> list[list[int]]:
    """Return who stands among the first ten of each owner; pairs come best first."""
    first: list[list[int]] = [[] for _ in range(sizes[0])]
    times = [0] * sizes[1]
    for one, another in _pairs(owner, other):
        if len(first[one]) < SHOWN and times[another] < cap:
            first[one].append(another)
            times[another] += 1
    for least in range(_FLOOR):
        _lift(first, times, _pairs(owner, other), least)
    return first


def _lift(
    first: list[list[int]], times: list[int], pairs: Iterator[tuple[int, int]], least: int
) -> None:
    """Give one more place to each that is shown only so often, from one shown twice more."""
    gave = [False] * len(first)
    place = -1 - least
    for one, another in pairs:
        places = first[one]
        if times[another] != least or gave[one] or len(places) < SHOWN or another in places:
            continue
        if times[places[place]] >= least + _MORE:
            times[places[place]] -= 1
            places[place] = another
            times[another] += 1
            gave[one] = True


def _pairs(owner: npt.NDArray[np.int32], other: npt.NDArray[np.int32]) -> Iterator[tuple[int, int]]:
    for start in range(0, len(owner), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        yield from zip(owner[part].tolist(), other[part].tolist(), strict=True)
