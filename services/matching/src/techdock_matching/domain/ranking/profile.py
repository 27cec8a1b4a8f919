"""The published profile: one need or one offer, as far as any confirmed participant may read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """The side on which a profile stands."""

    NEED = "need"
    OFFER = "offer"

    @property
    def other(self) -> "Kind":
        """The side that answers this one."""
        return Kind.OFFER if self is Kind.NEED else Kind.NEED


@dataclass(frozen=True, slots=True)
class Text:
    """A text in its original language and any number of others.

    Attributes:
        original: BCP 47 tag of the language it was written in.
        versions: The text by BCP 47 tag; the original is among them.
    """

    original: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under which conditions a technology works, or has to work. Codes; empty: not stated."""

    climate: tuple[str, ...] = ()
    water: tuple[str, ...] = ()
    power: tuple[str, ...] = ()
    skill_level: str | None = None
    price_band: str | None = None
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A need or an offer. Everything but its identity may be empty: then it is not stated.

    Attributes:
        group_id: The group of the organization; a group is never matched with itself.
        country: Of the organization, ISO 3166-1 alpha-2.
        docking_events: Those that it is entered in.
        texts: By field: title, summary, description, advantages, stage_comment, ipr_comment,
            partner_sought.
        trl: Stage of an offer, 1 to 9.
        trl_least: Lowest stage that a need accepts.
        trl_most: Highest stage that a need accepts.
        languages: BCP 47 tags of the languages in which its people can meet.
        partner_kinds: Kinds of organization that are wanted; empty: any.
        partner_countries: Countries that are wanted; empty: any.
        excluded_countries: Countries that are not.
        organization_kind: Kind of its own organization, where known.
        valid_until: Last day on which it is offered.
    """

    id: UUID
    kind: Kind
    organization_id: UUID
    group_id: UUID
    country: str
    valid_until: date
    docking_events: frozenset[UUID] = frozenset()
    revision: int = 1
    texts: Mapping[str, Text] = field(default_factory=dict)
    trl: int | None = None
    trl_least: int | None = None
    trl_most: int | None = None
    ipr_status: str | None = None
    cooperation: tuple[str, ...] = ()
    ipc: tuple[str, ...] = ()
    isic: tuple[str, ...] = ()
    sdg: tuple[int, ...] = ()
    technology_field: int | None = None
    technology_keywords: tuple[str, ...] = ()
    market_keywords: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    partner_kinds: tuple[str, ...] = ()
    partner_countries: tuple[str, ...] = ()
    excluded_countries: tuple[str, ...] = ()
    organization_kind: str | None = None
    conditions: Conditions = Conditions()
