"""What an index holds: facts, vectors and figures of one version."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import numpy as np

from techdock_matching.adapters.index_counts import Rows, Starts
from techdock_matching.adapters.index_facts import Facts, Mask
from techdock_matching.adapters.index_meaning import MeaningSpace
from techdock_matching.adapters.index_space import IndexSpace, Sizes
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking.meaning import Meaning
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.terms import CODES, CONCEPTS, Counts, Space
from techdock_matching.domain.ranking.vectors import SAMPLE
from techdock_matching.domain.ranking.words import Columns

_MOST_OPEN = 8
"""So many answers to who is let in are kept until something changes."""

_DEAD_SHARE = 8
"""When one row in so many is forgotten, all are numbered anew."""


@dataclass(slots=True)
class Held:
    """The profiles, and the figures that their scores rest on.

    Attributes:
        row: Twice the row, one more for an offer.
        edits: Raised whenever any list might become another one.
    """

    facts: Mapping[Kind, Facts]
    meanings: MeaningSpace | None
    sizes: Sizes
    row: dict[UUID, int]
    spaces: dict[Space, IndexSpace]
    version: int = 0
    changes: int = 0
    edits: int = 0
    _open: dict[tuple[Kind, date, UUID | None], tuple[int, Mask]] = field(default_factory=dict)

    def add(self, read: Sequence[tuple[Profile, Mapping[Space, Counts]]]) -> None:
        """Take in profiles with what they say; one with a known id replaces the earlier."""
        fresh: dict[tuple[Space, Kind], dict[int, Counts]] = {}
        for profile, counted in read:
            self.forget(profile.id)
            row = self.facts[profile.kind].add(profile)
            self.row[profile.id] = 2 * row + (profile.kind is Kind.OFFER)
            for space, counts in counted.items():
                fresh.setdefault((space, profile.kind), {})[row] = counts
            self._changed()
        for (name, kind), rows in fresh.items():
            if name not in self.spaces:
                self.spaces[name] = IndexSpace(name, self.sizes)
            self.spaces[name].add(kind, rows)

    def add_meanings(self, meanings: Mapping[UUID, Meaning]) -> None:
        """Take in vectors of those that are known."""
        if self.meanings is None:
            return
        for kind in Kind:
            known = ((self.row_of(one, kind), meaning) for one, meaning in meanings.items())
            rows = {row: meaning for row, meaning in known if row >= 0}
            self.meanings.put(kind, rows)
            self._changed(len(rows))

    def forget(self, id: UUID) -> None:
        """Forget a profile; an unknown one is no error."""
        at = self.row.pop(id, None)
        if at is None:
            return
        row, kind = _place(at)
        self.facts[kind].remove(row)
        for space in self.spaces.values():
            space.remove(kind, row)
        if self.meanings is not None:
            self.meanings.remove(kind, row)
        self._changed()

    def row_of(self, id: UUID, kind: Kind) -> int:
        """Return the row of a profile of a side; -1 when it is not there."""
        at = self.row.get(id)
        if at is None:
            return -1
        row, side = _place(at)
        return row if side is kind else -1

    def counts(self, kind: Kind, rows: Iterable[int]) -> list[dict[Space, Counts]]:
        """Return what rows say in each space."""
        stores = {name: space.sides[kind].counts for name, space in self.spaces.items()}
        return [
            {name: counts for name, store in stores.items() if (counts := store.of(row))}
            for row in rows
        ]

    def texts(self) -> Iterator[tuple[list[UUID], Columns, Starts]]:
        """Yield the words of all texts of a side in a language, in the order of ids."""
        for name in sorted(self.spaces.keys() - {CODES, CONCEPTS}):
            for kind in Kind:
                ids, store = self.facts[kind].ids, self.spaces[name].sides[kind].counts
                rows = [row for _, row in sorted((ids[row], row) for row in store.rows.tolist())]
                columns, _, starts = store.gathered(np.array(rows, np.int32))
                yield [ids[row] for row in rows], columns, starts

    def eligible(self, kind: Kind, filter: Filter) -> Mask:
        """Return which rows of a side a filter lets in."""
        excluded = [self.row_of(one, kind) for one in filter.excluded]
        rows = [row for row in excluded if row >= 0]
        key = kind, filter.on, filter.docking_event_id
        known = self._open.get(key)
        if known is None or known[0] != self.edits:
            if len(self._open) >= _MOST_OPEN:
                self._open.clear()
            found = self.facts[kind].eligible(filter.on, filter.docking_event_id, ())
            known = self._open[key] = self.edits, found
        if not rows:
            return known[1]
        without = known[1].copy()
        without[rows] = False
        return without

    def settle(self) -> None:
        """Weigh what was added since somebody asked last."""
        for space in self.spaces.values():
            space.settle()

    def renewed(self) -> "Held":
        """Return the next version: all figures of today. This one stays usable as it is."""
        kept: Mapping[Kind, Rows] | None = None
        facts, row = self.facts, self.row
        if any(one.dead * _DEAD_SHARE > len(one) for one in facts.values()):
            kept = {kind: one.living() for kind, one in facts.items()}
            facts = {kind: one.kept(kept[kind]) for kind, one in facts.items()}
            row = {
                profile_id: 2 * at + (kind is Kind.OFFER)
                for kind, one in facts.items()
                for at, profile_id in enumerate(one.ids)
            }

        def sampled(kind: Kind, rows: Rows) -> Rows:
            """Return who stands for a side: by the hash of the id, so that all agree."""
            order = facts[kind].rows["sampling"][rows]
            return rows[np.argsort(order, kind="stable")[:SAMPLE]]

        spaces = {
            name: self.spaces[name].renewed(kept, sampled)
            for name in sorted(self.spaces)
            if any(len(side.counts) for side in self.spaces[name].sides.values())
        }
        meanings = None if self.meanings is None else self.meanings.renewed(kept, sampled)
        version, edits = self.version + 1, self.edits + 1
        return Held(facts, meanings, self.sizes, row, spaces, version, 0, edits)

    def _changed(self, count: int = 1) -> None:
        self.changes += count
        self.edits += count


def _place(at: int) -> tuple[int, Kind]:
    return at // 2, Kind.OFFER if at % 2 else Kind.NEED
