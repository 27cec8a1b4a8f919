"""Docking events, sessions and participations in tables."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import and_, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.ids import random_id
from techdock_shared.sql.raw import Raw
from typing_extensions import override

from techdock_registration.adapters import tables, translate
from techdock_registration.adapters.bare import bare, uuids
from techdock_registration.adapters.documents import Documents, Kind, pattern
from techdock_registration.app import ports
from techdock_registration.app.ports.docking_events import Part
from techdock_registration.domain.docking_event import DockingEvent, DockingEventState, Standing
from techdock_registration.domain.participation import LIVE, Participation, Ticket
from techdock_registration.domain.session import Session

_LIVE = tuple(state.value for state in LIVE)

_STANDINGS = Raw(
    sqlite="""
        SELECT id, tenant_id, state, is_told FROM {table}
        WHERE id IN (SELECT value FROM json_each(?))
    """,
    postgresql="SELECT id, tenant_id, state, is_told FROM {table} WHERE id = ANY($1::uuid[])",
)
_CONFIRMED = Raw(
    sqlite="""
        SELECT 1 FROM {table}
        WHERE docking_event_id = ? AND organization_id = ? AND state = 'confirmed' LIMIT 1
    """,
    postgresql="""
        SELECT 1 FROM {table}
        WHERE docking_event_id = $1 AND organization_id = $2 AND state = 'confirmed' LIMIT 1
    """,
)


def _docking_event_columns(thing: DockingEvent) -> Mapping[str, Any]:
    return {
        "tenant_id": thing.tenant_id,
        "code": thing.outline.code,
        "state": thing.state.value,
        "is_told": thing.is_told,
        "starts_on": thing.outline.starts_on,
        "ends_on": thing.outline.ends_on,
    }


DOCKING_EVENT = Kind(
    "docking event",
    tables.docking_events,
    TypeAdapter(DockingEvent),
    _docking_event_columns,
    translate.docking_event,
)
SESSION = Kind(
    "session",
    tables.sessions,
    TypeAdapter(Session),
    lambda thing: {
        "docking_event_id": thing.docking_event_id,
        "state": thing.state.value,
        "start": thing.plan.time.start,
    },
    translate.session,
)
PARTICIPATION = Kind(
    "participation",
    tables.participations,
    TypeAdapter(Participation),
    lambda thing: {
        "docking_event_id": thing.docking_event_id,
        "organization_id": thing.organization_id,
        "state": thing.state.value,
        "applied_at": thing.applied_at,
    },
    translate.participation,
)


class SqlDockingEvents(Documents[DockingEvent], ports.DockingEvents):
    """Docking events in a table."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection, DOCKING_EVENT)

    @override
    async def standings(self, ids: Sequence[UUID]) -> dict[UUID, Standing]:
        if not ids:
            return {}
        rows = await _STANDINGS.run(self._connection, tables.docking_events, list(ids))
        return {
            row[0]: Standing(row[0], row[1], DockingEventState(row[2]), bool(row[3]))
            for row in (uuids(row, 2) for row in rows)
        }

    @override
    async def find(
        self,
        part: ports.Slice,
        *,
        own_tenants: Sequence[UUID],
        own: Sequence[UUID],
        state: str | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> list[DockingEvent]:
        t = tables.docking_events
        seen = or_(t.c.is_told, t.c.tenant_id.in_(own_tenants), t.c.id.in_(own))
        statement = select(t.c.body).where(seen).order_by(t.c.starts_on, t.c.id).limit(part.limit)
        if state:
            statement = statement.where(t.c.state == state)
        if since:
            statement = statement.where(t.c.ends_on >= since)
        if until:
            statement = statement.where(t.c.starts_on <= until)
        if part.after is not None:
            day, after = date.fromisoformat(part.after[0]), UUID(part.after[1])
            later = or_(t.c.starts_on > day, and_(t.c.starts_on == day, t.c.id > after))
            statement = statement.where(later)
        return await self._list(statement)


class SqlSessions(Documents[Session], ports.Sessions):
    """Sessions in a table."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection, SESSION)

    @override
    async def of(self, docking_event_id: UUID) -> list[Session]:
        t = tables.sessions
        mine = t.c.docking_event_id == docking_event_id
        return await self._list(select(t.c.body).where(mine).order_by(t.c.start, t.c.id))


class SqlParticipations(Documents[Participation], ports.Participations):
    """Participations in a table, their persons in another, tickets in a third."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection, PARTICIPATION)

    @override
    async def save(self, thing: Participation) -> Participation:
        stored = await super().save(thing)
        await self._seat((thing,))
        return stored

    @override
    async def save_many(self, things: Sequence[Participation]) -> None:
        await super().save_many(things)
        await self._seat(things)

    async def _seat(self, things: Sequence[Participation]) -> None:
        t = tables.participation_persons
        for thing in things:
            if thing.version:
                await self._connection.execute(delete(t).where(t.c.participation_id == thing.id))
        rows = [
            {
                "participation_id": thing.id,
                "person_id": person.person_id,
                "docking_event_id": thing.docking_event_id,
                "organization_id": thing.organization_id,
                "role": person.role,
                "confirmed": thing.is_confirmed,
            }
            for thing in things
            if thing.state in LIVE
            for person in thing.entry.persons
        ]
        if rows:
            await self._connection.execute(insert(t), rows)

    @override
    async def find(
        self,
        part: ports.Slice,
        docking_event_id: UUID,
        *,
        state: str | None = None,
        country: str | None = None,
        q: str | None = None,
        organization_ids: Sequence[UUID] | None = None,
    ) -> list[Participation]:
        t, o = tables.participations, tables.organizations
        statement = (
            select(t.c.body)
            .join_from(t, o, o.c.id == t.c.organization_id)
            .where(t.c.docking_event_id == docking_event_id)
            .order_by(t.c.id)
            .limit(part.limit)
        )
        if state:
            statement = statement.where(t.c.state == state)
        if country:
            statement = statement.where(o.c.country == country)
        if q:
            statement = statement.where(o.c.search.like(pattern(q), escape="\\"))
        if organization_ids is not None:
            statement = statement.where(t.c.organization_id.in_(organization_ids))
        if part.after is not None:
            statement = statement.where(t.c.id > UUID(part.after[0]))
        return await self._list(statement)

    @override
    async def counts(self, docking_event_id: UUID) -> dict[str, int]:
        t = tables.participations
        statement = (
            select(t.c.state, func.count())
            .where(t.c.docking_event_id == docking_event_id)
            .group_by(t.c.state)
        )
        return {row[0]: row[1] for row in await self._connection.execute(statement)}

    @override
    async def live_of(self, docking_event_id: UUID, organization_id: UUID) -> Participation | None:
        t = tables.participations
        statement = select(t.c.body).where(
            t.c.docking_event_id == docking_event_id,
            t.c.organization_id == organization_id,
            t.c.state.in_(_LIVE),
        )
        found = await self._list(statement)
        return found[0] if found else None

    @override
    async def is_confirmed(self, docking_event_id: UUID, organization_id: UUID) -> bool:
        given = bare(self._connection, docking_event_id, organization_id)
        return bool(await _CONFIRMED.run(self._connection, tables.participations, *given))

    @override
    async def parts(self, person_id: UUID) -> list[Part]:
        t = tables.participation_persons
        statement = (
            select(t)
            .where(t.c.person_id == person_id, t.c.confirmed)
            .order_by(t.c.participation_id)
        )
        rows = (await self._connection.execute(statement)).all()
        return [
            Part(r.participation_id, r.docking_event_id, r.organization_id, r.role) for r in rows
        ]

    @override
    async def docking_events_of(self, organization_ids: Sequence[UUID]) -> list[UUID]:
        t = tables.participations
        statement = select(t.c.docking_event_id).where(t.c.organization_id.in_(organization_ids))
        return list((await self._connection.execute(statement.distinct())).scalars())

    @override
    async def persons_elsewhere(
        self,
        docking_event_id: UUID,
        person_ids: Sequence[UUID],
        apart_from: UUID,
        *,
        vetted: bool = False,
    ) -> list[UUID]:
        t, p = tables.participation_persons, tables.participations
        statement = select(t.c.person_id).where(
            t.c.docking_event_id == docking_event_id,
            t.c.person_id.in_(person_ids),
            t.c.participation_id != apart_from,
        )
        if vetted:
            statement = statement.join(p, p.c.id == t.c.participation_id).where(
                p.c.state != "applied"
            )
        return list((await self._connection.execute(statement)).scalars())

    @override
    async def named_to(
        self,
        person_ids: Sequence[UUID],
        *,
        docking_events: Sequence[UUID],
        tenants: Sequence[UUID],
        introduced: bool = True,
    ) -> set[UUID]:
        t, d, i = tables.participation_persons, tables.docking_events, tables.introductions
        theirs = select(d.c.id).where(d.c.tenant_id.in_(tenants))
        statement = select(t.c.person_id).where(
            t.c.person_id.in_(person_ids),
            or_(t.c.docking_event_id.in_(docking_events), t.c.docking_event_id.in_(theirs)),
        )
        if not introduced:
            said = (i.c.participation_id == t.c.participation_id) & (i.c.person_id == t.c.person_id)
            statement = statement.where(~select(i.c.id).where(said).exists())
        return set((await self._connection.execute(statement)).scalars())

    @override
    async def issue_tickets(self, participation: Participation) -> None:
        t = tables.tickets
        ids = [person.person_id for person in participation.entry.persons]
        mine = (t.c.docking_event_id == participation.docking_event_id) & t.c.person_id.in_(ids)
        there = set((await self._connection.execute(select(t.c.person_id).where(mine))).scalars())
        rows = [
            {
                "id": random_id(),
                "docking_event_id": participation.docking_event_id,
                "participation_id": participation.id,
                "person_id": person_id,
            }
            for person_id in ids
            if person_id not in there
        ]
        if rows:
            await self._connection.execute(insert(t), rows)
        if there:
            moved = t.update().where(mine).values(participation_id=participation.id)
            await self._connection.execute(moved)

    @override
    async def ticket(self, id: UUID) -> Ticket | None:
        return await self._ticket(tables.tickets.c.id == id)

    @override
    async def ticket_of(self, docking_event_id: UUID, person_id: UUID) -> Ticket | None:
        t = tables.tickets
        return await self._ticket(
            and_(t.c.docking_event_id == docking_event_id, t.c.person_id == person_id)
        )

    async def _ticket(self, which: Any) -> Ticket | None:
        row = (await self._connection.execute(select(tables.tickets).where(which))).one_or_none()
        return None if row is None else Ticket(*row)

    @override
    async def tickets_of(self, docking_event_id: UUID) -> list[Ticket]:
        t = tables.tickets
        statement = select(t).where(t.c.docking_event_id == docking_event_id).order_by(t.c.id)
        return [Ticket(*row) for row in (await self._connection.execute(statement)).all()]
