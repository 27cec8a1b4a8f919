"""Tenants and persons in tables."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.errors import NotFound
from typing_extensions import override

from techdock_registration.adapters import tables
from techdock_registration.adapters.documents import MOST_IDS, Documents, Kind, Taken
from techdock_registration.app import ports
from techdock_registration.domain.account import Account, Consent, Representation
from techdock_registration.domain.tenant import Tenant

TENANT = Kind("tenant", tables.tenants, TypeAdapter(Tenant), lambda tenant: {"code": tenant.code})
ACCOUNT = Kind(
    "account",
    tables.accounts,
    TypeAdapter(Account),
    lambda account: {"email": account.email, "state": account.state.value},
)


class SqlTenants(Documents[Tenant], ports.Tenants):
    """Tenants in a table."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection, TENANT)

    @override
    async def find(self, part: ports.Slice) -> list[Tenant]:
        t = tables.tenants
        statement = select(t.c.body).order_by(t.c.code).limit(part.limit)
        if part.after is not None:
            statement = statement.where(t.c.code > part.after[0])
        return await self._list(statement)


class SqlAccounts(Documents[Account], ports.Accounts):
    """Persons in tables: the account, its counting id, whom it acts for, its consents."""

    def __init__(self, connection: AsyncConnection, voided: set[UUID]) -> None:
        super().__init__(connection, ACCOUNT)
        self._voided = voided

    @override
    async def by_email(self, email: str) -> Account | None:
        return (await self.by_emails((email,))).get(email)

    @override
    async def by_emails(self, emails: Sequence[str]) -> dict[str, Account]:
        t, found = tables.accounts, {}
        wanted = list(dict.fromkeys(emails))
        for start in range(0, len(wanted), MOST_IDS):
            part = wanted[start : start + MOST_IDS]
            for account in await self._list(select(t.c.body).where(t.c.email.in_(part))):
                found[str(account.email)] = account
        return found

    @override
    async def link(self, person_id: UUID, account_id: UUID) -> None:
        row = {"person_id": person_id, "account_id": account_id}
        try:
            await self._connection.execute(insert(tables.counting_ids), row)
        except IntegrityError as error:
            raise Taken(f"the counting id {person_id} is taken") from error

    @override
    async def unlink(self, account_id: UUID) -> None:
        t = tables.counting_ids
        await self._connection.execute(delete(t).where(t.c.account_id == account_id))

    @override
    async def person_id(self, account_id: UUID) -> UUID | None:
        return (await self.person_ids((account_id,))).get(account_id)

    @override
    async def person_ids(self, account_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        t, found = tables.counting_ids, {}
        wanted = list(dict.fromkeys(account_ids))
        for start in range(0, len(wanted), MOST_IDS):
            part = wanted[start : start + MOST_IDS]
            statement = select(t.c.account_id, t.c.person_id).where(t.c.account_id.in_(part))
            for row in (await self._connection.execute(statement)).all():
                found[row.account_id] = row.person_id
        return found

    @override
    async def of_persons(self, person_ids: Sequence[UUID]) -> dict[UUID, Account]:
        t, c, found = tables.accounts, tables.counting_ids, {}
        wanted = list(dict.fromkeys(person_ids))
        for start in range(0, len(wanted), MOST_IDS):
            part = wanted[start : start + MOST_IDS]
            statement = (
                select(c.c.person_id, t.c.body)
                .join_from(c, t, t.c.id == c.c.account_id)
                .where(c.c.person_id.in_(part))
            )
            for row in (await self._connection.execute(statement)).all():
                found[row.person_id] = ACCOUNT.read(row)
        return found

    @override
    async def generation(self, account_id: UUID) -> int:
        t = tables.accounts
        found = await self._connection.execute(select(t.c.generation).where(t.c.id == account_id))
        generation: int | None = found.scalar_one_or_none()
        if generation is None:
            raise NotFound(f"no account {account_id}")
        return generation

    @override
    async def void(self, account_ids: Sequence[UUID]) -> None:
        t, wanted = tables.accounts, sorted(set(account_ids))
        for start in range(0, len(wanted), MOST_IDS):
            mine = t.c.id.in_(wanted[start : start + MOST_IDS])
            raised = update(t).where(mine).values(generation=t.c.generation + 1)
            await self._connection.execute(raised)
        self._voided.update(wanted)

    @override
    async def void_persons(self, person_ids: Sequence[UUID]) -> None:
        t, wanted = tables.counting_ids, sorted(set(person_ids))
        accounts: list[UUID] = []
        for start in range(0, len(wanted), MOST_IDS):
            part = wanted[start : start + MOST_IDS]
            found = await self._connection.execute(
                select(t.c.account_id).where(t.c.person_id.in_(part))
            )
            accounts += found.scalars().all()
        await self.void(accounts)

    @override
    async def represent(self, representations: Sequence[Representation]) -> None:
        t = tables.representations
        if not representations:
            return
        accounts = {r.account_id for r in representations}
        there = set()
        wanted = sorted(accounts)
        for start in range(0, len(wanted), MOST_IDS):
            part = wanted[start : start + MOST_IDS]
            statement = select(t.c.account_id, t.c.organization_id).where(
                t.c.account_id.in_(part), t.c.until.is_(None)
            )
            there |= {tuple(row) for row in (await self._connection.execute(statement)).all()}
        rows = {
            (r.account_id, r.organization_id): {
                "id": r.id,
                "account_id": r.account_id,
                "organization_id": r.organization_id,
                "role": r.role,
                "since": r.since,
                "until": r.until,
            }
            for r in representations
            if (r.account_id, r.organization_id) not in there
        }
        if rows:
            await self._connection.execute(insert(t), list(rows.values()))
            await self.void([account for account, _ in rows])

    @override
    async def represents(self, account_id: UUID, at: datetime) -> tuple[UUID, ...]:
        t = tables.representations
        statement = select(t.c.organization_id).where(t.c.account_id == account_id, _holds(at))
        return tuple((await self._connection.execute(statement.distinct())).scalars())

    @override
    async def representatives(self, organization_id: UUID, at: datetime) -> tuple[UUID, ...]:
        t = tables.representations
        statement = select(t.c.account_id).where(t.c.organization_id == organization_id, _holds(at))
        return tuple((await self._connection.execute(statement.distinct())).scalars())

    @override
    async def consent(self, consent: Consent) -> None:
        row = {
            "id": consent.id,
            "account_id": consent.account_id,
            "purpose": consent.purpose,
            "text_version": consent.text_version,
            "given": consent.given,
            "at": consent.at,
        }
        await self._connection.execute(insert(tables.consents), row)

    @override
    async def consents(self, account_id: UUID) -> list[Consent]:
        t = tables.consents
        statement = select(t).where(t.c.account_id == account_id).order_by(t.c.at, t.c.id)
        rows = (await self._connection.execute(statement)).all()
        return [Consent(r.id, r.account_id, r.purpose, r.text_version, r.given, r.at) for r in rows]

    @override
    async def erase_traces(self, account_id: UUID) -> None:
        for t in (
            tables.sign_ins,
            tables.sign_in_links,
            tables.api_tokens,
            tables.roles,
            tables.representations,
            tables.introductions,
            tables.mails,
        ):
            await self._connection.execute(delete(t).where(t.c.account_id == account_id))

    async def generations(self, account_ids: Sequence[UUID]) -> dict[UUID, int]:
        """Return the generations of accounts."""
        t = tables.accounts
        statement = select(t.c.id, func.max(t.c.generation)).where(t.c.id.in_(account_ids))
        rows = (await self._connection.execute(statement.group_by(t.c.id))).all()
        return {row[0]: row[1] for row in rows}


def _holds(at: datetime) -> ColumnElement[bool]:
    t = tables.representations
    return (t.c.since <= at) & (t.c.until.is_(None) | (t.c.until > at))
