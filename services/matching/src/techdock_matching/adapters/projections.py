"""Projections in tables: buffered per batch, written with one statement per table and kind."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_contracts.event import Tombstone
from techdock_contracts.registration import ProfileState
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.adapters.lists import tell_worker
from techdock_matching.adapters.statements import count_on, upsert
from techdock_matching.app import repositories
from techdock_matching.app.repositories import Kind

TABLES: Mapping[Kind, Table] = {
    Kind.ORGANIZATION: tables.organizations,
    Kind.DOCKING_EVENT: tables.docking_events,
    Kind.SESSION: tables.sessions,
    Kind.PARTICIPATION: tables.participations,
}
Rows = dict[UUID, dict[str, Any]]


class SqlProjections(repositories.Projections):
    """Buffers what messages tell; `flush` writes it.

    The newest message per subject wins already in the buffer, so a batch writes a row once.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._rows: dict[tuple[Kind, str, tuple[str, ...]], Rows] = {}
        self._profiles: dict[UUID, tuple[int, ProfileState | None, bytes | None]] = {}

    @override
    def facts(self, kind: Kind, id: UUID, values: Mapping[str, Any], sequence: int) -> None:
        self._put(kind, "facts_sequence", id, values, sequence)

    @override
    def state(self, kind: Kind, id: UUID, values: Mapping[str, Any], sequence: int) -> None:
        self._put(kind, "state_sequence", id, values, sequence)

    def _put(
        self, kind: Kind, counted: str, id: UUID, values: Mapping[str, Any], sequence: int
    ) -> None:
        rows = self._rows.setdefault((kind, counted, tuple(sorted(values))), {})
        if id not in rows or rows[id][counted] < sequence:
            rows[id] = {"id": id, **values, counted: sequence}

    @override
    def profile(self, event: ProfileState, content: bytes) -> None:
        self._put_profile(event.profile_id, event.sequence, event, content)

    @override
    def profile_removed(self, tombstone: Tombstone) -> None:
        self._put_profile(UUID(tombstone.subject), tombstone.sequence, None, None)

    def _put_profile(
        self, id: UUID, sequence: int, event: ProfileState | None, content: bytes | None
    ) -> None:
        known = self._profiles.get(id)
        if known is None or known[0] < sequence:
            self._profiles[id] = (sequence, event, content)

    async def flush(self) -> None:
        """Write everything that is newer than what the tables hold."""
        rows, self._rows = self._rows, {}
        for (kind, counted, _), batch in rows.items():
            if kind is Kind.ORGANIZATION and counted == "facts_sequence":
                await self._queue_profiles_of(batch)
            await self._upsert_newer(TABLES[kind], counted, list(batch.values()))
            if kind is Kind.PARTICIPATION:
                for docking_event_id in sorted({r["docking_event_id"] for r in batch.values()}):
                    await count_on(self._connection, "participations", docking_event_id)
        profiles, self._profiles = self._profiles, {}
        if profiles:
            await self._flush_profiles(profiles)

    async def _upsert_newer(self, table: Table, counted: str, rows: list[dict[str, Any]]) -> None:
        statement = upsert(self._connection, table)
        new = {name: statement.excluded[name] for name in rows[0] if name != "id"}
        statement = statement.on_conflict_do_update(
            index_elements=["id"],
            set_=new,
            where=table.c[counted] < statement.excluded[counted],
        )
        await self._connection.execute(statement, rows)

    async def _queue_profiles_of(self, organizations: Rows) -> None:
        """Rank again what an organization offers when its kind turns out to be another."""
        o, p = tables.organizations, tables.profiles
        found = await self._connection.execute(
            select(p.c.id, p.c.organization_id, o.c.kind)
            .select_from(p.outerjoin(o, o.c.id == p.c.organization_id))
            .where(p.c.organization_id.in_(list(organizations)), p.c.published)
        )
        await queue(
            self._connection,
            [row.id for row in found if organizations[row.organization_id]["kind"] != row.kind],
        )

    async def _flush_profiles(
        self, profiles: dict[UUID, tuple[int, ProfileState | None, bytes | None]]
    ) -> None:
        p = tables.profiles
        found = await self._connection.execute(
            select(p.c.id, p.c.facts_sequence).where(p.c.id.in_(list(profiles)))
        )
        known = {row.id: row.facts_sequence for row in found}
        newer = {one: put for one, put in profiles.items() if known.get(one, 0) < put[0]}
        if not newer:
            return
        rows = [profile_row(profile_id, *put) for profile_id, put in newer.items()]
        await self._upsert_newer(p, "facts_sequence", rows)
        e = tables.profile_entries
        stale = list(newer.keys() & known.keys())
        if stale:
            await self._connection.execute(delete(e).where(e.c.profile_id.in_(stale)))
        entries = [
            {
                "docking_event_id": docking_event_id,
                "profile_id": profile_id,
                "organization_id": event.organization_id,
                "kind": event.kind,
            }
            for profile_id, (_, event, _) in newer.items()
            if event is not None
            for docking_event_id in dict.fromkeys(event.docking_events)
        ]
        if entries:
            await self._connection.execute(upsert(self._connection, e), entries)
        await queue(self._connection, list(newer))


async def queue(connection: AsyncConnection, ids: Collection[UUID]) -> None:
    """Let profiles be ranked (again), in the caller's transaction.

    The stamp grows, so that a ranker which has read the row before does not strike it off.
    """
    if not ids:
        return
    q = tables.ranking_queue
    statement = upsert(connection, q)
    statement = statement.on_conflict_do_update(
        index_elements=["profile_id"], set_={"stamp": q.c.stamp + 1}
    )
    await connection.execute(statement, [{"profile_id": one, "stamp": 1} for one in sorted(ids)])
    await tell_worker(connection)


def profile_row(
    id: UUID, sequence: int, event: ProfileState | None, content: bytes | None
) -> dict[str, Any]:
    """Return the columns of a profile; of a removed one nothing but its sequence is kept."""
    if event is None:
        return {
            "id": id,
            "organization_id": None,
            "kind": None,
            "revision": 0,
            "valid_until": None,
            "title": "",
            "content": None,
            "published": False,
            "facts_sequence": sequence,
        }
    title = event.texts.get("title")
    return {
        "id": id,
        "organization_id": event.organization_id,
        "kind": event.kind,
        "revision": event.revision,
        "valid_until": event.valid_until,
        "title": "\n".join(v.text for v in title.versions.values()).casefold() if title else "",
        "content": content,
        "published": True,
        "facts_sequence": sequence,
    }
