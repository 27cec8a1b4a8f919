"""Words of other languages said in English, so that texts in two languages share words.

The tables beside this file were made by `tests/benchmark/words_in_english.py`: a word, by its stem,
and up to four English stems with what speaks for each, in hundredths. A Chinese text is cut into
the words of its table that speak most clearly together.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from techdock_matching.domain.glossary.spotting import without_article
from techdock_matching.domain.ranking.language import script_of_language
from techdock_matching.domain.ranking.lexicon import Lexicon, Spot
from techdock_matching.domain.ranking.normal import Script, normalised
from techdock_matching.domain.ranking.terms import ENGLISH, WHOLE
from techdock_matching.domain.ranking.words import Columns, Words, column

TABLES = ("zh", "ru", "ar", "es", "fr")
CHINESE = "zh"
ARABIC = "ar"

_HERE = Path(__file__).parent / "in_english"
_PREFIXES = ("\u0648\u0627\u0644", "\u0644\u0644", "\u0648", "\u0641", "\u0628", "\u0644", "\u0643")
"""Conjunctions and prepositions that Arabic writes in one with a word, and with its article."""

_LEAST_LETTERS = 3
_LONGEST = 6
_LENGTH_COUNTS = 0.8
_RUN = re.compile("[\u4e00-\u9fff]+")
_WORD = re.compile(rf"[^\W\d_]{{{_LEAST_LETTERS},}}")
_SIGN = re.compile(r"(?<![^\W_])(?=[a-zA-Z0-9]*(?:[A-Z]{2}|\d))[a-zA-Z0-9]{2,}(?![^\W_])")
"""Codes, formulas, figures and short names, which every script writes alike: PCR, CO2, 400."""

_LATIN_SIGN = re.compile(r"(?<![a-zA-Z0-9])[a-zA-Z0-9]{2,}(?![a-zA-Z0-9])")


@lru_cache(maxsize=8)
def _words(language: str) -> Words:
    return Words(language)


def key_of(word: str, language: str) -> str | None:
    """Return what a word is looked up by; none for one that says nothing about a topic."""
    plain = normalised(word)
    if language == CHINESE:
        return plain
    if language == ARABIC and (shorter := without_article(plain)) != plain:
        # The stemmer leaves the article of a short word, because it might be a part of it.
        return _words(ARABIC).stem(shorter) or _words(ARABIC).stem(plain)
    return _words(language).stem(plain)


Share = tuple[int, float]
"""The column of an English word, and how often it is said."""


class Table:
    """The words of one language, by a hash of each: few of a text's look-ups find anything."""

    def __init__(self, file: Path) -> None:
        """Read a file."""
        words, starts, columns, clear = [], [0], [], []
        hashed: dict[str, int] = {}
        with file.open(encoding="utf-8", newline="") as lines:
            for word, english in list(csv.reader(lines))[1:]:
                words.append(crc32(word.encode()))
                for one in english.split():
                    stem, _, value = one.rpartition(":")
                    if stem not in hashed:
                        hashed[stem] = column(stem)
                    columns.append(hashed[stem])
                    clear.append(int(value))
                starts.append(len(columns))
        order = np.argsort(np.array(words, np.uint32), kind="stable")
        self._hashes = np.array(words, np.uint32)[order]
        self._places = order.astype(np.int32)
        self._starts = np.array(starts, np.int32)
        self._columns = np.array(columns, np.int32)
        self._clear = np.array(clear, np.int16)

    def places(self, words: Sequence[str]) -> npt.NDArray[np.int32]:
        """Return where each word stands; -1: nowhere."""
        wanted = np.array([crc32(word.encode()) for word in words], np.uint32)
        at = np.minimum(self._hashes.searchsorted(wanted), len(self._hashes) - 1)
        found: npt.NDArray[np.int32] = np.where(self._hashes[at] == wanted, self._places[at], -1)
        return found

    def clear(self, places: npt.NDArray[np.int32]) -> npt.NDArray[np.int16]:
        """Return how clear it is what words are in English, hundredths; 0 for unknown ones."""
        return np.where(places < 0, np.int16(0), self._clear[self._starts[np.maximum(places, 0)]])

    def said(self, place: int) -> Iterator[Share]:
        """Yield the English words for one of the table, which share what it counts."""
        part = slice(int(self._starts[place]), int(self._starts[place + 1]))
        clear = self._clear[part].astype(np.float64)
        yield from zip(
            self._columns[part].tolist(), (WHOLE * clear / clear.sum()).tolist(), strict=True
        )


class InEnglish(Lexicon):
    """A lexicon that says texts in English too, word by word, with the signs that all share."""

    def __init__(self, lexicon: Lexicon, folder: Path = _HERE) -> None:
        """Take a lexicon, and the folder of the tables; each is read when a text needs it."""
        self._lexicon = lexicon
        self._files = {language: folder / f"{language}.csv" for language in TABLES}
        told = sha256(lexicon.fingerprint)
        for file in (folder / "en.csv", *self._files.values()):
            told.update(file.read_bytes())
        self._fingerprint = told.digest()
        self._tables: dict[str, Table] = {}
        self._english, self._worth = _worth_in(folder / "en.csv")

    @property
    @override
    def fingerprint(self) -> bytes:
        return self._fingerprint

    @override
    def spot(self, text: str, language: str) -> Sequence[Spot]:
        return self._lexicon.spot(text, language)

    @override
    def in_english(self, text: str, language: str) -> Mapping[int, float]:
        if language not in self._files:
            return {}
        if language not in self._tables:
            self._tables[language] = Table(self._files[language])
        table, found = self._tables[language], defaultdict[int, float](float)
        for each in _signs(text, language):
            found[each] += WHOLE
        for place in _places(text, language, table):
            for each, share in table.said(place):
                found[each] += share
        return found

    @override
    def worth_in_english(self, columns: Columns) -> npt.NDArray[np.float64]:
        at = np.minimum(self._english.searchsorted(columns), len(self._english) - 1)
        return np.where(self._english[at] == columns, self._worth[at], 0.0)


def _worth_in(file: Path) -> tuple[Columns, npt.NDArray[np.float64]]:
    """Return the columns of English words, ascending, and what each is worth."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = sorted((column(word), float(worth)) for word, worth in list(csv.reader(lines))[1:])
    return np.array([one for one, _ in rows], np.int32), np.array([worth for _, worth in rows])


def _signs(text: str, language: str) -> Iterator[int]:
    latin = script_of_language(language) is Script.LATIN
    for sign in (_SIGN if latin else _LATIN_SIGN).findall(text):
        if stem := _words(ENGLISH).stem(normalised(sign)):
            yield column(stem)


def _places(text: str, language: str, table: Table) -> Iterator[int]:
    """Yield where the words of a text stand in a table."""
    if language == CHINESE:
        for run in _RUN.findall(text):
            yield from _cut(run, table)
        return
    words = _WORD.findall(text)
    places = table.places([key_of(word, language) or "" for word in words]).tolist()
    for word, place in zip(words, places, strict=True):
        found = place
        if place < 0 and language == ARABIC:
            found = _bare_place(normalised(word), table)
        if found >= 0:
            yield found


def _bare_place(word: str, table: Table) -> int:
    """Return the place of a word without what is written in one with it; -1: nowhere."""
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= _LEAST_LETTERS:
            stem = _words(ARABIC).stem(word[len(prefix) :])
            place = int(table.places([stem])[0]) if stem else -1
            if place >= 0:
                return place
    return -1


def _cut(run: str, table: Table) -> Iterator[int]:
    """Yield the words of a run of signs that speak most clearly together, the last one first."""
    spans = [
        (start, start + size)
        for start in range(len(run))
        for size in range(2, min(_LONGEST, len(run) - start) + 1)
    ]
    if not spans:
        return
    places = table.places([run[start:end] for start, end in spans])
    clear = table.clear(places).tolist()
    ending: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    for (start, end), place, value in zip(spans, places.tolist(), clear, strict=True):
        if place >= 0:
            ending[end].append((start, place, value * (end - start) ** _LENGTH_COUNTS))
    best, came = [0.0] * (len(run) + 1), [(0, -1)] * (len(run) + 1)
    for end in range(1, len(run) + 1):
        best[end], came[end] = best[end - 1], (end - 1, -1)
        for start, place, value in ending[end]:
            if best[start] + value > best[end]:
                best[end], came[end] = best[start] + value, (start, place)
    at = len(run)
    while at:
        at, place = came[at]
        if place >= 0:
            yield place
