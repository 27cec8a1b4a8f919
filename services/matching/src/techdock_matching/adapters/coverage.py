"""How well each profile is served: told to others when it changes, with the lists it comes from."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_contracts.matching import ProfileCoverage
from techdock_contracts.topics import COVERAGE
from techdock_shared.ids import uuid7
from techdock_shared.sql import outbox

from techdock_matching.adapters import tables
from techdock_matching.adapters.lists import unpacked
from techdock_matching.adapters.statements import upsert
from techdock_matching.app.ranking_store import Changes
from techdock_matching.domain.ranking.weights import Weights

Served: TypeAlias = tuple[int, str | None]
"""Good matches, and the band of the best; None: no match at all."""

WeightsOf: TypeAlias = Callable[[UUID], Weights]
"""The weights of a docking event."""

NOT_SERVED: Served = (0, None)
BANDS = (None, "possible", "good", "strong")


async def tell(
    connection: AsyncConnection, changes: Changes, weights_of: WeightsOf, at: datetime
) -> None:
    """Announce whose coverage changed, in the transaction that stored the lists.

    A profile in several docking events counts by the one where it fares best.
    """
    c = tables.coverage
    served = await _served(connection, changes, weights_of)
    touched = [*served, *changes.gone]
    if not touched:
        return
    found = await connection.execute(select(c).where(c.c.profile_id.in_(touched)))
    known = {row.profile_id: (row.good_matches, row.best) for row in found}
    news = {owner: now for owner, now in sorted(served.items()) if known.get(owner) != now}
    if news:
        await _keep(connection, news, at)
    ended = sorted(changes.gone & known.keys())
    if ended:
        await connection.execute(delete(c).where(c.c.profile_id.in_(ended)))
    for gone in ended:
        await outbox.append_tombstone(
            connection, tables.outbox, COVERAGE, key=str(gone), subject=str(gone)
        )


async def _served(
    connection: AsyncConnection, changes: Changes, weights_of: WeightsOf
) -> dict[UUID, Served]:
    m = tables.match_lists
    owners = {owner for owner, _ in (*changes.lists, *changes.dropped)} - changes.gone
    served: dict[UUID, Served] = dict.fromkeys(owners, NOT_SERVED)
    if owners:
        statement = select(m.c.profile_id, m.c.docking_event_id, m.c.places)
        statement = statement.where(m.c.profile_id.in_(list(owners)))
        for row in await connection.execute(statement):
            here = _of_list(row.places, weights_of(row.docking_event_id))
            served[row.profile_id] = max(served[row.profile_id], here, key=_order)
    return served


def _of_list(places: bytes, weights: Weights) -> Served:
    candidates = unpacked(places)
    good = sum(one.score >= weights.good for one in candidates)
    return good, weights.strength(candidates[0].score).value if candidates else None


def _order(served: Served) -> tuple[int, int]:
    return served[0], BANDS.index(served[1])


async def _keep(connection: AsyncConnection, news: Mapping[UUID, Served], at: datetime) -> None:
    statement = upsert(connection, tables.coverage)
    excluded = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=["profile_id"],
        set_={"good_matches": excluded.good_matches, "best": excluded.best},
    )
    rows = [
        {"profile_id": one, "good_matches": good, "best": best}
        for one, (good, best) in news.items()
    ]
    await connection.execute(statement, rows)
    events = [
        ProfileCoverage(
            id=uuid7(),
            time=at,
            subject=str(one),
            profile_id=one,
            good_matches=good,
            best=best,
        )
        for one, (good, best) in news.items()
    ]
    await outbox.append(connection, tables.outbox, events)
