"""Match lists in a table: 20 bytes a place, because a deployment holds a million of them."""

import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, Select, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.sql import wake
from typing_extensions import override

from techdock_matching.adapters import acceptance, tables
from techdock_matching.adapters.statements import upsert
from techdock_matching.adapters.unit import MatchingUnit
from techdock_matching.app import repositories
from techdock_matching.app.lists import list_channel
from techdock_matching.app.views import Judgements, MatchList, PublishedProfile
from techdock_matching.domain.meeting_request import RequestState
from techdock_matching.domain.ranking.acceptance import Leaning
from techdock_matching.domain.ranking.match import Candidate, Explanation

EXPLANATION = TypeAdapter(Explanation)
WAKE = "ranking"
CHANNEL = "techdock_ranking"
"""What PostgreSQL notifies when there is something to rank or to explain."""

TAKEN_BACK = (RequestState.WITHDRAWN, RequestState.CANCELLED)
"""States of a request in which its own side does not want it any more."""

PLACE = struct.Struct(">16si")

MOST_IDS = 50_000
"""Of ids that are kept, some 200 bytes each."""


async def tell_worker(connection: AsyncConnection) -> None:
    """Wake the worker once this transaction has committed, in whichever process it runs."""
    wake.note(connection, WAKE)
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(f"NOTIFY {CHANNEL}")


def packed(candidates: Iterable[Candidate]) -> bytes:
    """Return a list as it is stored: id and score of each place, best first."""
    return b"".join(PLACE.pack(c.profile_id.bytes, c.score) for c in candidates)


def unpacked(items: bytes) -> tuple[Candidate, ...]:
    """Return a list from its stored bytes."""
    return tuple(Candidate(_id(one), score) for one, score in PLACE.iter_unpack(items))


@lru_cache(MOST_IDS)
def _id(content: bytes) -> UUID:
    """Return an id; the same ones stand in many lists, and making them anew takes most of it."""
    return UUID(bytes=content)


def turned(explanation: Explanation) -> Explanation:
    """Return the same, as the owner of the other list reads it."""
    quotes = tuple(quote.turned() for quote in explanation.quotes)
    return Explanation(explanation.reasons_there, explanation.reasons, quotes)


def to_list(row: Row[Any]) -> MatchList:
    """Return the list of a row."""
    return MatchList(
        profile_id=row.profile_id,
        docking_event_id=row.docking_event_id,
        candidates=unpacked(row.places),
        version=row.version,
        computed_at=row.computed_at,
    )


class SqlLists(repositories.Lists):
    """Lists, one row per profile and docking event."""

    def __init__(self, unit: MatchingUnit) -> None:
        self._unit = unit
        self._connection = unit.connection
        self._at = unit.clock.now()

    @override
    async def get(self, profile_id: UUID, docking_event_id: UUID) -> MatchList | None:
        return (await self.of_many([profile_id], docking_event_id)).get(profile_id)

    @override
    async def of_many(
        self, profile_ids: Collection[UUID], docking_event_id: UUID
    ) -> Mapping[UUID, MatchList]:
        m = tables.match_lists
        statement = select(m).where(
            m.c.profile_id.in_(list(profile_ids)), m.c.docking_event_id == docking_event_id
        )
        rows: Sequence[Row[Any]] = (await self._connection.execute(statement)).all()
        return {row.profile_id: to_list(row) for row in rows}

    @override
    async def queued(self, profile_id: UUID) -> bool:
        q = tables.ranking_queue
        statement = select(q.c.profile_id).where(q.c.profile_id == profile_id)
        return (await self._connection.execute(statement)).one_or_none() is not None

    @override
    async def judgements(self, profile_id: UUID) -> Judgements:
        d, s = tables.dismissals, tables.saved_matches
        dismissed = select(d.c.counterpart_id, d.c.person_id, d.c.dismissed_at, d.c.reason)
        saved = select(s.c.counterpart_id, s.c.person_id, s.c.saved_at)
        return Judgements(
            await self._judged(saved.where(s.c.profile_id == profile_id)),
            await self._judged(dismissed.where(d.c.profile_id == profile_id)),
        )

    async def _judged(self, statement: Select[Any]) -> dict[UUID, Judgements.One]:
        rows = await self._connection.execute(statement)
        return {row[0]: Judgements.One(*row[1:]) for row in rows}

    @override
    async def asked(
        self, profile_id: UUID, docking_event_id: UUID, participation_id: UUID
    ) -> Collection[UUID]:
        r = tables.meeting_requests
        statement = select(r.c.asked_profile_id).where(
            r.c.docking_event_id == docking_event_id,
            r.c.asking_participation_id == participation_id,
            r.c.asking_profile_id == profile_id,
            r.c.asked_profile_id.is_not(None),
            r.c.state.not_in(TAKEN_BACK),
        )
        return set((await self._connection.execute(statement)).scalars())

    @override
    async def save(self, profile_id: UUID, counterpart_id: UUID, person_id: UUID) -> None:
        await self._judge(
            tables.saved_matches,
            profile_id=profile_id,
            counterpart_id=counterpart_id,
            person_id=person_id,
            saved_at=self._at,
        )

    @override
    async def dismiss(
        self, profile_id: UUID, counterpart_id: UUID, reason: str, person_id: UUID
    ) -> None:
        await self._judge(
            tables.dismissals,
            profile_id=profile_id,
            counterpart_id=counterpart_id,
            reason=reason,
            person_id=person_id,
            dismissed_at=self._at,
        )

    async def _judge(self, table: Table, *, profile_id: UUID, **values: Any) -> None:
        statement = upsert(self._connection, table).values(profile_id=profile_id, **values)
        await self._connection.execute(statement.on_conflict_do_nothing())
        self._unit.poke(list_channel(profile_id))

    @override
    async def unsave(self, profile_id: UUID, counterpart_id: UUID) -> None:
        await self._forget(tables.saved_matches, profile_id, counterpart_id)

    @override
    async def restore(self, profile_id: UUID, counterpart_id: UUID) -> None:
        await self._forget(tables.dismissals, profile_id, counterpart_id)

    async def _forget(self, table: Table, profile_id: UUID, counterpart_id: UUID) -> None:
        mine = (table.c.profile_id == profile_id) & (table.c.counterpart_id == counterpart_id)
        await self._connection.execute(delete(table).where(mine))
        self._unit.poke(list_channel(profile_id))

    @override
    async def version_of(self, docking_event_id: UUID) -> str:
        c = tables.counters
        statement = select(c.c.name, c.c.value).where(
            c.c.name.in_(("lists", "participations")), c.c.subject_id == docking_event_id
        )
        found = {row.name: row.value for row in await self._connection.execute(statement)}
        return f"{found.get('lists', 0)}.{found.get('participations', 0)}"

    @override
    async def explanations(
        self, mine: PublishedProfile, others: Collection[PublishedProfile]
    ) -> Mapping[UUID, Explanation]:
        e = tables.explanations
        is_need = mine.content.kind == "need"
        own, other = (e.c.need_id, e.c.offer_id) if is_need else (e.c.offer_id, e.c.need_id)
        statement = select(e).where(own == mine.id, other.in_([one.id for one in others]))
        sequences = {one.id: one.sequence for one in (mine, *others)}
        found: dict[UUID, Explanation] = {}
        for row in await self._connection.execute(statement):
            told = (row.need_sequence, row.offer_sequence)
            if told != (sequences[row.need_id], sequences[row.offer_id]):
                continue
            explanation = EXPLANATION.validate_json(row.content)
            if is_need:
                found[row.offer_id] = explanation
            else:
                found[row.need_id] = turned(explanation)
        return found

    @override
    async def willing(self, tenant_id: UUID) -> Mapping[UUID, Leaning]:
        return await acceptance.told(self._connection, tenant_id)

    @override
    async def counts(self, docking_event_id: UUID) -> tuple[int, int, int]:
        e, m, q = tables.profile_entries, tables.match_lists, tables.ranking_queue
        here = e.c.docking_event_id == docking_event_id
        waits = select(func.count()).select_from(e.join(q, q.c.profile_id == e.c.profile_id))
        lists = select(func.count()).where(m.c.docking_event_id == docking_event_id)
        statement = select(
            select(func.count()).where(here).scalar_subquery(),
            lists.scalar_subquery(),
            waits.where(here).scalar_subquery(),
        )
        entered, listed, waiting = (await self._connection.execute(statement)).one()
        return entered, listed, waiting

    @override
    async def asked_explanations(self, profile_id: UUID, docking_event_id: UUID) -> bool:
        q = tables.explain_queue
        statement = select(q.c.profile_id).where(
            q.c.profile_id == profile_id, q.c.docking_event_id == docking_event_id
        )
        return (await self._connection.execute(statement)).one_or_none() is not None

    @override
    async def ask_explanations(self, profile_id: UUID, docking_event_id: UUID) -> None:
        statement = upsert(self._connection, tables.explain_queue).values(
            profile_id=profile_id, docking_event_id=docking_event_id
        )
        await self._connection.execute(statement.on_conflict_do_nothing())
        await tell_worker(self._connection)
