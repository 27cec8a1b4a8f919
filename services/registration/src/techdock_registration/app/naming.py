"""What would name somebody in a profile, before everybody may read it."""

from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.http.principal import Principal

from techdock_registration.app.ports import Begin, Transaction
from techdock_registration.app.profiles import owned
from techdock_registration.domain.account import Account
from techdock_registration.domain.naming.finder import Phones, in_content
from techdock_registration.domain.naming.finding import Finding, Known
from techdock_registration.domain.organization import Facts
from techdock_registration.domain.profile import Profile
from techdock_registration.domain.texts import Names


async def naming(
    who: Principal, profile_id: UUID, phones: Phones, begin: Begin, clock: Clock
) -> tuple[Profile, list[Finding]]:
    """Return what in the open fields of a profile names a person, an organization and so on.

    For those who may change it. Nothing is decided by it: a person says whether it stays.
    """
    async with begin() as transaction:
        found, _ = await owned(who, profile_id, transaction)
        known = await _known(found, transaction, clock)
    return found, in_content(found.content, known, phones)


def names_of(facts: Facts) -> tuple[str, ...]:
    """Return all that an organization is called."""
    return tuple(dict.fromkeys((*_written(facts.names), *facts.aliases)))


async def _known(profile: Profile, transaction: Transaction, clock: Clock) -> Known:
    organization = await transaction.organizations.get(profile.organization_id)
    acting = await transaction.accounts.representatives(organization.id, clock.now())
    accounts: list[Account] = [*(await transaction.accounts.get_many(acting)).values()]
    called: list[Names | None] = [account.names for account in accounts]
    for docking_event_id in profile.content.docking_events:
        part = await transaction.participations.live_of(docking_event_id, organization.id)
        persons = [person.person_id for person in part.entry.persons] if part else []
        there = await transaction.accounts.of_persons(persons)
        called += [account.names for account in there.values()]
        called += [one.names for one in await transaction.introductions.of_persons(persons)]
    persons_named = dict.fromkeys(name for names in called if names for name in _written(names))
    return Known(names_of(organization.facts), tuple(persons_named))


def _written(names: Names) -> tuple[str, ...]:
    return (names.native,) if names.latin is None else (names.native, names.latin)
