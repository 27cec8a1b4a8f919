"""Meetings in tables, and the ticks they occupy: nobody twice, in no docking event."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, delete, insert, select
from sqlalchemy.exc import IntegrityError
from techdock_shared.errors import NotFound
from typing_extensions import override

from techdock_matching.adapters import tables
from techdock_matching.adapters.statements import count_on, counted, save_versions
from techdock_matching.adapters.translate import of_meeting
from techdock_matching.adapters.unit import MatchingUnit
from techdock_matching.app import repositories
from techdock_matching.app.repositories import Stored
from techdock_matching.domain.happenings import Booked, MeetingCancelled, Moved, NoShow
from techdock_matching.domain.meeting import Meeting
from techdock_matching.domain.spans import Span, tick_start

CONTENT = TypeAdapter(Meeting)
EXCLUDED = {"happened", "version"}
TICKS_PER_STATEMENT = 5_000
SETTLING = (Booked, Moved, MeetingCancelled, NoShow)
"""What changes the ticks that a meeting occupies."""


def to_meeting(row: Row[Any]) -> Meeting:
    """Return the meeting of a row."""
    return replace(CONTENT.validate_json(row.content), version=row.version)


def occupied(meeting: Meeting) -> Iterable[dict[str, Any]]:
    """Return the ticks of a meeting, one row per thing that can be in one place only.

    An interpreter is a person too, and may not sit in a meeting of his own meanwhile.
    """
    place = meeting.place
    things: list[tuple[str, UUID]] = [("person", person) for person in meeting.persons]
    if place.table_id is not None:
        things.append(("table", place.table_id))
    if place.interpreter_id is not None:
        things.append(("interpreter", place.interpreter_id))
        things.append(("person", place.interpreter_id))
    for kind, subject in things:
        for tick in meeting.ticks():
            yield {"kind": kind, "subject_id": subject, "tick": tick, "meeting_id": meeting.id}


class SqlMeetings(repositories.Meetings):
    """Meetings in a table, one row each."""

    def __init__(self, unit: MatchingUnit) -> None:
        self._unit = unit
        self._connection = unit.connection
        self._at = unit.clock.now()

    @override
    async def get(self, id: UUID) -> Stored[Meeting]:
        m = tables.meetings
        row = (await self._connection.execute(select(m).where(m.c.id == id))).one_or_none()
        if row is None:
            raise NotFound(f"no meeting {id}")
        return Stored(to_meeting(row), row.changed_at)

    @override
    async def save(self, meetings: Sequence[Meeting]) -> Sequence[Meeting]:
        changed = sorted((m for m in meetings if m.happened), key=lambda m: m.id)
        rows = [(meeting.id, meeting.version, self._row(meeting)) for meeting in changed]
        await save_versions(self._connection, tables.meetings, rows)
        await self._keep_parties(changed)
        await self._keep_ticks(changed)
        for docking_event_id in sorted({m.docking_event_id for m in changed}):
            await count_on(self._connection, "meetings", docking_event_id)
            self._unit.poke(f"docking_event.{docking_event_id}")
        for meeting in meetings:
            self._unit.tell(*of_meeting(meeting, self._at))
        return [
            replace(m, version=m.version + 1, happened=()) if m.happened else m for m in meetings
        ]

    def _row(self, meeting: Meeting) -> dict[str, Any]:
        return {
            "tenant_id": meeting.tenant_id,
            "docking_event_id": meeting.docking_event_id,
            "request_id": meeting.request_id,
            "start": meeting.place.start,
            "end": meeting.place.end,
            "venue_id": meeting.place.venue_id,
            "table_id": meeting.place.table_id,
            "interpreter_id": meeting.place.interpreter_id,
            "state": meeting.state,
            "content": CONTENT.dump_json(meeting, exclude=EXCLUDED).decode(),
            "changed_at": self._at,
        }

    async def _keep_parties(self, meetings: Sequence[Meeting]) -> None:
        rows = [
            {"participation_id": party.participation_id, "meeting_id": meeting.id}
            for meeting in meetings
            if meeting.version == 0
            for party in meeting.parties
        ]
        if rows:
            await self._connection.execute(insert(tables.meeting_parties), rows)

    async def _keep_ticks(self, meetings: Sequence[Meeting]) -> None:
        """Give back all ticks first, so that two meetings may exchange their places.

        A meeting that failed gives its place back too: others may use what is left of it.
        """
        t = tables.meeting_ticks
        settled = [
            meeting
            for meeting in meetings
            if any(isinstance(it, SETTLING) for it in meeting.happened)
        ]
        old = [meeting.id for meeting in settled if meeting.version > 0]
        if old:
            await self._connection.execute(delete(t).where(t.c.meeting_id.in_(old)))
        # In one order for everybody: two publishers that want the same ticks cannot deadlock.
        rows = sorted(
            (row for meeting in settled if meeting.is_pending for row in occupied(meeting)),
            key=lambda row: (row["kind"], row["subject_id"], row["tick"]),
        )
        try:
            for start in range(0, len(rows), TICKS_PER_STATEMENT):
                part = rows[start : start + TICKS_PER_STATEMENT]
                await self._connection.execute(insert(t), part)
        except IntegrityError as error:
            raise repositories.DoubleBooked(
                "somebody, a table or an interpreter of these meetings is booked elsewhere by now"
            ) from error

    @override
    async def find(
        self,
        docking_event_id: UUID,
        *,
        parties: Collection[UUID] | None = None,
        interpreter_id: UUID | None = None,
        states: Collection[str] = (),
        venue_id: UUID | None = None,
        begin: datetime | None = None,
        end: datetime | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int | None = None,
    ) -> Sequence[Stored[Meeting]]:
        m, p = tables.meetings, tables.meeting_parties
        statement = select(m).where(m.c.docking_event_id == docking_event_id)
        if parties is not None:
            own = select(p.c.meeting_id).where(p.c.participation_id.in_(list(parties)))
            statement = statement.where(m.c.id.in_(own))
        if interpreter_id is not None:
            statement = statement.where(m.c.interpreter_id == interpreter_id)
        if states:
            statement = statement.where(m.c.state.in_(list(states)))
        if venue_id is not None:
            statement = statement.where(m.c.venue_id == venue_id)
        if begin is not None:
            statement = statement.where(m.c.start >= begin)
        if end is not None:
            statement = statement.where(m.c.start < end)
        if after is not None:
            later = (m.c.start > after[0]) | ((m.c.start == after[0]) & (m.c.id > after[1]))
            statement = statement.where(later)
        statement = statement.order_by(m.c.start, m.c.id).limit(limit)
        rows = await self._connection.execute(statement)
        return [Stored(to_meeting(row), row.changed_at) for row in rows]

    @override
    async def busy(
        self, kind: str, subjects: Collection[UUID], except_docking_event_id: UUID
    ) -> Mapping[UUID, Sequence[Span]]:
        t, m = tables.meeting_ticks, tables.meetings
        found: dict[UUID, list[Span]] = {}
        statement = (
            select(t.c.subject_id, t.c.tick)
            .join(m, m.c.id == t.c.meeting_id)
            .where(
                t.c.kind == kind,
                t.c.subject_id.in_(list(subjects)),
                m.c.docking_event_id != except_docking_event_id,
            )
        )
        for row in await self._connection.execute(statement):
            span = Span(tick_start(row.tick), tick_start(row.tick + 1))
            found.setdefault(row.subject_id, []).append(span)
        return found

    @override
    async def version_of(self, docking_event_id: UUID) -> int:
        return await counted(self._connection, "meetings", docking_event_id)
