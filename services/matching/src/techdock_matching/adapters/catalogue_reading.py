"""From profiles to what the catalogue keeps, and from words to the words that are known."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from techdock_matching.adapters.catalogue_shelf import CONCEPTS, LANGUAGES, PASSAGE, Shelf
from techdock_matching.domain.ranking.language import language_of
from techdock_matching.domain.ranking.lexicon import Lexicon
from techdock_matching.domain.ranking.normal import normalised, primary
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.searching import wider
from techdock_matching.domain.ranking.words import Words

CONCEPT = "\0"
"""Begins the key of a concept; no word begins with it."""

_TITLE, _KEYWORDS, _SUMMARY, _USUAL = 4, 3, 2, 1
_K1, _B, _USUAL_LENGTH = 1.2, 0.6, 120
"""BM25 with a fixed usual length, so that a profile's impact does not depend on the others."""

_CODE_IMPACT = 150
_ONE_SLIP, _TWO_SLIPS = 4, 8
"""Letters that a word needs before one slip, or two, are forgiven."""

_FEW = 200
_MOST_ALIKE = 4
_MOST_BEGINNING = 40


@dataclass(frozen=True, slots=True)
class Read:
    """A profile as the shelf takes it."""

    impacts: Mapping[int, int]
    sequence: list[int]
    facets: list[tuple[str, str]]


class Vocabulary:
    """The words as people write them, and the stems that they stand for."""

    def __init__(self) -> None:
        """Make an empty one."""
        self._stems: dict[str, tuple[int, ...]] = {}
        self._by_length: dict[int, list[str]] = {}
        self._ordered: list[str] = []
        self._fresh: list[str] = []

    def learn(self, word: str, stem: int) -> None:
        """Take a word with one of its stems."""
        known = self._stems.get(word)
        if known is None:
            self._stems[word] = (stem,)
            self._by_length.setdefault(len(word), []).append(word)
            self._fresh.append(word)
        elif stem not in known:
            self._stems[word] = (*known, stem)

    def stems(self, word: str) -> tuple[int, ...]:
        """Return the stems of a word."""
        return self._stems.get(word, ())

    def beginning(self, prefix: str) -> Iterator[str]:
        """Yield the words that begin with something, in their order."""
        if len(self._fresh) > _FEW:
            self._ordered = sorted((*self._ordered, *self._fresh))
        else:
            for word in self._fresh:
                insort(self._ordered, word)
        self._fresh.clear()
        at = bisect_left(self._ordered, prefix)
        while at < len(self._ordered) and self._ordered[at].startswith(prefix):
            yield self._ordered[at]
            at += 1

    def near(self, word: str) -> list[tuple[int, str]]:
        """Return words that differ by a slip or two of the pen, with how many; fewest first."""
        slips = (len(word) >= _ONE_SLIP) + (len(word) >= _TWO_SLIPS)
        if not slips:
            return []
        found: list[tuple[int, str]] = []
        for length in range(len(word) - slips, len(word) + slips + 1):
            among = self._by_length.get(length, ())
            near = process.extract(word, among, scorer=OSA.distance, score_cutoff=slips, limit=64)
            found.extend((int(distance), other) for other, distance, _ in near)
        return sorted(found)


class Reading:
    """Reads profiles, and queries in the same way."""

    def __init__(self, shelf: Shelf, lexicon: Lexicon) -> None:
        """Take where the terms are kept, for this reading alone, and what finds concepts."""
        self._shelf = shelf
        self._lexicon = lexicon
        self._words: dict[str, Words] = {}
        self._known: dict[str, dict[str, int]] = {}
        self._languages: dict[str, int] = {}
        self.vocabulary = Vocabulary()

    @property
    def languages(self) -> Iterable[str]:
        """Every language that a text was in."""
        return self._languages

    def words(self, language: str) -> Words:
        """Return the words of a language."""
        found = self._words.get(language)
        if found is None:
            found = self._words[language] = Words(language)
        return found

    def concepts(self, text: str, language: str) -> list[tuple[int, int, str]]:
        """Return where a text names concepts, and the keys of these."""
        spots = self._lexicon.spot(text, language)
        return [(spot.start, spot.end, CONCEPT + spot.concept) for spot in spots]

    def terms(self, text: str, language: str) -> list[int]:
        """Return the words of a text in their order; unknown ones are learnt."""
        known = self._known.setdefault(language, {})
        found: list[int] = []
        for start, end, stem in self.words(language).tokens(text):
            written = text[start:end]
            term = known.get(written)
            if term is None:
                term = known[written] = self._shelf.term(stem)
                self.vocabulary.learn(normalised(written), term)
            found.append(term)
        return found

    def passages(self, texts: Mapping[str, Mapping[str, str]]) -> dict[str, list[tuple[int, str]]]:
        """Return texts by the language they are really in, each with its weight.

        Args:
            texts: By field, then by BCP 47 tag.
        """
        found: dict[str, list[tuple[int, str]]] = {}
        for name, versions in texts.items():
            weight = {"title": _TITLE, "summary": _SUMMARY}.get(name, _USUAL)
            for tag, text in versions.items():
                if text.strip():
                    found.setdefault(language_of(text, tag), []).append((weight, text))
        return found

    def read(self, profile: Profile) -> Read:
        """Read a profile."""
        texts = {name: text.versions for name, text in profile.texts.items()}
        passages = self.passages(texts)
        keywords = (*profile.technology_keywords, *profile.market_keywords)
        if keywords:
            title = profile.texts.get("title")
            own = primary(title.original) if title else next(iter(passages), "en")
            passages.setdefault(own, []).extend((_KEYWORDS, each) for each in keywords)
        impacts: dict[int, int] = {}
        sequence: list[int] = []
        named: Counter[int] = Counter()
        for language, parts in sorted(passages.items()):
            number = self._languages.setdefault(language, len(self._languages))
            sequence.append(LANGUAGES - number)
            weighed: Counter[int] = Counter()
            spotted: Counter[int] = Counter()
            length = 0
            for weight, text in parts:
                terms = self.terms(text, language)
                length += len(terms)
                sequence.extend((*terms, PASSAGE))
                for term in terms:
                    weighed[term] += weight
                for _, _, key in self.concepts(text, language):
                    spotted[self._shelf.term(key)] += weight
            named |= spotted
            for term, count in (weighed | spotted).items():
                impact = _impact(count, length)
                impacts[term] = max(impacts.get(term, 0), impact)
        for code in _codes(profile):
            impacts[self._shelf.term(code)] = _CODE_IMPACT
        sequence.append(CONCEPTS)
        for term, count in named.items():
            sequence.extend([term] * min(count, 8))
        return Read(impacts, sequence, list(_facets(profile, passages)))

    def near(self, word: str) -> list[tuple[int, str, list[int]]]:
        """Return living words that somebody may have meant, with their slips and stems."""
        found: list[tuple[int, str, list[int]]] = []
        counted: list[tuple[int, int, str, list[int]]] = []
        for slips, other in self.vocabulary.near(word):
            stems = list(self.vocabulary.stems(other))
            if count := sum(map(self._shelf.count, stems)):
                counted.append((slips, -count, other, stems))
        for slips, _, other, stems in sorted(counted)[:_MOST_ALIKE]:
            if slips == min(each[0] for each in counted):
                found.append((slips, other, stems))
        return found

    def beginning(self, prefix: str) -> list[int]:
        """Return the stems of words that begin with something, those in most profiles first."""
        counts: dict[int, int] = {}
        for word in self.vocabulary.beginning(prefix):
            for stem in self.vocabulary.stems(word):
                if stem not in counts:
                    counts[stem] = len(self._shelf.postings(stem)[0])
        keys = self._shelf.keys
        order = sorted(counts, key=lambda stem: (-counts[stem], keys[stem]))
        return order[:_MOST_BEGINNING]


def _impact(count: int, length: int) -> int:
    """Return what a word adds to the score of a profile, in hundredths."""
    damped = count + _K1 * (1 - _B + _B * length / _USUAL_LENGTH)
    return round(100 * count * (_K1 + 1) / damped)


def _codes(profile: Profile) -> Iterator[str]:
    for symbol in profile.ipc:
        yield from wider(symbol)
    for code in profile.isic:
        digits = "".join(filter(str.isdigit, code))
        yield from (f"isic:{digits[:length]}" for length in range(2, len(digits) + 1))


def _facets(
    profile: Profile, passages: Mapping[str, list[tuple[int, str]]]
) -> Iterator[tuple[str, str]]:
    conditions = profile.conditions
    yield "kind", profile.kind.value
    yield "country", profile.country
    if profile.technology_field is not None:
        yield "field", str(profile.technology_field)
    for division in {code[:2] if code[:1].isdigit() else code[:1] for code in profile.isic}:
        yield "sector", division
    least = profile.trl if profile.trl is not None else profile.trl_least
    most = profile.trl if profile.trl is not None else profile.trl_most
    if least is not None or most is not None:
        for stage in range(least or 1, (most or 9) + 1):
            yield "trl", str(stage)
    many = {
        "cooperation": profile.cooperation,
        "climate": conditions.climate,
        "water": conditions.water,
        "power": conditions.power,
        "certificate": conditions.certificates,
        "skill_level": (conditions.skill_level,),
        "price_band": (conditions.price_band,),
        "docking_event": map(str, profile.docking_events),
        "language": passages,
    }
    for facet, values in many.items():
        yield from ((facet, value) for value in set(values) if value)
