"""Finds in texts what names somebody."""
# ruff: noqa: RUF001, E501 - patterns of six languages; one is best read in a line

import re
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from techdock_registration.domain.naming import numbers, organizations, persons
from techdock_registration.domain.naming.finding import Finding, Kind, Known, Rule, Why
from techdock_registration.domain.profile_content import OPEN, Content

Phones = Callable[[str], Iterable[tuple[int, int]]]
"""Returns where international phone numbers stand in a text."""

KEYWORDS = ("technology_keywords", "market_keywords")
MOST_CHARACTERS = 20_000
"""Longer texts are looked at to here: nobody reads a longer one in a catalogue."""
LEAST_WORD, LEAST_HAN = 4, 2

_RANK = {
    kind: place
    for place, kind in enumerate(
        (
            Kind.MAIL,
            Kind.WEB,
            Kind.PATENT,
            Kind.PHONE,
            Kind.PLACE,
            Kind.ORGANIZATION,
            Kind.PERSON,
            Kind.BRAND,
            Kind.HANDLE,
        )
    )
}
"""Where two overlap, the longer one is told; of equals, the earlier of these."""

_RULES: tuple[Rule, ...] = (
    *numbers.RULES,
    *organizations.RULES,
    *persons.RULES,
    *organizations.BRANDS,
)
_LABELLED_PHONE = re.compile(
    r"(?<![^\W\u4e00-\u9fff])(?i:tel(?:ephone)?|phone|fax|mob(?:ile)?|cell|hotline|tél|téléphone|teléfono|тел|телефон|факс|моб|"
    r"电话|手机|传真|联系电话|هاتف|جوال|فاكس|الهاتف|ت)[.:：\s]{1,3}(?P<name>[+(]?[\d٠-٩][\d٠-٩ ()./-]{4,20}[\d٠-٩])"
)
_LEGAL = re.compile(
    r"(?i)\b(?:gmbh|ltd|limited|llc|inc|corp|co|plc|s\.?a|jsc|ооо|оао|зао|пао|ао|тоо)\b\.?"
    r"|(?:有限责任公司|股份有限公司|有限公司|股份公司)|[«»\"“”„,]"
)
_JOINED = re.compile(r"[\s,]*(?:of|from|at|and|de|du|et|y|from the)?\s+")
"""What stands between a person and an organization."""
_HAN = re.compile(r"[\u4e00-\u9fff]")


def in_content(content: Content, known: Known, phones: Phones) -> list[Finding]:
    """Return what names somebody in the fields that everybody in the docking event may read."""
    found: list[Finding] = []
    for field, text in content.texts.items():
        if content.level(field) != OPEN:
            continue
        for language, version in text.versions.items():
            found += find(version.text, field, language, known, phones)
    for field in KEYWORDS:
        if content.level(field) == OPEN:
            for keyword in getattr(content, field):
                found += find(keyword, field, "", known, phones)
    return found


def in_texts(texts: Mapping[str, Mapping[str, str]], known: Known, phones: Phones) -> list[Finding]:
    """Return what names somebody in texts, by field and language."""
    return [
        finding
        for field, versions in texts.items()
        for language, text in versions.items()
        for finding in find(text, field, language, known, phones)
    ]


def find(text: str, field: str, language: str, known: Known, phones: Phones) -> list[Finding]:
    """Return what names somebody in one text, in the order in which it stands there."""
    text = text[:MOST_CHARACTERS]
    spans: list[tuple[int, int, Kind, Why]] = [
        (*span, rule.kind, rule.why) for rule in _RULES for span in rule.spans(text)
    ]
    if "+" in text or "00" in text:
        spans += [(start, end, Kind.PHONE, Why.PHONE) for start, end in phones(text)]
    spans += [(*m.span("name"), Kind.PHONE, Why.PHONE) for m in _LABELLED_PHONE.finditer(text)]
    own = _known(known.organizations)
    if own is not None:
        kind, why = Kind.ORGANIZATION, Why.ORGANIZATION_OWN
        spans += [(*match.span(), kind, why) for match in own.finditer(text)]
    people = _known(known.persons)
    if people is not None:
        kind, why = Kind.PERSON, Why.PERSON_KNOWN
        spans += [(*match.span(), kind, why) for match in people.finditer(text)]
    return [
        Finding(kind, why, field, language, start, end, text[start:end])
        for start, end, kind, why in _apart(spans, text)
    ]


def _apart(spans: list[tuple[int, int, Kind, Why]], text: str) -> list[tuple[int, int, Kind, Why]]:
    """Return spans that do not overlap: the longer ones, without blanks and marks at the ends."""
    people = [(start, end) for start, end, kind, _ in spans if kind is Kind.PERSON]
    spans = [_behind_person(span, people, text) for span in spans]
    best: list[tuple[int, int, Kind, Why]] = []
    for start, end, kind, why in sorted(spans, key=lambda s: (s[0] - s[1], _RANK[s[2]], s[0])):
        while end > start and (text[end - 1].isspace() or text[end - 1] in ",;:，；：、"):
            end -= 1  # noqa: PLW2901 - trimmed
        place = bisect(best, (start, end, kind, why))
        before = best[place - 1] if place else None
        after = best[place] if place < len(best) else None
        if (before is None or before[1] <= start) and (after is None or after[0] >= end):
            best.insert(place, (start, end, kind, why))
    return best


def _behind_person(
    span: tuple[int, int, Kind, Why], people: list[tuple[int, int]], text: str
) -> tuple[int, int, Kind, Why]:
    """Return an organization without the person before it: `Dr. A. B. of C. Ltd` names two."""
    start, end, kind, why = span
    if kind is Kind.ORGANIZATION:
        for first, last in people:
            if first <= start < last < end and (joined := _JOINED.match(text, last, end)):
                return joined.end(), end, kind, why
    return span


@lru_cache(maxsize=256)
def _known(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return a pattern of names, also without their legal form; None where nothing is left.

    Names of one short word are left out: they would be found in other words' company.
    """
    forms = set()
    for name in names:
        for form in (name, _LEGAL.sub(" ", name)):
            words = form.split()
            long = LEAST_HAN if _HAN.search(form) else LEAST_WORD
            if words and len("".join(words)) >= long:
                forms.add(r"\s+".join(map(re.escape, words)))
    if not forms:
        return None
    longest = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile(
        rf"(?<![^\W\u4e00-\u9fff])(?:{'|'.join(longest)})(?![^\W\u4e00-\u9fff])", re.IGNORECASE
    )
