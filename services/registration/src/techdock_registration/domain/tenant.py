"""A tenant: a centre or association that runs docking events."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from techdock_registration.domain.rules import Findings, is_language, is_zone
from techdock_registration.domain.states import step
from techdock_registration.domain.texts import Text

CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


class TenantState(StrEnum):
    """Where a tenant stands."""

    ACTIVE = "active"
    CLOSED = "closed"


ARROWS = {TenantState.ACTIVE: frozenset({TenantState.CLOSED})}


@dataclass(frozen=True, slots=True)
class Tenant:
    """A centre or association; docking events belong to it.

    Attributes:
        code: Short and unique in the installation, such as `north-centre`.
        zone: IANA time zone in which its days are counted.
    """

    id: UUID
    code: str
    names: Text
    zone: str
    languages: tuple[str, ...]
    created_at: datetime
    state: TenantState = TenantState.ACTIVE
    version: int = 0

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(
            CODE.fullmatch(self.code) is not None,
            "code",
            "2 to 40 of a-z, 0-9 and hyphen",
            self.code,
        )
        found.text("names", self.names.first, 300)
        found.expect(is_zone(self.zone), "zone", "an IANA time zone", self.zone)
        found.expect(bool(self.languages), "languages", "at least one language", "none")
        for tag in self.languages:
            found.expect(is_language(tag), "languages", "BCP 47 tags", tag)
        found.settle("tenant")

    def close(self) -> Self:
        """End the tenant; what it recorded stays."""
        return replace(self, state=step("the tenant", self.state, TenantState.CLOSED, ARROWS))
