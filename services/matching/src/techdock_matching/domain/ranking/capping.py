"""No offer drowns the others: an upper limit to how often each is shown, and a floor of once."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from techdock_matching.domain.ranking.quality import SHOWN

Key = TypeVar("Key", bound=Hashable)

Scored = Mapping[Key, Sequence[tuple[Key, int]]]
"""Lists: counterparts with their scores, best first."""


def capped(lists: Scored[Key], cap: int) -> dict[Key, list[Key]]:
    """Return the lists with the first ten places given out so that all are shown.

    The best pairs of all lists have their place first, until a counterpart has stood `cap` times
    among somebody's first ten; whoever finds no place there keeps the next ones, in order. Then
    each counterpart that stands nowhere takes the last place where it scores best, from one that
    is shown elsewhere too.

    Args:
        lists: Longer than ten, or nothing can be given away.
        cap: How often a counterpart is shown at most.
    """
    pairs = [
        (-score, owner_at, place, owner, other)
        for owner_at, (owner, places) in enumerate(lists.items())
        for place, (other, score) in enumerate(places)
    ]
    pairs.sort(key=lambda pair: pair[:3])
    first: dict[Key, list[Key]] = {owner: [] for owner in lists}
    times = Counter[Key]()
    for _, _, _, owner, other in pairs:
        if len(first[owner]) < SHOWN and times[other] < cap:
            first[owner].append(other)
            times[other] += 1
    given: set[Key] = set()
    for _, _, _, owner, other in pairs:
        places = first[owner]
        if times[other] or owner in given or len(places) < SHOWN or times[places[-1]] < _TWICE:
            continue
        times[places[-1]] -= 1
        places[-1] = other
        times[other] = 1
        given.add(owner)
    return {owner: [*places, *_rest(lists[owner], places)] for owner, places in first.items()}


_TWICE = 2


def _rest(places: Sequence[tuple[Key, int]], first: Sequence[Key]) -> list[Key]:
    taken = set(first)
    return [other for other, _ in places if other not in taken]
