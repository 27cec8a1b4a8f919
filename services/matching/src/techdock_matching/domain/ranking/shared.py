"""The words that two texts share, and the sentences in which they stand."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple

import numpy as np

from techdock_matching.domain.ranking.match import Quote
from techdock_matching.domain.ranking.sentences import cut, sentences_of
from techdock_matching.domain.ranking.vectors import Floats
from techdock_matching.domain.ranking.words import Columns, Words, column

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


class _Token(NamedTuple):
    start: int
    end: int
    stem: str


_Run = tuple[str, ...]


class _Side:
    """The passages of one side, cut into tokens."""

    def __init__(self, passages: Sequence[str], words: Words) -> None:
        self.passages = passages
        self.tokens = [list(map(_Token._make, words.tokens(text))) for text in passages]
        self.counts = Counter(token.stem for passage in self.tokens for token in passage)

    def runs(self, stems: Collection[str]) -> set[_Run]:
        """Return every run of neighbours among the given stems."""
        found: set[_Run] = set()
        for passage in self.tokens:
            for first in range(len(passage)):
                for last in range(first + 1, min(first + _LONGEST_RUN, len(passage)) + 1):
                    near = _neighbours(passage, last - 1, first)
                    if not near or passage[last - 1].stem not in stems:
                        break
                    found.add(tuple(token.stem for token in passage[first:last]))
        return found

    def sentences(self, stems: Collection[str]) -> list[tuple[str, dict[str, int]]]:
        """Return each sentence, and where each of the given stems stands first in it."""
        found: list[tuple[str, dict[str, int]]] = []
        for text, tokens in zip(self.passages, self.tokens, strict=True):
            shared = iter([token for token in tokens if token.stem in stems])
            token = next(shared, None)
            for start, end in sentences_of(text):
                at: dict[str, int] = {}
                while token is not None and token.start < end:
                    at.setdefault(token.stem, token.start - start)
                    token = next(shared, None)
                if at:
                    found.append((text[start:end], at))
        return found


def shared_words(
    mine: Sequence[str], theirs: Sequence[str], language: str, words: Words, rarity: Rarity
) -> Shared:
    """Return what two texts share: words that are rare elsewhere, and sentences around them.

    Args:
        mine: The passages of one side in the language.
        theirs: Those of the other.
        rarity: Inverse document frequency of columns in the language.
    """
    a, b = _Side(mine, words), _Side(theirs, words)
    worth = _worth(a.counts, b.counts, rarity)
    total = sum(worth.values())
    if not total:
        return Shared((), (), ())
    runs = _best_runs(a, b.runs(worth), worth)
    terms = tuple(text for _, text, _ in runs)
    shares = tuple(round(1000 * value / total) for value, _, _ in runs)
    quotes = tuple(_quotes(a, b, [run for _, _, run in runs], worth, terms, language))
    return Shared(terms, shares, quotes)


def _worth(mine: Mapping[str, int], theirs: Mapping[str, int], rarity: Rarity) -> dict[str, float]:
    """Return what each shared stem adds to the product of the two vectors."""
    stems = sorted(mine.keys() & theirs.keys())
    if not stems:
        return {}
    rarities = rarity(np.array([column(stem) for stem in stems], np.int32))
    return {
        stem: (1 + log(mine[stem])) * (1 + log(theirs[stem])) * float(rare) ** 2
        for stem, rare in zip(stems, rarities, strict=True)
        if rare > 0
    }


def _best_runs(
    side: _Side, known: set[_Run], worth: Mapping[str, float]
) -> list[tuple[float, str, _Run]]:
    """Return the weightiest shared runs of a side, each with its worth and its words."""
    spelt: dict[_Run, str] = {}
    for text, tokens in zip(side.passages, side.tokens, strict=True):
        first = 0
        while first < len(tokens):
            last = first
            while last < len(tokens) and last < first + _LONGEST_RUN:
                run = tuple(token.stem for token in tokens[first : last + 1])
                near = _neighbours(tokens, last, first)
                if not near or run not in known or run[-1] not in worth:
                    break
                last += 1
            if last > first:
                run = tuple(token.stem for token in tokens[first:last])
                spelt.setdefault(run, text[tokens[first].start : tokens[last - 1].end])
            first = max(last, first + 1)
    ranked = sorted(spelt, key=lambda run: (-sum(worth[stem] for stem in set(run)), run))
    chosen: list[tuple[float, str, _Run]] = []
    told: set[str] = set()
    for run in ranked:
        fresh = set(run) - told
        if len(fresh) == len(set(run)):
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
    sentences = a.sentences(worth), b.sentences(worth)
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
    best, value = "", 0.0
    for sentence, at in sentences:
        if stem in at:
            worthy = sum(worth[other] for other in at)
            if worthy > value:
                best, value = cut(sentence, at[stem]), worthy
    return best


def _neighbours(tokens: Sequence[_Token], last: int, first: int) -> bool:
    return last == first or tokens[last].start - tokens[last - 1].end < _WIDEST_GAP
