"""Counts what confirmed organizations have and lack, in the database and without opening JSON.

Everything rests on one subquery with a row per confirmed participation: needs and offers are
counted from an index of `profile_entries`, requests once by the side that was asked and once by
the side that asks.
"""

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.app import repositories
from techdock_matching.app.views import Counts, Lack, Place, Standing
from techdock_matching.domain.meeting_request import RequestState

ACCEPTED = (RequestState.ACCEPTED, RequestState.PLACED, RequestState.UNPLACED)
KINDS = ("need", "offer")


def to_standing(row: Row[Any]) -> Standing:
    """Return the standing of a row."""
    flags = row._mapping  # noqa: SLF001 - how rows are read by name
    return Standing(
        participation_id=row.id,
        organization_id=row.organization_id,
        person_count=row.person_count,
        languages=tuple(row.languages.split()),
        needs=row.needs,
        offers=row.offers,
        to_answer=row.to_answer,
        accepted=row.accepted,
        lacks=tuple(one for one in Lack if flags[_column(one)]),
    )


class SqlStandings(repositories.Standings):
    """A few statements that group and sum."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @override
    async def find(
        self,
        docking_event_id: UUID,
        *,
        lack: Lack | None,
        everybody: bool,
        after: Place | None,
        limit: int,
    ) -> tuple[Counts, Sequence[Standing]]:
        s = _standings(docking_event_id)
        order = (s.c.lacks.desc(), s.c.to_answer.desc(), s.c.id)
        page = select(s).order_by(*order).limit(limit)
        if lack is not None:
            page = page.where(s.c[_column(lack)] == 1)
        elif not everybody:
            page = page.where(s.c.lacks > 0)
        if after is not None:
            page = page.where(_is_after(s, after))
        shown, totals = page.cte("shown"), _totals(s)
        # One statement, so that what is joined is joined once: for the figures and for the page.
        statement = (
            select(totals, shown)
            .select_from(totals.outerjoin(shown, true()))
            .order_by(shown.c.lacks.desc(), shown.c.to_answer.desc(), shown.c.id)
        )
        rows = (await self._connection.execute(statement)).all()
        counts = await self._counts(docking_event_id, rows[0])
        return counts, [to_standing(row) for row in rows if row.id is not None]

    async def _counts(self, docking_event_id: UUID, totals: Row[Any]) -> Counts:
        e, r = tables.profile_entries, tables.meeting_requests
        kinds = select(e.c.kind, func.count()).where(e.c.docking_event_id == docking_event_id)
        states = select(r.c.state, func.count()).where(r.c.docking_event_id == docking_event_id)
        missing = totals._mapping  # noqa: SLF001 - how rows are read by name
        return Counts(
            confirmed=totals.confirmed,
            ready=totals.ready,
            missing={one: missing[f"missing_{one.value}"] for one in Lack},
            profiles=dict.fromkeys(KINDS, 0) | await self._by(kinds.group_by(e.c.kind)),
            requests=await self._by(states.group_by(r.c.state).order_by(r.c.state)),
        )

    async def _by(self, statement: Select[Any]) -> dict[str, int]:
        rows = await self._connection.execute(statement)
        return {row[0]: row[1] for row in rows}


def _totals(s: CTE) -> CTE:
    return select(
        func.count().label("confirmed"),
        _number(s.c.lacks == 0).label("ready"),
        *(_number(s.c[_column(one)] == 1).label(f"missing_{one.value}") for one in Lack),
    ).cte("totals")


def _column(lack: Lack) -> str:
    return f"lacks_{lack.value}"


def _is_after(s: CTE, place: Place) -> ColumnElement[bool]:
    same_lacks = s.c.lacks == place.lacks
    same_answers = s.c.to_answer == place.to_answer
    return or_(
        s.c.lacks < place.lacks,
        and_(same_lacks, s.c.to_answer < place.to_answer),
        and_(same_lacks, same_answers, s.c.id > place.participation_id),
    )


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Count the rows of a group for which something holds; 0 when there are none."""
    return func.coalesce(func.sum(_flag(condition)), 0)


def _standings(docking_event_id: UUID) -> CTE:
    """Return a row per confirmed participation, with a flag per thing that it lacks."""
    p = tables.participations
    published, asked = _published(docking_event_id), _asked(docking_event_id)
    joined = p.outerjoin(published, published.c.organization_id == p.c.organization_id).outerjoin(
        asked, asked.c.participation_id == p.c.id
    )
    had = (
        select(
            p.c.id,
            p.c.organization_id,
            p.c.person_count,
            p.c.languages,
            func.coalesce(published.c.needs, 0).label("needs"),
            func.coalesce(published.c.offers, 0).label("offers"),
            func.coalesce(asked.c.to_answer, 0).label("to_answer"),
            func.coalesce(asked.c.accepted, 0).label("accepted"),
        )
        .select_from(joined)
        .where(
            p.c.docking_event_id == docking_event_id,
            p.c.facts_sequence > 0,
            p.c.state == "confirmed",
        )
        .cte("had")
    )
    lacks = {
        Lack.PERSONS: _flag(had.c.person_count == 0),
        Lack.PROFILES: _flag(had.c.needs + had.c.offers == 0),
        Lack.LANGUAGES: _flag(had.c.languages == ""),
        Lack.ANSWERS: _flag(had.c.to_answer > 0),
    }
    number = reduce(add, lacks.values()).label("lacks")
    return select(had, number, *(flag.label(_column(one)) for one, flag in lacks.items())).cte(
        "standings"
    )


def _published(docking_event_id: UUID) -> CTE:
    e = tables.profile_entries
    return (
        select(
            e.c.organization_id,
            _number(e.c.kind == "need").label("needs"),
            _number(e.c.kind == "offer").label("offers"),
        )
        .where(e.c.docking_event_id == docking_event_id)
        .group_by(e.c.organization_id)
        .cte("published")
    )


def _asked(docking_event_id: UUID) -> CTE:
    r = tables.meeting_requests
    sides = union_all(
        *(
            select(
                side.label("participation_id"),
                _number(r.c.state == turn).label("to_answer"),
                _number(r.c.state.in_(ACCEPTED)).label("accepted"),
            )
            .where(r.c.docking_event_id == docking_event_id, r.c.state.in_((turn, *ACCEPTED)))
            .group_by(side)
            for side, turn in (
                (r.c.asked_participation_id, RequestState.SENT),
                (r.c.asking_participation_id, RequestState.COUNTERED),
            )
        )
    ).cte("sides")
    return (
        select(
            sides.c.participation_id,
            # PostgreSQL sums what was counted to NUMERIC.
            cast(func.sum(sides.c.to_answer), Integer).label("to_answer"),
            cast(func.sum(sides.c.accepted), Integer).label("accepted"),
        )
        .group_by(sides.c.participation_id)
        .cte("asked")
    )
