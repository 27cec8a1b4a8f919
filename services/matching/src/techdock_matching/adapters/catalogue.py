"""The catalogue: every published profile, found by words, concepts, codes and facets at once.

Its own index beside the ranker's: that one compares needs with offers, this one answers people.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from threading import Lock
from uuid import UUID

import numpy as np
import numpy.typing as npt

from techdock_matching.adapters.catalogue_reading import CONCEPT, Reading
from techdock_matching.adapters.catalogue_shelf import CONCEPTS, LANGUAGES, Mask, Shelf
from techdock_matching.adapters.catalogue_units import Unit, Units, languages_for, units_of
from techdock_matching.app.asking import Draft, Found, Hit, Snippet, Wanted
from techdock_matching.domain.ranking import alike
from techdock_matching.domain.ranking.lexicon import Lexicon
from techdock_matching.domain.ranking.match import Quote
from techdock_matching.domain.ranking.normal import primary
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.searching import parse
from techdock_matching.domain.ranking.sentences import MOST_QUOTED_CHARACTERS, sentences_of

Scores = npt.NDArray[np.float64]

DOCKING_EVENT = "docking_event"
_MOST_TERMS = 40
_MOST_COMPARED = 100
_EXACT = 1_000
_WHOLE, _SHARE = 2, 0.6
"""A profile must have every word of a query of up to two, and six of ten words of a longer one."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What was looked for, to mark it in texts."""

    stems: frozenset[str]
    concepts: frozenset[str]


class Catalogue:
    """Safe to use from several threads; one is served after the other."""

    def __init__(self, lexicon: Lexicon) -> None:
        """Take what finds concepts; others may use it at the same time."""
        self._lock = Lock()
        self._shelf = Shelf()
        self._reading = Reading(self._shelf, lexicon)

    def __len__(self) -> int:
        """How many profiles there are."""
        return len(self._shelf)

    def add(self, profiles: Iterable[Profile]) -> None:
        """Make profiles findable at once; one with a known id replaces the earlier."""
        for profile in profiles:
            with self._lock:
                read = self._reading.read(profile)
                self._shelf.add(profile.id, read.impacts, read.sequence, read.facets)

    def remove(self, ids: Iterable[UUID]) -> None:
        """Forget profiles; unknown ids are no error."""
        with self._lock:
            for one in ids:
                self._shelf.remove(one)

    def entered(self, docking_events: Iterable[UUID]) -> frozenset[UUID]:
        """Return the profiles that are entered in any of some docking events."""
        with self._lock:
            rows = np.flatnonzero(self._reach(docking_events) & self._shelf.alive)
            return frozenset(self._shelf.id(int(row)) for row in rows)

    # Search -------------------------------------------------------------------------------

    def find(self, wanted: Wanted) -> tuple[Found, Sought]:
        """Search; the snippets of the hits are for `snippet`, which needs the texts."""
        query = parse(wanted.text)
        with self._lock:
            units = units_of(query, self._reading, self._shelf, typing=wanted.typing)
            if not units.units and query.text.strip():
                return Found((), 0, {}), Sought(frozenset(), frozenset())
            scores, having = self._score(units.units)
            matched, loose = self._matched(units.units, having)
            for phrase in query.phrases:
                matched &= self._phrase(phrase)
            within = self._shelf.alive & self._reach(wanted.reach)
            masks = {name: self._shelf.having(name, some) for name, some in wanted.filters.items()}
            found = matched & within
            if loose is not None and not self._all(found, masks).any():
                matched, is_loose = loose, True
                for phrase in query.phrases:
                    matched = matched & self._phrase(phrase)
                found = matched & within
            else:
                is_loose = False
            every = self._all(found, masks)
            whole = np.rint(scores * _EXACT).astype(np.int64)
            # More of the words is better than the same word more often.
            whole += having.astype(np.int64) * (_EXACT // 2)
            rows = self._shelf.best(every, whole, wanted.offset + wanted.limit)[wanted.offset :]
            hits = tuple(Hit(self._shelf.id(row), int(whole[row])) for row in rows)
            facets = self._facets(found, masks, wanted.reach)
            answer = Found(
                hits,
                int(np.count_nonzero(every)),
                facets,
                loose=is_loose and bool(hits),
                instead=units.instead,
                concepts=tuple(key.removeprefix(CONCEPT) for key in units.concepts),
            )
            return answer, self._sought(units)

    def _score(self, units: Sequence[Unit]) -> tuple[Scores, npt.NDArray[np.int32]]:
        """Return what each row has of the words, and how many of those it must have."""
        scores = np.zeros(self._shelf.size)
        having = np.zeros(self._shelf.size, np.int32)
        for unit in units:
            own = np.zeros(self._shelf.size)
            for term, weight in unit.terms.items():
                rows, impacts = self._shelf.postings(term)
                worth = weight * self._idf(term) / 100
                own[rows] = np.maximum(own[rows], worth * impacts)
            scores += own
            if not unit.optional:
                having += own > 0
        return scores, having

    def _idf(self, term: int) -> float:
        count = self._shelf.count(term)
        return log(1 + (len(self._shelf) - count + 0.5) / (count + 0.5))

    def _matched(
        self, units: Sequence[Unit], having: npt.NDArray[np.int32]
    ) -> tuple[Mask, Mask | None]:
        """Return the rows that have enough of the words; and those that have any, if fewer do."""
        needed = sum(not unit.optional for unit in units)
        least = needed if needed <= _WHOLE else int(np.ceil(needed * _SHARE))
        return having >= least, having > 0 if least > 1 else None

    def _phrase(self, phrase: str) -> Mask:
        """Return the rows in which words stand side by side, in whatever form."""
        mask = np.zeros(self._shelf.size, np.bool_)
        tried: set[tuple[int, ...]] = set()
        for language in languages_for(phrase, self._reading.languages):
            stems = [stem for _, _, stem in self._reading.words(language).tokens(phrase)]
            terms = [self._shelf.terms.get(stem) for stem in stems]
            known = tuple(term for term in terms if term is not None)
            if known and len(known) == len(terms) and known not in tried:
                tried.add(known)
                mask |= self._shelf.beside(known)
        return mask

    def _reach(self, docking_events: Iterable[UUID]) -> Mask:
        return self._shelf.having(DOCKING_EVENT, map(str, docking_events))

    @staticmethod
    def _all(mask: Mask, masks: Mapping[str, Mask]) -> Mask:
        for other in masks.values():
            mask = mask & other
        return mask

    def _facets(
        self, found: Mask, masks: Mapping[str, Mask], reach: Iterable[UUID]
    ) -> dict[str, dict[str, int]]:
        """Count what a further choice would leave; within a facet choices add to each other."""
        every = self._all(found, masks)
        facets: dict[str, dict[str, int]] = {}
        for name in sorted(self._shelf.facets):
            others = {other: mask for other, mask in masks.items() if other != name}
            mask = self._all(found, others) if name in masks else every
            facets[name] = dict(sorted(self._shelf.counts(name, mask)))
        readable = set(map(str, reach))
        events = facets.get(DOCKING_EVENT, {})
        facets[DOCKING_EVENT] = {one: count for one, count in events.items() if one in readable}
        return facets

    def _sought(self, units: Units) -> Sought:
        keys = self._shelf.keys
        every = {keys[term] for unit in units.units if not unit.optional for term in unit.terms}
        concepts = {key for key in every if key.startswith(CONCEPT)}
        return Sought(frozenset(every - concepts), frozenset(concepts))

    def snippet(self, profile: Profile, sought: Sought, language: str) -> Snippet | None:
        """Return the sentence with most of the sought words.

        Args:
            language: BCP 47 tag of the reader, whose own language comes first.
        """
        best: tuple[tuple[bool, int, int], Snippet] | None = None
        with self._lock:
            for name, text in profile.texts.items():
                if name == "title":
                    continue
                for tag, version in text.versions.items():
                    for start, end in sentences_of(version):
                        sentence = version[start:end].strip()
                        marks = self._marks(sentence, tag, sought)
                        rank = (primary(tag) == primary(language), len(marks), -len(sentence))
                        if marks and (best is None or rank > best[0]):
                            best = (rank, _cut(name, tag, sentence, marks))
        return None if best is None else best[1]

    def _marks(self, text: str, tag: str, sought: Sought) -> list[tuple[int, int]]:
        language = primary(tag)
        spans = [
            (start, end)
            for start, end, stem in self._reading.words(language).tokens(text)
            if stem in sought.stems
        ]
        if sought.concepts:
            named = self._reading.concepts(text, language)
            spans += [(start, end) for start, end, key in named if key in sought.concepts]
        merged: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    # More of the same ---------------------------------------------------------------------

    def like(
        self, id: UUID, kind: str, reach: frozenset[UUID], limit: int
    ) -> tuple[Hit, ...] | None:
        """Return the profiles of a kind that share most with one; None: it is not there."""
        with self._lock:
            row = self._shelf.row(id)
            if row is None:
                return None
            languages, concepts = self._taken_apart(row)
            words = _merged(languages.values())
            rows, scores = self._sharing({**words, **concepts}, kind, reach, limit + 1)
            others = [other for other in rows if other != row][:limit]
            return tuple(Hit(self._shelf.id(other), int(scores[other])) for other in others)

    def same(self, draft: Draft, limit: int) -> list[tuple[UUID, str, int]]:
        """Return the profiles that say what a draft says: id, likeness, score; likest first."""
        with self._lock:
            mine, concepts = self._drafted(draft)
            words = _merged(mine.values())
            rows, _ = self._sharing({**words, **concepts}, draft.kind, draft.reach, _MOST_COMPARED)
            found: list[tuple[int, UUID, str]] = []
            for row in rows:
                profile_id = self._shelf.id(row)
                if profile_id == draft.exclude:
                    continue
                likeness, score = self._likeness(mine, concepts, row)
                if likeness is not None:
                    found.append((-score, profile_id, likeness))
        order = {alike.SAME: 0, alike.CLOSE: 1}
        found.sort(key=lambda one: (order[one[2]], one[0], one[1]))
        return [(one, likeness, -score) for score, one, likeness in found[:limit]]

    def quotes(self, draft: Draft, profile: Profile) -> tuple[Quote, ...]:
        """Return the sentences of a draft and a profile that say the same."""
        with self._lock:
            mine = self._spoken(draft.texts)
            theirs = self._spoken({n: text.versions for n, text in profile.texts.items()})
            return alike.quotes(mine, theirs, self._spotted)

    def _spoken(self, texts: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str]]:
        parts = self._reading.passages(texts)
        return [(language, text) for language, some in parts.items() for _, text in some]

    def _spotted(self, text: str, language: str) -> list[tuple[str, str]]:
        words = self._reading.words(language).tokens(text)
        found = [(stem, text[start:end]) for start, end, stem in words]
        named = self._reading.concepts(text, language)
        return [*found, *((key, text[start:end]) for start, end, key in named)]

    def _drafted(self, draft: Draft) -> tuple[dict[str, dict[int, int]], dict[int, int]]:
        languages: dict[str, dict[int, int]] = {}
        concepts: dict[int, int] = {}
        known = self._shelf.terms
        unknown = -1
        for language, parts in self._reading.passages(draft.texts).items():
            counts = languages.setdefault(language, {})
            for _, text in parts:
                for _, _, stem in self._reading.words(language).tokens(text):
                    term = known.get(stem)
                    if term is None:
                        # Nobody has it: it tells the draft apart, and matches nothing.
                        term, unknown = unknown, unknown - 1
                    counts[term] = counts.get(term, 0) + 1
                for _, _, key in self._reading.concepts(text, language):
                    if (term := known.get(key)) is not None:
                        concepts[term] = concepts.get(term, 0) + 1
        return languages, concepts

    def _taken_apart(self, row: int) -> tuple[dict[int, dict[int, int]], dict[int, int]]:
        languages: dict[int, dict[int, int]] = {}
        concepts: dict[int, int] = {}
        into = concepts
        for term in self._shelf.sequence(row):
            if term >= 0:
                into[term] = into.get(term, 0) + 1
            elif term <= LANGUAGES:
                into = languages.setdefault(term, {})
            elif term == CONCEPTS:
                into = concepts
        return languages, concepts

    def _weighed(self, counts: Mapping[int, int]) -> dict[str, float]:
        keys, most = self._shelf.keys, log(1 + 2 * len(self._shelf))
        return {
            keys[term] if term >= 0 else f"{term}": (1 + log(count))
            * (self._idf(term) if term >= 0 else most)
            for term, count in counts.items()
        }

    def _sharing(
        self, counts: Mapping[int, int], kind: str, reach: frozenset[UUID], limit: int
    ) -> tuple[list[int], npt.NDArray[np.int64]]:
        """Return the rows of a kind that share most of the weight of some terms."""
        keys = self._shelf.keys
        weights = {
            term: (1 + log(count)) * self._idf(term) for term, count in counts.items() if term >= 0
        }
        told = sorted(weights, key=lambda term: (-weights[term], keys[term]))[:_MOST_TERMS]
        scores = np.zeros(self._shelf.size)
        for term in told:
            rows, impacts = self._shelf.postings(term)
            scores[rows] += weights[term] * (impacts / 100)
        mask = self._shelf.alive & self._reach(reach) & self._shelf.having("kind", (kind,))
        whole = np.rint(scores * _EXACT).astype(np.int64)
        return self._shelf.best(mask & (whole > 0), whole, limit), whole

    def _likeness(
        self, mine: Mapping[str, Mapping[int, int]], concepts: Mapping[int, int], row: int
    ) -> tuple[str | None, int]:
        theirs, named = self._taken_apart(row)
        words, count = 0.0, 0
        for own in mine.values():
            for other in theirs.values():
                found = alike.cosine(self._weighed(own), self._weighed(other))
                if found > words:
                    words, count = found, min(len(own), len(other))
        shared = alike.cosine(self._weighed(concepts), self._weighed(named))
        likeness = alike.likeness(words, count, shared, min(len(concepts), len(named)))
        return likeness, round(_EXACT * max(words, shared))


def _merged(counts: Iterable[Mapping[int, int]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for each in counts:
        for term, count in each.items():
            found[term] = max(found.get(term, 0), count)
    return found


def _cut(name: str, tag: str, sentence: str, marks: Sequence[tuple[int, int]]) -> Snippet:
    """Return as much of a sentence as is shown, around its first mark."""
    if len(sentence) <= MOST_QUOTED_CHARACTERS:
        return Snippet(name, tag, sentence, tuple(marks))
    start = max(0, min(marks[0][0] - 60, len(sentence) - MOST_QUOTED_CHARACTERS))
    end = start + MOST_QUOTED_CHARACTERS
    before, after = "…" if start else "", "…" if end < len(sentence) else ""
    shift = len(before) - start
    kept = tuple((s + shift, e + shift) for s, e in marks if s >= start and e <= end)
    return Snippet(name, tag, f"{before}{sentence[start:end]}{after}", kept)
