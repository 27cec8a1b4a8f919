"""Lists of codes: small reviewed files with dates and labels, never enums in code.

A list may have several editions, each valid from its date on. What is written today is checked
against the edition of today; what was written earlier stays valid.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from techdock_shared.errors import NotFound

LANGUAGES = ("zh-Hans", "en", "ru", "ar")


@dataclass(frozen=True, slots=True)
class Code:
    """A code and what it is called, by language; without labels CLDR names it."""

    code: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Edition:
    """A list as it stands from a date on."""

    name: str
    since: date
    codes: Mapping[str, Code]


@cache
def _editions() -> Mapping[str, tuple[Edition, ...]]:
    found: dict[str, list[Edition]] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            for edition in _read(file.read_text(encoding="utf-8")):
                found.setdefault(edition.name, []).append(edition)
    return {name: tuple(sorted(e, key=lambda x: x.since)) for name, e in found.items()}


def _read(content: str) -> list[Edition]:
    """Read a file: {"<list>": {"since": date, "codes": {code: {language: label} | [codes]}}}."""
    editions = []
    for name, written in json.loads(content).items():
        codes = written["codes"]
        if isinstance(codes, str):
            codes = {code: {} for code in codes.split()}
        editions.append(
            Edition(
                name,
                date.fromisoformat(written["since"]),
                {code: Code(code, labels) for code, labels in codes.items()},
            )
        )
    return editions


def lists() -> tuple[str, ...]:
    """Return the names of all lists."""
    return tuple(_editions())


def edition(name: str, on: date) -> Edition:
    """Return a list as it stood on a date; before its first edition, as that.

    Raises:
        NotFound: There is no such list.
    """
    editions = _editions().get(name)
    if not editions:
        raise NotFound(f"no list of codes {name}; there are {', '.join(lists())}")
    return next((e for e in reversed(editions) if e.since <= on), editions[0])


@cache
def known(name: str) -> frozenset[str]:
    """Return every code that a list has had."""
    return frozenset(code for e in _editions()[name] for code in e.codes)


def knows(name: str, code: str) -> bool:
    """Whether a list has, or had, a code."""
    return code in known(name)
