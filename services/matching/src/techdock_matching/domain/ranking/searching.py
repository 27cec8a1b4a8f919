"""What somebody types into the search box, taken apart; any text at all is a query."""

import re
from dataclasses import dataclass

MOST_WORDS = 48
"""Words of a query that count; what comes after them is left out."""

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_QUOTED = re.compile(
    '"([^"]+)"|\u201c([^\u201d]+)\u201d|\u00ab([^\u00bb]+)\u00bb|\u300c([^\u300d]+)\u300d'
)
_IPC = re.compile(r"(?<![\w/])([A-Ha-h]\d{2}[A-Za-z])(?:\s?(\d{1,4})/(\d{2,6}))?(?![\w/])")
_ISIC = re.compile(r"(?<![\w.,/-])(\d{2,4})(?![\w.,/-])")


@dataclass(frozen=True, slots=True)
class Query:
    """A query.

    Attributes:
        text: Without invisible signs and without the marks of quotation.
        phrases: What was quoted.
        codes: Codes that it names, as the catalogue keeps them; with where each stands.
    """

    text: str
    phrases: tuple[str, ...]
    codes: tuple[tuple[int, int, str], ...]


def parse(typed: str) -> Query:
    """Take a query apart.

    >>> parse('"drip irrigation" A01G 25/02').phrases
    ('drip irrigation',)
    """
    clean = _INVISIBLE.sub(" ", typed)
    phrases = tuple(
        phrase.strip()
        for found in _QUOTED.finditer(clean)
        for phrase in found.groups()
        if phrase and phrase.strip()
    )
    text = re.sub('["\u201c\u201d\u00ab\u00bb\u300c\u300d]', " ", clean)
    codes = [(*m.span(), ipc(m.group())) for m in _IPC.finditer(text)]
    codes += [(*m.span(), f"isic:{m.group()}") for m in _ISIC.finditer(text)]
    return Query(text, phrases, tuple(sorted(codes)))


def ipc(code: str) -> str:
    """Return an IPC symbol as it is compared, without spaces.

    >>> ipc("A01G 25/02")
    'ipc:a01g25/02'
    """
    return "ipc:" + "".join(code.lower().split())


def wider(code: str) -> list[str]:
    """Return an IPC symbol and the wider ones that it belongs to: group, subclass.

    >>> wider("A01G 25/02")
    ['ipc:a01g25/02', 'ipc:a01g']
    """
    whole = ipc(code)
    return [whole, whole[:8]] if len(whole) > len("ipc:a01g") else [whole]
