"""Texts that were read lately: cut into words and sentences once, compared with many others."""

from array import array
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from functools import cached_property

from typing_extensions import override

from techdock_matching.domain.ranking.lexicon import Lexicon, Spot
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.sentences import sentences_of
from techdock_matching.domain.ranking.terms import Terms, passages_of
from techdock_matching.domain.ranking.words import UNSPACED, Words

MOST_KEPT = 3_000_000
"""Words of all texts that are kept between comparisons: about 16 bytes each."""

_LEAST_KEPT = 50
"""What a text costs besides its words, in words."""


_PROFILES = 100
"""One profile is told of many others, one after the other."""

Passages = Mapping[str, Sequence[tuple[str, str]]]


class Passage:
    """A text as its words stand in it.

    Attributes:
        stems: Of each word in its order; empty where it says nothing.
        starts: Where each begins.
        ends: Where it ends.
    """

    def __init__(self, text: str, words: Words) -> None:
        self.text = text
        if UNSPACED.search(text):
            found = list(words.tokens(text))
            self.stems: tuple[str, ...] = tuple(stem for _, _, stem in found)
            spans = [(start, end) for start, end, _ in found]
        else:
            self.stems = tuple(stem or "" for stem in words.stems(text))
            spans = words.spans(text)
        self.starts = array("i", [start for start, _ in spans])
        self.ends = array("i", [end for _, end in spans])

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How often each stem occurs."""
        found = Counter(self.stems)
        del found[""]
        return found

    @cached_property
    def sentences(self) -> Sequence[tuple[int, int]]:
        """Where each sentence begins and ends."""
        return tuple(sentences_of(self.text))


class Readings:
    """Reads texts, and keeps those that it read last. For one thread at a time."""

    def __init__(self, terms: Terms, most_kept: int = MOST_KEPT) -> None:
        self._terms = terms
        self._most_kept = most_kept
        self._kept = 0
        self._passages: OrderedDict[tuple[str, str], Passage] = OrderedDict()
        self._last: OrderedDict[int, tuple[Profile, Passages]] = OrderedDict()
        lexicon = terms.lexicon
        self.lexicon = None if lexicon is None else _Remembering(lexicon, most_kept)

    def passages(self, profile: Profile) -> Passages:
        """Return the texts of a profile by language, each with the field that it comes from."""
        found = self._last.get(id(profile))
        if found is not None and found[0] is profile:
            return found[1]
        passages = passages_of(profile)
        self._last[id(profile)] = profile, passages
        if len(self._last) > _PROFILES:
            self._last.popitem(last=False)
        return passages

    def read(self, text: str, language: str) -> Passage:
        """Return a text in a language, cut into words."""
        key = language, text
        found = self._passages.get(key)
        if found is not None:
            self._passages.move_to_end(key)
            return found
        found = self._passages[key] = Passage(text, self._terms.words(language))
        self._kept += len(found.stems) + _LEAST_KEPT
        while self._kept > self._most_kept and len(self._passages) > 1:
            _, old = self._passages.popitem(last=False)
            self._kept -= len(old.stems) + _LEAST_KEPT
        return found


class _Remembering(Lexicon):
    """A lexicon that keeps what it found last."""

    def __init__(self, lexicon: Lexicon, most_kept: int) -> None:
        self._lexicon = lexicon
        self._most_kept = most_kept
        self._kept = 0
        self._found: OrderedDict[tuple[str, str], Sequence[Spot]] = OrderedDict()

    @property
    @override
    def fingerprint(self) -> bytes:
        return self._lexicon.fingerprint

    @override
    def spot(self, text: str, language: str) -> Sequence[Spot]:
        key = language, text
        found = self._found.get(key)
        if found is not None:
            self._found.move_to_end(key)
            return found
        found = self._found[key] = self._lexicon.spot(text, language)
        self._kept += len(found) + _LEAST_KEPT
        while self._kept > self._most_kept and len(self._found) > 1:
            _, old = self._found.popitem(last=False)
            self._kept -= len(old) + _LEAST_KEPT
        return found
