"""Organizations, needs and offers in tables."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, delete, exists, false, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.errors import NotFound
from techdock_shared.sql.raw import Raw
from typing_extensions import override

from techdock_registration.adapters import tables, translate, translate_profile
from techdock_registration.adapters.bare import bare, uuids
from techdock_registration.adapters.documents import (
    MOST_IDS,
    Documents,
    Kind,
    Taken,
    next_version,
    pattern,
)
from techdock_registration.app import ports
from techdock_registration.app.ports.records import Readable
from techdock_registration.domain.organization import Organization, OrganizationState
from techdock_registration.domain.participation import Belonging
from techdock_registration.domain.profile import Profile, ProfileState

MOST_SEARCH_CHARACTERS = 4_000


def _organization_columns(thing: Organization) -> Mapping[str, Any]:
    facts = thing.facts
    names = (facts.names.native, facts.names.latin or "", *facts.aliases)
    return {
        "state": thing.state.value,
        "kind": facts.kind,
        "country": facts.country,
        "group_id": thing.group_id,
        "merged_into": thing.merged_into,
        "registered_for": thing.registered_for,
        "sort_name": (facts.names.latin or facts.names.native).lower()[:300],
        "search": "\n".join(names).lower()[:MOST_SEARCH_CHARACTERS],
    }


def _profile_columns(thing: Profile) -> Mapping[str, Any]:
    content = thing.content
    words = [version.text for version in content.title.versions.values()]
    words += [*content.technology_keywords, *content.market_keywords]
    return {
        "organization_id": thing.organization_id,
        "kind": thing.kind,
        "state": thing.state.value,
        "valid_until": content.valid_until,
        "search": "\n".join(words).lower()[:MOST_SEARCH_CHARACTERS],
    }


ORGANIZATION = Kind(
    "organization",
    tables.organizations,
    TypeAdapter(Organization),
    _organization_columns,
    translate.organization,
)
PROFILE = Kind(
    "profile", tables.profiles, TypeAdapter(Profile), _profile_columns, translate_profile.profile
)


_BELONGING = Raw(
    sqlite="SELECT country, group_id, merged_into FROM {table} WHERE id = ?",
    postgresql="SELECT country, group_id, merged_into FROM {table} WHERE id = $1",
)
_PROFILE_COLUMNS = (
    "id",
    "version",
    "organization_id",
    "kind",
    "state",
    "valid_until",
    "search",
    "body",
)
_WRITE = Raw(
    sqlite="""
        INSERT INTO {table} (id, version, organization_id, kind, state, valid_until, search, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    """,
    postgresql="""
        INSERT INTO {table} (id, version, organization_id, kind, state, valid_until, search, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    """,
)
_ENTER = Raw(
    sqlite="""
        INSERT INTO {table} (profile_id, docking_event_id)
        SELECT ?, value FROM json_each(?)
    """,
    postgresql="""
        INSERT INTO {table} (profile_id, docking_event_id)
        SELECT $1, e FROM unnest($2::uuid[]) AS e
    """,
)


class SqlOrganizations(Documents[Organization], ports.Organizations):
    """Organizations in a table."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection, ORGANIZATION)

    @override
    async def find(
        self, part: ports.Slice, q: str | None, country: str | None, kind: str | None
    ) -> list[Organization]:
        t = tables.organizations
        statement = (
            select(t.c.body)
            .where(t.c.state == OrganizationState.ACTIVE.value)
            .order_by(t.c.sort_name, t.c.id)
            .limit(part.limit)
        )
        if q:
            statement = statement.where(t.c.search.like(pattern(q), escape="\\"))
        if country:
            statement = statement.where(t.c.country == country)
        if kind:
            statement = statement.where(t.c.kind == kind)
        if part.after is not None:
            name, after = part.after[0], UUID(part.after[1])
            later = (t.c.sort_name > name) | ((t.c.sort_name == name) & (t.c.id > after))
            statement = statement.where(later)
        return await self._list(statement)

    @override
    async def belonging(self, id: UUID) -> Belonging:
        seen: set[UUID] = set()
        asked = id
        while True:
            given = bare(self._connection, asked)
            rows = await _BELONGING.run(self._connection, tables.organizations, *given)
            if not rows:
                raise NotFound(f"no organization {asked}")
            country, group_id, into = rows[0]
            seen.add(asked)
            if into is None or uuids((into,), 1)[0] in seen:
                return Belonging(country, uuids((group_id,), 1)[0])
            asked = uuids((into,), 1)[0]

    @override
    async def merged_into(self, id: UUID) -> list[Organization]:
        t = tables.organizations
        return await self._list(select(t.c.body).where(t.c.merged_into == id).order_by(t.c.id))


class SqlProfiles(Documents[Profile], ports.Profiles):
    """Needs and offers in a table, and where they are entered in another."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection, PROFILE)

    @override
    async def save(self, thing: Profile) -> Profile:
        if thing.version:
            stored = await super().save(thing)
            await self._enter((thing,))
            return stored
        stored = next_version(thing)
        row = PROFILE.row(stored)
        given = bare(self._connection, *(row[name] for name in _PROFILE_COLUMNS))
        try:
            await _WRITE.run(self._connection, tables.profiles, *given)
            if thing.content.docking_events:
                entries = list(dict.fromkeys(thing.content.docking_events))
                mine = bare(self._connection, thing.id)
                await _ENTER.run(self._connection, tables.profile_entries, *mine, entries)
        except IntegrityError as error:
            raise Taken(f"the profile {thing.id} is there already") from error
        await self._tell((thing,))
        return stored

    @override
    async def save_many(self, things: Sequence[Profile]) -> None:
        await super().save_many(things)
        await self._enter(things)

    async def _enter(self, things: Sequence[Profile]) -> None:
        t = tables.profile_entries
        old = [thing.id for thing in things if thing.version]
        for start in range(0, len(old), MOST_IDS):
            part = old[start : start + MOST_IDS]
            await self._connection.execute(delete(t).where(t.c.profile_id.in_(part)))
        rows = [
            {"docking_event_id": docking_event, "profile_id": thing.id}
            for thing in things
            for docking_event in dict.fromkeys(thing.content.docking_events)
        ]
        if rows:
            await self._connection.execute(insert(t), rows)

    @override
    async def find(
        self,
        part: ports.Slice,
        *,
        docking_event_id: UUID | None = None,
        organization_ids: Sequence[UUID] | None = None,
        kind: str | None = None,
        state: str | None = None,
        q: str | None = None,
        country: str | None = None,
        readable: Readable | None = None,
    ) -> list[Profile]:
        t, e, o = tables.profiles, tables.profile_entries, tables.organizations
        statement = select(t.c.body).order_by(t.c.id.desc()).limit(part.limit)
        if docking_event_id:
            entered = exists().where(
                e.c.docking_event_id == docking_event_id, e.c.profile_id == t.c.id
            )
            statement = statement.where(entered)
        if organization_ids is not None:
            statement = statement.where(t.c.organization_id.in_(organization_ids))
        if kind:
            statement = statement.where(t.c.kind == kind)
        if state:
            statement = statement.where(t.c.state == state)
        if q:
            statement = statement.where(t.c.search.like(pattern(q), escape="\\"))
        if country:
            statement = statement.where(
                t.c.organization_id.in_(select(o.c.id).where(o.c.country == country))
            )
        if readable is not None:
            statement = statement.where(_readable(readable))
        if part.after is not None:
            statement = statement.where(t.c.id < UUID(part.after[0]))
        return await self._list(statement)

    @override
    async def over(self, today: date, limit: int) -> list[Profile]:
        t = tables.profiles
        ended = (t.c.state == ProfileState.PUBLISHED.value) & (t.c.valid_until < today)
        return await self._list(select(t.c.body).where(ended).order_by(t.c.id).limit(limit))


def _readable(who: Readable) -> ColumnElement[bool]:
    t, e, d = tables.profiles, tables.profile_entries, tables.docking_events
    ways: list[ColumnElement[bool]] = [false()]
    if who.organizations:
        ways.append(t.c.organization_id.in_(who.organizations))
    if who.docking_events:
        entered = exists().where(
            e.c.profile_id == t.c.id, e.c.docking_event_id.in_(who.docking_events)
        )
        ways.append(and_(t.c.state == ProfileState.PUBLISHED.value, entered))
    if who.organized:
        ways.append(
            exists().where(e.c.profile_id == t.c.id, e.c.docking_event_id.in_(who.organized))
        )
    if who.tenants:
        ways.append(
            exists().where(
                e.c.profile_id == t.c.id,
                e.c.docking_event_id == d.c.id,
                d.c.tenant_id.in_(who.tenants),
            )
        )
    return or_(*ways)


class SqlExternalIds(ports.ExternalIds):
    """Names that organizers gave, in a table."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @override
    async def find(self, scope: UUID, kind: str, external_ids: Sequence[str]) -> dict[str, UUID]:
        t, found = tables.external_ids, {}
        wanted = list(dict.fromkeys(external_ids))
        for start in range(0, len(wanted), MOST_IDS):
            part = wanted[start : start + MOST_IDS]
            statement = select(t.c.external_id, t.c.id).where(
                t.c.scope == scope, t.c.kind == kind, t.c.external_id.in_(part)
            )
            for row in (await self._connection.execute(statement)).all():
                found[row.external_id] = row.id
        return found

    @override
    async def keep(self, scope: UUID, kind: str, ids: Mapping[str, UUID]) -> None:
        rows = [
            {"scope": scope, "kind": kind, "external_id": external_id, "id": meant}
            for external_id, meant in ids.items()
        ]
        if not rows:
            return
        try:
            await self._connection.execute(insert(tables.external_ids), rows)
        except IntegrityError as error:
            raise Taken(f"an external_id of these {kind} is in use already") from error
