"""Computes every list of a docking event at once, and stores those that changed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from threading import Event
from typing import TypeVar
from uuid import UUID

from techdock_matching.app.collection import Collection
from techdock_matching.app.ports import Filter, Index
from techdock_matching.app.ranking_store import LENGTH, Changes, ListKey, RankingStore
from techdock_matching.domain.ranking.capping import Kin, evened, first_places, usual_cap, varied
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.profile import Kind
from techdock_matching.domain.ranking.quality import SHOWN

LISTS_PER_TRANSACTION = 500

LOOK_S = 0.1
"""How often it is looked whether something waits that goes first."""

T = TypeVar("T")
Keep = Callable[[Changes], Awaitable[None]]


class Interrupted(Exception):  # noqa: N818 - nothing went wrong
    """Something came that goes first; the lists are as they were."""


class Computation:
    """Computes the lists of whole docking events, by the statistics of the moment."""

    def __init__(self, index: Index, store: RankingStore, collection: Collection) -> None:
        self._index = index
        self._store = store
        self._collection = collection

    async def compute(
        self, docking_event_id: UUID, wanted: Filter, keep: Keep, *, settling: bool = False
    ) -> tuple[int, list[ListKey]]:
        """Store the lists that changed; return how many there are, and which changed.

        Args:
            keep: Stores some of them.
            settling: Gives way to whatever is queued, and leaves lists alone that stay as they
                are; else all count as changed.

        Raises:
            Interrupted: It gave way.
        """
        lists, first = await self._computed(wanted, gives_way=settling)
        changed: list[ListKey] = []
        for part in portions(list(lists)):
            fresh = {
                (one, docking_event_id): evened(lists[one], first.get(one, ())) for one in part
            }
            stored = await self._store.lists_of(fresh) if settling else {}
            some = {key: found for key, found in fresh.items() if _differs(stored.get(key), found)}
            changed.extend(some)
            if some:
                await keep(Changes(dict(some)))
        await self._store.drop_all_but(docking_event_id, list(lists))
        return len(lists), changed

    async def _computed(
        self, wanted: Filter, *, gives_way: bool
    ) -> tuple[Mapping[UUID, list[Candidate]], Mapping[UUID, list[UUID]]]:
        stop = Event()

        def look(_: float) -> None:
            if stop.is_set():
                raise Interrupted

        def work() -> tuple[Mapping[UUID, list[Candidate]], Mapping[UUID, list[UUID]]]:
            lists = self._index.lists(wanted, LENGTH, look)
            return lists, self._first_places(lists, wanted)

        working = asyncio.create_task(asyncio.to_thread(work))
        try:
            while not (await asyncio.wait({working}, timeout=LOOK_S))[0]:
                if gives_way and await self._store.queued(limit=1):
                    stop.set()
                    break
            return await working
        finally:
            stop.set()

    def varied(self, places: Sequence[Candidate], wanted: Filter) -> list[Candidate]:
        """Return a list in which no organization fills the first places while there are others.

        Who says nearly the same is looked for only when all lists are computed.
        """
        kin = self._kin((one.profile_id for one in places[:SHOWN]), wanted)
        if not kin.fills():
            return list(places)
        return varied(places, self._kin((one.profile_id for one in places), wanted))

    def _kin(self, ids: Iterable[UUID], wanted: Filter) -> Kin[UUID]:
        """Return who of some profiles is of one group of organizations."""
        groups = {one: self._collection.group_of(one) for one in ids}
        return Kin((groups,), round(wanted.weights.most_kin))

    def _first_places(
        self, lists: Mapping[UUID, list[Candidate]], wanted: Filter
    ) -> Mapping[UUID, list[UUID]]:
        """Give the first places out so that nobody drowns the others, on both sides."""
        kin = self._kin(lists, wanted)
        kin = Kin((*kin.families, self._index.alike()), kin.most)
        every = sorted(lists)  # Not in the order in which they came.
        kinds = {kind: [one for one in every if self._collection.is_of(one, kind)] for kind in Kind}
        found: dict[UUID, list[UUID]] = {}
        for kind, owners in kinds.items():
            each = ((one, ((c.profile_id, c.score) for c in lists[one])) for one in owners)
            cap = usual_cap(len(owners), len(kinds[kind.other]))
            found |= first_places(each, cap, kin)
        return found


def portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut into parts that one transaction takes."""
    for start in range(0, len(items), LISTS_PER_TRANSACTION):
        yield items[start : start + LISTS_PER_TRANSACTION]


def _differs(stored: Sequence[Candidate] | None, found: Sequence[Candidate]) -> bool:
    return stored is None or list(stored) != list(found)
