"""Texts are embedded in turns of about a second, however slow the encoder is."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import cast
from uuid import UUID

import pytest
from support.embedding import LetterEncoder
from support.profiles import many
from techdock_matching.app.meanings import Meanings
from techdock_matching.app.ranking_store import Ranked, RankingStore
from techdock_matching.domain.ranking.meaning import Vectors
from typing_extensions import override


class Store:
    """Knows profiles, and keeps no vector."""

    def __init__(self, profiles: Mapping[UUID, Ranked]) -> None:
        self._profiles = profiles

    async def meanings(self, encoder: str, hashes: Collection[bytes]) -> Mapping[bytes, bytes]:
        return {}

    async def keep_meanings(self, encoder: str, vectors: Mapping[bytes, bytes]) -> None: ...

    async def profiles(self, ids: Collection[UUID]) -> Mapping[UUID, Ranked]:
        return {each: self._profiles[each] for each in ids}


class SlowEncoder(LetterEncoder):
    """Takes a time for each text, by a clock that it moves on."""

    def __init__(self, each_s: float) -> None:
        super().__init__()
        self._each_s = each_s
        self.now_s = 0.0

    @override
    def embed(self, texts: Sequence[str]) -> Vectors:
        self.now_s += self._each_s
        return super().embed(texts)


@pytest.mark.parametrize(
    ("each_s", "turns"), [(0.0, [4, 40, 15]), (0.5, [4, 2, 2]), (9.0, [4, 1, 1])]
)
async def test_a_slow_encoder_has_fewer_texts_at_once(
    each_s: float, turns: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles = {one.id: Ranked(one, 1) for one in many(60, 1)}
    encoder = SlowEncoder(each_s)
    keeping = Meanings(encoder, cast("RankingStore", Store(profiles)))
    await keeping.known([one.profile for one in profiles.values()])
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: encoder.now_s)
    assert [len(await keeping.embed()) for _ in turns] == turns
