"""A person's own data: seen, changed, exported, erased."""

from dataclasses import dataclass
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_registration.app import principals
from techdock_registration.app.ports import Begin, Slice
from techdock_registration.domain.access import ApiToken, RoleGrant
from techdock_registration.domain.account import Account, Consent
from techdock_registration.domain.mail import Mail
from techdock_registration.domain.participation import Participation
from techdock_registration.domain.states import at_version
from techdock_registration.domain.texts import Names

MOST_EXPORTED = 10_000


@dataclass(frozen=True, slots=True)
class Me:
    """An account, and what the person may do."""

    account: Account
    principal: Principal
    roles: tuple[RoleGrant, ...]
    consents: tuple[Consent, ...]


@dataclass(frozen=True, slots=True)
class Everything:
    """All that is stored about a person."""

    me: Me
    participations: tuple[Participation, ...]
    tokens: tuple[ApiToken, ...]
    mails: tuple[Mail, ...]


async def me(who: Principal, begin: Begin, clock: Clock) -> Me:
    """Return the own account, as it stands now."""
    async with begin() as transaction:
        account = await transaction.accounts.get(who.account_id)
        now = await principals.of_account(account, transaction, clock.now(), who.scopes)
        return Me(
            account,
            now or who,
            tuple(await transaction.access.roles(account.id)),
            tuple(await transaction.accounts.consents(account.id)),
        )


async def describe(
    who: Principal,
    expected: int,
    names: Names | None,
    language: str | None,
    languages: tuple[str, ...] | None,
    begin: Begin,
) -> Account:
    """Change what the own account says; None leaves a thing as it is."""
    async with begin() as transaction:
        account = await transaction.accounts.get(who.account_id)
        at_version("the account", account.version, expected)
        after = account.describe(names, language, languages)
        if after == account:
            return account
        await transaction.accounts.void([account.id])
        return await transaction.accounts.save(after)


async def consent(
    who: Principal, purpose: str, text_version: str, given: bool, begin: Begin, clock: Clock
) -> Consent:
    """Add a consent, or take one back."""
    said = Consent(uuid7(), who.account_id, purpose, text_version, given, clock.now())
    async with begin() as transaction:
        await transaction.accounts.consent(said)
    return said


async def consents(who: Principal, begin: Begin) -> list[Consent]:
    """Return all that the person ever said, oldest first."""
    async with begin() as transaction:
        return await transaction.accounts.consents(who.account_id)


async def export(who: Principal, begin: Begin, clock: Clock) -> Everything:
    """Return all that is stored about the caller."""
    mine = await me(who, begin, clock)
    ids: list[UUID] = [part.participation_id for part in mine.principal.participations]
    async with begin() as transaction:
        found = await transaction.participations.get_many(ids)
        return Everything(
            mine,
            tuple(found.values()),
            tuple(await transaction.access.tokens(who.account_id)),
            tuple(await transaction.mails.find(Slice(MOST_EXPORTED), account_id=who.account_id)),
        )


async def mails(who: Principal, part: Slice, begin: Begin) -> list[Mail]:
    """Return the mails to the caller, newest first."""
    async with begin() as transaction:
        return await transaction.mails.find(part, account_id=who.account_id)


async def erase(who: Principal, begin: Begin) -> None:
    """Remove everything personal. What was counted stays, and can never again be named."""
    async with begin() as transaction:
        account = await transaction.accounts.get(who.account_id)
        await transaction.accounts.save(account.erase())
        await transaction.accounts.erase_traces(account.id)
        await transaction.accounts.unlink(account.id)
        await transaction.accounts.void([account.id])
