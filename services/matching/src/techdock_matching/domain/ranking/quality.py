"""How good a ranking is: against known counterparts, and in how evenly it shows people."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np

Key = TypeVar("Key", bound=Hashable)

SHOWN = 10
"""Places of a list that count as shown."""

_DEPTHS = (10, 50)


def figures(
    ranked: Mapping[Key, Sequence[Key]], wanted: Mapping[Key, set[Key]]
) -> dict[str, float]:
    """Return nDCG@10, R@10, R@50 and MRR, each the mean over those that have known counterparts.

    nDCG with gains of 0 and 1 and the logarithm of base 2 (Järvelin and Kekäläinen 2002); recall
    is the share of all known counterparts, so that it may stay below 1 at 10.
    """
    hits = {one: [other in right for other in ranked.get(one, ())] for one, right in wanted.items()}
    return {
        "ndcg_10": _mean(_ndcg(hit, len(wanted[one])) for one, hit in hits.items()),
        **{
            f"recall_{depth}": _mean(
                sum(hit[:depth]) / len(wanted[one]) for one, hit in hits.items()
            )
            for depth in _DEPTHS
        },
        "mrr": _mean(1 / (hit.index(True) + 1) if True in hit else 0.0 for hit in hits.values()),
    }


def ndcg(ranked: Sequence[Key], right: set[Key]) -> float:
    """Return nDCG@10 of one list."""
    return _ndcg([other in right for other in ranked], len(right))


def exposure(lists: Iterable[Sequence[Key]], shown: Sequence[Key]) -> dict[str, float]:
    """Return how evenly one side stands in the first ten places of the other's lists.

    Args:
        shown: Everybody of that side.

    Returns:
        The share that is shown at all, the Gini coefficient of the times each is shown, and the
        times of the one shown most.
    """
    count = dict.fromkeys(shown, 0)
    for one in lists:
        for other in one[:SHOWN]:
            count[other] += 1
    times = np.sort(np.array(list(count.values()), np.float64))
    if not times.size or not times.sum():
        return {"ever_shown": 0.0, "gini": 0.0, "most_shown": 0.0}
    place = np.arange(1, len(times) + 1)
    gini = (2 * place - len(times) - 1) @ times / (len(times) * times.sum())
    return {
        "ever_shown": float((times > 0).mean()),
        "gini": float(gini),
        "most_shown": float(times[-1]),
    }


def _ndcg(hit: Sequence[bool], right: int) -> float:
    gain = 1 / np.log2(np.arange(2, SHOWN + 2))
    found = sum(float(gain[place]) for place, hits in enumerate(hit[:SHOWN]) if hits)
    return found / float(gain[: min(SHOWN, right)].sum())


def _mean(values: Iterable[float]) -> float:
    every = list(values)
    return float(np.mean(every)) if every else 0.0
