"""Attendance in tables: every look at a person, and which of them counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, and_, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from techdock_registration.adapters import tables, translate
from techdock_registration.adapters.documents import tell
from techdock_registration.app import ports
from techdock_registration.domain.attendance import Attendance


class SqlAttendance(ports.AttendanceBook):
    """Attendance in two tables: all looks, and one claim per person and place."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @override
    async def first(self, place_id: UUID, person_id: UUID, attendance_id: UUID) -> bool:
        kind = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        claim = kind.insert(tables.attendance_firsts).values(
            place_id=place_id, person_id=person_id, attendance_id=attendance_id
        )
        result = await self._connection.execute(claim.on_conflict_do_nothing())
        return result.rowcount == 1

    @override
    async def counting(self, place_id: UUID, person_id: UUID) -> Attendance | None:
        t, f = tables.attendance, tables.attendance_firsts
        statement = (
            select(t)
            .join_from(f, t, t.c.id == f.c.attendance_id)
            .where(f.c.place_id == place_id, f.c.person_id == person_id)
        )
        row = (await self._connection.execute(statement)).one_or_none()
        return None if row is None else _attendance(row)

    @override
    async def keep(self, attendance: Attendance) -> None:
        row = {
            "id": attendance.id,
            "docking_event_id": attendance.docking_event_id,
            "tenant_id": attendance.tenant_id,
            "person_id": attendance.person_id,
            "session_id": attendance.session_id,
            "at": attendance.at,
            "zone": attendance.zone,
            "is_first": attendance.is_first,
            "mode": attendance.mode,
            "device": attendance.device,
            "participation_id": attendance.participation_id,
            "organization_id": attendance.organization_id,
            "recorded_at": attendance.recorded_at,
        }
        await self._connection.execute(insert(tables.attendance), row)
        await tell(self._connection, translate.attendance(attendance))

    @override
    async def known(self, ids: Sequence[UUID]) -> dict[UUID, Attendance]:
        t = tables.attendance
        rows = (await self._connection.execute(select(t).where(t.c.id.in_(ids)))).all()
        return {row.id: _attendance(row) for row in rows}

    @override
    async def find(
        self, part: ports.Slice, docking_event_id: UUID, session_id: UUID | None
    ) -> list[Attendance]:
        t = tables.attendance
        statement = (
            select(t)
            .where(t.c.docking_event_id == docking_event_id, t.c.is_first)
            .order_by(t.c.at, t.c.id)
            .limit(part.limit)
        )
        if session_id:
            statement = statement.where(t.c.session_id == session_id)
        if part.after is not None:
            at, after = datetime.fromisoformat(part.after[0]), UUID(part.after[1])
            later = or_(t.c.at > at, and_(t.c.at == at, t.c.id > after))
            statement = statement.where(later)
        return [_attendance(row) for row in (await self._connection.execute(statement)).all()]

    @override
    async def counts(self, docking_event_id: UUID) -> dict[UUID | None, int]:
        t = tables.attendance
        statement = (
            select(t.c.session_id, func.count())
            .where(t.c.docking_event_id == docking_event_id, t.c.is_first)
            .group_by(t.c.session_id)
        )
        return {row[0]: row[1] for row in (await self._connection.execute(statement)).all()}


def _attendance(row: Row[Any]) -> Attendance:
    return Attendance(
        row.id,
        row.docking_event_id,
        row.tenant_id,
        row.participation_id,
        row.organization_id,
        row.person_id,
        row.session_id,
        row.mode,
        row.at,
        row.zone,
        row.recorded_at,
        row.device,
        row.is_first,
    )
