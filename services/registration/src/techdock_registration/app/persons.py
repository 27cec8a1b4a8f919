"""From the persons that somebody names to accounts and counting ids."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from techdock_shared.errors import Invalid
from techdock_shared.ids import random_id, uuid7

from techdock_registration.app.ports import Transaction
from techdock_registration.domain.account import Account, AccountState
from techdock_registration.domain.rules import normal_email
from techdock_registration.domain.texts import Names


@dataclass(frozen=True, slots=True)
class Named:
    """A person as somebody names them.

    Attributes:
        email: Whose account it is, or will be; None for a person who never signs in.
        person_id: Counting id, to name somebody who is known already.
    """

    names: Names | None
    email: str | None = None
    language: str = "en"
    languages: tuple[str, ...] = ()
    person_id: UUID | None = None


async def settle(
    named: Sequence[Named],
    transaction: Transaction,
    at: datetime,
    *,
    known: frozenset[UUID],
    with_names: bool = False,
) -> list[tuple[UUID, Account]]:
    """Return the counting id and account of each person; who is new is invited.

    Args:
        known: Counting ids that the caller may name.
        with_names: Insist on names for a mail address, so that nobody learns from the answer
            whether the address is known here.

    Raises:
        Invalid: A person has neither names, a known address, nor a counting id that the
            caller may name.
    """
    accounts = transaction.accounts
    emails = [normal_email(person.email) for person in named if person.email]
    there = await accounts.by_emails(emails) if emails else {}
    again = await accounts.of_persons([p.person_id for p in named if p.person_id in known])
    persons = await accounts.person_ids([account.id for account in there.values()])
    settled: list[tuple[UUID, Account]] = []
    for person in named:
        if person.person_id is not None and person.person_id in again:
            settled.append((person.person_id, again[person.person_id]))
            continue
        if with_names and person.names is None:
            raise Invalid("a person who is not in the participation yet needs names")
        email = normal_email(person.email) if person.email else None
        account = there.get(email) if email else None
        if account is None:
            account, person_id = await _invite(person, email, transaction, at)
        else:
            account = await _describe(account, person, transaction)
            person_id = persons[account.id]
        if email:
            there[email], persons[account.id] = account, person_id
        settled.append((person_id, account))
    return settled


async def _invite(
    person: Named, email: str | None, transaction: Transaction, at: datetime
) -> tuple[Account, UUID]:
    if person.names is None:
        raise Invalid("a person who is new here needs names")
    account = await transaction.accounts.save(
        Account(uuid7(), email, person.names, person.language, at, languages=person.languages)
    )
    person_id = random_id()
    await transaction.accounts.link(person_id, account.id)
    return account, person_id


async def _describe(account: Account, person: Named, transaction: Transaction) -> Account:
    """Fill in what nobody has said yet; who has signed in speaks for themself."""
    if account.state is not AccountState.INVITED or account.names is not None:
        return account
    return await transaction.accounts.save(
        replace(account, names=person.names, languages=account.languages or person.languages)
    )


async def account_for(
    email: str, language: str | None, names: Names | None, transaction: Transaction, at: datetime
) -> Account:
    """Return the account of a mail address; a new one is invited, perhaps without names."""
    address = normal_email(email)
    account = await transaction.accounts.by_email(address)
    if account is not None:
        return account
    account = await transaction.accounts.save(
        Account(uuid7(), address, names, language or "en", at)
    )
    await transaction.accounts.link(random_id(), account.id)
    return account
