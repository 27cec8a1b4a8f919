"""Roles, sign-ins, links and tokens in tables."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.errors import NotFound, Unauthorized
from typing_extensions import override

from techdock_registration.adapters import tables
from techdock_registration.app import ports
from techdock_registration.domain.access import ApiToken, RoleGrant, SignIn, SignInLink


class SqlAccess(ports.Access):
    """Roles, sign-ins, links and tokens, a table each."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @override
    async def grant(self, role: RoleGrant) -> None:
        row = {
            "id": role.id,
            "account_id": role.account_id,
            "name": role.name,
            "granted_at": role.granted_at,
            "tenant_id": role.tenant_id,
            "docking_event_id": role.docking_event_id,
            "organization_id": role.organization_id,
        }
        await self._connection.execute(insert(tables.roles), row)

    @override
    async def revoke(self, role_id: UUID) -> None:
        t = tables.roles
        await self._connection.execute(delete(t).where(t.c.id == role_id))

    @override
    async def role(self, role_id: UUID) -> RoleGrant:
        t = tables.roles
        found = await self._connection.execute(select(t).where(t.c.id == role_id))
        row = found.one_or_none()
        if row is None:
            raise NotFound(f"no role {role_id}")
        return _role(row)

    @override
    async def roles(self, account_id: UUID) -> list[RoleGrant]:
        t = tables.roles
        statement = select(t).where(t.c.account_id == account_id).order_by(t.c.granted_at, t.c.id)
        return [_role(row) for row in (await self._connection.execute(statement)).all()]

    @override
    async def roles_in(self, tenant_id: UUID) -> list[RoleGrant]:
        t = tables.roles
        statement = select(t).where(t.c.tenant_id == tenant_id).order_by(t.c.granted_at, t.c.id)
        return [_role(row) for row in (await self._connection.execute(statement)).all()]

    @override
    async def add_link(self, link: SignInLink) -> None:
        row = {
            "ticket_sha256": link.ticket_sha256,
            "account_id": link.account_id,
            "expires_at": link.expires_at,
            "redeemed_at": link.redeemed_at,
        }
        await self._connection.execute(insert(tables.sign_in_links), row)

    @override
    async def link(self, ticket_sha256: bytes) -> SignInLink | None:
        t = tables.sign_in_links
        statement = select(t).where(t.c.ticket_sha256 == ticket_sha256).with_for_update()
        row = (await self._connection.execute(statement)).one_or_none()
        if row is None:
            return None
        return SignInLink(row.ticket_sha256, row.account_id, row.expires_at, row.redeemed_at)

    @override
    async def redeem(self, link: SignInLink) -> None:
        t = tables.sign_in_links
        mine = (t.c.ticket_sha256 == link.ticket_sha256) & t.c.redeemed_at.is_(None)
        result = await self._connection.execute(
            update(t).where(mine).values(redeemed_at=link.redeemed_at)
        )
        if result.rowcount != 1:
            raise Unauthorized("this sign-in link was used; ask for a new one")

    @override
    async def sign_in(self, sign_in: SignIn) -> None:
        row = {
            "token_sha256": sign_in.token_sha256,
            "account_id": sign_in.account_id,
            "created_at": sign_in.created_at,
            "expires_at": sign_in.expires_at,
        }
        await self._connection.execute(insert(tables.sign_ins), row)

    @override
    async def signed_in(self, token_sha256: bytes) -> SignIn | None:
        t = tables.sign_ins
        statement = select(t).where(t.c.token_sha256 == token_sha256)
        row = (await self._connection.execute(statement)).one_or_none()
        if row is None:
            return None
        return SignIn(row.token_sha256, row.account_id, row.created_at, row.expires_at)

    @override
    async def sign_out(self, token_sha256: bytes) -> None:
        t = tables.sign_ins
        await self._connection.execute(delete(t).where(t.c.token_sha256 == token_sha256))

    @override
    async def sign_out_everywhere(self, account_id: UUID) -> None:
        t = tables.sign_ins
        await self._connection.execute(delete(t).where(t.c.account_id == account_id))

    @override
    async def add_token(self, token: ApiToken) -> None:
        row = {
            "id": token.id,
            "account_id": token.account_id,
            "name": token.name,
            "token_sha256": token.token_sha256,
            "beginning": token.beginning,
            "scopes": " ".join(token.scopes),
            "created_at": token.created_at,
            "expires_on": token.expires_on,
        }
        await self._connection.execute(insert(tables.api_tokens), row)

    @override
    async def token(self, token_sha256: bytes) -> ApiToken | None:
        t = tables.api_tokens
        statement = select(t).where(t.c.token_sha256 == token_sha256)
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _token(row)

    @override
    async def tokens(self, account_id: UUID) -> list[ApiToken]:
        t = tables.api_tokens
        statement = select(t).where(t.c.account_id == account_id).order_by(t.c.created_at, t.c.id)
        return [_token(row) for row in (await self._connection.execute(statement)).all()]

    @override
    async def drop_token(self, token_id: UUID, account_id: UUID) -> None:
        t = tables.api_tokens
        mine = (t.c.id == token_id) & (t.c.account_id == account_id)
        if (await self._connection.execute(delete(t).where(mine))).rowcount != 1:
            raise NotFound(f"no token {token_id}")

    @override
    async def drop_ended(self, at: datetime) -> None:
        for t in (tables.sign_ins, tables.sign_in_links):
            await self._connection.execute(delete(t).where(t.c.expires_at < at))


def _role(row: Row[Any]) -> RoleGrant:
    return RoleGrant(
        row.id,
        row.account_id,
        row.name,
        row.granted_at,
        row.tenant_id,
        row.docking_event_id,
        row.organization_id,
    )


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        row.id,
        row.account_id,
        row.name,
        row.token_sha256,
        row.beginning,
        tuple(row.scopes.split()),
        row.created_at,
        row.expires_on,
    )
