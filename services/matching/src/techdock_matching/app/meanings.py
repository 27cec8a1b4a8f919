"""Keeps the vectors of published texts: what is known is looked up, the rest is embedded later."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import numpy as np

from techdock_matching.app.ranking_store import RankingStore
from techdock_matching.domain.ranking import meaning
from techdock_matching.domain.ranking.meaning import Embedder, Meaning, Pieces
from techdock_matching.domain.ranking.profile import Profile

PORTION = 40
"""Most profiles that are embedded before anything else has its turn."""

FIRST = 4
"""So many the first time, when it is not known yet how long they take."""

TURN_S = 1.0
"""So long it may take, about: a slow encoder has fewer at once."""


class Meanings:
    """The vectors of one encoder; without an encoder there are none, and nothing waits.

    A text is embedded once: vectors are kept by the hash of what the encoder reads. So an import
    that is broken off goes on where it was, and a profile that is published again costs nothing.
    """

    def __init__(self, embedder: Embedder | None, store: RankingStore) -> None:
        self._embedder = embedder
        self._store = store
        self._waiting: dict[UUID, None] = {}
        self._portion = FIRST

    @property
    def waiting(self) -> Collection[UUID]:
        """Profiles that have no vector yet, first come first."""
        return self._waiting.keys()

    def forget(self, id: UUID) -> None:
        """Embed a profile no more."""
        self._waiting.pop(id, None)

    async def known(self, profiles: Sequence[Profile]) -> Mapping[UUID, Meaning]:
        """Return the vectors that are kept already; the other profiles wait."""
        if self._embedder is None:
            return {}
        pieces = await asyncio.to_thread(_pieces, profiles)
        kept = await self._store.meanings(
            self._embedder.name, {one.content_hash() for one in pieces.values()}
        )
        found: dict[UUID, Meaning] = {}
        for profile in profiles:
            self._waiting.pop(profile.id, None)
            one = pieces.get(profile.id)
            if one is None:
                continue
            codes = kept.get(one.content_hash())
            if codes is None or len(codes) != self._embedder.dimension:
                self._waiting[profile.id] = None
            else:
                found[profile.id] = Meaning(np.frombuffer(codes, np.int8), one.language, one.words)
        return found

    async def embed(self) -> Mapping[UUID, Meaning]:
        """Embed some of those that wait, keep their vectors and return them."""
        if self._embedder is None or not self._waiting:
            return {}
        some = list(self._waiting)[: self._portion]
        ranked = await self._store.profiles(some)
        pieces = await asyncio.to_thread(_pieces, [one.profile for one in ranked.values()])
        now = asyncio.get_running_loop().time
        begun = now()
        # A text that several publish was perhaps embedded a moment ago.
        kept = await self._store.meanings(
            self._embedder.name, {one.content_hash() for one in pieces.values()}
        )
        found = await asyncio.to_thread(_embedded, pieces, kept, self._embedder)
        each_s = (now() - begun) / len(some)
        self._portion = max(1, min(PORTION, round(TURN_S / max(each_s, 1e-6))))
        await self._store.keep_meanings(
            self._embedder.name,
            {pieces[one].content_hash(): meant.codes.tobytes() for one, meant in found.items()},
        )
        for one in some:
            self._waiting.pop(one, None)
        return found


def _pieces(profiles: Sequence[Profile]) -> dict[UUID, Pieces]:
    read = ((profile.id, meaning.pieces_of(profile)) for profile in profiles)
    return {one: pieces for one, pieces in read if pieces is not None}


def _embedded(
    pieces: Mapping[UUID, Pieces], kept: Mapping[bytes, bytes], embedder: Embedder
) -> dict[UUID, Meaning]:
    known = {
        key: np.frombuffer(codes, np.int8)
        for key, codes in kept.items()
        if len(codes) == embedder.dimension
    }
    unique = {one.content_hash(): one for one in pieces.values()}
    fresh = {key: meaning.meaning(one, embedder) for key, one in unique.items() if key not in known}
    every = known | fresh
    return {
        profile_id: Meaning(every[one.content_hash()], one.language, one.words)
        for profile_id, one in pieces.items()
    }
