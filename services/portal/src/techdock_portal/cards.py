"""What a match card shows of why two sides meet: what joins them, and sentences of both."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from techdock_portal import reasons
from techdock_portal.client import Json
from techdock_portal.i18n import Language

BAR = 66
LEAST_BAR = 8
MOST_JOINS = 3


@dataclass(frozen=True, slots=True)
class Join:
    """A word that both sides share.

    Attributes:
        term: As the reader's side writes it.
        there: As the other side writes it, where that is another word.
        bar: How much it counts beside the weightiest, in units of the drawing.
        word: The same in words.
    """

    term: str
    there: str
    bar: int
    word: str


def joins(language: Language, match: Json) -> list[Join]:
    """Return what joins the two sides, the weightiest first."""
    found: dict[str, tuple[str, int]] = {}
    for reason in match.get("reasons") or ():
        params = reason.get("params") or {}
        terms, shares = params.get("terms") or (), params.get("shares") or ()
        there = params.get("terms_there") or [""] * len(terms)
        for n, term in enumerate(terms):
            share = int(shares[n]) if n < len(shares) else 0
            found.setdefault(term, (there[n] if n < len(there) else "", share))
    if not found:
        words = [term for quote in match.get("quotes") or () for term in quote.get("terms") or ()]
        found = dict.fromkeys(words, ("", 0))
    most = max([share for _, share in found.values()] or [0])
    bars = [
        max(LEAST_BAR, round(BAR * share / most)) if most else max(LEAST_BAR, BAR - 20 * n)
        for n, (_, share) in enumerate(found.values())
    ]
    return [
        Join(
            term,
            there if there.casefold() != term.casefold() else "",
            bar,
            reasons.contribution(language, bar / BAR),
        )
        for (term, (there, _)), bar in list(zip(found.items(), bars, strict=True))[:MOST_JOINS]
    ]


def terms(match: Json) -> tuple[list[str], list[str]]:
    """Return the words to mark: those that the reader's side writes, and the other's."""
    mine: list[str] = []
    theirs: list[str] = []
    for reason in match.get("reasons") or ():
        mine.extend((reason.get("params") or {}).get("terms") or ())
        theirs.extend((reason.get("params") or {}).get("terms_there") or ())
    for quote in match.get("quotes") or ():
        mine.extend(quote.get("terms") or ())
        theirs.extend(quote.get("terms_there") or ())
    return list(dict.fromkeys(mine)), list(dict.fromkeys(theirs))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A quoted sentence for a reader.

    Attributes:
        text: In the reader's language where there is a version in it, else as it was compared.
        status: How that version came about: human, machine or approved.
        compared: The sentence that was compared, where another one is shown; else empty.
        compared_tag: Its language.
    """

    text: str
    tag: str
    status: str = "human"
    compared: str = ""
    compared_tag: str = ""


def sentences(language: Language, quote: Mapping[str, Any]) -> tuple[Sentence, Sentence]:
    """Return the sentences of a quote, mine and theirs, in the reader's language if they can be."""
    tag = str(quote.get("language") or "en")
    there = str(quote.get("language_there") or tag)
    return (
        _sentence(language, str(quote.get("mine") or ""), tag, quote.get("versions_mine")),
        _sentence(language, str(quote.get("theirs") or ""), there, quote.get("versions_theirs")),
    )


def _sentence(language: Language, text: str, tag: str, versions: Json | None) -> Sentence:
    wanted = language.tag.split("-")[0]
    if tag.split("-", maxsplit=1)[0] == wanted:
        return Sentence(text, tag)
    for other, version in (versions or {}).items():
        if other.split("-")[0] == wanted and version.get("text"):
            status = str(version.get("status") or "human")
            return Sentence(version["text"], other, status, text, tag)
    return Sentence(text, tag)
