"""What other weights would change, found out before anybody is shown other lists."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import UUID

from techdock_shared.clock import Clock

from techdock_matching.app.ports import Filter, Index
from techdock_matching.app.ranking_store import RankingStore
from techdock_matching.domain.ranking.match import Candidate, Strength
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weighing import adjusted
from techdock_matching.domain.ranking.weights import STANDARD, Weights

FIRST = 5
"""Places that a person surely looks at."""

MOST_LOOKED_AT = 400
"""Profiles whose lists are computed both ways; of larger docking events they are a sample."""

MOST_MOVERS = 10
PORTION = 20
_SEEN = 50

Told = Callable[[int, int], Awaitable[None]]
"""Told how many profiles are done, of how many."""


class Previewer:
    """Compares lists under the weights in force with those under others; see the module.

    It looks where the ranker looks, in the same index, and leaves everything as it is.
    """

    def __init__(self, index: Index, store: RankingStore, clock: Clock) -> None:
        self._index = index
        self._store = store
        self._clock = clock

    async def preview(
        self, docking_event_id: UUID, values: Mapping[str, float], told: Told
    ) -> dict[str, Any]:
        """Return what would change, as JSON.

        Args:
            docking_event_id: Whose lists.
            values: What would differ from the standard.
            told: Hears how far it is.
        """
        now = (await self._store.weights()).get(docking_event_id, (0, STANDARD))[1]
        then = adjusted(values)
        entered = await self._store.listed_in(docking_event_id)
        sample = sorted(entered, key=_order)[:MOST_LOOKED_AT]
        before: dict[UUID, Sequence[Candidate]] = {}
        after: dict[UUID, Sequence[Candidate]] = {}
        for start in range(0, len(sample), PORTION):
            await told(start, len(sample))
            found = await self._store.profiles(sample[start : start + PORTION])
            for one, ranked in sorted(found.items()):
                before[one] = await self._list(ranked.profile, docking_event_id, now)
                after[one] = await self._list(ranked.profile, docking_event_id, then)
        return {
            "profiles": len(entered),
            "looked_at": len(before),
            **_compared(entered, before, after),
            "strong": [_strong(before, now), _strong(after, then)],
            "unserved": [_unserved(before, now), _unserved(after, then)],
        }

    async def _list(
        self, profile: Profile, docking_event_id: UUID, weights: Weights
    ) -> Sequence[Candidate]:
        wanted = Filter(self._clock.now().date(), docking_event_id, weights=weights)
        return await asyncio.to_thread(self._index.search, profile, wanted, _SEEN)


def _order(id: UUID) -> bytes:
    return blake2b(id.bytes, digest_size=8).digest()


def _compared(
    entered: Collection[UUID],
    before: Mapping[UUID, Sequence[Candidate]],
    after: Mapping[UUID, Sequence[Candidate]],
) -> dict[str, Any]:
    movers = []
    for one in before:
        was, is_now = _first(before[one]), _first(after[one])
        if was != is_now:
            came = [other for other in is_now if other not in was]
            left = [other for other in was if other not in is_now]
            movers.append((-len(came) - len(left), str(one), came, left))
    movers.sort()
    return {
        "changed": len(movers),
        "movers": [
            {"profile_id": one, "came": list(map(str, came)), "left": list(map(str, left))}
            for _, one, came, left in movers[:MOST_MOVERS]
        ],
        "gini": [_gini(entered, before.values()), _gini(entered, after.values())],
    }


def _first(places: Sequence[Candidate]) -> list[UUID]:
    return [place.profile_id for place in places[:FIRST]]


def _gini(entered: Collection[UUID], lists: Iterable[Sequence[Candidate]]) -> float:
    """Return how unevenly first places fall on profiles: 0: all alike, towards 1: few have all."""
    shown = Counter(one for places in lists for one in _first(places))
    counts = sorted(shown.get(one, 0) for one in entered)
    whole = sum(counts)
    if not whole:
        return 0.0
    ranked = sum(rank * count for rank, count in enumerate(counts, 1))
    return round(2 * ranked / (len(counts) * whole) - (len(counts) + 1) / len(counts), 3)


def _strong(lists: Mapping[UUID, Sequence[Candidate]], weights: Weights) -> int:
    """Return how many profiles have a strong match."""
    best = (places[0].score for places in lists.values() if places)
    return sum(weights.strength(score) is Strength.STRONG for score in best)


def _unserved(lists: Mapping[UUID, Sequence[Candidate]], weights: Weights) -> int:
    """Return how many profiles have no good match."""
    return sum(not places or places[0].score < weights.good for places in lists.values())
