"""What organizations answered to requests, counted, and what readers are told of it."""

import struct
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from techdock_matching.adapters import tables
from techdock_matching.adapters.statements import upsert
from techdock_matching.domain.meeting_request import RequestState
from techdock_matching.domain.ranking.acceptance import OFTEN, SELDOM, Answers, Leaning

ACCEPTED = (RequestState.ACCEPTED, RequestState.PLACED, RequestState.UNPLACED)
DECLINED = RequestState.DECLINED

_ANSWERED = 2
"""The version of a request with its first answer: what is declined later was countered before, and
it is the asking side that declined the counter."""

_NAME = "acceptance"
_ONE = struct.Struct(">16s16sh")

OfTenants = Mapping[UUID, Mapping[UUID, Leaning]]
"""Leanings of organizations, by the tenant to whose docking events they came."""


async def answered(connection: AsyncConnection) -> dict[UUID, dict[UUID, Answers]]:
    """Return what each organization answered, by tenant: of one nothing is said to another."""
    r, p = tables.meeting_requests, tables.participations
    statement = (
        select(r.c.tenant_id, p.c.organization_id, r.c.state, func.count())
        .join(p, p.c.id == r.c.asked_participation_id)
        .where(
            r.c.state.in_(ACCEPTED) | ((r.c.state == DECLINED) & (r.c.version <= _ANSWERED)),
        )
        .group_by(r.c.tenant_id, p.c.organization_id, r.c.state)
    )
    found: dict[UUID, dict[UUID, Answers]] = {}
    for tenant, organization, state, count in await connection.execute(statement):
        of_tenant = found.setdefault(tenant, {})
        known = of_tenant.get(organization, Answers())
        if state == DECLINED:
            of_tenant[organization] = Answers(known.accepted, known.declined + count)
        else:
            of_tenant[organization] = Answers(known.accepted + count, known.declined)
    return found


async def tenants(connection: AsyncConnection) -> dict[UUID, UUID]:
    """Return the tenant of each docking event."""
    d = tables.docking_events
    return {
        row.id: row.tenant_id for row in await connection.execute(select(d.c.id, d.c.tenant_id))
    }


def packed(leanings: OfTenants) -> bytes:
    """Return what is told to readers, as it is stored."""
    return b"".join(
        _ONE.pack(tenant.bytes, organization.bytes, one.value)
        for tenant, some in sorted(leanings.items())
        for organization, one in sorted(some.items())
        if one.told
    )


async def kept(connection: AsyncConnection) -> bytes:
    """Return what is stored."""
    s = tables.ranking_state
    found = await connection.execute(select(s.c.fingerprint).where(s.c.name == _NAME))
    return found.scalar_one_or_none() or b""


async def keep(connection: AsyncConnection, told: bytes) -> None:
    """Store what is told to readers."""
    statement = upsert(connection, tables.ranking_state).values(name=_NAME, fingerprint=told)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"fingerprint": statement.excluded.fingerprint}
        )
    )


async def told(connection: AsyncConnection, tenant_id: UUID) -> dict[UUID, Leaning]:
    """Return who accepts requests often, and who seldom, as the ranking counted it last."""
    return {
        UUID(bytes=organization): Leaning(value, OFTEN if value > 0 else SELDOM)
        for tenant, organization, value in _ONE.iter_unpack(await kept(connection))
        if tenant == tenant_id.bytes
    }
