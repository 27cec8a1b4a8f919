"""Writes the reasons of match lists: ahead of their readers, or when somebody waits for them."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from uuid import UUID

from techdock_matching.app.collection import Collection
from techdock_matching.app.ports import Index
from techdock_matching.app.ranking_store import Changes, ListKey, Ranked, RankingStore
from techdock_matching.domain.ranking.match import Candidate, Explanation
from techdock_matching.domain.ranking.profile import Kind
from techdock_matching.domain.ranking.weights import STANDARD

MOST_READ = 4_000
"""Profiles that are kept between explanations."""

EXPLAINED = 20
"""Places that are explained before anybody asks: what a page shows at once."""


class Explainer:
    """Writes reasons of pairs, once for all docking events: each weighs them when it reads them."""

    def __init__(self, index: Index, store: RankingStore, collection: Collection) -> None:
        self._index = index
        self._store = store
        self._collection = collection
        self._read: OrderedDict[UUID, Ranked] = OrderedDict()
        self._ahead: dict[ListKey, None] = {}

    def ahead(self, lists: Iterable[ListKey]) -> None:
        """Remember lists whose reasons are written when there is nothing else to do."""
        self._ahead |= dict.fromkeys(lists)

    async def fill_step(self) -> bool:
        """Write the reasons of one list that nobody asked for yet; say whether there was one."""
        if not self._ahead:
            return False
        key, _ = self._ahead.popitem()
        places = (await self._store.lists_of([key])).get(key, ())
        await self._explain(key[0], places[:EXPLAINED])
        return True

    async def asked_step(self) -> bool:
        """Write the reasons that readers wait for; say whether there were any."""
        waiting = await self._store.to_explain(limit=20)
        if not waiting:
            return False
        lists = await self._store.lists_of(waiting)
        for key in waiting:
            await self._explain(key[0], lists.get(key, ()), done=[key])
        return True

    async def explain(self, ranked: Ranked, changes: Changes) -> None:
        """Write the reasons of a new list, and of the places that its profile took in others."""
        own = ranked.profile.id
        shown: dict[UUID, Candidate] = {}
        for (owner, _), places in changes.lists.items():
            if owner == own:
                shown |= {place.profile_id: place for place in places[:EXPLAINED]}
            elif any(place.profile_id == own for place in places[:EXPLAINED]):
                shown[owner] = Candidate(owner, 0)
        await self._explain(own, shown.values(), afresh=True)

    async def _explain(
        self,
        id: UUID,
        places: Iterable[Candidate],
        done: Sequence[ListKey] = (),
        *,
        afresh: bool = False,
    ) -> None:
        found = await self._profiles([id, *(place.profile_id for place in places)])
        mine = found.get(id)
        others = [ranked for one, ranked in found.items() if one != id]
        pairs = [] if mine is None else [_pair(mine, theirs) for theirs in others]
        # Of what was just published nothing is written yet, or with less than is known now.
        ready = set[ListKey]() if afresh else await self._store.explained(pairs)
        missing = [pair for pair in pairs if (pair[0].profile.id, pair[1].profile.id) not in ready]
        written = await asyncio.to_thread(self._written, missing)
        await self._store.keep_explanations(written, done)

    async def _profiles(self, ids: Sequence[UUID]) -> dict[UUID, Ranked]:
        """Return profiles; most were read lately, and are as they were."""
        found = {
            one: known
            for one in ids
            if (known := self._read.get(one)) is not None and self._collection.is_as(known)
        }
        found |= await self._store.profiles([one for one in ids if one not in found])
        for one, ranked in found.items():
            self._read[one] = ranked
            self._read.move_to_end(one)
        while len(self._read) > MOST_READ:
            self._read.popitem(last=False)
        return found

    def _written(
        self, pairs: Sequence[tuple[Ranked, Ranked]]
    ) -> list[tuple[Ranked, Ranked, Explanation]]:
        profiles = [(need.profile, offer.profile) for need, offer in pairs]
        found = self._index.explain(profiles, STANDARD)
        return [(need, offer, why) for (need, offer), why in zip(pairs, found, strict=True)]


def _pair(one: Ranked, other: Ranked) -> tuple[Ranked, Ranked]:
    """Return the two as need and offer."""
    return (one, other) if one.profile.kind is Kind.NEED else (other, one)
