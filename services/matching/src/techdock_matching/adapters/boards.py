"""Reads a docking event whole, for the boards of its organizers."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from techdock_shared.sql.engine import reading
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.adapters.lists import unpacked
from techdock_matching.app import boards
from techdock_matching.domain.fairness import Entered
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.unmet import Need

Json = dict[str, Any]
CODES = ("ipc", "isic", "sdg", "technology_keywords", "market_keywords")


class SqlBoardReads(boards.BoardReads):
    """Profiles and lists in matching's own tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @override
    async def everything(self, docking_event_id: UUID) -> boards.Told:
        async with reading(self._engine) as connection:
            contents = await self._contents(connection, docking_event_id, None)
            lists = await self._lists(connection, docking_event_id, None)
        return await asyncio.to_thread(_told, contents, lists)

    @override
    async def needs(self, docking_event_id: UUID) -> tuple[Sequence[Need], boards.Lists]:
        async with reading(self._engine) as connection:
            contents = await self._contents(connection, docking_event_id, Kind.NEED)
            lists = await self._lists(connection, docking_event_id, Kind.NEED)
        needs = await asyncio.to_thread(lambda: [_need(orjson.loads(c)) for c in contents])
        return needs, {owner: unpacked(places) for owner, places in lists}

    async def _contents(
        self, connection: AsyncConnection, docking_event_id: UUID, kind: Kind | None
    ) -> list[bytes]:
        e, p = tables.profile_entries, tables.profiles
        statement = (
            select(p.c.content)
            .join(e, e.c.profile_id == p.c.id)
            .where(e.c.docking_event_id == docking_event_id, p.c.published)
            .order_by(p.c.id)
        )
        if kind is not None:
            statement = statement.where(e.c.kind == kind.value)
        return [row.content for row in await connection.execute(statement)]

    async def _lists(
        self, connection: AsyncConnection, docking_event_id: UUID, kind: Kind | None
    ) -> list[tuple[UUID, bytes]]:
        m, e = tables.match_lists, tables.profile_entries
        both = (e.c.profile_id == m.c.profile_id) & (e.c.docking_event_id == m.c.docking_event_id)
        statement = (
            select(m.c.profile_id, m.c.places)
            .join(e, both)
            .where(m.c.docking_event_id == docking_event_id)
        )
        if kind is not None:
            statement = statement.where(e.c.kind == kind.value)
        return [(row.profile_id, row.places) for row in await connection.execute(statement)]


def _told(contents: Sequence[bytes], lists: Sequence[tuple[UUID, bytes]]) -> boards.Told:
    places: Mapping[UUID, Sequence[Candidate]] = {owner: unpacked(of) for owner, of in lists}
    return boards.Told([_entered(orjson.loads(content)) for content in contents], places)


def _entered(content: Json) -> Entered:
    texts: Mapping[str, Json] = content["texts"]
    versions = {
        name: {tag: version["text"] for tag, version in text["versions"].items()}
        for name, text in texts.items()
    }
    profile = Profile(
        id=UUID(content["profile_id"]),
        kind=Kind(content["kind"]),
        organization_id=UUID(content["organization_id"]),
        group_id=UUID(content["group_id"]),
        country=content["country"],
        valid_until=date.fromisoformat(content["valid_until"]),
        docking_events=frozenset(map(UUID, content["docking_events"])),
        partner_countries=tuple(content["partner_countries"]),
        excluded_countries=tuple(content["excluded_countries"]),
    )
    return Entered(
        profile,
        texts.get("title", {}),
        sum(len(t) for name, of in versions.items() if name != "title" for t in of.values()),
        frozenset(tag.partition("-")[0] for of in versions.values() for tag in of),
        frozenset(f"{name}:{code}" for name in CODES for code in content[name]),
    )


def _need(content: Json) -> Need:
    return Need(
        id=UUID(content["profile_id"]),
        organization_id=UUID(content["organization_id"]),
        country=content["country"],
        title=content["texts"].get("title", {}),
        technology_field=content["technology_field"],
        trl_least=content["trl_least"],
        trl_most=content["trl_most"],
        keywords=tuple(content["technology_keywords"]),
        cooperation=tuple(content["cooperation"]),
    )
