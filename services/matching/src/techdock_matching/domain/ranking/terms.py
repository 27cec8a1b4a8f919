"""The terms of a profile: counted words in each of its languages, and counted codes.

A space is what vectors are compared in: each language is one, and so are the codes, and what
the texts name in whatever language: concepts, and what can be said in English words. Nothing is
compared across spaces, so texts of one language never crowd out the others.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from techdock_matching.domain.ranking.language import language_of
from techdock_matching.domain.ranking.lexicon import Lexicon
from techdock_matching.domain.ranking.normal import normalised, script_of
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.words import WORDS, Columns, Words, column

Space: TypeAlias = str
"""A primary language subtag, `CODES`, or `CONCEPTS`."""

CODES: Space = "codes"
CONCEPTS: Space = "concepts"
MEANING: Space = "meaning"
"""The space of vectors of meaning; see meaning.py."""

ENGLISH = "en"
WHOLE = 4
"""What is named once counts so much in the space of concepts, and may count for a part."""

FIELD_WEIGHTS: Mapping[str, int] = {"title": 2, "keywords": 2}
"""How often a field counts; the others once."""

_RAREST = 48
"""English words of a text by which it is found from other languages: more cost more memory."""

_MOST_COUNT = 60_000
_ISIC_DIVISION = 2
_IPC_SUBCLASS = 4


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each column occurs, columns ascending."""

    columns: Columns
    counts: npt.NDArray[np.uint16]


class Terms:
    """Turns profiles into counts; keeps stems between them. For one thread at a time."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        """Take a lexicon; without one no concepts are found."""
        self.lexicon = lexicon
        self._words: dict[str, Words] = {}

    def words(self, language: str) -> Words:
        """Return the words of a language."""
        found = self._words.get(language)
        if found is None:
            found = self._words[language] = Words(language)
        return found

    def of(self, profile: Profile) -> dict[Space, Counts]:
        """Return what a profile is ranked by, in each space in which it says anything."""
        spaces: dict[Space, Counts] = {}
        by_language = passages_of(profile)
        for language, passages in by_language.items():
            weighted = [
                text for field, text in passages for _ in range(FIELD_WEIGHTS.get(field, 1))
            ]
            found = self.words(language).columns(weighted)
            if found.size:
                spaces[language] = _counted(found)
        codes = [column(code) for code in codes_of(profile)]
        if codes:
            spaces[CODES] = _counted(np.array(codes, np.int32))
        if self.lexicon is not None:
            named = self._named(by_language, self.lexicon)
            named.update(self._in_english(by_language, spaces.get(ENGLISH), self.lexicon))
            if named:
                spaces[CONCEPTS] = _quartered(named)
        return spaces

    def _named(
        self, by_language: Mapping[str, list[tuple[str, str]]], lexicon: Lexicon
    ) -> dict[int, float]:
        """Count concepts and their fields: as often as in the language that names them most."""
        most: dict[int, float] = {}
        for language, passages in by_language.items():
            counts = Counter[int]()
            for field, text in passages:
                for spot in lexicon.spot(text, language):
                    weight = WHOLE * FIELD_WEIGHTS.get(field, 1)
                    counts[column(f"concept:{spot.concept}")] += weight
                    # Of little weight, as a pair of words: near, where nothing is the same.
                    counts[column(f"field:{spot.field}") % WORDS] += weight
            for each, count in counts.items():
                most[each] = max(most.get(each, 0), count)
        return most

    def _in_english(
        self,
        by_language: Mapping[str, list[tuple[str, str]]],
        english: Counts | None,
        lexicon: Lexicon,
    ) -> dict[int, float]:
        """Count English words: those of the English text, else those that say another."""
        if english is not None:
            return _rarest(english, lexicon.worth_in_english(english.columns))
        most: dict[int, float] = {}
        for language, passages in by_language.items():
            counts: dict[int, float] = {}
            for field, text in passages:
                weight = FIELD_WEIGHTS.get(field, 1)
                for each, often in lexicon.in_english(text, language).items():
                    counts[each] = counts.get(each, 0.0) + weight * often
            for each, often in counts.items():
                most[each] = max(most.get(each, 0.0), often)
        return most


def passages_of(profile: Profile) -> dict[str, list[tuple[str, str]]]:
    """Return the texts of a profile by language, each with the field that it comes from.

    Keywords name no language: they count in each language of their script.
    """
    by_language: dict[str, list[tuple[str, str]]] = {}
    for field, text in profile.texts.items():
        for tag, version in text.versions.items():
            if version and not version.isspace():
                language = language_of(version, tag)
                by_language.setdefault(language, []).append((field, version))
    keywords = (*profile.technology_keywords, *profile.market_keywords)
    if keywords:
        scripts = {
            language: script_of(passages[0][1]) for language, passages in by_language.items()
        }
        for keyword in keywords:
            for language, script in scripts.items():
                if script_of(keyword) is script:
                    by_language[language].append(("keywords", keyword))
    return by_language


def codes_of(profile: Profile) -> Iterator[str]:
    """Yield the codes by which profiles of different languages can be compared.

    Coarser codes come beside the finer ones, so that near ones share something.
    """
    if profile.technology_field is not None:
        yield f"field:{profile.technology_field}"
    for goal in profile.sdg:
        yield f"sdg:{goal}"
    for code in profile.isic:
        digits = "".join(filter(str.isdigit, code))
        yield f"isic:{digits[:_ISIC_DIVISION]}"
        if len(digits) > _ISIC_DIVISION:
            yield f"isic:{digits}"
    for code in profile.ipc:
        group = code.replace(" ", "").upper()
        yield f"ipc:{group[:_IPC_SUBCLASS]}"
        if len(group) > _IPC_SUBCLASS:
            yield f"ipc:{group.partition('/')[0]}"
    for keyword in (*profile.technology_keywords, *profile.market_keywords):
        yield f"keyword:{' '.join(normalised(keyword).split())}"


def _rarest(english: Counts, worth: npt.NDArray[np.float64]) -> dict[int, float]:
    worth = worth * np.log1p(english.counts)
    best = np.argsort(-worth, kind="stable")[:_RAREST]
    best = best[worth[best] > 0.0]
    often: list[float] = (WHOLE * english.counts[best].astype(np.float64)).tolist()
    return dict(zip(english.columns[best].tolist(), often, strict=True))


def _quartered(named: Mapping[int, float]) -> Counts:
    columns = np.array(sorted(named), np.int32)
    often = np.rint([named[each] for each in columns.tolist()])
    return Counts(columns, np.clip(often, 1, _MOST_COUNT).astype(np.uint16))


def _counted(columns: Columns) -> Counts:
    unique, counts = np.unique(columns, return_counts=True)
    return Counts(unique, np.minimum(counts, _MOST_COUNT).astype(np.uint16))
