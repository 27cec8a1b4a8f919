"""Keeps the match lists: what is published is ranked at once, and enters the lists of the others.

CPU work, for a process of its own: exactly one per deployment. All it knows is in the database,
so it may be killed at any moment and started anew.
"""

import asyncio
from bisect import insort
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog
from techdock_shared.clock import Clock

from techdock_matching.app.collection import Collection
from techdock_matching.app.computing import Computation, Interrupted, portions
from techdock_matching.app.explaining import Explainer
from techdock_matching.app.meanings import Meanings
from techdock_matching.app.ports import Filter, Index
from techdock_matching.app.ranking_store import (
    LENGTH,
    Changes,
    ListKey,
    Queued,
    Ranked,
    RankingStore,
)
from techdock_matching.domain.ranking.acceptance import Leaning
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.meaning import Embedder
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import STANDARD, Weights

log = structlog.get_logger(__name__)

MOST_EXPLAINED_AHEAD = 2_000
"""In docking events with more profiles, reasons are written when somebody first asks."""

BULK = 250
"""From so many changes on it is cheaper to compute every list anew than to mend them."""

ONE_BY_ONE = 20
"""So many are ranked one after the other before the queue is looked at again: what looks like a
few changes may be the beginning of an import."""

MOST_QUEUED = 1_000_000

QUIET_S = 60.0
"""How long nothing must have come until all lists are computed as a restart would."""

SETTLING_S = 0.5
"""How long nothing new must have come before an import counts as over."""

LONGEST_SETTLING_S = 20.0
"""Lists are computed after so long, even while an import still goes on."""


class Ranker:
    """Ranks what is queued; see the module."""

    def __init__(
        self,
        index: Index,
        store: RankingStore,
        clock: Clock,
        embedder: Embedder | None = None,
        *,
        quiet_s: float = QUIET_S,
    ) -> None:
        """Take what it works on.

        Args:
            quiet_s: How long nothing must have come until all lists are computed anew.
        """
        self._index = index
        self._store = store
        self._meanings = Meanings(embedder, store)
        self._embedded: dict[UUID, None] = {}
        self._clock = clock
        self._weights: Mapping[UUID, tuple[int, Weights]] = {}
        self._collection = Collection()
        self._explainer = Explainer(index, store, self._collection)
        self._computation = Computation(index, store, self._collection)
        self._leanings: Mapping[UUID, Mapping[UUID, Leaning]] = {}
        self._quiet_s = quiet_s
        self._on = clock.now().date()
        self._unsettled = False
        self._stirred()

    async def load(self) -> None:
        """Build the index from the database; compute all lists anew if they are of another one."""
        waiting = {queued.profile_id for queued in await self._store.queued(limit=MOST_QUEUED)}
        async for portion in self._store.everything():
            # What is queued comes in with its own step, as news to the others.
            known = [ranked for ranked in portion if ranked.profile.id not in waiting]
            await self._add(known)
        await asyncio.to_thread(self._index.refresh)
        self._weights = await self._store.weights()
        await self._learn_leanings()
        await self._store.forget_reasons_of_others(self._recipe())
        if await self._store.fingerprint() == self._fingerprint():
            self._note_ends(await self._store.last_places())
        elif self._collection:
            await self._compute_all()
        log.info("ranking loaded", profiles=len(self._collection))

    async def step(self) -> bool:
        """Rank what is queued or weighed anew; say whether there was anything."""
        if await self._weigh():
            return True
        queued = await self._store.queued(limit=MOST_QUEUED)
        if not queued:
            return await self._settle()
        self._stirred()
        last = len(queued) <= ONE_BY_ONE
        if len(queued) < BULK:
            some = queued[:ONE_BY_ONE]
            found = await self._store.profiles([one.profile_id for one in some])
            for one in some:
                # Reasons take longer than places: with many waiting they come last.
                await self._one(one, found.get(one.profile_id), explain=last)
        else:
            await self._many(queued)
        if last and self._index.statistics.stale:
            await self._renew()
        return True

    async def embed_step(self) -> bool:
        """Embed some texts; when none waits any more, mend the lists. Say whether there were any.

        Publishing never waits for it: lists come first by words alone, and improve in its course.
        """
        found = await self._meanings.embed()
        if found:
            self._stirred()
        await asyncio.to_thread(self._index.add_meanings, found)
        self._embedded |= dict.fromkeys(found)
        if self._meanings.waiting or not self._embedded:
            return bool(found)
        some = [one for one in self._embedded if one in self._collection]
        self._embedded.clear()
        if len(some) >= BULK or self._index.statistics.stale:
            await self._renew()
            await self._store.forget_reasons_of_others(self._recipe())
            return True
        ranked = await self._store.profiles(some)
        for one in some:
            if one in ranked:
                await self._again(ranked[one])
        return True

    async def fill_step(self) -> bool:
        """Write the reasons of one list that nobody asked for yet; say whether there was one."""
        return await self._explainer.fill_step()

    async def explain_step(self) -> bool:
        """Write the reasons that readers wait for; say whether there were any."""
        return await self._explainer.asked_step()

    def _stirred(self) -> None:
        """Note that something came."""
        self._quiet_from = self._clock.now() + timedelta(seconds=self._quiet_s)

    def _filter(self, docking_event_id: UUID) -> Filter:
        on = self._clock.now().date()
        return Filter(on, docking_event_id, weights=self._weights_of(docking_event_id))

    def _weights_of(self, docking_event_id: UUID) -> Weights:
        return self._weights.get(docking_event_id, (0, STANDARD))[1]

    async def _weigh(self) -> bool:
        """Compute the lists of docking events whose weights were changed; say whether any were."""
        weights = await self._store.weights()
        if weights == self._weights:
            return False
        changed = {
            docking_event_id
            for docking_event_id in weights.keys() | self._weights.keys()
            if weights.get(docking_event_id) != self._weights.get(docking_event_id)
        }
        of_these = await self._store.fingerprint() == self._fingerprint()
        self._weights = weights
        await self._compute(sorted(changed & self._collection.docking_events))
        # The lists of other docking events may still be of an earlier collection.
        await self._store.keep_fingerprint(self._fingerprint() if of_these else None)
        return True

    async def _add(self, portion: Sequence[Ranked]) -> None:
        profiles = [ranked.profile for ranked in portion]
        known = await self._meanings.known(profiles)
        await asyncio.to_thread(self._index.add, profiles)
        await asyncio.to_thread(self._index.add_meanings, known)
        self._collection.add(portion)

    def _forget(self, id: UUID) -> None:
        self._collection.forget(id)
        self._meanings.forget(id)

    # One by one ---------------------------------------------------------------------------

    async def _one(self, queued: Queued, ranked: Ranked | None, *, explain: bool) -> None:
        """Rank one profile, and mend the lists of the others."""
        mine = queued.profile_id
        stood_in = await self._store.containing(mine) if mine in self._collection else set()
        changes = Changes(done=[queued])
        if ranked is None:
            changes.gone.add(mine)
            changes.dropped = await self._store.keys_of(mine)
            self._forget(mine)
            await asyncio.to_thread(self._index.remove, [mine])
        else:
            left = self._collection.entered(mine) - ranked.profile.docking_events
            changes.dropped = {(mine, docking_event_id) for docking_event_id in left}
            self._forget(mine)
            await self._add([ranked])
            for docking_event_id in sorted(ranked.profile.docking_events):
                await self._enter(ranked.profile, docking_event_id, changes)
        await self._recompute(stood_in - changes.lists.keys(), changes)
        await self._keep(changes)
        if mine in self._meanings.waiting:
            return  # It is ranked again in a moment, with its vector, and explained then.
        if ranked is not None and explain:
            await self._explainer.explain(ranked, changes)
        elif ranked is not None and len(self._collection) <= MOST_EXPLAINED_AHEAD:
            events = ranked.profile.docking_events
            self._explainer.ahead((mine, docking_event_id) for docking_event_id in events)

    async def _again(self, ranked: Ranked) -> None:
        """Rank a profile again that says the same, but of which more is known."""
        stood_in = await self._store.containing(ranked.profile.id)
        changes = Changes()
        for docking_event_id in sorted(ranked.profile.docking_events):
            await self._enter(ranked.profile, docking_event_id, changes)
        await self._recompute(stood_in - changes.lists.keys(), changes)
        await self._keep(changes)
        await self._explainer.explain(ranked, changes)

    async def _enter(self, profile: Profile, docking_event_id: UUID, changes: Changes) -> None:
        """Compute a profile's list, and put it into those of the others where it belongs."""
        wanted = self._filter(docking_event_id)
        placed = await asyncio.to_thread(self._index.place, profile, wanted, LENGTH)
        changes.lists[profile.id, docking_event_id] = self._varied(placed.list, wanted)
        keys = [(candidate.profile_id, docking_event_id) for candidate in placed.entering]
        stored = await self._store.lists_of(keys)
        for candidate, key in zip(placed.entering, keys, strict=True):
            places = [place for place in stored.get(key, ()) if place.profile_id != profile.id]
            insort(places, Candidate(profile.id, candidate.score), key=_order)
            changes.lists[key] = self._varied(places[:LENGTH], wanted)

    async def _recompute(self, keys: AbstractSet[ListKey], changes: Changes) -> None:
        """Compute lists anew from which a profile fell out."""
        owners = await self._store.profiles({owner for owner, _ in keys})
        for owner, docking_event_id in sorted(keys):
            ranked = owners.get(owner)
            if ranked is None or docking_event_id not in ranked.profile.docking_events:
                continue
            wanted = self._filter(docking_event_id)
            found = await asyncio.to_thread(self._index.search, ranked.profile, wanted, LENGTH)
            changes.lists[owner, docking_event_id] = self._varied(found, wanted)

    def _varied(self, places: Sequence[Candidate], wanted: Filter) -> list[Candidate]:
        return self._computation.varied(places, wanted)

    async def _keep(self, changes: Changes) -> None:
        await self._store.store(changes)
        self._note_ends(
            {
                key: places[-1] if len(places) >= LENGTH else None
                for key, places in changes.lists.items()
            }
        )

    def _note_ends(self, ends: Mapping[ListKey, Candidate | None]) -> None:
        by_event: dict[UUID, dict[UUID, Candidate | None]] = {}
        for (owner, docking_event_id), end in ends.items():
            by_event.setdefault(docking_event_id, {})[owner] = end
        for docking_event_id, some in by_event.items():
            self._index.note_ends(docking_event_id, some)

    # All at once --------------------------------------------------------------------------

    async def _many(self, queued: Sequence[Queued]) -> None:
        """Take in many changes; when no more come for a while, compute every list anew."""
        taken: dict[UUID, Queued] = {}
        ends = asyncio.get_running_loop().time() + LONGEST_SETTLING_S
        while news := [one for one in queued if taken.get(one.profile_id) != one]:
            for part in portions(news):
                await self._take_in(part)
            taken.update((one.profile_id, one) for one in news)
            if asyncio.get_running_loop().time() > ends:
                break
            await asyncio.sleep(SETTLING_S)
            queued = await self._store.queued(limit=MOST_QUEUED)
        await self._renew()
        for part in portions(list(taken.values())):
            gone = {one.profile_id for one in part if one.profile_id not in self._collection}
            await self._store.store(Changes(gone=gone, done=part))

    async def _take_in(self, part: Sequence[Queued]) -> None:
        found = await self._store.profiles([one.profile_id for one in part])
        gone = [one.profile_id for one in part if one.profile_id not in found]
        for one in gone:
            self._forget(one)
        await asyncio.to_thread(self._index.remove, gone)
        await self._add(list(found.values()))

    async def _renew(self) -> None:
        """Compute the statistics anew, and every list with them."""
        await asyncio.to_thread(self._index.refresh)
        await self._compute_all()

    async def _settle(self) -> bool:
        """Compute all lists as a restart would, once nothing has come for a while; say whether.

        So they do not depend on the order in which profiles came. Whatever comes meanwhile goes
        first, and it begins anew when that is done and quiet returns.
        """
        now = self._clock.now()
        expired = self._collection.expires(self._on, now.date())
        self._unsettled |= expired or self._index.statistics.changes > 0
        self._on = now.date()
        if self._meanings.waiting or now < self._quiet_from:
            return False
        self._stirred()
        self._unsettled |= await self._learn_leanings()
        if not self._unsettled:
            return False
        await asyncio.to_thread(self._index.refresh)
        # Lists of other statistics stand until they are computed anew, and end where they did.
        self._note_ends(await self._store.last_places())
        with suppress(Interrupted):
            await self._compute_all(settling=True)
        return True

    async def _learn_leanings(self) -> bool:
        """Look how willing organizations are to meet; say whether it is news."""
        found = await self._store.leanings()
        if found == self._leanings:
            return False
        for docking_event_id in found.keys() | self._leanings.keys():
            some = found.get(docking_event_id, {})
            values = {organization: one.value for organization, one in some.items()}
            self._index.note_leanings(docking_event_id, values)
        self._leanings = found
        return True

    async def _compute_all(self, *, settling: bool = False) -> None:
        docking_events = sorted(self._collection.docking_events)
        await self._store.drop_outside(docking_events)
        self._on = self._clock.now().date()
        await self._compute(docking_events, settling=settling)
        self._unsettled = False
        await self._store.keep_fingerprint(self._fingerprint())

    async def _compute(self, docking_events: Sequence[UUID], *, settling: bool = False) -> None:
        await self._store.keep_fingerprint(None)
        for docking_event_id in docking_events:
            wanted = self._filter(docking_event_id)
            count, changed = await self._computation.compute(
                docking_event_id, wanted, self._keep, settling=settling
            )
            if count <= MOST_EXPLAINED_AHEAD:
                self._explainer.ahead(changed)

    def _recipe(self) -> bytes:
        """Return by what lists and reasons are made: another one while texts wait."""
        return self._index.recipe + (b" in part" if self._meanings.waiting else b"")

    def _fingerprint(self) -> bytes:
        return self._collection.fingerprint(self._recipe(), self._on, self._weights, self._leanings)


def _order(candidate: Candidate) -> tuple[int, UUID]:
    return (-candidate.score, candidate.profile_id)
