"""An organization: known to all tenants, under any number of names."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from techdock_shared.errors import Invalid

from techdock_registration.domain import codes
from techdock_registration.domain.rules import Findings, is_language
from techdock_registration.domain.states import only, step
from techdock_registration.domain.texts import Names

REGION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
WEBSITE = re.compile(r"https?://[^\s<>\"']{3,300}")
ROR = re.compile(r"0[a-hj-km-np-tv-z0-9]{6}\d{2}")
LEI = re.compile(r"[A-Z0-9]{18}\d{2}")
USCC = re.compile(r"[0-9A-HJ-NP-RT-UW-Y]{18}")
MOST_ALIASES = 50


class OrganizationState(StrEnum):
    """Where an organization stands."""

    ACTIVE = "active"
    MERGED = "merged"


ARROWS = {
    OrganizationState.ACTIVE: frozenset({OrganizationState.MERGED}),
    OrganizationState.MERGED: frozenset({OrganizationState.ACTIVE}),
}


@dataclass(frozen=True, slots=True)
class Registered:
    """An organization became known."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """What is told of it changed."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """It counts as another from now on."""

    into_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Unmerged:
    """It stands for itself again."""

    out_of_id: UUID
    at: datetime


Happening = Registered | Changed | Merged | Unmerged


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Names in registers: ROR, LEI, Chinese unified social credit code."""

    ror: str | None = None
    lei: str | None = None
    uscc: str | None = None

    def __post_init__(self) -> None:
        found = Findings()
        for where, form, value in (("ror", ROR, self.ror), ("lei", LEI, self.lei)):
            found.expect(
                value is None or form.fullmatch(value) is not None,
                f"identifiers.{where}",
                f"an identifier like {form.pattern}",
                value,
            )
        found.expect(
            self.uscc is None or USCC.fullmatch(self.uscc) is not None,
            "identifiers.uscc",
            "18 digits and letters",
            self.uscc,
        )
        found.settle("identifiers")


@dataclass(frozen=True, slots=True)
class Merge:
    """A line in the history of merges; an undone merge stays in it."""

    into_id: UUID
    at: datetime
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What an organization is, apart from its record."""

    kind: str
    names: Names
    name_language: str
    country: str
    aliases: tuple[str, ...] = ()
    region: str | None = None
    size: str | None = None
    identifiers: Identifiers = Identifiers()
    website: str | None = None
    external_id: str | None = None
    example: bool = False

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(
            codes.knows("organization_kind", self.kind),
            "kind",
            "a code of organization_kind",
            self.kind,
        )
        found.expect(
            is_language(self.name_language), "names.language", "a BCP 47 tag", self.name_language
        )
        found.expect(
            codes.knows("country", self.country),
            "country",
            "two letters of ISO 3166-1",
            self.country,
        )
        found.expect(
            self.region is None
            or (REGION.fullmatch(self.region) is not None and self.region[:2] == self.country),
            "region",
            "a code of ISO 3166-2 in the country",
            self.region,
        )
        found.expect(
            self.size is None or codes.knows("organization_size", self.size),
            "size",
            "a code of organization_size",
            self.size,
        )
        found.expect(
            self.website is None or WEBSITE.fullmatch(self.website) is not None,
            "website",
            "an address that begins with http:// or https://",
            self.website,
        )
        found.expect(
            len(self.aliases) <= MOST_ALIASES,
            "aliases",
            f"at most {MOST_ALIASES} names",
            len(self.aliases),
        )
        for alias in self.aliases:
            found.text("aliases", alias, 300)
        if self.external_id is not None:
            found.text("external_id", self.external_id, 200)
        found.settle("organization")


@dataclass(frozen=True, slots=True)
class Organization:
    """An enterprise, institute, university and so on.

    Attributes:
        group_id: The group it belongs to, itself if none: the unit of disclosure protection.
        registered_by: Account that may describe it, beside those who act for it.
        registered_for: Tenant whose organizers may describe it; None if a participant came.
        merges: History; the last one holds while the state is merged.
    """

    id: UUID
    facts: Facts
    group_id: UUID
    registered_by: UUID
    created_at: datetime
    registered_for: UUID | None = None
    state: OrganizationState = OrganizationState.ACTIVE
    merges: tuple[Merge, ...] = ()
    version: int = 0
    happened: tuple[Happening, ...] = ()

    @classmethod
    def register(
        cls,
        id: UUID,
        facts: Facts,
        group_id: UUID | None,
        at: datetime,
        *,
        by: UUID,
        tenant: UUID | None,
    ) -> Self:
        """Take an organization in."""
        happened = (Registered(at),)
        return cls(id, facts, group_id or id, by, at, registered_for=tenant, happened=happened)

    @property
    def merged_into(self) -> UUID | None:
        """The organization that it counts as; None while it stands for itself."""
        return self.merges[-1].into_id if self.state is OrganizationState.MERGED else None

    def describe(self, facts: Facts, group_id: UUID, at: datetime) -> Self:
        """Change what is said of it; nothing is told when nothing changes."""
        only("the organization", self.state, OrganizationState.ACTIVE)
        if (facts, group_id) == (self.facts, self.group_id):
            return self
        return replace(self, facts=facts, group_id=group_id, happened=(*self.happened, Changed(at)))

    def merge(self, into: "Organization", at: datetime) -> Self:
        """Say that two records are one organization; this one counts as the other.

        Raises:
            Invalid: They are the same record.
            WrongState: One of them is merged already.
        """
        if into.id == self.id:
            raise Invalid("an organization cannot be merged into itself")
        only("the other organization", into.state, OrganizationState.ACTIVE)
        state = step("the organization", self.state, OrganizationState.MERGED, ARROWS)
        return replace(
            self,
            state=state,
            merges=(*self.merges, Merge(into.id, at)),
            happened=(*self.happened, Merged(into.id, at)),
        )

    def unmerge(self, at: datetime) -> Self:
        """Take a merge back; both histories are as they were, and the merge stays in them."""
        state = step("the organization", self.state, OrganizationState.ACTIVE, ARROWS)
        last = self.merges[-1]
        return replace(
            self,
            state=state,
            merges=(*self.merges[:-1], replace(last, undone_at=at)),
            happened=(*self.happened, Unmerged(last.into_id, at)),
        )
