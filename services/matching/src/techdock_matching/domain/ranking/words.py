"""From a text to the columns of its vector: stemmed words, and pairs of neighbouring words.

Columns are hashes, so they do not depend on what was seen before, and nobody keeps a vocabulary.
Words take the columns from `WORDS` up, pairs of words those below it, where they collide now and
then. Chinese has no spaces: there each two neighbouring characters make a word, and the single
character takes the place of the pair.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import Stemmer

from techdock_matching.domain.ranking.language import script_of_language
from techdock_matching.domain.ranking.normal import Script, normalised
from techdock_matching.domain.ranking.stopwords import CHINESE_BREAKS, STOPWORDS

Columns = npt.NDArray[np.int32]

WORDS = 1 << 20
"""The first column of a word; those below belong to pairs of words."""

_WORD_COLUMNS = 1 << 30
_LEAST_LETTERS = 2
_MOST_CACHED = 400_000
_FIRST_UNSPACED = "\u0e00"
_UNSPACED = "\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\u0e00-\u0e7f"
_ASCII = re.compile(r"[a-z0-9]+")
_TOKEN = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+")
UNSPACED = re.compile(f"[{_UNSPACED}]+")
"""Signs of a script that puts no spaces between words."""


_BREAKS = re.compile("[" + "".join(sorted(CHINESE_BREAKS)) + "]+")
_SNOWBALL = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
_STOP = -1
_GAP = -2
"""Stands between two passages, so that no pair of words reaches over."""


def column(term: str) -> int:
    """Return the column of a word or code, `WORDS` or more; the same on every machine."""
    digest = blake2b(term.encode(), digest_size=8).digest()
    return WORDS + int.from_bytes(digest, "little") % _WORD_COLUMNS


class Words:
    """The words of one language; keeps the stems it met. For one thread at a time."""

    def __init__(self, language: str) -> None:
        snowball = _SNOWBALL.get(language)
        self._stemmer = Stemmer.Stemmer(snowball, 0) if snowball else None
        # Names and signs in Latin letters stand in texts of every script.
        latin = script_of_language(language) in {None, Script.LATIN}
        self._latin = self._stemmer if latin else Stemmer.Stemmer("english", 0)
        self._stop = frozenset(map(normalised, STOPWORDS.get(language, ())))
        self._columns: dict[str, int] = {}
        self._stems: dict[str, str | None] = {}

    def stem(self, token: str) -> str | None:
        """Return the stem of a normalised token; none when it says nothing about a topic."""
        if token in self._stop or (len(token) < _LEAST_LETTERS and not token.isdigit()):
            return None
        stemmer = self._latin if token.isascii() else self._stemmer
        return token if stemmer is None else str(stemmer.stemWord(token))

    def columns(self, passages: Sequence[str]) -> Columns:
        """Return the columns of every word and pair in the passages, with repetition."""
        words: list[int] = []
        light: list[int] = []
        for passage in passages:
            self._take(normalised(passage), words, light)
            words.append(_GAP)
        return np.concatenate((_words_and_pairs(words), np.array(light, np.int32)))

    def tokens(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield where each word of a text stands, and its stem; for showing it to people.

        Positions count in the text as given; a word whose spelling changes its length when it is
        normalised is found by its own.
        """
        if not UNSPACED.search(text):
            for (start, end), stem in zip(self.spans(text), self.stems(text), strict=True):
                if stem is not None:
                    yield start, end, stem
            return
        for match in _TOKEN.finditer(text):
            token = match.group()
            if token[0] >= _FIRST_UNSPACED and UNSPACED.fullmatch(token):
                for start, run in _split(normalised(token)):
                    at = match.start() + start
                    yield from ((at + i, at + i + 2, run[i : i + 2]) for i in range(len(run) - 1))
                continue
            if (stem := self._known_stem(token)) is not None:
                yield match.start(), match.end(), stem

    def stems(self, text: str) -> list[str | None]:
        """Return the stem of each word of a text with spaces; None for what says nothing."""
        tokens = _TOKEN.findall(text)
        known = self._stems
        # Nearly all words were met before, and then this is all there is to do; 0: not yet.
        found: list[str | int | None] = [known.get(token, 0) for token in tokens]
        while 0 in found:
            at = found.index(0)
            found[at] = self._known_stem(tokens[at])
        return found  # type: ignore[return-value] # there is no 0 in it

    @staticmethod
    def spans(text: str) -> list[tuple[int, int]]:
        """Return where each word of a text with spaces begins and ends."""
        return [match.span() for match in _TOKEN.finditer(text)]

    def _known_stem(self, token: str) -> str | None:
        if token not in self._stems:
            if len(self._stems) > _MOST_CACHED:
                self._stems.clear()
            self._stems[token] = stem = self.stem(normalised(token))
            return stem
        return self._stems[token]

    def _take(self, text: str, words: list[int], light: list[int]) -> None:
        known = self._columns.get
        if text.isascii():
            for token in _ASCII.findall(text):
                found = known(token)
                found = self._learn(token) if found is None else found
                if found >= 0:
                    words.append(found)
            return
        for token in _TOKEN.findall(text):
            if token[0] >= _FIRST_UNSPACED and UNSPACED.fullmatch(token):
                for _, run in _split(token):
                    light.extend(_light(character) for character in run)
                    for i in range(len(run) - 1):
                        pair = run[i : i + 2]
                        found = known(pair)
                        words.append(self._keep(pair, pair) if found is None else found)
                    words.append(_GAP)
                continue
            found = known(token)
            found = self._learn(token) if found is None else found
            if found >= 0:
                words.append(found)

    def _learn(self, token: str) -> int:
        stem = self.stem(token)
        if stem is None:
            self._columns[token] = _STOP
            return _STOP
        return self._keep(token, stem)

    def _keep(self, token: str, stem: str) -> int:
        if len(self._columns) > _MOST_CACHED:
            self._columns.clear()
            self._stems.clear()
        self._columns[token] = found = column(stem)
        return found


def _split(run: str) -> Iterator[tuple[int, str]]:
    """Cut a run of unspaced script at function words; positions count from its start."""
    start = 0
    for cut in _BREAKS.finditer(run):
        if cut.start() > start:
            yield start, run[start : cut.start()]
        start = cut.end()
    if start < len(run):
        yield start, run[start:]


@lru_cache(maxsize=20_000)
def _light(character: str) -> int:
    return column(character) % WORDS


def pair(first: int, second: int) -> int:
    """Return the column of two neighbouring words, by theirs."""
    return int(_pairs(np.array([first], np.int64), np.array([second], np.int64))[0])


def _words_and_pairs(words: list[int]) -> Columns:
    every = np.array(words, np.int64)
    first, second = every[:-1], every[1:]
    both = (first >= 0) & (second >= 0)
    pairs = _pairs(first[both], second[both])
    return np.concatenate((every[every >= 0], pairs)).astype(np.int32)


def _pairs(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    # Two odd 64-bit constants (of the golden ratio and of FNV) spread the bits; overflow is wanted.
    mixed = first.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= second.astype(np.uint64) * np.uint64(0x100000001B3)
    mixed *= np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(44)).astype(np.int64)
