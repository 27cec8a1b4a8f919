"""What a need or an offer says, and its checks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Self
from uuid import UUID

from techdock_registration.domain import codes
from techdock_registration.domain.rules import Findings, is_language
from techdock_registration.domain.texts import Text

NEED, OFFER = "need", "offer"
OPEN, ACCEPTED, NDA = "open", "accepted", "nda"
LEVELS = (OPEN, ACCEPTED, NDA)
TEXT_FIELDS = (
    "title",
    "summary",
    "description",
    "advantages",
    "stage_comment",
    "ipr_comment",
    "partner_sought",
)
CODE_FIELDS = (
    "trl",
    "ipr_status",
    "cooperation",
    "technology_keywords",
    "market_keywords",
    "ipc",
    "isic",
    "sdg",
    "technology_field",
    "languages",
    "partner_kinds",
    "partner_countries",
    "excluded_countries",
    "conditions",
)
FIELDS = (*TEXT_FIELDS, *CODE_FIELDS)
MOST_TITLE_CHARACTERS = 500
MOST_TAGS = 50
MOST_TAG_CHARACTERS = 120
MOST_DOCKING_EVENTS = 50
TRL = range(1, 10)
ISIC_DIGITS = (2, 4)
IPC = re.compile(r"[A-H](\d{2}([A-Z](\d{1,4}(/\d{2,6})?)?)?)?")


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under which conditions a technology works, or has to work."""

    climate: tuple[str, ...] = ()
    water: tuple[str, ...] = ()
    power: tuple[str, ...] = ()
    skill_level: str | None = None
    price_band: str | None = None
    certificates: tuple[str, ...] = ()


_LISTS = (
    ("cooperation", "cooperation_type"),
    ("partner_kinds", "organization_kind"),
    ("partner_countries", "country"),
    ("excluded_countries", "country"),
)
_CONDITIONS = (
    ("climate", "climate"),
    ("water", "water"),
    ("power", "power"),
    ("certificates", "certificate"),
)


_COUNTED = (
    "cooperation",
    "technology_keywords",
    "market_keywords",
    "ipc",
    "isic",
    "languages",
)


@dataclass(frozen=True, slots=True)
class Content:
    """All that a profile says.

    Attributes:
        docking_events: Docking events it is entered in.
        texts: By field name, of TEXT_FIELDS.
        trl: Stage of an offer, 1 to 9.
        trl_least: Sought by a need, 1 to 9; so is trl_most.
        isic: Sections (a letter), divisions (two digits) or finer classes.
        technology_field: WIPO field, 1 to 35.
        disclosure: Level by field; a field without one is open.
        valid_until: Last day, UTC.
    """

    docking_events: tuple[UUID, ...]
    texts: Mapping[str, Text]
    valid_until: date
    trl: int | None = None
    trl_least: int | None = None
    trl_most: int | None = None
    ipr_status: str | None = None
    cooperation: tuple[str, ...] = ()
    technology_keywords: tuple[str, ...] = ()
    market_keywords: tuple[str, ...] = ()
    ipc: tuple[str, ...] = ()
    isic: tuple[str, ...] = ()
    sdg: tuple[int, ...] = ()
    technology_field: int | None = None
    languages: tuple[str, ...] = ()
    partner_kinds: tuple[str, ...] = ()
    partner_countries: tuple[str, ...] = ()
    excluded_countries: tuple[str, ...] = ()
    conditions: Conditions = Conditions()
    disclosure: Mapping[str, str] = field(default_factory=dict)
    external_id: str | None = None

    def __post_init__(self) -> None:
        found = Findings()
        self._check_texts(found)
        self._check_stage(found)
        self._check_codes(found)
        self._check_words(found)
        self._check_disclosure(found)
        found.expect(
            len(self.docking_events) <= MOST_DOCKING_EVENTS,
            "docking_events",
            f"at most {MOST_DOCKING_EVENTS}",
            len(self.docking_events),
        )
        if self.external_id is not None:
            found.text("external_id", self.external_id, 200)
        found.settle("profile")

    def _check_texts(self, found: Findings) -> None:
        for name, text in self.texts.items():
            found.expect(name in TEXT_FIELDS, "texts", ", ".join(TEXT_FIELDS), name)
            if name == "title":
                for tag, version in text.versions.items():
                    found.text(f"texts.title.versions.{tag}", version.text, MOST_TITLE_CHARACTERS)
        title = self.texts.get("title")
        found.expect(
            title is not None and bool(title.first.strip()), "texts.title", "a title", "none"
        )

    def _check_codes(self, found: Findings) -> None:
        for where, name in _LISTS:
            _check_list(found, where, name, getattr(self, where))
        for where, name in _CONDITIONS:
            _check_list(found, f"conditions.{where}", name, getattr(self.conditions, where))
        conditions = self.conditions
        for where, name, code in (
            ("ipr_status", "ipr_status", self.ipr_status),
            ("conditions.skill_level", "skill_level", conditions.skill_level),
            ("conditions.price_band", "price_band", conditions.price_band),
            ("technology_field", "technology_field", self.technology_field),
        ):
            if code is not None:
                _check_list(found, where, name, (str(code),))
        _check_list(found, "sdg", "sdg", tuple(map(str, self.sdg)))
        for code in self.isic:
            found.expect(
                _is_isic(code), "isic", "a section such as A, or 2 to 4 digits of isic", code
            )
        for code in self.ipc:
            found.expect(
                IPC.fullmatch(code) is not None, "ipc", "IPC such as C02F1/44, no space", code
            )
        both = set(self.partner_countries) & set(self.excluded_countries)
        found.expect(
            not both, "excluded_countries", "none of partner_countries", ", ".join(sorted(both))
        )

    def _check_stage(self, found: Findings) -> None:
        for where in ("trl", "trl_least", "trl_most"):
            level = getattr(self, where)
            found.expect(level is None or level in TRL, where, "1 to 9", level)
        if self.trl_least is not None and self.trl_most is not None:
            found.expect(
                self.trl_least <= self.trl_most,
                "trl_most",
                f"{self.trl_least} or more, as trl_least",
                self.trl_most,
            )

    def _check_words(self, found: Findings) -> None:
        for tag in self.languages:
            found.expect(is_language(tag), "languages", "BCP 47 tags", tag)
        for where in ("technology_keywords", "market_keywords"):
            for keyword in getattr(self, where):
                found.text(where, keyword, MOST_TAG_CHARACTERS)
        for where in _COUNTED:
            size = len(getattr(self, where))
            found.expect(size <= MOST_TAGS, where, f"at most {MOST_TAGS}", size)

    def _check_disclosure(self, found: Findings) -> None:
        for name, level in self.disclosure.items():
            found.expect(name in FIELDS, "disclosure", "names of fields", name)
            found.expect(level in LEVELS, f"disclosure.{name}", "open, accepted or nda", level)
        found.expect(
            self.disclosure.get("title", OPEN) == OPEN,
            "disclosure.title",
            "open: others must know what it is about",
            self.disclosure.get("title"),
        )

    def level(self, name: str) -> str:
        """Return from when on others may read a field: open, accepted or nda."""
        return self.disclosure.get("trl" if name.startswith("trl") else name, OPEN)

    def shown_at(self, levels: frozenset[str]) -> Self:
        """Return what those may read for whom these levels are lifted; the rest is left out."""
        hidden = {name for name in FIELDS if self.level(name) not in levels}
        if not hidden:
            return self
        if "trl" in hidden:
            hidden |= {"trl_least", "trl_most"}
        blank: dict[str, Any] = {name: _BLANK[name] for name in hidden if name not in TEXT_FIELDS}
        texts = {name: text for name, text in self.texts.items() if name not in hidden}
        return replace(self, texts=texts, **blank)

    @property
    def title(self) -> Text:
        """The title."""
        return self.texts["title"]

    @property
    def text_languages(self) -> tuple[str, ...]:
        """All languages in which something is written, sorted."""
        return tuple(sorted({tag for text in self.texts.values() for tag in text.versions}))

    @property
    def characters(self) -> int:
        """Length of all original texts."""
        return sum(len(text.first) for text in self.texts.values())


def _is_isic(code: str) -> bool:
    if code.isdigit():
        return ISIC_DIGITS[0] <= len(code) <= ISIC_DIGITS[1] and codes.knows("isic", code[:2])
    return codes.knows("isic", code)


def _check_list(found: Findings, where: str, name: str, given: tuple[str, ...]) -> None:
    known = codes.known(name)
    for code in given:
        found.expect(code in known, where, f"codes of {name}", code)


_BLANK = {f.name: f.default for f in fields(Content) if f.name not in ("texts", "disclosure")}
"""What stands for a field that is not shown: as if nobody had filled it in."""
