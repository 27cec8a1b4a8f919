"""Tenants and the roles in them."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request, status
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel
from techdock_shared.http.app import Body, no_content
from techdock_shared.http.etag import versioned
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import SignedIn

from techdock_registration.app import tenants
from techdock_registration.domain.access import RoleGrant
from techdock_registration.domain.account import Account
from techdock_registration.domain.tenant import Tenant
from techdock_registration.domain.texts import Names, Text
from techdock_registration.entrypoints.http.given import BeginDep, ClockDep, ReadDep, more

router = APIRouter(prefix="/v1/tenants", tags=["tenants"])


class TenantBody(Body):
    """A centre or association to be taken in."""

    code: str
    names: Text
    zone: str
    languages: tuple[str, ...]


class TenantOut(BaseModel):
    """A centre or association."""

    id: UUID
    version: int
    state: str
    code: str
    names: Text
    zone: str
    languages: tuple[str, ...]


class RoleBody(Body):
    """A role to be given to a mail address, whose owner is invited."""

    email: str
    role: Literal["organizer", "analyst"]
    docking_event_id: UUID | None = None
    organization_id: UUID | None = None
    language: str | None = None
    names: Names | None = None


class RoleGiven(BaseModel):
    """Who may do what."""

    id: UUID
    role: str
    tenant_id: UUID | None
    docking_event_id: UUID | None
    organization_id: UUID | None
    account_id: UUID
    email: str | None
    names: Names | None
    granted_at: AwareDatetime


class Roles(BaseModel):
    """Who may do what in a tenant."""

    items: list[RoleGiven]
    next: str | None = None


def _out(tenant: Tenant) -> TenantOut:
    return TenantOut(
        id=tenant.id,
        version=tenant.version,
        state=tenant.state,
        code=tenant.code,
        names=tenant.names,
        zone=tenant.zone,
        languages=tenant.languages,
    )


def _role(role: RoleGrant, account: Account) -> RoleGiven:
    return RoleGiven(
        id=role.id,
        role=role.name,
        tenant_id=role.tenant_id,
        docking_event_id=role.docking_event_id,
        organization_id=role.organization_id,
        account_id=account.id,
        email=account.email,
        names=account.names,
        granted_at=role.granted_at,
    )


@router.post("", status_code=status.HTTP_201_CREATED, response_model=TenantOut)
async def open_tenant(
    body: TenantBody, who: SignedIn, once: Once, begin: BeginDep, clock: ClockDep
) -> Response:
    """Take in a centre or association. For administrators."""

    async def act(begin: BeginDep) -> Tenant:
        return await tenants.open_tenant(
            who, body.code, body.names, body.zone, body.languages, begin, clock
        )

    return await once(begin, act, lambda made: created(_out(made), made.version))


@router.get("", response_model=Page[TenantOut])
async def listed(request: Request, who: SignedIn, read: ReadDep, page: Paging) -> Response:
    """List the tenants that the caller has to do with."""
    found = await tenants.tenants(who, more(page, str), read)
    return page.answer(request, [_out(t) for t in found], lambda last: [last.code])


@router.get("/{tenant_id}", response_model=TenantOut)
async def tenant(tenant_id: UUID, who: SignedIn, read: ReadDep) -> Response:
    """Return a tenant that the caller has to do with."""
    found = await tenants.tenant(who, tenant_id, read)
    return versioned(_out(found), found.version)


@router.post("/{tenant_id}/roles", status_code=status.HTTP_201_CREATED, response_model=RoleGiven)
async def appoint(
    tenant_id: UUID,
    body: RoleBody,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Give somebody a role, and invite them by mail."""
    command = tenants.Appoint(
        tenant_id,
        body.email,
        body.role,
        body.docking_event_id,
        body.organization_id,
        body.language,
        body.names,
    )

    async def act(begin: BeginDep) -> tuple[RoleGrant, Account]:
        return await tenants.appoint(who, command, begin, clock)

    return await once(begin, act, lambda given: created(_role(*given)))


@router.get("/{tenant_id}/roles")
async def roles(tenant_id: UUID, who: SignedIn, read: ReadDep) -> Roles:
    """List who may do what in a tenant."""
    found = await tenants.roles(who, tenant_id, read)
    return Roles(items=[_role(role, account) for role, account in found])


@router.delete("/{tenant_id}/roles/{role_id}", status_code=status.HTTP_204_NO_CONTENT)
async def dismiss(tenant_id: UUID, role_id: UUID, who: SignedIn, begin: BeginDep) -> Response:
    """Take a role away."""
    await tenants.dismiss(who, tenant_id, role_id, begin)
    return no_content()
