"""From a query to its units: each word with everything that counts as having it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from techdock_matching.adapters.catalogue_reading import Reading
from techdock_matching.adapters.catalogue_shelf import Shelf
from techdock_matching.domain.ranking.language import UNKNOWN, script_of_language
from techdock_matching.domain.ranking.normal import Script, normalised, script_of
from techdock_matching.domain.ranking.searching import MOST_WORDS, Query

_BY_CONCEPT = 0.8
_BY_BEGINNING = 0.7
_BY_SLIP = (1.0, 0.6, 0.4)
_BY_CLASS = 0.8
_MOST_LANGUAGES = 8
_HAN = "[\u3400-\u9fff\uf900-\ufaff]"
_LONE_SIGN = re.compile(f"(?<!{_HAN}){_HAN}(?!{_HAN})")
_USUAL_LANGUAGES = ("en", "ru", "zh", "ar", "es", "fr")


Span = tuple[int, int]


@dataclass(slots=True)
class Unit:
    """A word of a query.

    Attributes:
        terms: What counts as having it, and how much.
        optional: Whether a profile may lack it: a function word in some language.
    """

    start: int
    end: int
    word: str
    terms: dict[int, float] = field(default_factory=dict)
    optional: bool = False

    def take(self, term: int, weight: float) -> None:
        """Let a term count."""
        self.terms[term] = max(self.terms.get(term, 0.0), weight)


@dataclass(frozen=True, slots=True)
class Units:
    """A query as the catalogue looks for it.

    Attributes:
        concepts: Keys of the concepts that it names.
        instead: It, with words that are known for those that are not.
    """

    units: list[Unit]
    concepts: tuple[str, ...]
    instead: str | None


def units_of(query: Query, reading: Reading, shelf: Shelf, *, typing: bool) -> Units:
    """Return the words of a query with what counts as having them.

    Args:
        typing: Whether the last word may be the beginning of one.
    """
    text = query.text
    languages = languages_for(text, reading.languages)
    units, named = _read(text, languages, reading, shelf)
    for sign in _LONE_SIGN.finditer(text):
        unit = Unit(*sign.span(), sign.group())
        for term in reading.beginning(sign.group()):
            unit.take(term, _BY_BEGINNING)
        units.append(unit)
    units = _with_codes(units, query, shelf)
    units.sort(key=lambda unit: (unit.start, unit.end))
    del units[MOST_WORDS:]
    instead = _mend(units, text, reading, shelf, typing=typing and not text[-1:].isspace())
    return Units(units, tuple(named), instead)


def languages_for(text: str, known: Iterable[str]) -> list[str]:
    """Return the languages in which a query may be: nobody says, and short ones do not tell."""
    script = script_of(text)
    kin = {
        language
        for language in (*known, *_USUAL_LANGUAGES)
        if script_of_language(language) in {script, None}
        or (script is Script.KANA and language == "zh")
    }
    usual = [language for language in _USUAL_LANGUAGES if language in kin]
    return [*usual, *sorted(kin.difference(usual))][:_MOST_LANGUAGES]


def _read(
    text: str, languages: Sequence[str], reading: Reading, shelf: Shelf
) -> tuple[list[Unit], list[str]]:
    plain = reading.words(UNKNOWN).tokens(text)
    units = {(start, end): Unit(start, end, normalised(text[start:end])) for start, end, _ in plain}
    named: dict[str, None] = {}
    for language in languages:
        seen: set[Span] = set()
        for start, end, stem in reading.words(language).tokens(text):
            seen.add((start, end))
            unit = units.get((start, end))
            if unit is not None and (term := shelf.terms.get(stem)) is not None:
                unit.take(term, 1.0)
        for span, unit in units.items():
            unit.optional = unit.optional or span not in seen
    for language in languages:
        for start, end, key in reading.concepts(text, language):
            named.setdefault(key)
            _cover(units, (start, end), shelf.terms.get(key))
    found = list(units.values())
    if all(unit.optional for unit in found):
        for unit in found:
            unit.optional = False
    return found, list(named)


def _cover(units: dict[Span, Unit], span: Span, concept: int | None) -> None:
    """Let the words of a term count where the concept is named in whatever language."""
    for (first, last), unit in list(units.items()):
        if span[0] <= first and last <= span[1]:
            if concept is not None:
                unit.take(concept, _BY_CONCEPT)
        elif first < span[1] and span[0] < last and script_of(unit.word) is Script.HAN:
            # The longest match: two signs across the border of a term are no word.
            del units[first, last]


def _with_codes(units: list[Unit], query: Query, shelf: Shelf) -> list[Unit]:
    for start, end, code in query.codes:
        inside = [unit for unit in units if start <= unit.start and unit.end <= end]
        term = shelf.terms.get(code)
        if code.startswith("isic:"):
            for unit in inside:
                if term is not None:
                    unit.take(term, _BY_CLASS)
            continue
        whole = Unit(start, end, query.text[start:end].lower())
        if term is not None:
            whole.take(term, 1.0)
        for unit in inside[:1]:
            for other, weight in unit.terms.items():
                whole.take(other, weight)
        units = [unit for unit in units if unit not in inside] + [whole]
    return units


def _mend(
    units: Sequence[Unit], text: str, reading: Reading, shelf: Shelf, *, typing: bool
) -> str | None:
    """Give words that nobody wrote those that somebody may have meant."""
    instead, changed = text, False
    for unit in reversed(units):
        is_last = typing and text[unit.end :].strip() == ""
        if is_last:
            for term in reading.beginning(unit.word):
                unit.take(term, _BY_BEGINNING)
        if unit.optional or any(map(shelf.count, unit.terms)):
            continue
        near = reading.near(unit.word)
        for slips, _, stems in near:
            for stem in stems:
                unit.take(stem, _BY_SLIP[slips])
        if near:
            instead = instead[: unit.start] + near[0][1] + instead[unit.end :]
            changed = True
    return instead if changed else None
