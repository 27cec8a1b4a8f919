"""Figures of the whole collection beside PostgreSQL, and some of its profiles compared by them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncConnection

from techdock_matching.adapters import index_pgvector_tables as tables
from techdock_matching.adapters.index_counts import Rows
from techdock_matching.adapters.index_facts import Facts, Numbers
from techdock_matching.adapters.index_frequency import Frequency
from techdock_matching.adapters.index_held import Held
from techdock_matching.adapters.index_meaning import Block, MeaningSpace
from techdock_matching.adapters.index_segment import Segment
from techdock_matching.adapters.index_space import IndexSpace, Sizes
from techdock_matching.domain.ranking.meaning import Meaning
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.terms import Counts, Space
from techdock_matching.domain.ranking.vectors import SAMPLE

PROFILE = TypeAdapter(Profile)

_ELSEWHERE = -5
"""The row of those of a sample that were not brought."""


@dataclass
class Sampled:
    """How rare each term of a space is, and who stands for each side: vectors, and numbers."""

    frequency: Frequency = field(default_factory=Frequency)
    segments: dict[Kind, Segment] = field(default_factory=dict)
    numbers: dict[Kind, list[int]] = field(default_factory=dict)


@dataclass
class Figures:
    """What scores rest on, as it was at a refresh; who stands for a side in meaning likewise.

    Attributes:
        meanings: A space without profiles; None: there is no encoder.
    """

    sizes: Sizes
    meanings: MeaningSpace | None
    spaces: dict[Space, Sampled] = field(default_factory=dict)
    blocks: dict[Kind, Block] = field(default_factory=dict)
    numbers: dict[Kind, list[int]] = field(default_factory=dict)
    version: int = 0

    def __post_init__(self) -> None:
        if self.meanings is not None and not self.blocks:
            self.blocks = {kind: self.meanings.block_of([]) for kind in Kind}

    async def renewed(self, on: AsyncConnection) -> "Figures":
        """Return the figures of today."""
        found = Figures(self.sizes, self.meanings, version=self.version + 1)
        for space, count in (await on.execute(tables.LANGUAGES)).all():
            found.spaces[space] = await self._sampled(on, space, count)
        if self.meanings is None:
            return found
        for kind in Kind:
            asked = {"kind": kind.value, "most": SAMPLE}
            rows = (await on.execute(tables.MEANT_SAMPLE, asked)).all()
            found.blocks[kind] = self.meanings.block_of([meaning_of(row) for row in rows])
            found.numbers[kind] = [row.number for row in rows]
        return found

    async def _sampled(self, on: AsyncConnection, space: Space, count: int) -> Sampled:
        rows = (await on.execute(tables.FREQUENCY, {"space": space})).all()
        columns, frequency = np.array(rows, np.int64).reshape(-1, 2).T.astype(np.int32)
        found = Sampled(Frequency.counted(count, columns, frequency))
        empty = {kind: side.sample for kind, side in IndexSpace(space, self.sizes).sides.items()}
        alone = IndexSpace.standing_on(space, self.sizes, found.frequency, empty)
        for kind in Kind:
            asked = {"space": space, "kind": kind.value, "most": SAMPLE}
            sampled = (await on.execute(tables.SAMPLE, asked)).all()
            vectors = alone.weighed(tables.unpacked(row.counts) for row in sampled)
            found.numbers[kind] = [row.number for row in sampled]
            elsewhere = np.full(len(sampled), _ELSEWHERE, np.int32)
            found.segments[kind] = Segment(elsewhere, vectors)
        return found

    async def brought(self, on: AsyncConnection, ids: Collection[UUID]) -> Held:
        """Return some profiles, to be compared by these figures."""
        rows = (await on.execute(tables.PROFILES, {"ids": list(ids)})).all()
        said: dict[UUID, dict[Space, Counts]] = {row.id: {} for row in rows}
        for each in await on.execute(tables.TERMS, {"ids": list(said)}):
            said[each.profile_id][each.space] = tables.unpacked(each.counts)
        numbers = Numbers()
        held = Held({kind: Facts(numbers) for kind in Kind}, None, self.sizes, {}, {})
        held.version = self.version
        profiles = [PROFILE.validate_json(row.facts) for row in rows]
        at: dict[Kind, dict[int, int]] = {kind: {} for kind in Kind}
        for row, profile in zip(rows, profiles, strict=True):
            at[profile.kind][row.number] = len(at[profile.kind])
        for name, sampled in self.spaces.items():
            standing = {
                kind: segment.numbered(_rows_of(sampled.numbers[kind], at[kind]))
                for kind, segment in sampled.segments.items()
            }
            held.spaces[name] = IndexSpace.standing_on(
                name, self.sizes, sampled.frequency, standing
            )
        if self.meanings is not None:
            held.meanings = self.meanings.standing_on(self.blocks)
            for kind, known in self.numbers.items():
                rows_of = _rows_of(known, at[kind])
                held.meanings.mark_sampled(kind, rows_of[rows_of >= 0])
        held.add([(profile, said[profile.id]) for profile in profiles])
        held.add_meanings({row.id: meaning_of(row) for row in rows if row.codes is not None})
        return held


def meaning_of(row: Any) -> Meaning:
    """Return the vector of a row."""
    return Meaning(np.frombuffer(row.codes, np.int8), row.language, row.words)


def _rows_of(numbers: Sequence[int], at: Mapping[int, int]) -> Rows:
    return np.array([at.get(number, _ELSEWHERE) for number in numbers], np.int32)
