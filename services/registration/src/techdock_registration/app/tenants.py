"""Tenants, and who may do what in them."""

from dataclasses import dataclass
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Forbidden, Invalid, NotFound
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_registration.app import letters
from techdock_registration.app.authorization import in_tenant
from techdock_registration.app.persons import account_for
from techdock_registration.app.ports import Begin, Slice, Transaction
from techdock_registration.domain.access import RoleGrant
from techdock_registration.domain.account import Account
from techdock_registration.domain.rules import is_email, normal_email
from techdock_registration.domain.tenant import Tenant
from techdock_registration.domain.texts import Names, Text


@dataclass(frozen=True, slots=True)
class Appoint:
    """Give somebody a role in a tenant.

    Attributes:
        name: organizer or analyst.
    """

    tenant_id: UUID
    email: str
    name: str
    docking_event_id: UUID | None = None
    organization_id: UUID | None = None
    language: str | None = None
    names: Names | None = None


async def open_tenant(
    who: Principal,
    code: str,
    names: Text,
    zone: str,
    languages: tuple[str, ...],
    begin: Begin,
    clock: Clock,
) -> Tenant:
    """Take in a centre or association. For administrators.

    Raises:
        Taken: The code is in use.
    """
    if not who.is_administrator:
        raise Forbidden("tenants are opened by administrators")
    async with begin() as transaction:
        return await transaction.tenants.save(
            Tenant(uuid7(), code, names, zone, languages, clock.now())
        )


async def tenants(who: Principal, part: Slice, begin: Begin) -> list[Tenant]:
    """Return the tenants that the caller has to do with; all of them for administrators."""
    async with begin() as transaction:
        if who.is_administrator:
            return await transaction.tenants.find(part)
        mine = {role.tenant_id for role in who.roles if role.tenant_id is not None}
        found = await transaction.tenants.get_many(sorted(mine))
    after = part.after[0] if part.after is not None else ""
    listed = sorted((t for t in found.values() if t.code > after), key=lambda t: t.code)
    return listed[: part.limit]


async def tenant(who: Principal, tenant_id: UUID, begin: Begin) -> Tenant:
    """Return a tenant that the caller has to do with."""
    _insist_in(who, tenant_id)
    async with begin() as transaction:
        return await transaction.tenants.get(tenant_id)


async def appoint(
    who: Principal, command: Appoint, begin: Begin, clock: Clock
) -> tuple[RoleGrant, Account]:
    """Give somebody a role, and invite them. The same again gives the role that there is."""
    _insist_runs(who, command.tenant_id)
    if not is_email(normal_email(command.email)):
        raise Invalid(f"a role is given to a mail address, not {command.email!r}")
    if command.name == "administrator":
        raise Invalid("administrators are made on the command line")
    at = clock.now()
    async with begin() as transaction:
        await _insist_exists(command, transaction)
        account = await account_for(command.email, command.language, command.names, transaction, at)
        role = RoleGrant(
            uuid7(),
            account.id,
            command.name,
            at,
            command.tenant_id,
            command.docking_event_id,
            command.organization_id,
        )
        for there in await transaction.access.roles(account.id):
            if _same(there, role):
                return there, account
        await transaction.access.grant(role)
        await transaction.accounts.void([account.id])
        mail = letters.to(
            account,
            "invitation",
            f"invitation.role.{role.id}",
            at,
            docking_event_id=command.docking_event_id,
            tenant_id=command.tenant_id,
        )
        await transaction.mails.plan([mail])
        return role, account


def _same(there: RoleGrant, role: RoleGrant) -> bool:
    return (there.name, there.tenant_id, there.docking_event_id, there.organization_id) == (
        role.name,
        role.tenant_id,
        role.docking_event_id,
        role.organization_id,
    )


async def _insist_exists(command: Appoint, transaction: Transaction) -> None:
    await transaction.tenants.get(command.tenant_id)
    if command.organization_id is not None:
        await transaction.organizations.get(command.organization_id)
    if command.docking_event_id is not None:
        docking_event = await transaction.docking_events.get(command.docking_event_id)
        if docking_event.tenant_id != command.tenant_id:
            raise NotFound(f"no docking event {command.docking_event_id}")


async def roles(who: Principal, tenant_id: UUID, begin: Begin) -> list[tuple[RoleGrant, Account]]:
    """Return who may do what in a tenant."""
    _insist_runs(who, tenant_id)
    async with begin() as transaction:
        await transaction.tenants.get(tenant_id)
        granted = await transaction.access.roles_in(tenant_id)
        accounts = await transaction.accounts.get_many([role.account_id for role in granted])
    return [(role, accounts[role.account_id]) for role in granted]


async def dismiss(who: Principal, tenant_id: UUID, role_id: UUID, begin: Begin) -> None:
    """Take a role away."""
    _insist_runs(who, tenant_id)
    async with begin() as transaction:
        role = await transaction.access.role(role_id)
        if role.tenant_id != tenant_id:
            raise NotFound(f"no role {role_id}")
        await transaction.access.revoke(role_id)
        await transaction.accounts.void([role.account_id])


def _insist_in(who: Principal, tenant_id: UUID) -> None:
    if not (who.is_administrator or in_tenant(who, tenant_id)):
        raise NotFound(f"no tenant {tenant_id}")


def _insist_runs(who: Principal, tenant_id: UUID) -> None:
    _insist_in(who, tenant_id)
    if not (who.is_administrator or who.organizes(tenant_id)):
        raise Forbidden("roles are given by organizers of the whole tenant")
