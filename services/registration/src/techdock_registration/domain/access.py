"""Keys to the house: roles, sign-ins, sign-in links and API tokens."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID

from techdock_shared.errors import Unauthorized

from techdock_registration.domain.rules import Findings

SIGN_IN_LINK_LIFE = timedelta(minutes=15)
SIGN_IN_LIFE = timedelta(days=7)
ROLES = ("administrator", "organizer", "analyst")
SCOPES = ("read", "write")
TOKEN_PREFIX = "td_"  # noqa: S105 - the visible beginning of every token, no secret


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """A role that an account has.

    Attributes:
        name: administrator, organizer or analyst.
        tenant_id: None for an administrator only.
        docking_event_id: Limits an organizer to one docking event.
        organization_id: For which organization the organizer acts.
    """

    id: UUID
    account_id: UUID
    name: str
    granted_at: datetime
    tenant_id: UUID | None = None
    docking_event_id: UUID | None = None
    organization_id: UUID | None = None

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(self.name in ROLES, "role", " or ".join(ROLES), self.name)
        found.expect(
            (self.tenant_id is None) == (self.name == "administrator"),
            "tenant_id",
            "the tenant of an organizer or analyst, none for an administrator",
            self.tenant_id,
        )
        found.expect(
            self.docking_event_id is None or self.name == "organizer",
            "docking_event_id",
            "given for organizers only",
            self.docking_event_id,
        )
        found.settle("role")


@dataclass(frozen=True, slots=True)
class SignInLink:
    """A one-time link; known by the SHA-256 of its ticket only."""

    ticket_sha256: bytes
    account_id: UUID
    expires_at: datetime
    redeemed_at: datetime | None = None

    @classmethod
    def issue(cls, ticket_sha256: bytes, account_id: UUID, at: datetime) -> Self:
        """Make a link that works for 15 minutes."""
        return cls(ticket_sha256, account_id, at + SIGN_IN_LINK_LIFE)

    def redeem(self, at: datetime) -> Self:
        """Use the link up.

        Raises:
            Unauthorized: It was used before, or is too old.
        """
        if self.redeemed_at is not None or at >= self.expires_at:
            raise Unauthorized("this sign-in link was used or is too old; ask for a new one")
        return replace(self, redeemed_at=at)


@dataclass(frozen=True, slots=True)
class SignIn:
    """A signed-in person's session; known by the SHA-256 of the session id only."""

    token_sha256: bytes
    account_id: UUID
    created_at: datetime
    expires_at: datetime

    @classmethod
    def open(cls, token_sha256: bytes, account_id: UUID, at: datetime) -> Self:
        """Begin a session of seven days."""
        return cls(token_sha256, account_id, at, at + SIGN_IN_LIFE)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A key for programs; known by its SHA-256 and its first letters only.

    Attributes:
        beginning: Enough of the token to recognise it in a list.
        scopes: Of read and write.
        expires_on: First day on which it does not work any more, UTC.
    """

    id: UUID
    account_id: UUID
    name: str
    token_sha256: bytes
    beginning: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_on: date | None = None

    def __post_init__(self) -> None:
        found = Findings()
        found.text("name", self.name, 100)
        found.expect(bool(self.scopes), "scopes", " or ".join(SCOPES), "none")
        for scope in self.scopes:
            found.expect(scope in SCOPES, "scopes", " or ".join(SCOPES), scope)
        found.settle("token")
