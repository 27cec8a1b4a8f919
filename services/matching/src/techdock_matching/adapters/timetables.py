"""Planning, runs and timetables in tables."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from techdock_contracts.matching import TimetablePublished
from techdock_shared.errors import Conflict, NotFound
from techdock_shared.ids import uuid7
from techdock_shared.sql import jobs
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.adapters.lists import tell_worker
from techdock_matching.adapters.statements import count_on, save_version
from techdock_matching.adapters.unit import MatchingUnit
from techdock_matching.app import repositories_timetable
from techdock_matching.app.planning import (
    Outage,
    OutageKind,
    Planning,
    Run,
    RunState,
    StoredTimetable,
)
from techdock_matching.domain.spans import Span
from techdock_matching.domain.timetable.problem import Placement, Timetable

PLANNING = TypeAdapter(Planning)
RUN = TypeAdapter(Run)
TIMETABLE = TypeAdapter(StoredTimetable)
PLACEMENTS = TypeAdapter(tuple[Placement, ...])
RUN_JOB = "timetable_run"


def to_run(row: Row[Any]) -> Run:
    """Return the run of a row."""
    return replace(RUN.validate_json(row.content), version=row.version)


def to_timetable(row: Row[Any]) -> StoredTimetable:
    """Return the timetable of a row."""
    return replace(TIMETABLE.validate_json(row.content), version=row.version)


class SqlTimetables(repositories_timetable.Timetables):
    """Planning, runs and timetables, one row each."""

    def __init__(self, unit: MatchingUnit) -> None:
        self._unit = unit
        self._connection = unit.connection
        self._at = unit.clock.now()

    @override
    async def planning(self, docking_event_id: UUID) -> Planning:
        f = tables.frames
        statement = select(f).where(f.c.id == docking_event_id)
        row = (await self._connection.execute(statement)).one_or_none()
        if row is None:
            return Planning()
        return replace(PLANNING.validate_json(row.content), version=row.version)

    @override
    async def save_planning(self, docking_event_id: UUID, planning: Planning) -> Planning:
        values = {"content": PLANNING.dump_json(planning, exclude={"version"}).decode()}
        table = tables.frames
        await save_version(self._connection, table, docking_event_id, planning.version, values)
        return replace(planning, version=planning.version + 1)

    @override
    async def outages(self, docking_event_id: UUID) -> Sequence[Outage]:
        o = tables.outages
        mine = o.c.docking_event_id == docking_event_id
        statement = select(o).where(mine).order_by(o.c.noted_at, o.c.id)
        return [
            Outage(
                row.id,
                row.docking_event_id,
                OutageKind(row.kind),
                row.thing_id,
                Span(row.start, row.end),
                row.noted_by,
                row.noted_at,
            )
            for row in await self._connection.execute(statement)
        ]

    @override
    async def save_outage(self, outage: Outage) -> None:
        values = {
            "id": outage.id,
            "docking_event_id": outage.docking_event_id,
            "kind": outage.kind,
            "thing_id": outage.thing_id,
            "start": outage.span.start,
            "end": outage.span.end,
            "noted_by": outage.noted_by,
            "noted_at": outage.noted_at,
        }
        await self._connection.execute(insert(tables.outages).values(**values))

    @override
    async def remove_outage(self, docking_event_id: UUID, id: UUID) -> None:
        o = tables.outages
        mine = (o.c.id == id) & (o.c.docking_event_id == docking_event_id)
        result = await self._connection.execute(delete(o).where(mine))
        if result.rowcount != 1:
            raise NotFound(f"nothing {id} is noted as away")

    @override
    async def run(self, id: UUID) -> Run:
        r = tables.timetable_runs
        row = (await self._connection.execute(select(r).where(r.c.id == id))).one_or_none()
        if row is None:
            raise NotFound(f"no timetable run {id}")
        return to_run(row)

    @override
    async def save_run(self, run: Run) -> Run:
        values: dict[str, Any] = {
            "docking_event_id": run.docking_event_id,
            "state": run.state,
            "content": RUN.dump_json(run, exclude={"version"}).decode(),
        }
        if run.has_ended:
            values["best"] = None
        await save_version(self._connection, tables.timetable_runs, run.id, run.version, values)
        table = tables.plumbing.jobs
        if run.version == 0:
            payload = {"run_id": str(run.id)}
            await jobs.enqueue(self._connection, table, RUN_JOB, payload, now=self._at, id=run.id)
            await tell_worker(self._connection)
        elif run.state is RunState.CANCELLED:
            await jobs.cancel(self._connection, table, run.id)
        return replace(run, version=run.version + 1)

    @override
    async def note(self, run: Run, best: Timetable | None = None) -> bool:
        r = tables.timetable_runs
        mine = (r.c.id == run.id) & (r.c.version == run.version)
        values = {"content": RUN.dump_json(run, exclude={"version"}).decode()}
        if best is not None:
            values["best"] = PLACEMENTS.dump_json(best.placements).decode()
        result = await self._connection.execute(update(r).where(mine).values(**values))
        return result.rowcount == 1

    @override
    async def best(self, run_id: UUID) -> tuple[Placement, ...]:
        r = tables.timetable_runs
        found = await self._connection.scalar(select(r.c.best).where(r.c.id == run_id))
        return () if found is None else PLACEMENTS.validate_json(found)

    @override
    async def get(self, id: UUID) -> StoredTimetable:
        t = tables.timetables
        row = (await self._connection.execute(select(t).where(t.c.id == id))).one_or_none()
        if row is None:
            raise NotFound(f"no timetable {id}")
        return to_timetable(row)

    @override
    async def published(self, docking_event_id: UUID) -> StoredTimetable | None:
        t = tables.timetables
        mine = (t.c.docking_event_id == docking_event_id) & (t.c.state == "published")
        row = (await self._connection.execute(select(t).where(mine))).one_or_none()
        return None if row is None else to_timetable(row)

    @override
    async def find(self, docking_event_id: UUID) -> Sequence[StoredTimetable]:
        t = tables.timetables
        statement = (
            select(t).where(t.c.docking_event_id == docking_event_id).order_by(t.c.number.desc())
        )
        return [to_timetable(row) for row in await self._connection.execute(statement)]

    @override
    async def next_number(self, docking_event_id: UUID) -> int:
        return await count_on(self._connection, "timetables", docking_event_id)

    @override
    async def save(self, timetable: StoredTimetable) -> StoredTimetable:
        values = {
            "docking_event_id": timetable.docking_event_id,
            "number": timetable.number,
            "state": timetable.state,
            "content": TIMETABLE.dump_json(timetable, exclude={"version"}).decode(),
        }
        table = tables.timetables
        try:
            await save_version(self._connection, table, timetable.id, timetable.version, values)
        except IntegrityError as error:
            raise Conflict("another timetable was published meanwhile") from error
        return replace(timetable, version=timetable.version + 1)

    @override
    async def tell_published(
        self, timetable: StoredTimetable, booked: int, moved: int, cancelled: int, unplaced: int
    ) -> None:
        event = TimetablePublished(
            id=uuid7(),
            time=self._at,
            subject=str(timetable.docking_event_id),
            tenant=timetable.tenant_id,
            docking_event_id=timetable.docking_event_id,
            timetable_id=timetable.id,
            timetable_version=timetable.number,
            booked=booked,
            moved=moved,
            cancelled=cancelled,
            unplaced=unplaced,
        )
        self._unit.tell(event)
