"""Dictionaries that an operator may have: Open Multilingual Wordnet (.tab) and CC-CEDICT."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from techdock_matching.adapters.glossary import BrokenFile

LANGUAGE_OF = {
    "eng": "en",
    "cmn": "zh",
    "zho": "zh",
    "qcn": "zh",
    "rus": "ru",
    "arb": "ar",
    "spa": "es",
    "fra": "fr",
}
"""ISO 639-3, as wordnets name their language, to ours."""

MOST_WORDS = 4
"""Of a meaning in CC-CEDICT that is a term; longer ones explain."""

MOST_MEANINGS = 3

_SYNSET = re.compile(r"\d{8}-[a-z]")
_LEMMA = re.compile(r"(?:([a-z]{3}):)?lemma")
_ASIDE = re.compile(r"(?:[a-z]{3}:)?(?:def|exe)(?::.*)?|(?:[a-z]{3}:)?lemma:.+")
_NOUN = "-n"
_ENTRY = re.compile(r"(\S+) (\S+) \[([^\]]*)\] /(.+)/")
_BRACKETS = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
_REFERENCE = re.compile(
    r"^(?:CL:|variant of|old variant|see |abbr\.|surname |also written|used in|erhua)"
    r"|[\u3400-\u9fff]"
)


@dataclass(slots=True)
class Read:
    """What a file says of itself, and what was wrong with it.

    Attributes:
        rows: That name a term.
        wrong: File, row, and what was expected and found; such rows are left out.
    """

    title: str = ""
    licence: str = ""
    languages: set[str] = field(default_factory=set)
    rows: int = 0
    wrong: list[str] = field(default_factory=list)


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            for number, line in enumerate(opened, 1):
                yield number, line.rstrip("\r\n")
    except UnicodeDecodeError as error:
        found = f"{error.object[error.start]:#04x}"
        raise BrokenFile(f"{file.name}: expected UTF-8, found byte {found}") from error


def wordnet(file: Path, read: Read) -> Iterator[tuple[str, str, str]]:
    """Yield synset, language and term of each noun of a .tab file, of our languages only.

    Args:
        read: Is told what the file is.

    Raises:
        BrokenFile: It is not UTF-8, or does not begin as such a file does.
    """
    own = ""
    for number, line in _lines(file):
        cells = line.split("\t")
        if number == 1:
            if not line.startswith("#") or len(cells) < MOST_WORDS:
                expected = "expected # and name, language, address, licence, between tabs"
                raise BrokenFile(f"{file.name}, row 1: {expected}, found {line[:80]!r}")
            read.title, read.licence = cells[0].lstrip("# "), cells[3].strip()
            own = cells[1].strip()
            continue
        if not line or line.startswith("#"):
            continue
        found = _wordnet_row(cells, own)
        if isinstance(found, str):
            read.wrong.append(f"{file.name}, row {number}: {found}")
        elif found is not None:
            read.rows += 1
            read.languages.add(found[1])
            yield found


def _wordnet_row(cells: list[str], own: str) -> tuple[str, str, str] | str | None:
    """Return what a row says; None when that is nothing for us, and a text when it is wrong."""
    if not _SYNSET.fullmatch(cells[0]):
        return f"expected a synset like 04470953-n, found {cells[0][:40]!r}"
    relation = _LEMMA.fullmatch(cells[1]) if len(cells) > 1 else None
    if relation is None:
        if len(cells) > 1 and _ASIDE.fullmatch(cells[1]):
            return None
        return f"expected lemma, found {''.join(cells[1:2])[:40]!r}"
    term = " ".join(cells[2].replace("_", " ").split()) if len(cells) > 2 else ""  # noqa: PLR2004
    if not term:
        return "expected a term, found none"
    language = LANGUAGE_OF.get(relation[1] or own)
    if language is None or not cells[0].endswith(_NOUN):
        return None
    return cells[0], language, term


def cedict(file: Path, read: Read) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the Chinese and the English terms of each entry of CC-CEDICT that has both.

    Args:
        read: Is told what the file is.

    Raises:
        BrokenFile: It is not UTF-8.
    """
    read.title, read.languages = "CC-CEDICT", {"zh", "en"}
    for number, line in _lines(file):
        if line.startswith("#"):
            if line.startswith("#! license="):
                read.licence = line.partition("=")[2].strip()
            continue
        if not line.strip():
            continue
        entry = _ENTRY.fullmatch(line.strip())
        if entry is None:
            expected = "expected traditional simplified [pin1 yin1] /meaning/"
            read.wrong.append(f"{file.name}, row {number}: {expected}, found {line[:60]!r}")
            continue
        read.rows += 1
        chinese = tuple(dict.fromkeys((entry[2], entry[1])))
        if english := _meanings(entry[4]):
            yield chinese, english


def _meanings(told: str) -> tuple[str, ...]:
    """Return the meanings that are terms: short, and no reference to another word."""
    found: dict[str, None] = {}
    for meaning in re.split(r"[/;]", told):
        if _REFERENCE.search(meaning.strip()):
            continue
        plain = " ".join(_BRACKETS.sub(" ", meaning).split())
        if plain and not plain.startswith("to ") and len(plain.split()) <= MOST_WORDS:
            found[plain] = None
    return tuple(list(found)[:MOST_MEANINGS])
