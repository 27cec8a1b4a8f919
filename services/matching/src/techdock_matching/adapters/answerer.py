"""Answers questions in the process that ranks, from its index and the catalogue."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import NotFound
from typing_extensions import override

from techdock_matching.adapters.catalogue import Catalogue
from techdock_matching.app.asking import (
    Alike,
    Asking,
    Counterpart,
    Draft,
    Found,
    Hit,
    RankerStarting,
    Wanted,
)
from techdock_matching.app.ports import Filter, Index, IndexStatistics, Placed
from techdock_matching.app.ranking_store import RankingStore
from techdock_matching.domain.ranking.match import Candidate, Explanation
from techdock_matching.domain.ranking.meaning import Meaning
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import STANDARD, Weights

T = TypeVar("T")

THREADS = 2
MOST_WAITING = 32
PATIENCE_S = 4.0


class SharedIndex(Index):
    """The ranker's index, which tells the catalogue what it hears."""

    def __init__(self, index: Index, catalogue: Catalogue) -> None:
        """Take the index and the catalogue beside it."""
        self._index = index
        self._catalogue = catalogue

    @property
    @override
    def statistics(self) -> IndexStatistics:
        return self._index.statistics

    @property
    @override
    def recipe(self) -> bytes:
        return self._index.recipe

    @override
    def add(self, profiles: Sequence[Profile]) -> None:
        self._index.add(profiles)
        self._catalogue.add(profiles)

    @override
    def add_meanings(self, meanings: Mapping[UUID, Meaning]) -> None:
        self._index.add_meanings(meanings)

    @override
    def remove(self, ids: Iterable[UUID]) -> None:
        gone = list(ids)
        self._catalogue.remove(gone)
        self._index.remove(gone)

    @override
    def refresh(self) -> None:
        self._index.refresh()

    @override
    def search(self, profile: Profile, filter: Filter, limit: int) -> list[Candidate]:
        return self._index.search(profile, filter, limit)

    @override
    def place(self, profile: Profile, filter: Filter, limit: int) -> Placed:
        return self._index.place(profile, filter, limit)

    @override
    def note_ends(
        self, docking_event_id: UUID | None, ends: Mapping[UUID, Candidate | None]
    ) -> None:
        self._index.note_ends(docking_event_id, ends)

    @override
    def lists(
        self, filter: Filter, limit: int, progress: Callable[[float], None] | None = None
    ) -> Mapping[UUID, list[Candidate]]:
        return self._index.lists(filter, limit, progress)

    @override
    def alike(self) -> Mapping[UUID, UUID]:
        return self._index.alike()

    @override
    def note_leanings(self, docking_event_id: UUID, leanings: Mapping[UUID, int]) -> None:
        self._index.note_leanings(docking_event_id, leanings)

    @override
    def explain(
        self, pairs: Sequence[tuple[Profile, Profile]], weights: Weights
    ) -> list[Explanation]:
        return self._index.explain(pairs, weights)


class Answerer(Asking):
    """Answers within a few seconds, or says that it cannot now."""

    def __init__(
        self, index: Index, catalogue: Catalogue, store: RankingStore, clock: Clock
    ) -> None:
        """Take what the ranker has, once it is loaded."""
        self._index = index
        self._catalogue = catalogue
        self._store = store
        self._clock = clock
        self._threads = ThreadPoolExecutor(THREADS, "answering")
        self._waiting = 0

    def close(self) -> None:
        """Give the threads back; what they still do is of no interest."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @override
    async def find(self, wanted: Wanted) -> Found:
        found, sought = await self._do(lambda: self._catalogue.find(wanted))
        if not found.hits or not (sought.stems or sought.concepts):
            return found
        texts = await self._texts([hit.profile_id for hit in found.hits])

        snippet = self._catalogue.snippet

        def with_snippets() -> tuple[Hit, ...]:
            return tuple(
                Hit(hit.profile_id, hit.score, snippet(profile, sought, wanted.language))
                for hit in found.hits
                if (profile := texts.get(hit.profile_id)) is not None
            )

        hits = await self._do(with_snippets)
        return Found(hits, found.total, found.facets, found.loose, found.instead, found.concepts)

    @override
    async def like(
        self, profile_id: UUID, kind: str, reach: frozenset[UUID], limit: int
    ) -> tuple[Hit, ...]:
        found = await self._do(lambda: self._catalogue.like(profile_id, kind, reach, limit))
        if found is None:
            raise NotFound(f"profile {profile_id} is not in the catalogue yet")
        return found

    @override
    async def same(self, draft: Draft, limit: int) -> tuple[Alike, ...]:
        found = await self._do(lambda: self._catalogue.same(draft, limit))
        texts = await self._texts([one for one, _, _ in found])

        def with_quotes() -> tuple[Alike, ...]:
            return tuple(
                Alike(one, likeness, score, self._catalogue.quotes(draft, profile))
                for one, likeness, score in found
                if (profile := texts.get(one)) is not None
            )

        return await self._do(with_quotes)

    @override
    async def rank(
        self,
        profile_id: UUID,
        docking_event_id: UUID | None,
        limit: int,
        without: frozenset[UUID] = frozenset(),
    ) -> tuple[Counterpart, ...]:
        mine = (await self._texts([profile_id])).get(profile_id)
        if mine is None:
            raise NotFound(f"no profile {profile_id}")
        weights = STANDARD
        if docking_event_id is not None:
            known = await self._store.weights()
            weights = known.get(docking_event_id, (0, STANDARD))[1]
        on = self._clock.now().date()

        def candidates() -> list[Candidate]:
            excluded = self._catalogue.entered(without) if without else frozenset[UUID]()
            wanted = Filter(on, docking_event_id, excluded, weights)
            return self._index.search(mine, wanted, limit)

        found = await self._do(candidates)
        others = await self._texts([one.profile_id for one in found])

        def explained() -> tuple[Counterpart, ...]:
            known = [one for one in found if one.profile_id in others]
            pairs = [(mine, others[one.profile_id]) for one in known]
            return tuple(
                Counterpart(one.profile_id, one.score, weights.strength(one.score), why)
                for one, why in zip(known, self._index.explain(pairs, weights), strict=True)
            )

        return await self._do(explained)

    async def _texts(self, ids: Sequence[UUID]) -> Mapping[UUID, Profile]:
        found = await self._store.profiles(ids)
        return {one: ranked.profile for one, ranked in found.items()}

    async def _do(self, work: Callable[[], T]) -> T:
        """Do CPU work in a thread of ours.

        Raises:
            RankerStarting: Too many wait already, or it takes too long: lists are computed.
        """
        if self._waiting >= MOST_WAITING:
            raise RankerStarting("the ranker is busy; ask again in a moment")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(PATIENCE_S):
                return await loop.run_in_executor(self._threads, work)
        except TimeoutError as error:
            raise RankerStarting("the ranker is busy; ask again in a moment") from error
        finally:
            self._waiting -= 1
