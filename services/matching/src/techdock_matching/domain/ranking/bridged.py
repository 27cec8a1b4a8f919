"""The concepts that two texts in different languages both name, and the sentences around them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from techdock_matching.domain.ranking.lexicon import Lexicon
from techdock_matching.domain.ranking.match import Quote
from techdock_matching.domain.ranking.sentences import cut, sentences_of
from techdock_matching.domain.ranking.shared import MOST_QUOTES, MOST_TERMS, Rarity
from techdock_matching.domain.ranking.words import column

Passages = Mapping[str, Sequence[tuple[str, str]]]
"""Texts by language, each with the field that it comes from."""


@dataclass(frozen=True, slots=True)
class Bridged:
    """What two texts share across languages.

    Attributes:
        languages: The language of mine and that of theirs, from which the terms are taken.
        terms: Of the shared concepts, as they stand in mine, the weightiest concept first.
        terms_there: Of the same concepts, as they stand in theirs.
        shares: Of all that is shared, thousandths, one for each concept.
        quotes: Sentences of both sides around the first concepts.
    """

    languages: tuple[str, str]
    terms: tuple[str, ...]
    terms_there: tuple[str, ...]
    shares: tuple[int, ...]
    quotes: tuple[Quote, ...]

    def turned(self) -> "Bridged":
        """Return the same as the other side reads it."""
        return Bridged(
            (self.languages[1], self.languages[0]),
            self.terms_there,
            self.terms,
            self.shares,
            tuple(quote.turned() for quote in self.quotes),
        )


class _Side:
    """The texts of one side in the language in which most of the shared concepts are named."""

    def __init__(self, language: str, texts: Sequence[str], lexicon: Lexicon) -> None:
        self.language = language
        self.spots = [(text, lexicon.spot(text, language)) for text in texts]
        self.counts = Counter(spot.concept for _, spots in self.spots for spot in spots)

    def term(self, concept: str) -> str:
        """Return the first term of a concept, as it is written."""
        return next(
            text[spot.start : spot.end]
            for text, spots in self.spots
            for spot in spots
            if spot.concept == concept
        )

    def sentence(self, concept: str, worth: Mapping[str, float]) -> str:
        """Return the sentence around a concept that shares most."""
        best, value = "", 0.0
        for text, spots in self.spots:
            for start, end in sentences_of(text):
                inside = [s for s in spots if start <= s.start < end and s.concept in worth]
                around = next((s.start - start for s in inside if s.concept == concept), None)
                worthy = sum(worth[each] for each in {s.concept for s in inside})
                if around is not None and worthy > value:
                    best, value = cut(text[start:end], around), worthy
        return best


def bridged(mine: Passages, theirs: Passages, lexicon: Lexicon, rarity: Rarity) -> Bridged | None:
    """Return what two profiles share across languages; None when they name nothing in common.

    Args:
        rarity: Inverse document frequency of the columns of concepts.
    """
    sides = _sides(mine, lexicon), _sides(theirs, lexicon)
    every = [{concept for side in each for concept in side.counts} for each in sides]
    shared = every[0] & every[1]
    if not shared:
        return None
    a, b = (_naming_most(each, shared) for each in sides)
    names = sorted(shared & a.counts.keys() & b.counts.keys())
    worth = _worth(names, a.counts, b.counts, rarity)
    total = sum(worth.values())
    if not total:
        return None
    best = sorted(worth, key=lambda concept: (-worth[concept], concept))[:MOST_TERMS]
    return Bridged(
        (a.language, b.language),
        tuple(map(a.term, best)),
        tuple(map(b.term, best)),
        tuple(round(1000 * worth[concept] / total) for concept in best),
        tuple(_quotes(a, b, best, worth)),
    )


def _sides(passages: Passages, lexicon: Lexicon) -> list[_Side]:
    return [
        _Side(language, [text for _, text in texts], lexicon)
        for language, texts in sorted(passages.items())
    ]


def _naming_most(sides: Sequence[_Side], shared: set[str]) -> _Side:
    return max(sides, key=lambda side: len(shared & side.counts.keys()))


def _worth(
    names: Sequence[str], mine: Mapping[str, int], theirs: Mapping[str, int], rarity: Rarity
) -> dict[str, float]:
    if not names:
        return {}
    rarities = rarity(np.array([column(f"concept:{name}") for name in names], np.int32))
    return {
        name: (1 + log(mine[name])) * (1 + log(theirs[name])) * float(rare) ** 2
        for name, rare in zip(names, rarities, strict=True)
        if rare > 0
    }


def _quotes(a: _Side, b: _Side, best: Sequence[str], worth: Mapping[str, float]) -> Iterator[Quote]:
    told: set[tuple[str, str]] = set()
    for concept in best:
        mine, theirs = a.sentence(concept, worth), b.sentence(concept, worth)
        if mine and theirs and (mine, theirs) not in told:
            told.add((mine, theirs))
            terms = tuple(t for t in map(a.term, best) if t in mine)
            there = tuple(t for t in map(b.term, best) if t in theirs)
            yield Quote(a.language, mine, theirs, terms, b.language, there)
        if len(told) == MOST_QUOTES:
            return
