"""An account: a person. Personal data live here and nowhere else."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from techdock_registration.domain.rules import Findings, is_email, is_language
from techdock_registration.domain.states import only, step
from techdock_registration.domain.texts import Names


class AccountState(StrEnum):
    """Where an account stands."""

    INVITED = "invited"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ERASED = "erased"


ARROWS = {
    AccountState.INVITED: frozenset({AccountState.ACTIVE, AccountState.ERASED}),
    AccountState.ACTIVE: frozenset({AccountState.SUSPENDED, AccountState.ERASED}),
    AccountState.SUSPENDED: frozenset({AccountState.ACTIVE, AccountState.ERASED}),
}


@dataclass(frozen=True, slots=True)
class Account:
    """A person, with or without a mail address.

    Attributes:
        email: As compared, in lower case; None for a person who was only named by others,
            or who was erased. Without one nobody can sign in.
        names: None after erasure.
        password_hash: None until the person sets a password.
    """

    id: UUID
    email: str | None
    names: Names | None
    language: str
    created_at: datetime
    languages: tuple[str, ...] = ()
    state: AccountState = AccountState.INVITED
    password_hash: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(
            self.email is None or (is_email(self.email) and self.email == self.email.lower()),
            "email",
            "a mail address",
            self.email,
        )
        found.expect(is_language(self.language), "language", "a BCP 47 tag", self.language)
        for tag in self.languages:
            found.expect(is_language(tag), "languages", "BCP 47 tags", tag)
        found.settle("account")

    @property
    def may_sign_in(self) -> bool:
        """Whether the person may get a session."""
        return self.state in (AccountState.INVITED, AccountState.ACTIVE)

    def signed_in(self) -> Self:
        """Note that the person came; the first time makes the account active."""
        if self.state is AccountState.INVITED:
            return replace(self, state=AccountState.ACTIVE)
        only("the account", self.state, AccountState.ACTIVE)
        return self

    def describe(
        self, names: Names | None, language: str | None, languages: tuple[str, ...] | None
    ) -> Self:
        """Change what the person says of themself; None leaves a thing as it is."""
        only("the account", self.state, AccountState.ACTIVE, AccountState.INVITED)
        return replace(
            self,
            names=names or self.names,
            language=language or self.language,
            languages=self.languages if languages is None else languages,
        )

    def with_password(self, password_hash: str) -> Self:
        """Set a password, given its hash."""
        only("the account", self.state, AccountState.ACTIVE)
        return replace(self, password_hash=password_hash)

    def erase(self) -> Self:
        """Remove everything personal; the row stays, so that its id is never reused."""
        return replace(
            self,
            state=step("the account", self.state, AccountState.ERASED, ARROWS),
            email=None,
            names=None,
            languages=(),
            password_hash=None,
        )


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's word on one purpose; only ever added to, the newest counts.

    Attributes:
        purpose: A code, such as `matching` or `cross_border_transfer`.
        text_version: Which wording the person saw.
        given: False takes an earlier consent back.
    """

    id: UUID
    account_id: UUID
    purpose: str
    text_version: str
    given: bool
    at: datetime

    def __post_init__(self) -> None:
        found = Findings()
        found.text("purpose", self.purpose, 60)
        found.text("text_version", self.text_version, 60)
        found.settle("consent")


@dataclass(frozen=True, slots=True)
class Representation:
    """A person acts for an organization from a date to a date.

    Attributes:
        role: Code of the list participation_role.
        until: None while it lasts; the first instant after it otherwise.
    """

    id: UUID
    account_id: UUID
    organization_id: UUID
    role: str
    since: datetime
    until: datetime | None = None
