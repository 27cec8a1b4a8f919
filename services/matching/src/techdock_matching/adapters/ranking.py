"""The ranker's view of the database."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import LargeBinary, Select, delete, func, insert, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from techdock_contracts.registration import ProfileState
from techdock_shared.clock import Clock
from techdock_shared.sql.engine import reading, transaction
from typing_extensions import override

from techdock_matching.adapters import acceptance, coverage, tables
from techdock_matching.adapters.lists import PLACE, packed, unpacked
from techdock_matching.adapters.statements import count_on, upsert
from techdock_matching.adapters.weights import in_force
from techdock_matching.app import ranking_store
from techdock_matching.app.profiles import to_rank
from techdock_matching.app.ranking_store import (
    LENGTH,
    Changes,
    ListKey,
    Queued,
    Ranked,
)
from techdock_matching.domain.ranking.acceptance import Leaning, leanings
from techdock_matching.domain.ranking.match import Candidate, Explanation
from techdock_matching.domain.ranking.weighing import adjusted
from techdock_matching.domain.ranking.weights import Weights

PORTION = 500
EXPLANATION = TypeAdapter(Explanation)
REASONS = "reasons"
LISTS = "lists"


class SqlRankingStore(ranking_store.RankingStore):
    """Queue, profiles, lists and reasons in matching's own tables."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        weights: Weights,
        changed: Callable[[Collection[ListKey]], None] | None = None,
    ) -> None:
        """Take the database, the standard weights, and whom to tell whose lists changed."""
        self._engine = engine
        self._changed = changed
        self._clock = clock
        self._standard = weights
        self._weights: Mapping[UUID, tuple[int, Weights]] = {}

    @override
    async def weights(self) -> Mapping[UUID, tuple[int, Weights]]:
        async with reading(self._engine) as connection:
            found = await in_force(connection)
        self._weights = {
            one.docking_event_id: (one.version, adjusted(one.values, self._standard))
            for one in found
        }
        return self._weights

    def _weights_of(self, docking_event_id: UUID) -> Weights:
        return self._weights.get(docking_event_id, (0, self._standard))[1]

    @override
    async def queued(self, limit: int) -> Sequence[Queued]:
        q = tables.ranking_queue
        statement = select(q.c.profile_id, q.c.stamp).order_by(q.c.profile_id).limit(limit)
        async with reading(self._engine) as connection:
            return [Queued(*row) for row in await connection.execute(statement)]

    def _published(self) -> Select[Any]:
        p, o = tables.profiles, tables.organizations
        return (
            select(p.c.id, p.c.content, p.c.facts_sequence, o.c.kind.label("organization_kind"))
            .select_from(p.outerjoin(o, o.c.id == p.c.organization_id))
            .where(p.c.published)
        )

    @override
    async def profiles(self, ids: Collection[UUID]) -> Mapping[UUID, Ranked]:
        found: dict[UUID, Ranked] = {}
        wanted = list(ids)
        async with reading(self._engine) as connection:
            for start in range(0, len(wanted), PORTION):
                part = tables.profiles.c.id.in_(wanted[start : start + PORTION])
                rows = await connection.execute(self._published().where(part))
                found |= {row.id: _ranked(row) for row in rows}
        return found

    @override
    async def everything(self) -> AsyncIterator[Sequence[Ranked]]:
        p = tables.profiles
        after = UUID(int=0)
        while True:
            statement = self._published().where(p.c.id > after).order_by(p.c.id).limit(PORTION)
            async with reading(self._engine) as connection:
                rows = (await connection.execute(statement)).all()
            if not rows:
                return
            after = rows[-1].id
            yield [_ranked(row) for row in rows]

    @override
    async def lists_of(self, keys: Collection[ListKey]) -> Mapping[ListKey, Sequence[Candidate]]:
        m = tables.match_lists
        found: dict[ListKey, Sequence[Candidate]] = {}
        wanted = list(keys)
        async with reading(self._engine) as connection:
            for start in range(0, len(wanted), PORTION):
                mine = _is_one_of(wanted[start : start + PORTION])
                columns = (m.c.profile_id, m.c.docking_event_id, m.c.places)
                for row in await connection.execute(select(*columns).where(mine)):
                    found[row.profile_id, row.docking_event_id] = unpacked(row.places)
        return found

    @override
    async def keys_of(self, profile_id: UUID) -> set[ListKey]:
        m = tables.match_lists
        statement = select(m.c.docking_event_id).where(m.c.profile_id == profile_id)
        async with reading(self._engine) as connection:
            return {(profile_id, row[0]) for row in await connection.execute(statement)}

    @override
    async def containing(self, profile_id: UUID) -> set[ListKey]:
        m = tables.match_lists
        async with reading(self._engine) as connection:
            sought = literal(profile_id.bytes, LargeBinary)
            if connection.dialect.name == "sqlite":
                at = func.instr(m.c.places, sought)
            else:
                at = func.position(sought.op("IN")(m.c.places))
            statement = select(m.c.profile_id, m.c.docking_event_id).where(at > 0)
            rows = (await connection.execute(statement)).all()
        return {(row.profile_id, row.docking_event_id) for row in rows}

    @override
    async def listed_in(self, docking_event_id: UUID) -> Sequence[UUID]:
        m = tables.match_lists
        mine = m.c.docking_event_id == docking_event_id
        async with reading(self._engine) as connection:
            rows = await connection.execute(select(m.c.profile_id).where(mine))
            return [row.profile_id for row in rows]

    @override
    async def last_places(self) -> Mapping[ListKey, Candidate]:
        m = tables.match_lists
        full = func.length(m.c.places) == LENGTH * PLACE.size
        statement = select(m.c.profile_id, m.c.docking_event_id, m.c.places).where(full)
        async with reading(self._engine) as connection:
            return {
                (row.profile_id, row.docking_event_id): unpacked(row.places[-PLACE.size :])[0]
                for row in await connection.execute(statement)
            }

    @override
    async def store(self, changes: Changes) -> None:
        async with transaction(self._engine) as connection:
            await self._write_lists(connection, changes)
            touched = {key[1] for key in (*changes.lists, *changes.dropped)}
            for docking_event_id in sorted(touched):
                await count_on(connection, "lists", docking_event_id)
            await coverage.tell(connection, changes, self._weights_of, self._clock.now())
            if changes.done:
                q = tables.ranking_queue
                done = [(one.profile_id, one.stamp) for one in changes.done]
                await connection.execute(
                    delete(q).where(tuple_(q.c.profile_id, q.c.stamp).in_(done))
                )
        if self._changed is not None:
            self._changed(changes.lists.keys() | changes.dropped)

    async def _write_lists(self, connection: AsyncConnection, changes: Changes) -> None:
        m, e = tables.match_lists, tables.explanations
        if changes.dropped:
            await connection.execute(delete(m).where(_is_one_of(changes.dropped)))
        if changes.gone:
            gone = list(changes.gone)
            await connection.execute(delete(m).where(m.c.profile_id.in_(gone)))
            theirs = e.c.need_id.in_(gone) | e.c.offer_id.in_(gone)
            await connection.execute(delete(e).where(theirs))
        if not changes.lists:
            return
        now = self._clock.now()
        rows = [
            {
                "profile_id": owner,
                "docking_event_id": docking_event_id,
                "places": packed(places),
                "version": 1,
                "computed_at": now,
            }
            for (owner, docking_event_id), places in changes.lists.items()
        ]
        statement = upsert(connection, m)
        statement = statement.on_conflict_do_update(
            index_elements=["profile_id", "docking_event_id"],
            set_={
                "places": statement.excluded.places,
                "version": m.c.version + 1,
                "computed_at": statement.excluded.computed_at,
            },
        )
        await connection.execute(statement, rows)

    @override
    async def drop_all_but(self, docking_event_id: UUID, kept: Collection[UUID]) -> None:
        m = tables.match_lists
        async with reading(self._engine) as connection:
            mine = m.c.docking_event_id == docking_event_id
            found = {row[0] for row in await connection.execute(select(m.c.profile_id).where(mine))}
        stale = list(found - set(kept))
        if stale:
            async with transaction(self._engine) as connection:
                await connection.execute(delete(m).where(mine, m.c.profile_id.in_(stale)))

    @override
    async def drop_outside(self, docking_event_ids: Collection[UUID]) -> None:
        m = tables.match_lists
        async with transaction(self._engine) as connection:
            outside = m.c.docking_event_id.not_in(list(docking_event_ids))
            await connection.execute(delete(m).where(outside))

    @override
    async def fingerprint(self) -> bytes | None:
        s = tables.ranking_state
        async with reading(self._engine) as connection:
            found = await connection.execute(select(s.c.fingerprint).where(s.c.name == LISTS))
            return found.scalar_one_or_none()

    @override
    async def forget_reasons_of_others(self, recipe: bytes) -> None:
        s = tables.ranking_state
        async with transaction(self._engine) as connection:
            known = await connection.execute(select(s.c.fingerprint).where(s.c.name == REASONS))
            if known.scalar_one_or_none() == recipe:
                return
            await connection.execute(delete(tables.explanations))
            await connection.execute(delete(s).where(s.c.name == REASONS))
            values = {"name": REASONS, "fingerprint": recipe}
            await connection.execute(insert(s).values(values))

    @override
    async def keep_fingerprint(self, fingerprint: bytes | None) -> None:
        s = tables.ranking_state
        async with transaction(self._engine) as connection:
            await connection.execute(delete(s).where(s.c.name == LISTS))
            if fingerprint is not None:
                values = {"name": LISTS, "fingerprint": fingerprint}
                await connection.execute(upsert(connection, s).values(values))

    @override
    async def leanings(self) -> Mapping[UUID, Mapping[UUID, Leaning]]:
        async with reading(self._engine) as connection:
            answers = await acceptance.answered(connection)
            tenants = await acceptance.tenants(connection)
            kept = await acceptance.kept(connection)
        found = {tenant: leanings(some) for tenant, some in answers.items()}
        told = acceptance.packed(found)
        if told != kept:
            async with transaction(self._engine) as connection:
                await acceptance.keep(connection, told)
        return {event: found[tenant] for event, tenant in tenants.items() if tenant in found}

    @override
    async def meanings(self, encoder: str, hashes: Collection[bytes]) -> Mapping[bytes, bytes]:
        v = tables.vectors
        found: dict[bytes, bytes] = {}
        wanted = list(hashes)
        async with reading(self._engine) as connection:
            for start in range(0, len(wanted), PORTION):
                some = v.c.content_hash.in_(wanted[start : start + PORTION])
                statement = select(v.c.content_hash, v.c.vector).where(v.c.encoder == encoder, some)
                rows = await connection.execute(statement)
                found |= {row.content_hash: row.vector for row in rows}
        return found

    @override
    async def keep_meanings(self, encoder: str, vectors: Mapping[bytes, bytes]) -> None:
        if not vectors:
            return
        async with transaction(self._engine) as connection:
            rows = [
                {"encoder": encoder, "content_hash": key, "vector": vector}
                for key, vector in vectors.items()
            ]
            # A vector that was damaged is replaced.
            statement = upsert(connection, tables.vectors)
            statement = statement.on_conflict_do_update(
                index_elements=["encoder", "content_hash"],
                set_={"vector": statement.excluded.vector},
            )
            await connection.execute(statement, rows)

    @override
    async def to_explain(self, limit: int) -> Sequence[ListKey]:
        q = tables.explain_queue
        async with reading(self._engine) as connection:
            rows = await connection.execute(
                select(q.c.profile_id, q.c.docking_event_id).limit(limit)
            )
            return [(row.profile_id, row.docking_event_id) for row in rows]

    @override
    async def explained(self, pairs: Collection[tuple[Ranked, Ranked]]) -> set[ListKey]:
        e = tables.explanations
        wanted = {
            (need.profile.id, offer.profile.id): (need.sequence, offer.sequence)
            for need, offer in pairs
        }
        if not wanted:
            return set()
        statement = select(e.c.need_id, e.c.offer_id, e.c.need_sequence, e.c.offer_sequence)
        statement = statement.where(tuple_(e.c.need_id, e.c.offer_id).in_(list(wanted)))
        async with reading(self._engine) as connection:
            return {
                (row.need_id, row.offer_id)
                for row in await connection.execute(statement)
                if wanted[row.need_id, row.offer_id] == (row.need_sequence, row.offer_sequence)
            }

    @override
    async def keep_explanations(
        self,
        explanations: Sequence[tuple[Ranked, Ranked, Explanation]],
        done: Sequence[ListKey],
    ) -> None:
        if not explanations and not done:
            return
        q = tables.explain_queue
        async with transaction(self._engine) as connection:
            statement = upsert(connection, tables.explanations)
            names = ("need_sequence", "offer_sequence", "content")
            statement = statement.on_conflict_do_update(
                index_elements=["need_id", "offer_id"],
                set_={name: statement.excluded[name] for name in names},
            )
            rows = [
                {
                    "need_id": need.profile.id,
                    "offer_id": offer.profile.id,
                    "need_sequence": need.sequence,
                    "offer_sequence": offer.sequence,
                    "content": EXPLANATION.dump_json(explanation).decode(),
                }
                for need, offer, explanation in explanations
            ]
            if rows:
                await connection.execute(statement, rows)
            for profile_id, docking_event_id in done:
                await connection.execute(
                    delete(q).where(
                        q.c.profile_id == profile_id, q.c.docking_event_id == docking_event_id
                    )
                )


def _ranked(row: Any) -> Ranked:
    content = ProfileState.model_validate_json(row.content)
    return Ranked(to_rank(content, row.organization_kind), row.facts_sequence)


def _is_one_of(keys: Collection[ListKey]) -> Any:
    m = tables.match_lists
    return tuple_(m.c.profile_id, m.c.docking_event_id).in_(list(keys))
