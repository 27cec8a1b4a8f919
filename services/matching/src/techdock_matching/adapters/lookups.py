"""Reads the projections as views."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, Text, cast, select
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_contracts.registration import Attendee, Interpreter, ProfileState, Venue
from techdock_shared.errors import NotFound
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.app import repositories, views

VENUES = TypeAdapter(tuple[Venue, ...])
INTERPRETERS = TypeAdapter(tuple[Interpreter, ...])
PERSONS = TypeAdapter(tuple[Attendee, ...])
MOST_IN = 500
"""Ids in one IN list: well under what either driver takes."""

KEPT = 64
_d = tables.docking_events
DOCKING_EVENT = (
    *(column for column in _d.c if column.name not in {"venues", "interpreters", "languages"}),
    cast(_d.c.venues, Text).label("venues"),
    cast(_d.c.interpreters, Text).label("interpreters"),
)
"""Columns of a docking event; what is long comes as text, and is read once while it is the same."""


@lru_cache(maxsize=KEPT)
def _venues(text: str) -> tuple[Venue, ...]:
    """Return the venues of a docking event: with hundreds of tables they take milliseconds."""
    return VENUES.validate_json(text)


@lru_cache(maxsize=KEPT)
def _interpreters(text: str) -> tuple[Interpreter, ...]:
    return INTERPRETERS.validate_json(text)


def to_docking_event(row: Row[Any]) -> views.DockingEvent:
    """Return the view of a row of `DOCKING_EVENT`."""
    return views.DockingEvent(
        id=row.id,
        tenant_id=row.tenant_id,
        code=row.code,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        zone=row.zone,
        country=row.country,
        venues=_venues(row.venues),
        interpreters=_interpreters(row.interpreters),
        most_meetings=row.most_meetings,
        state=row.state,
    )


def to_participation(row: Row[Any]) -> views.Participation:
    """Return the view of a row of participations."""
    return views.Participation(
        id=row.id,
        docking_event_id=row.docking_event_id,
        tenant_id=row.tenant_id,
        organization_id=row.organization_id,
        country=row.country,
        group_id=row.group_id,
        contact_id=row.contact_id,
        persons=PERSONS.validate_python(row.persons),
        least_meetings=row.least_meetings,
        most_meetings=row.most_meetings,
        state=row.state,
    )


def to_session(row: Row[Any]) -> views.Session:
    """Return the view of a row of sessions."""
    return views.Session(
        id=row.id,
        docking_event_id=row.docking_event_id,
        venue_id=row.venue_id,
        start=row.start,
        end=row.end,
        zone=row.zone,
        slot_minutes=row.slot_minutes,
        break_minutes=row.break_minutes or 0,
        state=row.state,
    )


def to_profile(row: Row[Any]) -> views.PublishedProfile:
    """Return the view of a row of profiles; its content is restored as it was told."""
    return views.PublishedProfile(
        id=row.id,
        organization_id=row.organization_id,
        sequence=row.facts_sequence,
        content=ProfileState.model_validate_json(row.content),
    )


class SqlLookups(repositories.Lookups):
    """Reads what registration told."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _one(self, statement: Select[Any], what: str) -> Row[Any]:
        row: Row[Any] | None = (await self._connection.execute(statement)).one_or_none()
        if row is None:
            raise NotFound(f"no {what}")
        return row

    @override
    async def docking_event(self, id: UUID) -> views.DockingEvent:
        d = tables.docking_events
        statement = select(*DOCKING_EVENT).where(d.c.id == id, d.c.facts_sequence > 0)
        return to_docking_event(await self._one(statement, f"docking event {id}"))

    @override
    async def docking_events_of(self, tenant_ids: Collection[UUID]) -> Sequence[UUID]:
        d = tables.docking_events
        theirs = d.c.tenant_id.in_(list(tenant_ids)), d.c.facts_sequence > 0
        rows = await self._connection.execute(select(d.c.id).where(*theirs).order_by(d.c.id))
        return [row.id for row in rows]

    @override
    async def sessions(self, docking_event_id: UUID) -> Sequence[views.Session]:
        s = tables.sessions
        statement = (
            select(s)
            .where(
                s.c.docking_event_id == docking_event_id,
                s.c.facts_sequence > 0,
                s.c.kind == "matchmaking",
                s.c.state != "cancelled",
            )
            .order_by(s.c.start, s.c.id)
        )
        return [to_session(row) for row in await self._connection.execute(statement)]

    @override
    async def participation(self, id: UUID) -> views.Participation:
        p = tables.participations
        statement = select(p).where(p.c.id == id, p.c.facts_sequence > 0)
        return to_participation(await self._one(statement, f"participation {id}"))

    @override
    async def participations(
        self, docking_event_id: UUID, organization_ids: Collection[UUID] | None = None
    ) -> Sequence[views.Participation]:
        p = tables.participations
        statement = select(p).where(
            p.c.docking_event_id == docking_event_id,
            p.c.facts_sequence > 0,
            p.c.state == "confirmed",
        )
        if organization_ids is not None:
            statement = statement.where(p.c.organization_id.in_(list(organization_ids)[:MOST_IN]))
        rows = await self._connection.execute(statement.order_by(p.c.id))
        return [to_participation(row) for row in rows]

    @override
    async def organizations(self, ids: Collection[UUID]) -> Sequence[views.Organization]:
        o = tables.organizations
        statement = select(o).where(o.c.id.in_(list(ids)), o.c.facts_sequence > 0)
        return [
            views.Organization(row.id, row.country, row.group_id, row.merged_into or row.id)
            for row in await self._connection.execute(statement)
        ]

    @override
    async def profile(self, id: UUID) -> views.PublishedProfile:
        p = tables.profiles
        statement = select(p).where(p.c.id == id, p.c.published)
        return to_profile(await self._one(statement, f"profile {id}"))

    @override
    async def profiles(self, ids: Collection[UUID]) -> Sequence[views.PublishedProfile]:
        p = tables.profiles
        found: list[views.PublishedProfile] = []
        wanted = list(ids)
        for start in range(0, len(wanted), MOST_IN):
            part = p.c.id.in_(wanted[start : start + MOST_IN])
            rows = await self._connection.execute(select(p).where(part, p.c.published))
            found.extend(to_profile(row) for row in rows)
        return found

    @override
    async def profiles_of(
        self, docking_event_id: UUID, organization_ids: Collection[UUID]
    ) -> Sequence[views.PublishedProfile]:
        p, e = tables.profiles, tables.profile_entries
        statement = (
            select(p)
            .join(e, (e.c.profile_id == p.c.id) & (e.c.docking_event_id == docking_event_id))
            .where(p.c.organization_id.in_(list(organization_ids)), p.c.published)
            .order_by(p.c.id)
        )
        return [to_profile(row) for row in await self._connection.execute(statement)]

    @override
    async def search(
        self, docking_event_id: UUID, *, kind: str | None, words: Sequence[str], limit: int
    ) -> Sequence[views.PublishedProfile]:
        p, e = tables.profiles, tables.profile_entries
        statement = (
            select(p)
            .join(e, (e.c.profile_id == p.c.id) & (e.c.docking_event_id == docking_event_id))
            .where(p.c.published, *(p.c.title.contains(word, autoescape=True) for word in words))
            .order_by(p.c.id)
            .limit(limit)
        )
        if kind is not None:
            statement = statement.where(p.c.kind == kind)
        return [to_profile(row) for row in await self._connection.execute(statement)]
