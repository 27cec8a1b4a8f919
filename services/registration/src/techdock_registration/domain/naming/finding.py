"""What is found in a text that names somebody, and how it is looked for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What kind of name it is."""

    PERSON = "person"
    ORGANIZATION = "organization"
    BRAND = "brand"
    PLACE = "place"
    WEB = "web"
    MAIL = "mail"
    PHONE = "phone"
    PATENT = "patent"
    HANDLE = "handle"


class Why(StrEnum):
    """How one sees that it is a name; each is worded for people below."""

    PERSON_TITLE = "person_title"
    PERSON_LABEL = "person_label"
    PERSON_FORM = "person_form"
    PERSON_KNOWN = "person_known"
    ORGANIZATION_FORM = "organization_form"
    ORGANIZATION_NAME = "organization_name"
    ORGANIZATION_OWN = "organization_own"
    BRAND_SIGN = "brand_sign"
    BRAND_LABEL = "brand_label"
    STREET = "street"
    POST = "post"
    COORDINATES = "coordinates"
    WEB = "web"
    MAIL = "mail"
    PHONE = "phone"
    PATENT = "patent"
    HANDLE = "handle"


WORDED = {
    Why.PERSON_TITLE: "a title with a name: it says who the person is",
    Why.PERSON_LABEL: "a name after a word such as contact or inventor",
    Why.PERSON_FORM: "written as a person's name: initials or a patronymic",
    Why.PERSON_KNOWN: "the name of a person of this organization",
    Why.ORGANIZATION_FORM: "a legal form with a name: it says which company this is",
    Why.ORGANIZATION_NAME: "the name of an institute, university, works or group",
    Why.ORGANIZATION_OWN: "the name of the organization that the profile is of",
    Why.BRAND_SIGN: "marked as a trade mark",
    Why.BRAND_LABEL: "the name of a product or brand",
    Why.STREET: "a street with a number: it says where the organization is",
    Why.POST: "a postal address",
    Why.COORDINATES: "a point on the map: it says where the site is",
    Why.WEB: "a web address: it leads to the organization",
    Why.MAIL: "a mail address",
    Why.PHONE: "a phone number",
    Why.PATENT: "a patent or application number: its owner is in the register",
    Why.HANDLE: "an account of a network or messenger",
}
"""Why each is pointed out, in English; pages have it in the reader's language."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A place in a text that names somebody.

    Attributes:
        field: The field of the profile.
        language: Of the version, a BCP 47 tag; empty for keywords, which have none.
        start: Where it begins in the version, in characters (code points).
        end: Where it ends, behind its last character.
        text: What stands there.
    """

    kind: Kind
    why: Why
    field: str
    language: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """Names that are known of the organization itself.

    Attributes:
        organizations: Its names and aliases, however written.
        persons: Who acts for it or takes part for it.
    """

    organizations: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()


Accept = Callable[[re.Match[str]], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to see a name.

    Attributes:
        pattern: What is looked for; the group `name`, if it has one, is what is found.
        hint: One of these must be in the text, else the pattern is not even tried.
        accept: Looks at a match once more.
    """

    kind: Kind
    why: Why
    pattern: re.Pattern[str]
    hint: re.Pattern[str] | None = None
    accept: Accept | None = None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where it is seen."""
        if self.hint is not None and self.hint.search(text) is None:
            return []
        named = "name" in self.pattern.groupindex
        return [
            match.span("name" if named and match["name"] is not None else 0)
            for match in self.pattern.finditer(text)
            if self.accept is None or self.accept(match)
        ]
