"""Coming in: one-time links, passwords, sessions, API tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Invalid, Unauthorized
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_registration.app import letters
from techdock_registration.app.persons import account_for
from techdock_registration.app.ports import Begin, Passwords, Transaction
from techdock_registration.domain.access import (
    TOKEN_PREFIX,
    ApiToken,
    RoleGrant,
    SignIn,
    SignInLink,
)
from techdock_registration.domain.account import Account
from techdock_registration.domain.rules import is_email, normal_email
from techdock_registration.domain.states import at_version
from techdock_registration.domain.texts import Names

SECRET_BYTES = 32
LEAST_PASSWORD, MOST_PASSWORD = 12, 256
NOT_FITTING = "the address and the password do not fit"


def digest(secret: str) -> bytes:
    """Return the SHA-256 of a secret: the only form in which it is stored."""
    return hashlib.sha256(secret.encode()).digest()


async def ask_for_link(email: str, language: str | None, begin: Begin, clock: Clock) -> None:
    """Write a sign-in link to the owner of an address, if somebody has it here.

    Nothing tells the caller whether somebody does.
    """
    async with begin() as transaction:
        account = await transaction.accounts.by_email(normal_email(email))
        if account is not None and account.may_sign_in:
            at = clock.now()
            mail = letters.to(
                account, "sign_in_link", f"sign_in_link.{uuid7()}", at, language=language
            )
            await transaction.mails.plan([mail])


async def issue_link(
    account_id: UUID, transaction: Transaction, at: datetime
) -> tuple[str, datetime]:
    """Make a one-time sign-in link; return its ticket and when it ends."""
    ticket = secrets.token_urlsafe(SECRET_BYTES)
    link = SignInLink.issue(digest(ticket), account_id, at)
    await transaction.access.add_link(link)
    return ticket, link.expires_at


async def issue_sign_in_link(email: str, begin: Begin, clock: Clock) -> str:
    """Return the ticket of a new one-time link for an address, for the command line.

    Raises:
        Unauthorized: Nobody here has the address, or may not sign in.
    """
    async with begin() as transaction:
        account = await transaction.accounts.by_email(normal_email(email))
        if account is None or not account.may_sign_in:
            raise Unauthorized(f"no account with the address {email} may sign in")
        ticket, _ = await issue_link(account.id, transaction, clock.now())
        return ticket


async def redeem(ticket: str, begin: Begin, clock: Clock) -> tuple[str, SignIn, Account]:
    """Exchange a ticket for a session.

    Raises:
        Unauthorized: The ticket is unknown, used, or too old.
    """
    at = clock.now()
    async with begin() as transaction:
        link = await transaction.access.link(digest(ticket))
        if link is None:
            raise Unauthorized("this sign-in link is not known; ask for a new one")
        await transaction.access.redeem(link.redeem(at))
        for mail in await transaction.mails.with_links_of(link.account_id):
            await transaction.mails.save(letters.without_link(mail))
        account = await transaction.accounts.get(link.account_id)
        return await _open(account, transaction, at)


@dataclass(frozen=True, slots=True)
class Checked:
    """An account whose password was right.

    Attributes:
        password_hash: What it was checked against; it may have changed meanwhile.
    """

    account_id: UUID
    password_hash: str


async def check_password(email: str, password: str, begin: Begin, passwords: Passwords) -> Checked:
    """Check an address and its password; takes as long when nobody has the address.

    Raises:
        Unauthorized: They do not fit; does not say which is wrong.
    """
    async with begin() as transaction:
        account = await transaction.accounts.by_email(normal_email(email))
    known = account.password_hash if account is not None else None
    fits = await passwords.fits(password, known)
    if account is None or known is None or not fits:
        raise Unauthorized(NOT_FITTING)
    return Checked(account.id, known)


async def sign_in_with_password(
    checked: Checked, begin: Begin, clock: Clock
) -> tuple[str, SignIn, Account]:
    """Open a session for who knew the password.

    Raises:
        Unauthorized: It was changed meanwhile, or the account may not sign in.
    """
    async with begin() as transaction:
        account = await transaction.accounts.get(checked.account_id)
        if account.password_hash != checked.password_hash:
            raise Unauthorized(NOT_FITTING)
        return await _open(account, transaction, clock.now())


async def _open(
    account: Account, transaction: Transaction, at: datetime
) -> tuple[str, SignIn, Account]:
    if not account.may_sign_in:
        raise Unauthorized("this account may not sign in")
    after = account.signed_in()
    if after != account:
        after = await transaction.accounts.save(after)
    token = secrets.token_urlsafe(SECRET_BYTES)
    sign_in = SignIn.open(digest(token), account.id, at)
    await transaction.access.sign_in(sign_in)
    await transaction.introductions.came(account.id)
    return token, sign_in, after


async def sign_out(who: Principal, token: str, begin: Begin) -> None:
    """End the session; copies of what it may do are void."""
    async with begin() as transaction:
        await transaction.access.sign_out(digest(token))
        await transaction.accounts.void([who.account_id])


async def set_password(
    who: Principal,
    password: str,
    current: str | None,
    token: str | None,
    begin: Begin,
    clock: Clock,
    passwords: Passwords,
) -> None:
    """Set or change the own password; all other sessions end.

    Raises:
        Invalid: It is shorter than 12 or longer than 256 characters.
        Unauthorized: There is one, and `current` is not it.
    """
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise Invalid(f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} characters")
    async with begin() as transaction:
        account = await transaction.accounts.get(who.account_id)
    if account.password_hash is not None and not await passwords.fits(
        current or "", account.password_hash
    ):
        raise Unauthorized("the current password does not fit")
    hashed = await passwords.hash(password)
    at = clock.now()
    async with begin() as transaction:
        now = await transaction.accounts.get(who.account_id)
        at_version("the account", now.version, account.version)
        await transaction.accounts.save(now.with_password(hashed))
        kept = await transaction.access.signed_in(digest(token)) if token else None
        await transaction.access.sign_out_everywhere(who.account_id)
        if kept is not None and kept.expires_at > at:
            await transaction.access.sign_in(kept)
        await transaction.accounts.void([who.account_id])


async def make_token(
    who: Principal,
    name: str,
    scopes: tuple[str, ...],
    expires_on: date | None,
    begin: Begin,
    clock: Clock,
) -> tuple[str, ApiToken]:
    """Make an API token; its secret is returned once and never again.

    Raises:
        Invalid: Scopes are unknown or wider than those of the caller.
    """
    if who.scopes is not None and not set(scopes) <= who.scopes:
        raise Invalid(f"a token cannot give more than its maker has: {sorted(who.scopes)}")
    async with begin() as transaction:
        return await _token(who.account_id, name, scopes, expires_on, transaction, clock)


async def make_token_for(
    email: str, name: str, scopes: tuple[str, ...], begin: Begin, clock: Clock
) -> str:
    """Return a new API token for an address, for the command line.

    Raises:
        Unauthorized: Nobody here has the address, or may not sign in.
    """
    async with begin() as transaction:
        account = await transaction.accounts.by_email(normal_email(email))
        if account is None or not account.may_sign_in:
            raise Unauthorized(f"no account with the address {email} may sign in")
        token, _ = await _token(account.id, name, scopes, None, transaction, clock)
        return token


async def _token(
    account_id: UUID,
    name: str,
    scopes: tuple[str, ...],
    expires_on: date | None,
    transaction: Transaction,
    clock: Clock,
) -> tuple[str, ApiToken]:
    secret = TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken(
        uuid7(), account_id, name, digest(secret), secret[:8], scopes, clock.now(), expires_on
    )
    await transaction.access.add_token(token)
    return secret, token


async def tokens(who: Principal, begin: Begin) -> list[ApiToken]:
    """Return the caller's API tokens."""
    async with begin() as transaction:
        return await transaction.access.tokens(who.account_id)


async def drop_token(who: Principal, token_id: UUID, begin: Begin) -> None:
    """Delete an API token of the caller's."""
    async with begin() as transaction:
        await transaction.access.drop_token(token_id, who.account_id)
        await transaction.accounts.void([who.account_id])


async def create_administrator(
    email: str, begin: Begin, clock: Clock, *, language: str = "en", names: Names | None = None
) -> Account:
    """Let an address administer the installation, for the command line; again does nothing.

    There is no password and no default credential: sign in by a link.

    Raises:
        Invalid: It is no mail address.
    """
    if not is_email(normal_email(email)):
        raise Invalid(f"an administrator needs a mail address, not {email!r}")
    at = clock.now()
    async with begin() as transaction:
        account = await account_for(email, language, names, transaction, at)
        roles = await transaction.access.roles(account.id)
        if not any(role.name == "administrator" for role in roles):
            await transaction.access.grant(RoleGrant(uuid7(), account.id, "administrator", at))
            await transaction.accounts.void([account.id])
        return account


async def sweep(begin: Begin, clock: Clock) -> None:
    """Delete sessions and links that are over, and forget links in kept mails."""
    at = clock.now()
    async with begin() as transaction:
        await transaction.access.drop_ended(at)
        for mail in await transaction.mails.with_dead_links(at, 100):
            await transaction.mails.save(letters.without_link(mail))


def token_is_over(token: ApiToken, at: datetime) -> bool:
    """Whether an API token does not work any more."""
    return token.expires_on is not None and at.astimezone(UTC).date() >= token.expires_on
