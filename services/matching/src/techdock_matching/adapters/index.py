"""The index of this process: its own inverted index, in numpy and scipy."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from hashlib import sha256
from threading import Lock
from uuid import UUID

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from techdock_matching.adapters import encoders, index_pairs
from techdock_matching.adapters.index_counts import Rows
from techdock_matching.adapters.index_ends import Ends
from techdock_matching.adapters.index_facts import Facts, Mask, Numbers
from techdock_matching.adapters.index_held import Held
from techdock_matching.adapters.index_leanings import Leanings
from techdock_matching.adapters.index_lists import OUT, Lists, Scores, Tops, best
from techdock_matching.adapters.index_meaning import MeaningSpace
from techdock_matching.adapters.index_pairs import Counted
from techdock_matching.adapters.index_scores import Asked, scores
from techdock_matching.adapters.index_space import Sizes
from techdock_matching.adapters.index_turns import Turns
from techdock_matching.app.ports import Filter, Index, IndexStatistics, Placed
from techdock_matching.domain.ranking import reasons
from techdock_matching.domain.ranking.arms import NOTHING, Said, damped, together
from techdock_matching.domain.ranking.kin import families
from techdock_matching.domain.ranking.lexicon import Lexicon
from techdock_matching.domain.ranking.match import Candidate, Explanation
from techdock_matching.domain.ranking.meaning import Embedder, Meaning
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.reading import Readings
from techdock_matching.domain.ranking.shared import Rarities
from techdock_matching.domain.ranking.terms import CODES, CONCEPTS, MEANING, Space, Terms
from techdock_matching.domain.ranking.weights import Weights

METHOD = b"4"
"""Raised whenever texts are read, weighed or explained in another way."""

_BLOCK = 64
"""Profiles ranked at once: enough to share the work."""

_MOST_PAIRS = 1 << 19
"""Pairs looked at at once: few enough for the memory, some 100 bytes each."""

_FEW = 20
"""So many added profiles are weighed at once; more of them when somebody asks, or by `refresh`."""

_ATTEMPTS = 2
"""So often lists begin again because something changed; then changes wait until they are done."""


class InProcessIndex(Index):
    """Keeps vectors and facts of all published profiles in memory.

    A profile that is added is found at once: its vectors make a segment of their own, and segments
    are joined as they grow. Several threads may use it. Long work (`lists`, `refresh`) lets the
    questions of others in between; changes wait for a refresh.
    """

    def __init__(
        self,
        lexicon: Lexicon | None = None,
        embedder: Embedder | None = None,
        sizes: Sizes | None = None,
    ) -> None:
        """Take what compares texts of different languages; without, words and codes alone do."""
        self._reads = Lock()
        self._terms = Terms(lexicon)
        self._readings = Readings(self._terms)
        self._embedder = embedder
        self._arms = encoders.arms()
        meanings = (
            None if embedder is None else MeaningSpace(embedder.dimension, encoders.usual(embedder))
        )
        numbers = Numbers()
        facts = {kind: Facts(numbers) for kind in Kind}
        self._hold(Held(facts, meanings, sizes or Sizes(), {}, {}))

    @property
    def standing(self) -> Held:
        """What it holds."""
        return self._held

    def standing_on(self, held: Held) -> "InProcessIndex":
        """Return an index that reads and compares as this one does, but holds something else."""
        found = copy(self)
        found._hold(held)  # noqa: SLF001 - one of this very class
        return found

    def _hold(self, held: Held) -> None:
        self._turns, self._edits, self._ends, self._held = Turns(), Lock(), Ends(), held
        self._leanings = Leanings(held.facts[Kind.NEED].numbers)

    @property
    @override
    def statistics(self) -> IndexStatistics:
        with self._turns.one():
            held = self._held
            languages = {
                name: sum(len(side.counts) for side in space.sides.values())
                for name, space in held.spaces.items()
                if name not in {CODES, CONCEPTS}
            }
            return IndexStatistics(held.version, len(held.row), held.changes, languages)

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
        with self._edits:
            read = []
            for profile in {profile.id: profile for profile in profiles}.values():
                with self._reads:
                    read.append((profile, self._terms.of(profile)))
            with self._turns.one():
                self._held.add(read)
                if len(read) <= _FEW:
                    self._held.settle()

    @override
    def add_meanings(self, meanings: Mapping[UUID, Meaning]) -> None:
        with self._edits, self._turns.one():
            self._held.add_meanings(meanings)

    @override
    def remove(self, ids: Iterable[UUID]) -> None:
        with self._edits, self._turns.one():
            for profile_id in ids:
                self._held.forget(profile_id)

    @override
    def refresh(self) -> None:
        with self._edits:
            # Built beside the present one: whatever goes wrong on the way, that stays.
            renewed = self._held.renewed()
            with self._turns.one():
                self._held = renewed
                self._ends.clear()

    @override
    def search(self, profile: Profile, filter: Filter, limit: int) -> list[Candidate]:
        asked = self._asked(profile)
        with self._turns.one():
            ids = self._held.facts[profile.kind.other].ids
            return best(self._ranked(profile, asked, filter), ids, limit)

    @override
    def place(self, profile: Profile, filter: Filter, limit: int) -> Placed:
        asked = self._asked(profile)
        with self._turns.one():
            kind = profile.kind.other
            ids, found = self._held.facts[kind].ids, self._ranked(profile, asked, filter)
            enters = self._ends.entered(filter.docking_event_id, kind, found, profile.id)
            entering = np.where(enters, found, OUT)
            return Placed(best(found, ids, limit), best(entering, ids, len(ids)))

    @override
    def note_ends(
        self, docking_event_id: UUID | None, ends: Mapping[UUID, Candidate | None]
    ) -> None:
        with self._turns.one():
            for kind in Kind:
                known = ((self._held.row_of(one, kind), end) for one, end in ends.items())
                rows = {row: end for row, end in known if row >= 0}
                self._ends.note(docking_event_id, kind, rows)

    @override
    def note_leanings(self, docking_event_id: UUID, leanings: Mapping[UUID, int]) -> None:
        with self._edits, self._turns.one():
            self._leanings.note(docking_event_id, leanings)

    @override
    def alike(self) -> Mapping[UUID, UUID]:
        with self._turns.one():
            told = list(self._held.texts())
        found: dict[UUID, UUID] = {}
        for ids, columns, starts in told:
            firsts = families(columns, starts).tolist()
            several = {first for text, first in enumerate(firsts) if text != first}
            for text, first in enumerate(firsts):
                if first in several:
                    found.setdefault(ids[text], ids[first])
        return found

    @override
    def lists(
        self, filter: Filter, limit: int, progress: Callable[[float], None] | None = None
    ) -> Mapping[UUID, list[Candidate]]:
        for _ in range(_ATTEMPTS):
            if (found := self._listed(filter, limit, progress)) is not None:
                return found
        with self._edits:
            return self._listed(filter, limit, progress) or Lists()

    def _listed(
        self, filter: Filter, limit: int, progress: Callable[[float], None] | None
    ) -> Lists | None:
        """Return all lists; None when something changed meanwhile."""
        with self._turns.one():
            held, edits = self._held, self._held.edits
            masks = {kind: held.eligible(kind, filter) for kind in Kind}
        rows = {kind: np.flatnonzero(mask).astype(np.int32) for kind, mask in masks.items()}
        ids = {kind: [held.facts[kind].ids[row] for row in rows[kind]] for kind in Kind}
        places = {kind: _places(ids[kind]) for kind in Kind}
        tops = {kind: Tops(len(rows[kind]), limit) for kind in Kind}
        needs, offers = rows[Kind.NEED], rows[Kind.OFFER]
        step = max(1, min(_BLOCK, _MOST_PAIRS // max(1, len(masks[Kind.OFFER]))))
        for first in range(0, len(needs), step):
            block = slice(first, min(first + step, len(needs)))
            with self._turns.one():
                if self._held is not held or held.edits != edits:
                    return None
                asked = self._standing(Kind.NEED, needs[block])
                found = self._scores(asked, masks[Kind.OFFER], filter)[:, offers]
            tops[Kind.NEED].offer(found, places[Kind.OFFER], block)
            tops[Kind.OFFER].offer(found.T, places[Kind.NEED][block], slice(None))
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
        every = {profile.id: profile for pair in pairs for profile in pair}
        with self._turns.one():
            self._held.settle()
            counted = {profile_id: self._counted(profile) for profile_id, profile in every.items()}
            each = self._arms_of(pairs, counted)
            told = [
                (
                    self._shares(*pair, weights, arms),
                    {name: self._held.spaces[name] for name in arms},
                )
                for pair, arms in zip(pairs, each, strict=True)
            ]
        found = []
        rarities: dict[Space, Rarities] = {}
        for (mine, theirs), (shares, spaces) in zip(pairs, told, strict=True):
            for name in spaces.keys() - rarities.keys():
                rarities[name] = Rarities(spaces[name].rarity)
            with self._reads:
                found.append(
                    reasons.explain(mine, theirs, weights, shares, rarities, self._readings)
                )
        return found

    def _arms_of(
        self, pairs: Sequence[tuple[Profile, Profile]], counted: Mapping[UUID, Counted]
    ) -> list[dict[Space, float]]:
        """Return the score of each pair in every space that it shares: the same from both sides."""
        for side in (0, 1):
            hubs = {pair[side].id: pair[side] for pair in pairs}
            if len(hubs) == 1:
                hub, others = pairs[0][side], [counted[pair[1 - side].id] for pair in pairs]
                return index_pairs.arms(self._held.spaces, hub.kind, counted[hub.id], others)
        return [arms for pair in pairs for arms in self._arms_of([pair], counted)]

    def _shares(
        self, mine: Profile, theirs: Profile, weights: Weights, arms: Mapping[Space, float]
    ) -> dict[Space, float]:
        """Return what each arm adds to the score of a pair: parts of what they say together."""
        texts = arms.keys() - {CODES, CONCEPTS}
        told = {
            name: float(damped(np.array(score))) if name in texts else score
            for name, score in arms.items()
        }
        found = {name: float(np.arcsinh(score)) for name, score in told.items()}
        meaning, beside = self._meaning_of(mine, theirs)
        if meaning == NOTHING:
            return found
        words = [arms[name] for name in sorted(texts)]
        concepts = arms.get(CONCEPTS, NOTHING)
        said = Said(
            *(np.array([one]) for one in (max(words, default=NOTHING), concepts, meaning, beside))
        )
        topic = float(together(said, self._arms, weights)[0][0]) / weights.text
        if words:
            parts = {MEANING: beside * meaning} | {name: told[name] for name in sorted(texts)}
            whole = max(told[name] for name in texts) + parts[MEANING]
        else:
            parts = {MEANING: self._arms.apart * meaning}
            if CONCEPTS in arms:
                share = weights.concepts * self._arms.concepts
                parts[CONCEPTS] = share * float(damped(np.array(concepts)))
            whole = sum(parts.values())
        # asinh bends the sum: each part has its share of what it makes of the whole.
        bent = topic / whole if whole else 0.0
        return found | {name: part * bent for name, part in parts.items()}

    def _meaning_of(self, mine: Profile, theirs: Profile) -> tuple[float, float]:
        """Return the score of the meanings of two profiles, and its weight beside words."""
        held = self._held
        if held.meanings is None:
            return NOTHING, 0.0
        rows = self._row_of(mine), self._row_of(theirs)
        a = held.meanings.of_rows(mine.kind, np.array([rows[0]], np.int32))
        b = held.meanings.of_rows(theirs.kind, np.array([rows[1]], np.int32))
        beside = self._arms.weight_beside(a.words, b.words)
        return held.meanings.similarity(a, b, mine.kind, rows), float(beside[0])

    def _row_of(self, profile: Profile) -> int:
        """Return the row of a profile; -1 when it is not in the index."""
        return self._held.row_of(profile.id, profile.kind)

    def _counted(self, profile: Profile) -> Counted:
        """Return what a profile says: as the index knows it, unless that is of another revision."""
        row = self._row_of(profile)
        facts = self._held.facts[profile.kind].rows
        if row >= 0 and facts["revision"][row] == profile.revision:
            return Counted(row, self._held.counts(profile.kind, [row])[0])
        with self._reads:
            return Counted(-1, self._terms.of(profile))

    def _asked(self, profile: Profile) -> Asked | None:
        """Read a profile that is not in the index; None: it is, and stands there already."""
        if self._row_of(profile) >= 0:
            return None
        alone = Facts(self._held.facts[profile.kind].numbers)
        with self._reads:
            alone.add(profile)
            counts = [self._terms.of(profile)]
        return Asked(profile.kind, np.array([-1], np.int32), alone.rows, counts)

    def _standing(self, kind: Kind, rows: Rows) -> Asked:
        held = self._held
        return Asked(kind, rows, held.facts[kind].rows.of(rows), held.counts(kind, rows.tolist()))

    def _ranked(self, profile: Profile, asked: Asked | None, filter: Filter) -> Scores:
        """Return the scores of a profile with every row of the other side."""
        held, other = self._held, profile.kind.other
        event, row = filter.docking_event_id, self._row_of(profile)
        entered = event is None or event in profile.docking_events
        if profile.valid_until < filter.on or not entered or (row < 0 and asked is None):
            return np.full(len(held.facts[other]), OUT)
        if row >= 0 or asked is None:
            asked = self._standing(profile.kind, np.array([row], np.int32))
        found: Scores = self._scores(asked, held.eligible(other, filter), filter)[0]
        return found

    def _scores(self, asked: Asked, eligible: Mask, filter: Filter) -> Scores:
        held = self._held
        held.settle()
        found = scores(held, asked, eligible, self._arms, filter.weights)
        mine, theirs = asked.facts, held.facts[asked.kind.other].rows
        self._leanings.count(found, filter, mine["organization"], theirs["organization"])
        return found


def _places(ids: Sequence[UUID]) -> npt.NDArray[np.int64]:
    """Return the place of each id in the order of ids."""
    places = np.zeros(len(ids), np.int64)
    places[sorted(range(len(ids)), key=lambda i: ids[i])] = np.arange(len(ids))
    return places
