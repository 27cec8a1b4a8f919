"""The index of this process: its own inverted index, in numpy and scipy."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b, sha256
from threading import RLock
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from techdock_matching.adapters import encoders, index_pairs
from techdock_matching.adapters.index_ends import Ends
from techdock_matching.adapters.index_facts import Facts, Mask, Numbers, fitting, may_meet
from techdock_matching.adapters.index_lists import OUT, Lists, Scores, Tops, best
from techdock_matching.adapters.index_meaning import MeaningSpace
from techdock_matching.adapters.index_pairs import Counted
from techdock_matching.adapters.index_segment import Rows
from techdock_matching.adapters.index_space import IndexSpace
from techdock_matching.app.ports import Filter, Index, IndexStatistics, Placed
from techdock_matching.domain.ranking import reasons
from techdock_matching.domain.ranking.arms import NOTHING, Said, together
from techdock_matching.domain.ranking.lexicon import Lexicon
from techdock_matching.domain.ranking.match import Candidate, Explanation
from techdock_matching.domain.ranking.meaning import Embedder, Meaning
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.reading import Readings
from techdock_matching.domain.ranking.terms import CODES, CONCEPTS, MEANING, Counts, Space, Terms
from techdock_matching.domain.ranking.vectors import SAMPLE, Floats
from techdock_matching.domain.ranking.weights import Weights

METHOD = b"3"
"""Raised whenever texts are read, weighed or explained in another way."""

_BLOCK = 64
"""Profiles ranked at once: few enough for the caches, enough to share the work."""


class InProcessIndex(Index):
    """Keeps vectors and facts of all published profiles in memory.

    A profile that is added is found at once: its vectors make a segment of their own, and segments
    are joined as they grow. A lock lets several threads use it, one at a time.
    """

    def __init__(self, lexicon: Lexicon | None = None, embedder: Embedder | None = None) -> None:
        """Take what compares texts of different languages; without, words and codes alone do."""
        self._lock = RLock()
        self._terms = Terms(lexicon)
        self._readings = Readings(self._terms)
        self._embedder = embedder
        self._arms = encoders.arms()
        self._meanings = (
            None if embedder is None else MeaningSpace(embedder.dimension, encoders.usual(embedder))
        )
        numbers = Numbers()
        self._facts: Mapping[Kind, Facts] = {kind: Facts(numbers) for kind in Kind}
        self._row: dict[UUID, tuple[Kind, int]] = {}
        self._revisions: dict[UUID, int] = {}
        self._ends = Ends()
        self._spaces: dict[Space, IndexSpace] = {}
        self._version = 0
        self._changes = 0

    @property
    @override
    def statistics(self) -> IndexStatistics:
        with self._lock:
            languages = {
                name: sum(len(side.counts) for side in space.sides.values())
                for name, space in self._spaces.items()
                if name not in {CODES, CONCEPTS}
            }
            return IndexStatistics(self._version, len(self._row), self._changes, languages)

    @property
    @override
    def recipe(self) -> bytes:
        lexicon, embedder = self._terms.lexicon, self._embedder
        parts = [METHOD, str(self._arms.version).encode()]
        parts.append(b"" if lexicon is None else lexicon.fingerprint)
        parts.append(b"" if embedder is None else embedder.name.encode())
        return sha256(b"\x00".join(parts)).digest()

    @override
    def add(self, profiles: Sequence[Profile]) -> None:
        with self._lock:
            fresh: dict[tuple[Space, Kind], dict[int, Counts]] = {}
            for profile in {profile.id: profile for profile in profiles}.values():
                self._forget(profile.id)
                row = self._facts[profile.kind].add(profile)
                self._row[profile.id] = (profile.kind, row)
                self._revisions[profile.id] = profile.revision
                for space, counts in self._terms.of(profile).items():
                    fresh.setdefault((space, profile.kind), {})[row] = counts
                self._changes += 1
            for (name, kind), rows in fresh.items():
                self._space(name).add(kind, rows)

    @override
    def add_meanings(self, meanings: Mapping[UUID, Meaning]) -> None:
        with self._lock:
            if self._meanings is None:
                return
            for kind in Kind:
                known = ((self._row.get(one), meaning) for one, meaning in meanings.items())
                rows = {at[1]: meaning for at, meaning in known if at and at[0] is kind}
                self._meanings.put(kind, rows)
                self._changes += len(rows)

    @override
    def remove(self, ids: Iterable[UUID]) -> None:
        with self._lock:
            for profile_id in ids:
                self._changes += self._forget(profile_id)

    @override
    def refresh(self) -> None:
        with self._lock:
            renumbered = {kind: facts.compact() for kind, facts in self._facts.items()}
            self._row = {
                profile_id: (kind, row)
                for kind, facts in self._facts.items()
                for row, profile_id in enumerate(facts.ids)
            }
            for name in sorted(self._spaces):
                space = self._spaces[name]
                if not any(side.counts for side in space.sides.values()):
                    del self._spaces[name]
                    continue
                space.renumber(renumbered)
                space.refresh({kind: self._sample(space, kind) for kind in Kind})
            if self._meanings is not None:
                self._meanings.renumber(renumbered)
                self._meanings.refresh({kind: self._meant_sample(kind) for kind in Kind})
            self._ends.clear()
            self._version += 1
            self._changes = 0

    @override
    def search(self, profile: Profile, filter: Filter, limit: int) -> list[Candidate]:
        with self._lock:
            other = self._facts[profile.kind.other]
            return best(self._ranked(profile, filter), other.ids, limit)

    @override
    def place(self, profile: Profile, filter: Filter, limit: int) -> Placed:
        with self._lock:
            kind = profile.kind.other
            ids, scores = self._facts[kind].ids, self._ranked(profile, filter)
            enters = self._ends.entered(filter.docking_event_id, kind, scores, profile.id)
            entering = np.where(enters, scores, OUT)
            return Placed(best(scores, ids, limit), best(entering, ids, len(ids)))

    @override
    def note_ends(
        self, docking_event_id: UUID | None, ends: Mapping[UUID, Candidate | None]
    ) -> None:
        with self._lock:
            known = [(self._row[one], end) for one, end in ends.items() if one in self._row]
            for kind in Kind:
                rows = {row: end for (side, row), end in known if side is kind}
                self._ends.note(docking_event_id, kind, rows)

    @override
    def lists(
        self, filter: Filter, limit: int, progress: Callable[[float], None] | None = None
    ) -> Mapping[UUID, list[Candidate]]:
        with self._lock:
            masks = {kind: self._eligible(kind, filter) for kind in Kind}
            rows = {kind: np.flatnonzero(mask).astype(np.int32) for kind, mask in masks.items()}
            ids = {kind: [self._facts[kind].ids[row] for row in rows[kind]] for kind in Kind}
            places = {kind: _places(ids[kind]) for kind in Kind}
            tops = {kind: Tops(len(rows[kind]), limit) for kind in Kind}
            needs, offers = rows[Kind.NEED], rows[Kind.OFFER]
            for first in range(0, len(needs), _BLOCK):
                block = slice(first, min(first + _BLOCK, len(needs)))
                counts = self._counts(Kind.NEED, needs[block].tolist())
                facts = self._facts[Kind.NEED].rows[needs[block]]
                scores = self._scores(
                    Kind.NEED, needs[block], facts, counts, masks[Kind.OFFER], filter.weights
                )
                scores = scores[:, offers]
                tops[Kind.NEED].offer(scores, places[Kind.OFFER], block)
                tops[Kind.OFFER].offer(scores.T, places[Kind.NEED][block], slice(None))
                if progress is not None:
                    progress(block.stop / len(needs))
        lists = Lists()
        for kind in Kind:
            by_place = sorted(ids[kind.other])
            for profile_id, keys in zip(ids[kind], tops[kind].keys, strict=True):
                lists.put(profile_id, keys, by_place)
        return lists

    @override
    def explain(
        self, pairs: Sequence[tuple[Profile, Profile]], weights: Weights
    ) -> list[Explanation]:
        with self._lock:
            found = []
            for (mine, theirs), arms in zip(pairs, self._arms_of(pairs), strict=True):
                rarity = {name: self._spaces[name].rarity for name in arms}
                shares = self._shares(mine, theirs, weights, arms)
                found.append(reasons.explain(mine, theirs, weights, shares, rarity, self._readings))
            return found

    def _arms_of(self, pairs: Sequence[tuple[Profile, Profile]]) -> list[dict[Space, float]]:
        """Return the score of each pair in every space that it shares: the same from both sides."""
        for side in (0, 1):
            hubs = {pair[side].id: pair[side] for pair in pairs}
            if len(hubs) == 1:
                hub, others = pairs[0][side], [self._counted(pair[1 - side]) for pair in pairs]
                return index_pairs.arms(self._spaces, hub.kind, self._counted(hub), others)
        return [arms for pair in pairs for arms in self._arms_of([pair])]

    def _counted(self, profile: Profile) -> Counted:
        """Return what a profile says: as the index knows it, unless that is of another revision."""
        row = self._row_of(profile)
        if row >= 0 and self._revisions[profile.id] == profile.revision:
            return Counted(row, self._counts(profile.kind, [row])[0])
        return Counted(-1, self._terms.of(profile))

    def _shares(
        self, mine: Profile, theirs: Profile, weights: Weights, arms: Mapping[Space, float]
    ) -> dict[Space, float]:
        """Return what each arm adds to the score of a pair: parts of what they say together."""
        found = {name: float(np.arcsinh(score)) for name, score in arms.items()}
        meaning, beside = self._meaning_of(mine, theirs)
        if meaning == NOTHING:
            return found
        words = [score for name, score in arms.items() if name not in {CODES, CONCEPTS}]
        concepts = arms.get(CONCEPTS, NOTHING)
        said = Said(
            *(np.array([one]) for one in (max(words, default=NOTHING), concepts, meaning, beside))
        )
        topic = float(together(said, self._arms, weights)[0][0]) / weights.text
        if words:
            parts = {MEANING: beside * meaning}
            parts |= {name: arms[name] for name in arms if name not in {CODES, CONCEPTS}}
            whole = max(words) + parts[MEANING]
        else:
            parts = {MEANING: self._arms.apart * meaning}
            if CONCEPTS in arms:
                parts[CONCEPTS] = weights.concepts * self._arms.concepts * concepts
            whole = sum(parts.values())
        # asinh bends the sum: each part has its share of what it makes of the whole.
        bent = topic / whole if whole else 0.0
        return found | {name: part * bent for name, part in parts.items()}

    def _meaning_of(self, mine: Profile, theirs: Profile) -> tuple[float, float]:
        """Return the score of the meanings of two profiles, and its weight beside words."""
        if self._meanings is None:
            return NOTHING, 0.0
        rows = self._row_of(mine), self._row_of(theirs)
        a = self._meanings.of_rows(mine.kind, np.array([rows[0]], np.int32))
        b = self._meanings.of_rows(theirs.kind, np.array([rows[1]], np.int32))
        beside = self._arms.weight_beside(a.words, b.words)
        return self._meanings.similarity(a, b, mine.kind, rows), float(beside[0])

    def _row_of(self, profile: Profile) -> int:
        """Return the row of a profile; -1 when it is not in the index."""
        kind, row = self._row.get(profile.id, (profile.kind, -1))
        return row if kind is profile.kind else -1

    def _forget(self, id: UUID) -> int:
        if id not in self._row:
            return 0
        kind, row = self._row.pop(id)
        del self._revisions[id]
        self._facts[kind].remove(row)
        for space in self._spaces.values():
            space.remove(kind, row)
        if self._meanings is not None:
            self._meanings.remove(kind, row)
        return 1

    def _space(self, name: Space) -> IndexSpace:
        if name not in self._spaces:
            self._spaces[name] = IndexSpace(name)
        return self._spaces[name]

    def _sample(self, space: IndexSpace, kind: Kind) -> list[int]:
        """Return the rows that stand for a side: by the hash of the id, so that all agree."""
        ids = self._facts[kind].ids
        rows = sorted(space.sides[kind].counts, key=lambda row: sampling_order(ids[row]))
        return rows[:SAMPLE]

    def _meant_sample(self, kind: Kind) -> list[int]:
        if self._meanings is None:
            return []
        ids = self._facts[kind].ids
        known = sorted(self._meanings.known(kind), key=lambda row: sampling_order(ids[row]))
        return known[:SAMPLE]

    def _counts(self, kind: Kind, rows: Sequence[int]) -> list[dict[Space, Counts]]:
        return [
            {
                name: space.sides[kind].counts[row]
                for name, space in self._spaces.items()
                if row in space.sides[kind].counts
            }
            for row in rows
        ]

    def _eligible(self, kind: Kind, filter: Filter) -> Mask:
        known = (self._row[profile_id] for profile_id in filter.excluded & self._row.keys())
        excluded = [row for side, row in known if side is kind]
        return self._facts[kind].eligible(filter.on, filter.docking_event_id, excluded)

    def _ranked(self, profile: Profile, filter: Filter) -> Scores:
        """Return the scores of a profile with every row of the other side."""
        other = profile.kind.other
        entered = (
            filter.docking_event_id is None or filter.docking_event_id in profile.docking_events
        )
        if profile.valid_until < filter.on or not entered:
            return np.full(len(self._facts[other]), OUT)
        row = self._row_of(profile)
        eligible = self._eligible(other, filter)
        if row >= 0:
            facts, counts = self._facts[profile.kind].rows[[row]], self._counts(profile.kind, [row])
        else:
            alone = Facts(self._facts[other].numbers)
            alone.add(profile)
            facts, counts = alone.rows, [self._terms.of(profile)]
        rows = np.array([row], np.int32)
        scores: Scores = self._scores(profile.kind, rows, facts, counts, eligible, filter.weights)[
            0
        ]
        return scores

    def _scores(
        self,
        kind: Kind,
        rows: Rows,
        facts: npt.NDArray[Any],
        counts: Sequence[Mapping[Space, Counts]],
        eligible: Mask,
        weights: Weights,
    ) -> Scores:
        """Return the scores of some profiles (rows) with every row of the other side (columns).

        Args:
            rows: Where the profiles stand in the index; -1 for those that do not.
        """
        theirs = self._facts[kind.other].rows
        text = np.full((len(counts), len(theirs)), NOTHING)
        codes, concepts = text.copy(), text.copy()
        for name, space in self._spaces.items():
            own = [i for i, one in enumerate(counts) if name in one]
            if own:
                vectors = space.weighed(counts[i][name] for i in own)
                backdrop = space.backdrop(kind, vectors, rows[own])
                for others, scores in space.similar(kind, vectors, backdrop):
                    into = {CODES: codes, CONCEPTS: concepts}.get(name, text)
                    _put(into, own, others, scores)
        meaning, beside = self._meant(kind, rows, len(theirs))
        topic, said = together(Said(text, concepts, meaning, beside), self._arms, weights)
        codes = np.where(codes == NOTHING, 0.0, np.arcsinh(codes))
        share = np.where(said, weights.codes, weights.codes_alone)
        total: Scores = np.rint(1000.0 * (topic + share * codes)).astype(np.int32)
        need, offer = (facts[:, None], theirs[None, :])
        if kind is Kind.OFFER:
            need, offer = offer, need
        out = (total < weights.possible) | ~eligible[None, :] | ~may_meet(facts, theirs)
        total += fitting(need, offer, weights)
        total[out] = OUT
        return total

    def _meant(self, kind: Kind, rows: Rows, count: int) -> tuple[Floats, Floats]:
        """Return the scores of the meaning, and its weights beside words."""
        if self._meanings is None:
            return np.full((len(rows), count), NOTHING), np.zeros((1, 1))
        mine = self._meanings.of_rows(kind, rows)
        scores, theirs = self._meanings.scores(kind, mine, rows, count)
        return scores, self._arms.weight_beside(mine.words[:, None], theirs.words[None, :])


def sampling_order(id: UUID) -> bytes:
    """Return what the sample of a side is sorted by; its beginning is the sample."""
    return blake2b(id.bytes, digest_size=8).digest()


def _put(into: Floats, own: Sequence[int], rows: npt.NDArray[np.int32], scores: Floats) -> None:
    """Keep the best score of each pair: a pair of several languages has several."""
    if len(own) == len(into) and rows[-1] - rows[0] + 1 == len(rows) and (np.diff(rows) == 1).all():
        # Most profiles of one language stand side by side; then nothing needs to be gathered.
        block = into[:, rows[0] : rows[-1] + 1]
        np.maximum(block, scores, out=block)
        return
    where = np.ix_(np.array(own, np.int32), rows)
    into[where] = np.maximum(into[where], scores)


def _places(ids: Sequence[UUID]) -> npt.NDArray[np.int64]:
    """Return the place of each id in the order of ids."""
    places = np.zeros(len(ids), np.int64)
    places[sorted(range(len(ids)), key=lambda i: ids[i])] = np.arange(len(ids))
    return places
