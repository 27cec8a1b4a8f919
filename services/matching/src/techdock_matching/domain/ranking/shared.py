"""The words that two texts share, and the sentences in which they stand."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from techdock_matching.domain.ranking.match import Quote
from techdock_matching.domain.ranking.reading import Passage
from techdock_matching.domain.ranking.sentences import cut
from techdock_matching.domain.ranking.vectors import Floats
from techdock_matching.domain.ranking.words import Columns, column

Rarity = Callable[[Columns], Floats]

MOST_TERMS = 5
MOST_QUOTES = 2
_LONGEST_RUN = 6
_WIDEST_GAP = 2


@dataclass(frozen=True, slots=True)
class Shared:
    """What two texts in one language share.

    Attributes:
        terms: Words and runs of words as they stand in mine, the weightiest first.
        shares: Of all that is shared, thousandths, one for each term.
        quotes: Sentences of both sides around the first terms.
    """

    terms: tuple[str, ...]
    shares: tuple[int, ...]
    quotes: tuple[Quote, ...]


_Run = tuple[str, ...]


class _Side:
    """The passages of one side, of which only the shared words are looked at.

    Attributes:
        near: In each passage, stretches of shared words that stand side by side: their places.
    """

    def __init__(self, passages: Sequence[Passage], worth: Mapping[str, float]) -> None:
        self.passages = passages
        self.hits = [
            [place for place, stem in enumerate(passage.stems) if stem in worth]
            for passage in passages
        ]
        self.near = [
            _stretches(passage, hits) for passage, hits in zip(passages, self.hits, strict=True)
        ]
        self._worth = worth

    def runs(self) -> set[_Run]:
        """Return every run of neighbours among the shared words."""
        found: set[_Run] = set()
        for passage, stretches in zip(self.passages, self.near, strict=True):
            for begin, end in stretches:
                stems = passage.stems[begin:end]
                for first in range(len(stems)):
                    for last in range(first + 1, min(first + _LONGEST_RUN, len(stems)) + 1):
                        found.add(stems[first:last])
        return found

    def sentences(self) -> list[tuple[str, dict[str, int]]]:
        """Return each sentence with shared words, and where each of them stands first in it."""
        found: list[tuple[str, dict[str, int]]] = []
        for passage, hits in zip(self.passages, self.hits, strict=True):
            shared = iter(hits)
            place = next(shared, None)
            if place is None:
                continue
            for start, end in passage.sentences:
                at: dict[str, int] = {}
                while place is not None and passage.starts[place] < end:
                    at.setdefault(passage.stems[place], passage.starts[place] - start)
                    place = next(shared, None)
                if at:
                    found.append((passage.text[start:end], at))
                if place is None:
                    break
        return found


class Rarities:
    """How rare words are, each looked up once."""

    def __init__(self, rarity: Rarity) -> None:
        """Take the inverse document frequency of columns."""
        self.of_columns = rarity
        self._known: dict[str, float] = {}

    def of(self, stems: Sequence[str]) -> list[float]:
        """Return the inverse document frequency of stems."""
        known = self._known
        if missing := [stem for stem in stems if stem not in known]:
            found = self.of_columns(np.array([column(stem) for stem in missing], np.int32))
            known.update(zip(missing, found.tolist(), strict=True))
        return [known[stem] for stem in stems]


def shared_words(
    mine: Sequence[Passage], theirs: Sequence[Passage], language: str, rarities: Rarities
) -> Shared:
    """Return what two texts share: words that are rare elsewhere, and sentences around them.

    Args:
        mine: The passages of one side in the language.
        theirs: Those of the other.
        rarities: Of words in the language.
    """
    worth = _worth(_counts(mine), _counts(theirs), rarities)
    total = sum(worth.values())
    if not total:
        return Shared((), (), ())
    a, b = _Side(mine, worth), _Side(theirs, worth)
    runs = _best_runs(a, b.runs(), worth)
    terms = tuple(text for _, text, _ in runs)
    shares = tuple(round(1000 * value / total) for value, _, _ in runs)
    quotes = tuple(_quotes(a, b, [run for _, _, run in runs], worth, terms, language))
    return Shared(terms, shares, quotes)


def _counts(passages: Sequence[Passage]) -> Mapping[str, int]:
    if len(passages) == 1:
        return passages[0].counts
    found = Counter[str]()
    for passage in passages:
        found.update(passage.counts)
    return found


def _worth(
    mine: Mapping[str, int], theirs: Mapping[str, int], rarities: Rarities
) -> dict[str, float]:
    """Return what each shared stem adds to the product of the two vectors."""
    stems = sorted(mine.keys() & theirs.keys())
    return {
        stem: (1 + log(mine[stem])) * (1 + log(theirs[stem])) * rare**2
        for stem, rare in zip(stems, rarities.of(stems), strict=True)
        if rare > 0
    }


def _best_runs(
    side: _Side, known: set[_Run], worth: Mapping[str, float]
) -> list[tuple[float, str, _Run]]:
    """Return the weightiest shared runs of a side, each with its worth and its words."""
    spelt: dict[_Run, str] = {}
    for passage, stretches in zip(side.passages, side.near, strict=True):
        for begin, end in stretches:
            first = begin
            while first < end:
                last = first + 1
                most = min(first + _LONGEST_RUN, end)
                while last < most and passage.stems[first : last + 1] in known:
                    last += 1
                run = passage.stems[first:last]
                if run not in spelt:
                    spelt[run] = passage.text[passage.starts[first] : passage.ends[last - 1]]
                first = last
    ranked = sorted(spelt, key=lambda run: (-sum(worth[stem] for stem in set(run)), run))
    chosen: list[tuple[float, str, _Run]] = []
    told: set[str] = set()
    for run in ranked:
        fresh = set(run)
        if told.isdisjoint(fresh):
            chosen.append((sum(worth[stem] for stem in fresh), spelt[run], run))
            told |= fresh
        if len(chosen) == MOST_TERMS:
            break
    return chosen


def _quotes(
    a: _Side,
    b: _Side,
    runs: Sequence[_Run],
    worth: Mapping[str, float],
    terms: tuple[str, ...],
    language: str,
) -> Iterator[Quote]:
    told: set[tuple[str, str]] = set()
    sentences = a.sentences(), b.sentences()
    for run in runs:
        mine, theirs = (_best_sentence(side, run[0], worth) for side in sentences)
        if (mine, theirs) not in told and mine and theirs:
            told.add((mine, theirs))
            yield Quote(language, mine, theirs, tuple(t for t in terms if t in mine))
        if len(told) == MOST_QUOTES:
            return


def _best_sentence(
    sentences: Sequence[tuple[str, Mapping[str, int]]], stem: str, worth: Mapping[str, float]
) -> str:
    """Return the sentence with the stem that shares most, cut around it when it is long."""
    best, at_stem, value = "", 0, 0.0
    for sentence, at in sentences:
        if stem in at:
            worthy = sum(worth[other] for other in at)
            if worthy > value:
                best, at_stem, value = sentence, at[stem], worthy
    return cut(best, at_stem)


def _stretches(passage: Passage, hits: Sequence[int]) -> list[tuple[int, int]]:
    """Return where words at the given places stand side by side: the first, and after the last."""
    found: list[tuple[int, int]] = []
    begin = end = -1
    for place in hits:
        near = passage.starts[place] - passage.ends[place - 1] < _WIDEST_GAP if place else False
        if place != end or not near:
            if end > begin:
                found.append((begin, end))
            begin = place
        end = place + 1
    if end > begin:
        found.append((begin, end))
    return found
