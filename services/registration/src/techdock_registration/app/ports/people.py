"""Ports of tenants, persons and what they may do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from techdock_registration.app.ports.records import Slice, Store
from techdock_registration.domain.access import ApiToken, RoleGrant, SignIn, SignInLink
from techdock_registration.domain.account import Account, Consent, Representation
from techdock_registration.domain.introduction import Introduction
from techdock_registration.domain.tenant import Tenant


class Tenants(Store[Tenant], Protocol):
    """The tenants of the installation."""

    async def find(self, part: Slice) -> list[Tenant]:
        """Return them by code."""
        ...


class Accounts(Store[Account], Protocol):
    """The persons. Everything personal lies behind this port."""

    async def by_email(self, email: str) -> Account | None:
        """Return whose address it is."""
        ...

    async def by_emails(self, emails: Sequence[str]) -> dict[str, Account]:
        """Return whose addresses they are, by address."""
        ...

    async def link(self, person_id: UUID, account_id: UUID) -> None:
        """Tie a new counting id to an account.

        Raises:
            Conflict: The account has one, or the counting id is taken.
        """
        ...

    async def unlink(self, account_id: UUID) -> None:
        """Delete the tie: what is counted can never again be named."""
        ...

    async def person_id(self, account_id: UUID) -> UUID | None:
        """Return the counting id of an account; None after erasure."""
        ...

    async def person_ids(self, account_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        """Return counting ids by account."""
        ...

    async def of_persons(self, person_ids: Sequence[UUID]) -> dict[UUID, Account]:
        """Return accounts by counting id; erased persons are missing."""
        ...

    async def generation(self, account_id: UUID) -> int:
        """Return the generation of an account."""
        ...

    async def void(self, account_ids: Sequence[UUID]) -> None:
        """Raise the generations: what others remember of these principals is void."""
        ...

    async def void_persons(self, person_ids: Sequence[UUID]) -> None:
        """As `void`, by counting ids."""
        ...

    async def represent(self, representations: Sequence[Representation]) -> None:
        """Let persons act for organizations; those who do already are left as they are."""
        ...

    async def represents(self, account_id: UUID, at: datetime) -> tuple[UUID, ...]:
        """Return the organizations that a person acts for."""
        ...

    async def representatives(self, organization_id: UUID, at: datetime) -> tuple[UUID, ...]:
        """Return the accounts that act for an organization."""
        ...

    async def consent(self, consent: Consent) -> None:
        """Add a consent, or its end."""
        ...

    async def consents(self, account_id: UUID) -> list[Consent]:
        """Return all that the person ever said, oldest first."""
        ...

    async def erase_traces(self, account_id: UUID) -> None:
        """Delete what hangs on an account: sign-ins, links, tokens, roles, mails, introductions."""
        ...


class Introductions(Protocol):
    """What was said of persons who have not come yet."""

    async def keep(self, introductions: Sequence[Introduction]) -> None:
        """Store them; said again of the same person, the new names count and the id stays."""
        ...

    async def of(self, participation_ids: Sequence[UUID]) -> list[Introduction]:
        """Return those of participations."""
        ...

    async def of_persons(self, person_ids: Sequence[UUID]) -> list[Introduction]:
        """Return those of persons, wherever."""
        ...

    async def keep_only(self, participation_id: UUID, person_ids: Sequence[UUID]) -> None:
        """Delete those of persons who are not in the participation any more."""
        ...

    async def came(self, account_id: UUID) -> None:
        """Delete those of a person who came, where the participation is confirmed."""
        ...


class Access(Protocol):
    """Roles, sign-ins, sign-in links and tokens."""

    async def grant(self, role: RoleGrant) -> None:
        """Give a role."""
        ...

    async def revoke(self, role_id: UUID) -> None:
        """Take a role away."""
        ...

    async def role(self, role_id: UUID) -> RoleGrant:
        """Return a role.

        Raises:
            NotFound: None has this id.
        """
        ...

    async def roles(self, account_id: UUID) -> list[RoleGrant]:
        """Return what an account may do."""
        ...

    async def roles_in(self, tenant_id: UUID) -> list[RoleGrant]:
        """Return who may do what in a tenant."""
        ...

    async def add_link(self, link: SignInLink) -> None:
        """Store a sign-in link."""
        ...

    async def link(self, ticket_sha256: bytes) -> SignInLink | None:
        """Return a sign-in link and keep others from redeeming it meanwhile."""
        ...

    async def redeem(self, link: SignInLink) -> None:
        """Store that a link was redeemed.

        Raises:
            Unauthorized: Somebody redeemed it a moment ago.
        """
        ...

    async def sign_in(self, sign_in: SignIn) -> None:
        """Store a session."""
        ...

    async def signed_in(self, token_sha256: bytes) -> SignIn | None:
        """Return a session."""
        ...

    async def sign_out(self, token_sha256: bytes) -> None:
        """End a session."""
        ...

    async def sign_out_everywhere(self, account_id: UUID) -> None:
        """End all sessions of an account."""
        ...

    async def add_token(self, token: ApiToken) -> None:
        """Store an API token."""
        ...

    async def token(self, token_sha256: bytes) -> ApiToken | None:
        """Return an API token."""
        ...

    async def tokens(self, account_id: UUID) -> list[ApiToken]:
        """Return the API tokens of an account."""
        ...

    async def drop_token(self, token_id: UUID, account_id: UUID) -> None:
        """Delete an API token.

        Raises:
            NotFound: The account has none with this id.
        """
        ...

    async def drop_ended(self, at: datetime) -> None:
        """Delete sessions and links that are over."""
        ...
