"""Finding the concepts of a glossary in texts: the longest terms win, endings do not matter.

Words are compared by their stems, as the ranking compares them, so a term is found in every case
and number; function words inside a term may differ. Chinese is looked through sign by sign.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from threading import Lock
from typing import Any

from typing_extensions import override

from techdock_matching.domain.glossary.concept import LANGUAGES, Concept
from techdock_matching.domain.ranking.lexicon import Lexicon, Spot
from techdock_matching.domain.ranking.normal import normalised
from techdock_matching.domain.ranking.words import UNSPACED, Words

CHINESE = "zh"
ARABIC = "ar"
_ARTICLE = re.compile("^(?:[\u0648\u0641]?(?:[\u0628\u0643]?\u0627\u0644|\u0644\u0644))(?=..)")
"""The article, with the conjunctions and prepositions that are written in one with it."""

_WIDEST_GAP = 12
"""Characters between two words of a term: room for `de la`, not for half a sentence."""

_MOST_KEPT = 1_000

_BREAK = re.compile(r"[.!?;:؟؛\n]")


def without_article(word: str) -> str:
    """Return an Arabic word, normalised, without its article and what is written in one with it."""
    return _ARTICLE.sub("", word)


Token = tuple[int, int, str]
"""Where a word stands, and its stem."""


class _Stems:
    """The terms of one language with spaces, by their first stem and their second."""

    def __init__(self, language: str, words: Words) -> None:
        self._words = words
        self._has_articles = language == ARABIC
        self._terms: dict[str, dict[str | None, dict[tuple[str, ...], Concept]]] = {}

    def add(self, term: str, concept: Concept) -> None:
        run = tuple(stem for _, _, stem in self._tokens(term))
        if run:
            second = run[1] if len(run) > 1 else None
            # The first concept keeps a run of stems that two of them share.
            self._terms.setdefault(run[0], {}).setdefault(second, {}).setdefault(run, concept)

    def spot(self, text: str) -> list[Spot]:
        if self._has_articles or UNSPACED.search(text):
            tokens = self._tokens(text)
            return self._found(text, [stem for _, _, stem in tokens], lambda: tokens)
        every = self._words.stems(text)

        def tokens_again() -> list[tuple[int, ...]]:
            # Where words stand is asked for only once some of them are the stems of a term.
            spans = self._words.spans(text)
            return [span for span, stem in zip(spans, every, strict=True) if stem is not None]

        return self._found(text, [stem for stem in every if stem is not None], tokens_again)

    def _found(
        self, text: str, stems: list[str], tokens_of: Callable[[], Sequence[tuple[Any, ...]]]
    ) -> list[Spot]:
        found: list[Spot] = []
        tokens: Sequence[tuple[Any, ...]] = ()
        after = 0
        first = self._terms
        for at in [at for at, stem in enumerate(stems) if stem in first]:
            terms = first[stems[at]]
            following = stems[at + 1] if at + 1 < len(stems) else ""
            if at < after or (following not in terms and None not in terms):
                continue
            for run, concept in self._fitting(terms, following, stems, at):
                tokens = tokens or tokens_of()
                end = at + len(run)
                if all(_near(text, tokens[i], tokens[i + 1]) for i in range(at, end - 1)):
                    start, after = tokens[at][0], end
                    found.append(Spot(start, tokens[end - 1][1], concept.id, concept.field))
                    break
        return found

    @staticmethod
    def _fitting(
        terms: dict[str | None, dict[tuple[str, ...], Concept]],
        following: str,
        stems: list[str],
        at: int,
    ) -> list[tuple[tuple[str, ...], Concept]]:
        """Return the terms whose stems stand at a place, the longest first."""
        fits = [
            (run, concept)
            for run, concept in terms.get(following, {}).items()
            if tuple(stems[at : at + len(run)]) == run
        ]
        fits.sort(key=lambda one: -len(one[0]))
        fits.extend(terms.get(None, {}).items())
        return fits

    def _tokens(self, text: str) -> list[Token]:
        tokens = list(self._words.tokens(text))
        if not self._has_articles:
            return tokens
        bare = []
        for start, end, stem in tokens:
            word = normalised(text[start:end])
            shorter = without_article(word)
            # The stemmer leaves the article of a short word, because it might be a part of it.
            without = self._words.stem(shorter) if shorter != word else None
            bare.append((start, end, without or stem))
        return bare


def _near(text: str, before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
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
    """Finds the concepts of a glossary; several threads may use it."""

    def __init__(self, concepts: Iterable[Concept], words: Callable[[str], Words] = Words) -> None:
        """Take the concepts; where two share a term, the first one keeps it.

        Args:
            words: Gives the words of a language; they may be shared with the ranking's.
        """
        digest = sha256()
        self._lock = Lock()
        self._last: dict[tuple[str, str], Sequence[Spot]] = {}
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
        stems = self._stems.get(language)
        if language != CHINESE and stems is None:
            return ()
        with self._lock:
            # What was published is read by the ranking, and a moment later by the catalogue.
            found = self._last.get((language, text))
            if found is None:
                if len(self._last) >= _MOST_KEPT:
                    self._last.clear()
                found = self._signs.spot(text) if stems is None else stems.spot(text)
                self._last[language, text] = found
            return found
