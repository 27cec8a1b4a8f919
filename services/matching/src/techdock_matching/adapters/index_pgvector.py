"""The index in PostgreSQL: for more profiles than the memory of one machine holds.

PostgreSQL keeps the profiles and chooses candidates: by sparse vectors of words, codes and
concepts, and by vectors of meaning. The candidates are brought here and compared with the code of
the index in memory, which therefore gives the same scores. Here stay only figures of the whole
collection: how rare each word is, and a sample of each side.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import date
from functools import partial
from hashlib import sha256
from threading import Lock, Thread
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from techdock_shared.sql.engine import open_engine
from typing_extensions import override

from techdock_matching.adapters import index_pgvector_tables as tables
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.adapters.index_facts import sampling_order
from techdock_matching.adapters.index_pgvector_figures import PROFILE, Figures
from techdock_matching.adapters.index_space import Sizes
from techdock_matching.app.ports import Filter, Index, IndexStatistics, Placed
from techdock_matching.domain.ranking.lexicon import Lexicon
from techdock_matching.domain.ranking.match import Candidate, Explanation
from techdock_matching.domain.ranking.meaning import Embedder, Meaning
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.terms import CODES, CONCEPTS, Terms
from techdock_matching.domain.ranking.weights import Weights

T = TypeVar("T")

MOST_BROUGHT = 50_000
"""The lists of so many profiles are computed together; those of more one by one."""

_MOST_LOOKED_AT = 20_000
_STATEMENT_S = 3_600.0
_CONNECTIONS = 2


class PgvectorIndex(Index):
    """Keeps profiles in PostgreSQL; see the module.

    Where it differs from the index in memory: of more profiles than `sizes.candidates` in reach
    only candidates are compared, so a profile that no arm puts in front is not found, and a
    newcomer enters the lists of candidates only; beyond `sizes.exact` vectors the nearest are
    found by a graph, which may miss some; of more than 50,000 profiles nobody looks for those that
    say the same.
    """

    def __init__(
        self,
        url: str,
        lexicon: Lexicon | None = None,
        embedder: Embedder | None = None,
        sizes: Sizes | None = None,
    ) -> None:
        """Open it; what is kept there of another recipe is thrown away.

        Args:
            url: `postgresql+asyncpg://user:password@host/name`, with the extension pgvector.

        Raises:
            Unavailable: The database does not answer.
        """
        self._reader = InProcessIndex(lexicon, embedder)
        self._terms, self._reads = Terms(lexicon), Lock()
        self._dimension = 0 if embedder is None else embedder.dimension
        self._sizes = sizes or Sizes(candidates=1_000)
        self._figures = Figures(self._sizes, self._reader.standing.meanings)
        self._ends: dict[UUID | None, dict[UUID, Candidate]] = {}
        self._leanings: dict[UUID, Mapping[UUID, int]] = {}
        self._changes = 0
        self._lock = Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="pgvector", daemon=True)
        self._thread.start()
        self._engine: AsyncEngine = open_engine(
            url, connections=_CONNECTIONS, statement_timeout_s=_STATEMENT_S
        )
        made_by = f"1 {self._dimension} ".encode() + self.recipe
        self._generation = self._do(lambda on: tables.prepare(on, made_by))

    def close(self) -> None:
        """Give the connections back."""
        asyncio.run_coroutine_threadsafe(self._engine.dispose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    @override
    def statistics(self) -> IndexStatistics:
        async def counted(on: AsyncConnection) -> tuple[int, dict[str, int]]:
            spaces = {row[0]: row[1] for row in await on.execute(tables.LANGUAGES)}
            return (await on.execute(tables.COUNT)).scalar_one(), spaces

        profiles, spaces = self._do(counted)
        languages = {name: n for name, n in spaces.items() if name not in {CODES, CONCEPTS}}
        return IndexStatistics(self._figures.version, profiles, self._changes, languages)

    @property
    @override
    def recipe(self) -> bytes:
        return self._reader.recipe

    @override
    def add(self, profiles: Sequence[Profile]) -> None:
        every = {profile.id: profile for profile in profiles}
        digests = {one.id: sha256(repr(one).encode()).digest() for one in every.values()}
        with self._lock:
            unchanged: set[UUID] = set()
            if self._figures.version == 0:
                # What is there from before a restart needs no reading again.
                unchanged = self._do(lambda on: self._seen(on, digests))
            fresh = [one for one in every.values() if one.id not in unchanged]
            with self._reads:
                rows = [self._row(one, digests[one.id]) for one in fresh]
            self._do(lambda on: self._add(on, rows))
            self._changes += len(every)

    async def _seen(self, on: AsyncConnection, digests: Mapping[UUID, bytes]) -> set[UUID]:
        known = await on.execute(tables.KNOWN, {"ids": list(digests)})
        same = {row.id for row in known if digests[row.id] == row.digest}
        await on.execute(tables.SEEN, {"ids": list(same), "generation": self._generation})
        return same

    def _row(self, one: Profile, digest: bytes) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        row = {
            "id": one.id,
            "kind": one.kind.value,
            "valid_until": one.valid_until,
            "docking_events": sorted(one.docking_events),
            "sampling": sampling_order(one.id).to_bytes(8),
            "facts": PROFILE.dump_json(_without_texts(one)).decode(),
            "digest": digest,
            "generation": self._generation,
        }
        said = tables.terms_of(self._terms.of(one))
        return row, [{"profile_id": one.id, **each} for each in said]

    async def _add(
        self, on: AsyncConnection, rows: Sequence[tuple[dict[str, Any], list[dict[str, Any]]]]
    ) -> None:
        if rows:
            await on.execute(tables.REMOVE, {"ids": [row["id"] for row, _ in rows]})
            await on.execute(tables.ADD_PROFILE, [row for row, _ in rows])
        if said := [each for _, some in rows for each in some]:
            await on.execute(tables.ADD_TERMS, said)

    @override
    def add_meanings(self, meanings: Mapping[UUID, Meaning]) -> None:
        rows = [
            {
                "id": one,
                "codes": meaning.codes.tobytes(),
                "language": meaning.language,
                "words": float(meaning.words),
                "meaning": f"[{','.join(map(str, meaning.codes.tolist()))}]",
            }
            for one, meaning in meanings.items()
            if meaning.codes.shape == (self._dimension,)
        ]
        if rows and self._dimension:
            with self._lock:
                self._do(lambda on: on.execute(tables.MEAN, rows))
                self._changes += len(rows)

    @override
    def remove(self, ids: Iterable[UUID]) -> None:
        gone = list(ids)
        with self._lock:
            removed = self._do(lambda on: on.execute(tables.REMOVE, {"ids": gone})).all()
            self._changes += len(removed)

    @override
    def refresh(self) -> None:
        with self._lock:
            self._figures = self._do(self._renewed)
            self._ends.clear()
            self._changes = 0

    async def _renewed(self, on: AsyncConnection) -> Figures:
        if self._figures.version == 0:
            # Nobody told of these since the start: they are no longer published.
            await on.execute(tables.SWEEP, {"generation": self._generation})
        if (await on.execute(tables.MEANT)).scalar_one() > self._sizes.exact:
            await tables.keep_graph(on, self._dimension)
        return await self._figures.renewed(on)

    @override
    def search(self, profile: Profile, filter: Filter, limit: int) -> list[Candidate]:
        return self._brought_for(profile, filter).search(profile, filter, limit)

    @override
    def place(self, profile: Profile, filter: Filter, limit: int) -> Placed:
        small = self._brought_for(profile, filter)
        ends, event = self._ends.get(filter.docking_event_id, {}), filter.docking_event_id
        known = {one: ends[one] for one in small.standing.row if one in ends}
        small.note_ends(event, known)
        return small.place(profile, filter, limit)

    @override
    def note_ends(
        self, docking_event_id: UUID | None, ends: Mapping[UUID, Candidate | None]
    ) -> None:
        with self._lock:
            known = self._ends.setdefault(docking_event_id, {})
            for one, end in ends.items():
                if end is None:
                    known.pop(one, None)
                else:
                    known[one] = end

    @override
    def lists(
        self, filter: Filter, limit: int, progress: Callable[[float], None] | None = None
    ) -> Mapping[UUID, list[Candidate]]:
        with self._lock:
            open_ = self._do(lambda on: self._let_in(on, filter, None))
            if len(open_) <= MOST_BROUGHT:
                small = self._do(lambda on: self._brought(on, open_))
                self._lean(small, filter)
                return small.lists(filter, limit, progress)
        found: dict[UUID, list[Candidate]] = {}
        for at, one in enumerate(sorted(open_), start=1):
            profile = self._do(partial(self._profile, id=one))
            if profile is not None:
                found[one] = self.search(profile, filter, limit)
            if progress is not None:
                progress(at / len(open_))
        return found

    @override
    def note_leanings(self, docking_event_id: UUID, leanings: Mapping[UUID, int]) -> None:
        self._leanings[docking_event_id] = dict(leanings)

    @override
    def alike(self) -> Mapping[UUID, UUID]:
        with self._lock:
            every = self._do(lambda on: self._let_in(on, Filter(date.min), None))
            if len(every) > MOST_BROUGHT:
                return {}
            small = self._do(lambda on: self._brought(on, every))
        return small.alike()

    @override
    def explain(
        self, pairs: Sequence[tuple[Profile, Profile]], weights: Weights
    ) -> list[Explanation]:
        every = {profile.id for pair in pairs for profile in pair}
        small = self._do(lambda on: self._brought(on, every))
        return small.explain(pairs, weights)

    # Bringing candidates ------------------------------------------------------------------

    def _brought_for(self, profile: Profile, filter: Filter) -> InProcessIndex:
        async def brought(on: AsyncConnection) -> InProcessIndex:
            most = self._sizes.candidates
            near = await self._let_in(on, filter, profile.kind.other, most + 1)
            if len(near) > most:
                near = await self._near(on, profile, filter)
            return await self._brought(on, {*near, profile.id})

        small = self._do(brought)
        self._lean(small, filter)
        return small

    def _lean(self, small: InProcessIndex, filter: Filter) -> None:
        event = filter.docking_event_id
        if event is not None and event in self._leanings:
            small.note_leanings(event, self._leanings[event])

    async def _let_in(
        self, on: AsyncConnection, filter: Filter, kind: Kind | None, most: int | None = None
    ) -> set[UUID]:
        found: set[UUID] = set()
        for each in Kind if kind is None else (kind,):
            asked = _asked(filter, each) | {"most": most}
            found |= {row.id for row in await on.execute(tables.ELIGIBLE, asked)}
        return found

    async def _near(self, on: AsyncConnection, profile: Profile, filter: Filter) -> set[UUID]:
        """Return those that any arm puts in front."""
        found: set[UUID] = set()
        most = self._sizes.candidates
        kept = (await on.execute(tables.TERMS, {"ids": [profile.id]})).all()
        counted = {row.space: tables.unpacked(row.counts) for row in kept}
        if not counted:
            with self._reads:
                counted = self._terms.of(profile)
        for space, counts in counted.items():
            sampled = self._figures.spaces.get(space)
            if sampled is None:
                continue
            rarity = sampled.frequency.rarity(counts.columns)
            often = counts.counts * rarity * rarity
            frequency = np.where(rarity > 0, sampled.frequency.of(counts.columns), 0)
            order = np.argsort(frequency, kind="stable")
            order = order[rarity[order] > 0]
            few = order[: max(8, int((np.cumsum(frequency[order]) <= _MOST_LOOKED_AT).sum()))]
            asked = _asked(filter, profile.kind.other) | {
                "space": space,
                "rare": counts.columns[few].tolist(),
                "asked": tables.sparse(counts.columns[rarity > 0], often[rarity > 0]),
                "most": most // 4 if space in {CODES, CONCEPTS} else most,
            }
            if few.size:
                found |= {row.id for row in await on.execute(tables.BY_WORDS, asked)}
        mine = (await on.execute(tables.PROFILES, {"ids": [profile.id]})).first()
        if mine is not None and mine.codes is not None:
            total = (await on.execute(tables.MEANT)).scalar_one()
            vector = np.frombuffer(mine.codes, np.int8).tolist()
            asked = _asked(filter, profile.kind.other) | {
                "asked": f"[{','.join(map(str, vector))}]",
                "most": most,
            }
            await on.execute(text("SET LOCAL hnsw.iterative_scan = relaxed_order"))
            nearest = tables.by_meaning(self._dimension, exact=total <= self._sizes.exact)
            found |= {row.id for row in await on.execute(nearest, asked)}
        return found

    async def _brought(self, on: AsyncConnection, ids: Collection[UUID]) -> InProcessIndex:
        """Return an index in memory of some profiles, on the figures of the whole collection."""
        return self._reader.standing_on(await self._figures.brought(on, ids))

    async def _profile(self, on: AsyncConnection, id: UUID) -> Profile | None:
        row = (await on.execute(tables.PROFILES, {"ids": [id]})).first()
        return None if row is None else PROFILE.validate_json(row.facts)

    def _do(self, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        """Do something in a transaction of its own, from whatever thread."""

        async def done() -> T:
            begun: AbstractAsyncContextManager[AsyncConnection] = self._engine.begin()
            async with begun as connection:
                return await work(connection)

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result()


def _without_texts(profile: Profile) -> Profile:
    return replace(profile, texts={}, technology_keywords=(), market_keywords=())


def _asked(filter: Filter, kind: Kind) -> dict[str, Any]:
    return {
        "kind": kind.value,
        "on": filter.on,
        "excluded": list(filter.excluded),
        "event": filter.docking_event_id,
    }
