"""The ranking said plainly: every pair looked at, no inverted index. It defines what is right.

Shares with the index only what a text is taken to say (`domain/ranking/terms.py`) and the rules
of `hard.py` and `fit.py`; frequencies, weights, normals and scores are computed here anew.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import blake2b
from math import asinh, log, sqrt
from uuid import UUID

import numpy as np
from scipy.sparse import csr_array
from techdock_matching.adapters import encoders
from techdock_matching.adapters.index_meaning import Usual
from techdock_matching.domain.ranking import fit, hard
from techdock_matching.domain.ranking.arms import Arms
from techdock_matching.domain.ranking.lexicon import Lexicon
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.meaning import Meaning
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.terms import CODES, CONCEPTS, Counts, Terms
from techdock_matching.domain.ranking.weights import STANDARD, Weights

PAIRS_END = 1 << 20
UNIT = 16_384
SAMPLE = 256


class Twin:
    """Ranks profiles by statistics of a collection: the profiles that there were at a refresh."""

    def __init__(
        self,
        collection: Iterable[Profile],
        later: Iterable[Profile] = (),
        lexicon: Lexicon | None = None,
        meanings: Mapping[UUID, Meaning] | None = None,
    ) -> None:
        """Take the collection, profiles that came after the refresh, and vectors of any."""
        self._meanings = meanings or {}
        self._arms, self._usual = encoders.arms(), Usual({})
        self._terms = Terms(lexicon)
        at_refresh = list(collection)
        self.profiles = {profile.id: profile for profile in (*at_refresh, *later)}
        self._counts = {_key(p): self._terms.of(p) for p in self.profiles.values()}
        self._frequency: dict[str, Counter[int]] = {}
        self._size: Counter[str] = Counter()
        for profile in at_refresh:
            for space, counts in self._terms.of(profile).items():
                self._size[space] += 1
                self._frequency.setdefault(space, Counter()).update(counts.columns.tolist())
        self._sample = self._sampled(at_refresh)
        self._vectors: dict[tuple[UUID, int, str], dict[int, int]] = {}

    def ranked(
        self,
        profile: Profile,
        on: date,
        docking_event_id: UUID | None,
        limit: int = 20,
        weights: Weights = STANDARD,
        excluded: frozenset[UUID] = frozenset(),
    ) -> list[Candidate]:
        """Return the list of a profile."""
        found = []
        for other in self.profiles.values():
            allowed = hard.may_meet(profile, other, on, docking_event_id)
            if allowed and other.id not in excluded:
                topic = self.topic(profile, other, weights)
                if topic >= weights.possible:
                    found.append(Candidate(other.id, topic + _fit(profile, other, weights)))
        return sorted(found, key=lambda c: (-c.score, c.profile_id))[:limit]

    def topic(self, mine: Profile, theirs: Profile, weights: Weights = STANDARD) -> int:
        """Return what texts and codes say of a pair."""
        spaces = self._spaces(mine) & self._spaces(theirs)
        z = {space: self._two_sided(space, mine, theirs) for space in spaces}
        return _topic(z, weights, self._meant(mine, theirs), self._arms)

    def _meant(self, mine: Profile, theirs: Profile) -> tuple[float, float] | None:
        """Return the score of the meaning and its weight beside words, where both have one."""
        a, b = (self._meanings.get(profile.id) for profile in (mine, theirs))
        if a is None or b is None:
            return None
        need, offer = (mine, theirs) if mine.kind is Kind.NEED else (theirs, mine)
        share = 0.7 if a.language == b.language else 0.3
        score = self._stands_out(need, offer) + share * self._stands_out(offer, need)
        length = (log(max(a.words, 1)) + log(max(b.words, 1))) / 2
        beside = np.interp(length, np.log(self._arms.words), self._arms.beside)
        return score, float(beside)

    def _stands_out(self, profile: Profile, other: Profile) -> float:
        every = self._sample.get(("meaning", profile.kind.other), ())
        cosines = [self._near(profile, one) for one in every if one != other]
        mean = sum(cosines) / (len(cosines) + 8)
        off = sum((one - mean) ** 2 for one in cosines) + 8
        return (self._near(profile, other) - mean) / sqrt(off / (len(cosines) + 8))

    def _near(self, mine: Profile, theirs: Profile) -> float:
        a, b = self._meanings[mine.id], self._meanings[theirs.id]
        one, other = a.codes.astype(np.int64), b.codes.astype(np.int64)
        cosine = int(one @ other) / (sqrt(int(one @ one)) * sqrt(int(other @ other)))
        usual, deviation = self._usual.of(a.language, b.language)
        return (cosine - usual) / deviation

    def _spaces(self, profile: Profile) -> set[str]:
        return set(self._counts_of(profile))

    def _counts_of(self, profile: Profile) -> Mapping[str, Counts]:
        if _key(profile) not in self._counts:
            self._counts[_key(profile)] = self._terms.of(profile)
        return self._counts[_key(profile)]

    def _two_sided(self, space: str, mine: Profile, theirs: Profile) -> float:
        cosine = product(self._vector(space, mine), self._vector(space, theirs)) / UNIT**2
        need, offer = (mine, theirs) if mine.kind is Kind.NEED else (theirs, mine)
        share = 0.3 if space == CONCEPTS else 1.0
        return self._z(space, need, offer, cosine) + share * self._z(space, offer, need, cosine)

    def _z(self, space: str, profile: Profile, other: Profile, cosine: float) -> float:
        """Return by how much a cosine stands out from those with the sample of the other side."""
        sample = [p for p in self._sample.get((space, profile.kind.other), ()) if p != other]
        cosines = [
            product(self._vector(space, profile), self._vector(space, one)) / UNIT**2
            for one in sample
        ]
        expected, deviation = (0.05, 0.1) if space in (CODES, CONCEPTS) else (0.01, 0.01)
        mean = (sum(cosines) + 8 * expected) / (len(cosines) + 8)
        off = sum((one - mean) ** 2 for one in cosines) + 8 * deviation**2
        return (cosine - mean) / sqrt(off / (len(cosines) + 8))

    def _vector(self, space: str, profile: Profile) -> dict[int, int]:
        key = (*_key(profile), space)
        if key not in self._vectors:
            counts = self._counts_of(profile)[space]
            often = counts.counts / (4 if space == CONCEPTS else 1)
            raw = {
                column: round(count * 2.2 / (count + 1.2) * self._rarity(space, column) * 256)
                for column, count in zip(counts.columns.tolist(), often.tolist(), strict=True)
            }
            length = sqrt(max(1, sum(weight * weight for weight in raw.values())))
            self._vectors[key] = {c: round(weight * (UNIT / length)) for c, weight in raw.items()}
        return self._vectors[key]

    def _rarity(self, space: str, column: int) -> float:
        size, frequency = self._size[space], self._frequency.get(space, Counter())[column]
        if frequency > max(50, size // 5):
            return 0.0
        rarity = 1 + log((size + 1) / (frequency + 1))
        return rarity * 0.7 if column < PAIRS_END else rarity

    def _sampled(self, profiles: Sequence[Profile]) -> dict[tuple[str, Kind], list[Profile]]:
        def order(profile: Profile) -> bytes:
            return blake2b(profile.id.bytes, digest_size=8).digest()

        found: dict[tuple[str, Kind], list[Profile]] = {}
        for profile in sorted(profiles, key=order):
            meant = {"meaning"} if profile.id in self._meanings else set()
            for space in self._spaces(profile) | meant:
                some = found.setdefault((space, profile.kind), [])
                if len(some) < SAMPLE:
                    some.append(profile)
        return found


def _topic(
    z: Mapping[str, float],
    weights: Weights,
    meant: tuple[float, float] | None = None,
    arms: Arms | None = None,
) -> int:
    """Return what the two-sided scores of a pair say together."""
    texts = [value for space, value in z.items() if space not in (CODES, CONCEPTS)]
    if texts and meant is not None:
        text, share = asinh(10 * asinh(max(texts) / 10) + meant[1] * meant[0]), weights.codes
    elif texts:
        text, share = asinh(10 * asinh(max(texts) / 10)), weights.codes
    elif meant is not None and arms is not None:
        concepts = weights.concepts * arms.concepts * 10 * asinh(z.get(CONCEPTS, 0.0) / 10)
        text, share = asinh(arms.apart * meant[0] + concepts), weights.codes
    elif CONCEPTS in z:
        text, share = weights.concepts * asinh(z[CONCEPTS]), weights.codes
    else:
        text, share = 0.0, weights.codes_alone
    return round(1000.0 * (weights.text * text + share * asinh(z.get(CODES, 0.0))))


class WideTwin(Twin):
    """The same for tens of thousands of profiles: plain matrix products in place of loops."""

    def __init__(self, collection: Iterable[Profile], lexicon: Lexicon | None = None) -> None:
        super().__init__(collection, lexicon=lexicon)
        self._laid: dict[tuple[str, Kind], tuple[list[Profile], csr_array]] = {}
        self._sums: dict[tuple[str, Kind], np.ndarray] = {}
        self._sampled_rows: dict[tuple[str, Kind], np.ndarray] = {}
        for space in sorted(self._size):
            columns = {column: i for i, column in enumerate(sorted(self._frequency[space]))}
            for kind in Kind:
                self._lay(space, kind, columns)
            for kind in Kind:
                self._normalise(space, kind)

    def ranked(
        self,
        profile: Profile,
        on: date,
        docking_event_id: UUID | None,
        limit: int = 20,
        weights: Weights = STANDARD,
        excluded: frozenset[UUID] = frozenset(),
    ) -> list[Candidate]:
        spaces = [space for space in self._spaces(profile) if (space, profile.kind) in self._laid]
        z: dict[UUID, dict[str, float]] = {}
        for space in spaces:
            for other, value in zip(*self._similar(space, profile), strict=True):
                z.setdefault(other.id, {})[space] = value
        found = []
        for other_id, values in z.items():
            other = self.profiles[other_id]
            topic = _topic(values, weights)
            allowed = hard.may_meet(profile, other, on, docking_event_id)
            if topic >= weights.possible and allowed and other_id not in excluded:
                found.append(Candidate(other_id, topic + _fit(profile, other, weights)))
        return sorted(found, key=lambda c: (-c.score, c.profile_id))[:limit]

    def _lay(self, space: str, kind: Kind, columns: Mapping[int, int]) -> None:
        some = [p for p in self.profiles.values() if p.kind is kind and space in self._spaces(p)]
        starts, indices, weights = [0], [], []
        for profile in some:
            vector = self._vector(space, profile)
            indices.extend(columns[column] for column in vector)
            weights.extend(vector.values())
            starts.append(len(indices))
            del self._vectors[*_key(profile), space]
        shape = (len(some), len(columns))
        matrix = csr_array((np.array(weights, np.int64), indices, starts), shape=shape)
        self._laid[space, kind] = (some, matrix)

    def _normalise(self, space: str, kind: Kind) -> None:
        _, matrix = self._laid[space, kind]
        others, other_matrix = self._laid[space, kind.other]
        sampled = {profile.id for profile in self._sample.get((space, kind.other), ())}
        rows = [i for i, profile in enumerate(others) if profile.id in sampled]
        self._sampled_rows[space, kind.other] = np.isin(np.arange(len(others)), rows)
        cosines = (matrix @ other_matrix[rows].T).toarray() / UNIT**2
        self._sums[space, kind] = np.stack((cosines.sum(axis=1), (cosines**2).sum(axis=1)))

    def _similar(self, space: str, profile: Profile) -> tuple[list[Profile], list[float]]:
        kind = profile.kind
        own, matrix = self._laid[space, kind]
        row = own.index(profile)
        others, other_matrix = self._laid[space, kind.other]
        cosines = (other_matrix @ matrix[[row]].toarray()[0]) / UNIT**2
        sampled = {side: self._sampled_rows[space, side] for side in Kind}
        mine = self._spread(space, self._sums[space, kind][:, [row]], cosines, sampled[kind.other])
        inside = sampled[kind][[row]]
        theirs = self._spread(space, self._sums[space, kind.other], cosines, inside, sampled[kind])
        shares = {kind: 1.0, kind.other: 1.0}
        if space == CONCEPTS:
            shares[Kind.OFFER] = 0.3
        z = sum(
            shares[side] * (cosines - mean) / deviation
            for side, (mean, deviation) in ((kind, mine), (kind.other, theirs))
        )
        return others, z.tolist()

    def _spread(
        self,
        space: str,
        sums: np.ndarray,
        cosines: np.ndarray,
        inside: np.ndarray,
        sample: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and deviation without the pair itself; `sample` is whose count it is."""
        count = (inside if sample is None else sample).sum() - inside
        left = sums[0] - inside * cosines, sums[1] - inside * cosines**2
        expected, deviation = (0.05, 0.1) if space in (CODES, CONCEPTS) else (0.01, 0.01)
        mean = (left[0] + 8 * expected) / (count + 8)
        off = left[1] - 2 * mean * left[0] + count * mean**2
        return mean, np.sqrt((np.maximum(off, 0) + 8 * deviation**2) / (count + 8))


def _key(profile: Profile) -> tuple[UUID, int]:
    return profile.id, profile.revision


def _fit(mine: Profile, theirs: Profile, weights: Weights) -> int:
    need, offer = (mine, theirs) if mine.kind is Kind.NEED else (theirs, mine)
    return fit.total(need, offer, weights)


def product(a: Mapping[int, int], b: Mapping[int, int]) -> int:
    """Return the product of two vectors."""
    if len(a) > len(b):
        a, b = b, a
    return sum(weight * b[column] for column, weight in a.items() if column in b)
