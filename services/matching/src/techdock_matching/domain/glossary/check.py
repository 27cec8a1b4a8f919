"""What is wrong with a glossary: what a reader of the files would have to find by eye."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from techdock_matching.domain.glossary.concept import FIELDS, LANGUAGES, Concept, Row
from techdock_matching.domain.ranking.normal import Script, normalised, script_of

MOST_TERMS = 8
MOST_FOREIGN_CHARACTERS = 12
"""So long may a term in Latin letters be in a language of another script: CO2, MRI, Wi-Fi."""

SCRIPTS = {
    "en": Script.LATIN,
    "zh": Script.HAN,
    "ru": Script.CYRILLIC,
    "ar": Script.ARABIC,
    "es": Script.LATIN,
    "fr": Script.LATIN,
}
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ISIC = re.compile(r"[A-U]|\d{2,4}")
_WORD = re.compile(r"[^\W\d_]+")
_BLANKS = re.compile(r"[\s\-\u2010-\u2013]+")
_SCRIPT_NAMES = ("LATIN", "CYRILLIC", "ARABIC", "CJK")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        row: Number in the file, from 1 with the header.
        column: None when it is about the whole row.
    """

    file: str
    row: int
    column: str | None
    what: str


def compared(term: str) -> str:
    """Return a term as two terms are compared: hyphens and blanks are the same."""
    return _BLANKS.sub(" ", normalised(term)).strip()


def check(rows: Iterable[Row]) -> Iterator[Finding]:
    """Say all that is wrong: in each row, and between the rows of all files together."""
    ids: dict[str, Row] = {}
    names: dict[tuple[str, str], Row] = {}
    for row in rows:
        yield from _codes(row)
        name = row.cells["concept"]
        if name in ids:
            yield _at(row, "concept", f"{name} stands in {_place(ids[name])} already")
        ids.setdefault(name, row)
        for language in LANGUAGES:
            for what in _language(row, language):
                yield _at(row, language, what)
            for term in row.terms(language):
                key = (language, compared(term))
                other = names.setdefault(key, row)
                if other is not row and other.cells["concept"] != name:
                    place = f"{other.cells['concept']} ({_place(other)})"
                    yield _at(row, language, f"{term!r} is a term of {place} already")


def _codes(row: Row) -> Iterator[Finding]:
    cells = row.cells
    if not _ID.fullmatch(cells["concept"]):
        yield _at(
            row, "concept", f"expected an id like drip-irrigation, found {cells['concept']!r}"
        )
    if not (cells["field"].isdecimal() and int(cells["field"]) in FIELDS):
        what = f"expected a WIPO technology field, 1 to 35, found {cells['field']!r}"
        yield _at(row, "field", what)
    if cells["isic"] and not _ISIC.fullmatch(cells["isic"]):
        what = f"expected an ISIC division like 01, or a section like A, found {cells['isic']!r}"
        yield _at(row, "isic", what)


def _language(row: Row, language: str) -> Iterator[str]:
    terms = row.terms(language)
    if not terms:
        yield "expected at least one term, found none"
    if len(terms) > MOST_TERMS:
        yield f"expected at most {MOST_TERMS} terms, found {len(terms)}"
    for twice in (term for term, times in Counter(map(compared, terms)).items() if times > 1):
        yield f"{twice!r} stands there twice"
    for term in terms:
        yield from _term(term, language)


def _term(term: str, language: str) -> Iterator[str]:
    if term != " ".join(term.split()) or not term:
        yield f"blanks at the wrong place in {term!r}"
    if not term:
        return
    if unicodedata.normalize("NFC", term) != term:
        yield f"{term!r} is not in the composed form of Unicode (NFC)"
    for word in _WORD.findall(term):
        scripts = _scripts(word)
        # Chinese writes Latin letters into its words: X射线.
        if len(scripts) > 1 and not (language == "zh" and scripts == {"LATIN", "CJK"}):
            yield f"letters of {' and '.join(sorted(scripts))} in one word: {word!r}"
    found, expected = script_of(term), SCRIPTS[language]
    is_name = found is Script.LATIN and len(term) <= MOST_FOREIGN_CHARACTERS
    is_mixed = language == "zh" and "CJK" in _scripts(term)
    if expected is not found and not is_name and not is_mixed and not _has(term, expected):
        yield f"expected letters of {expected.name.capitalize()}, found {term!r}"


def _has(term: str, script: Script) -> bool:
    """Say whether a term has letters of a script beside others, like CNC-станок."""
    if script is Script.LATIN:
        return False
    return any(script_of(word) is script for word in _WORD.findall(term))


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(character, "") for character in word)
    return {script for name in names for script in _SCRIPT_NAMES if name.startswith(script)}


def _at(row: Row, column: str | None, what: str) -> Finding:
    return Finding(row.file, row.number, column, what)


def _place(row: Row) -> str:
    return f"{row.file}, row {row.number}"


def per_field(concepts: Iterable[Concept]) -> Mapping[int, Counter[str]]:
    """Count concepts and, by language, terms of each technology field."""
    found: dict[int, Counter[str]] = {}
    for concept in concepts:
        counts = found.setdefault(concept.field, Counter())
        counts["concepts"] += 1
        for language, terms in concept.terms.items():
            counts[language] += len(terms)
    return found
