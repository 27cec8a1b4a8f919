"""Finding the concepts of a glossary in texts: the longest terms win, endings do not matter.

Words are compared by their stems, as the ranking compares them, so a term is found in every case
and number; function words inside a term may differ. Chinese is looked through sign by sign.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from typing_extensions import override

from techdock_matching.domain.glossary.concept import LANGUAGES, Concept
from techdock_matching.domain.ranking.lexicon import Lexicon, Spot
from techdock_matching.domain.ranking.normal import normalised
from techdock_matching.domain.ranking.words import Words

CHINESE = "zh"
ARABIC = "ar"
_ARTICLE = re.compile("^(?:[\u0648\u0641]?(?:[\u0628\u0643]?\u0627\u0644|\u0644\u0644))(?=..)")
"""The article, with the conjunctions and prepositions that are written in one with it."""

_WIDEST_GAP = 12
"""Characters between two words of a term: room for `de la`, not for half a sentence."""

_BREAK = re.compile(r"[.!?;:؟؛\n]")


Token = tuple[int, int, str]
"""Where a word stands, and its stem."""


class _Stems:
    """The terms of one language with spaces, by their first stem."""

    def __init__(self, language: str, words: Words) -> None:
        self._words = words
        self._has_articles = language == ARABIC
        self._terms: dict[str, dict[tuple[str, ...], Concept]] = {}

    def add(self, term: str, concept: Concept) -> None:
        run = tuple(stem for _, _, stem in self._tokens(term))
        if run:
            # The first concept keeps a run of stems that two of them share.
            self._terms.setdefault(run[0], {}).setdefault(run, concept)

    def spot(self, text: str) -> list[Spot]:
        tokens = self._tokens(text)
        found: list[Spot] = []
        at = 0
        while at < len(tokens):
            last = at
            if (terms := self._terms.get(tokens[at][2])) is not None:
                run = self._longest(terms, tokens, at, text)
                if run:
                    concept, last = terms[run], at + len(run) - 1
                    start, end = tokens[at][0], tokens[last][1]
                    found.append(Spot(start, end, concept.id, concept.field))
            at = last + 1
        return found

    def _tokens(self, text: str) -> list[Token]:
        tokens = list(self._words.tokens(text))
        if not self._has_articles:
            return tokens
        bare = []
        for start, end, stem in tokens:
            word = normalised(text[start:end])
            shorter = _ARTICLE.sub("", word)
            # The stemmer leaves the article of a short word, because it might be a part of it.
            without = self._words.stem(shorter) if shorter != word else None
            bare.append((start, end, without or stem))
        return bare

    def _longest(
        self,
        terms: dict[tuple[str, ...], Concept],
        tokens: Sequence[Token],
        at: int,
        text: str,
    ) -> tuple[str, ...] | None:
        most = max(map(len, terms))
        last = at + 1
        while last < min(at + most, len(tokens)) and _near(text, tokens[last - 1], tokens[last]):
            last += 1
        for end in range(last, at, -1):
            run = tuple(stem for _, _, stem in tokens[at:end])
            if run in terms:
                return run
        return None


def _near(text: str, before: Token, after: Token) -> bool:
    between = text[before[1] : after[0]]
    return len(between) <= _WIDEST_GAP and not _BREAK.search(between)


class _Signs:
    """The terms of Chinese, by their first sign."""

    def __init__(self) -> None:
        self._terms: dict[str, Concept] = {}
        self._longest: dict[str, int] = {}

    def add(self, term: str, concept: Concept) -> None:
        key = normalised(term)
        self._terms.setdefault(key, concept)
        self._longest[key[0]] = max(self._longest.get(key[0], 0), len(key))

    def spot(self, text: str) -> list[Spot]:
        # Sign by sign, so that positions stay those of the text; a ligature is no part of a term.
        plain = "".join(each if len(each) == 1 else "\0" for each in map(normalised, text))
        found: list[Spot] = []
        at = 0
        while at < len(plain):
            length = self._longest.get(plain[at], 0)
            while length and plain[at : at + length] not in self._terms:
                length -= 1
            if length:
                concept = self._terms[plain[at : at + length]]
                found.append(Spot(at, at + length, concept.id, concept.field))
            at += max(length, 1)
        return found


class Spotter(Lexicon):
    """Finds the concepts of a glossary. For one thread at a time."""

    def __init__(self, concepts: Iterable[Concept], words: Callable[[str], Words] = Words) -> None:
        """Take the concepts; where two share a term, the first one keeps it.

        Args:
            words: Gives the words of a language; they may be shared with the ranking's.
        """
        digest = sha256()
        self._signs = _Signs()
        self._stems = {each: _Stems(each, words(each)) for each in LANGUAGES if each != CHINESE}
        for concept in concepts:
            digest.update(f"{concept}\n".encode())
            for language, terms in concept.terms.items():
                into = self._signs if language == CHINESE else self._stems[language]
                for term in terms:
                    into.add(term, concept)
        self._fingerprint = digest.digest()

    @property
    @override
    def fingerprint(self) -> bytes:
        return self._fingerprint

    @override
    def spot(self, text: str, language: str) -> Sequence[Spot]:
        if language == CHINESE:
            return self._signs.spot(text)
        stems = self._stems.get(language)
        return () if stems is None else stems.spot(text)
