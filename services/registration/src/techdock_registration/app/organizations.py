"""Organizations: taken in, described, merged and un-merged."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Forbidden, Invalid, NotFound
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_registration.app.authorization import describes
from techdock_registration.app.ports import Begin, Slice, Transaction
from techdock_registration.domain.account import Representation
from techdock_registration.domain.organization import Facts, Organization
from techdock_registration.domain.states import at_version
from techdock_registration.domain.texts import Names

KIND = "organization"
REQUIRED = frozenset({"kind", "country", "aliases", "identifiers", "example"})


async def register(
    who: Principal, facts: Facts, group_id: UUID | None, begin: Begin, clock: Clock
) -> Organization:
    """Take an organization in. Who comes for it acts for it; an organizer does not.

    Raises:
        Taken: The external_id is in use.
    """
    at = clock.now()
    tenant = next((r.tenant_id for r in who.roles if r.name == "organizer"), None)
    organization = Organization.register(
        uuid7(), facts, group_id, at, by=who.account_id, tenant=tenant
    )
    async with begin() as transaction:
        if group_id is not None:
            await transaction.organizations.get(group_id)
        saved = await transaction.organizations.save(organization)
        if facts.external_id is not None:
            scope = tenant or who.account_id
            await transaction.external_ids.keep(scope, KIND, {facts.external_id: saved.id})
        if tenant is None and not who.is_administrator:
            acts = Representation(uuid7(), who.account_id, saved.id, "head", at)
            await transaction.accounts.represent([acts])
        return saved


async def find(
    part: Slice, q: str | None, country: str | None, kind: str | None, begin: Begin
) -> list[Organization]:
    """Return active organizations by name."""
    async with begin() as transaction:
        return await transaction.organizations.find(part, q, country, kind)


async def organization(
    organization_id: UUID, begin: Begin
) -> tuple[Organization, list[Organization]]:
    """Return an organization, and those that were merged into it."""
    async with begin() as transaction:
        found = await transaction.organizations.get(organization_id)
        return found, await transaction.organizations.merged_into(organization_id)


async def describe(
    who: Principal,
    organization_id: UUID,
    expected: int,
    changes: Mapping[str, Any],
    begin: Begin,
    clock: Clock,
) -> Organization:
    """Change what is said of an organization.

    Args:
        changes: By name: fields of its facts; `names` with native, latin and language; and
            `group_id`, where None means itself.
    """
    async with begin() as transaction:
        found = await _own(who, organization_id, transaction)
        at_version("the organization", found.version, expected)
        parts = dict(changes)
        group_id = parts.pop("group_id", found.group_id) or found.id
        if group_id not in (found.id, found.group_id):
            await transaction.organizations.get(group_id)
        names = parts.pop("names", None)
        if names is not None:
            parts["names"] = Names(names.native, names.latin)
            parts["name_language"] = names.language
        for name in REQUIRED & parts.keys():
            if parts[name] is None:
                raise Invalid(f"{name} cannot be taken away")
        after = found.describe(replace(found.facts, **parts), group_id, clock.now())
        return found if after is found else await transaction.organizations.save(after)


async def merge(
    who: Principal, organization_id: UUID, into_id: UUID, begin: Begin, clock: Clock
) -> Organization:
    """Say that two records are one organization."""
    async with begin() as transaction:
        found = await _of_organizer(who, organization_id, transaction)
        into = await transaction.organizations.get(into_id)
        return await transaction.organizations.save(found.merge(into, clock.now()))


async def unmerge(
    who: Principal, organization_id: UUID, begin: Begin, clock: Clock
) -> Organization:
    """Take a merge back."""
    async with begin() as transaction:
        found = await _of_organizer(who, organization_id, transaction)
        return await transaction.organizations.save(found.unmerge(clock.now()))


async def _own(who: Principal, organization_id: UUID, transaction: Transaction) -> Organization:
    found = await transaction.organizations.get(organization_id)
    if not describes(who, found):
        raise Forbidden("you do not act for this organization")
    return found


async def _of_organizer(
    who: Principal, organization_id: UUID, transaction: Transaction
) -> Organization:
    found = await transaction.organizations.get(organization_id)
    for_tenant = found.registered_for
    if who.is_administrator or (for_tenant is not None and who.organizes(for_tenant)):
        return found
    raise Forbidden("organizations are merged by administrators, or by whose tenant took them in")


async def insist_there(ids: set[UUID], transaction: Transaction) -> None:
    """Insist that organizations exist.

    Raises:
        NotFound: One does not.
    """
    missing = ids - set(await transaction.organizations.get_many(sorted(ids)))
    if missing:
        raise NotFound(f"no organization {min(missing)}")
