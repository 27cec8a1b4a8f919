"""The terms of a profile: counted words in each of its languages, and counted codes.

A space is what vectors are compared in: each language is one, and so are the codes, and the
concepts that the texts name in whatever language. Nothing is compared across spaces, so texts of
one language never crowd out the others.
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

FIELD_WEIGHTS: Mapping[str, int] = {"title": 2, "keywords": 2}
"""How often a field counts; the others once."""

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
        if concepts := self._concepts(by_language):
            spaces[CONCEPTS] = _counted(
                np.repeat(
                    np.array(list(concepts), np.int32), np.array(list(concepts.values()), np.int32)
                )
            )
        return spaces

    def _concepts(self, by_language: Mapping[str, list[tuple[str, str]]]) -> dict[int, int]:
        """Count concepts and their fields: as often as in the language that names them most."""
        most: dict[int, int] = {}
        if self.lexicon is None:
            return most
        for language, passages in by_language.items():
            counts = Counter[int]()
            for field, text in passages:
                for spot in self.lexicon.spot(text, language):
                    weight = FIELD_WEIGHTS.get(field, 1)
                    counts[column(f"concept:{spot.concept}")] += weight
                    # Of little weight, as a pair of words: near, where nothing is the same.
                    counts[column(f"field:{spot.field}") % WORDS] += weight
            for each, count in counts.items():
                most[each] = max(most.get(each, 0), count)
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


def _counted(columns: Columns) -> Counts:
    unique, counts = np.unique(columns, return_counts=True)
    return Counts(unique, np.minimum(counts, _MOST_COUNT).astype(np.uint16))
