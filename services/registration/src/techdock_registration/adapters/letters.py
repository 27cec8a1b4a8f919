"""The mail ledger, and what matching told, in tables."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import and_, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.sql import wake
from typing_extensions import override

from techdock_registration.adapters import tables
from techdock_registration.adapters.documents import Documents, Kind, next_version
from techdock_registration.app import ports
from techdock_registration.app.ports.letters import Meeting, Request
from techdock_registration.domain.mail import Mail, MailState

WAKE = "mails"


def _mail_columns(mail: Mail) -> Mapping[str, Any]:
    return {
        "account_id": mail.account_id,
        "docking_event_id": mail.docking_event_id,
        "cause": mail.cause,
        "reason": mail.reason,
        "state": mail.state.value,
        "planned_at": mail.planned_at,
        "due_at": mail.due_at,
        "link_until": mail.link_until,
    }


MAIL = Kind("mail", tables.mails, TypeAdapter(Mail), _mail_columns)


class SqlMails(Documents[Mail], ports.Mails):
    """The mail ledger in a table."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection, MAIL)

    @override
    async def plan(self, mails: Sequence[Mail]) -> None:
        kind = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        rows = [MAIL.row(next_version(mail)) for mail in mails]
        if rows:
            statement = kind.insert(tables.mails).on_conflict_do_nothing(index_elements=["cause"])
            await self._connection.execute(statement, rows)
            wake.note(self._connection, WAKE)

    @override
    async def due(self, at: datetime, limit: int) -> list[Mail]:
        t = tables.mails
        waiting = t.c.state.in_((MailState.PLANNED.value, MailState.SENDING.value))
        statement = (
            select(t.c.body)
            .where(waiting, t.c.due_at <= at)
            .order_by(t.c.due_at, t.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return await self._list(statement)

    @override
    async def find(
        self,
        part: ports.Slice,
        *,
        docking_event_id: UUID | None = None,
        account_id: UUID | None = None,
        state: str | None = None,
    ) -> list[Mail]:
        t = tables.mails
        statement = select(t.c.body).order_by(t.c.planned_at.desc(), t.c.id.desc())
        if docking_event_id:
            statement = statement.where(t.c.docking_event_id == docking_event_id)
        if account_id:
            statement = statement.where(t.c.account_id == account_id)
        if state:
            statement = statement.where(t.c.state == state)
        if part.after is not None:
            at, after = datetime.fromisoformat(part.after[0]), UUID(part.after[1])
            earlier = or_(t.c.planned_at < at, and_(t.c.planned_at == at, t.c.id < after))
            statement = statement.where(earlier)
        return await self._list(statement.limit(part.limit))

    @override
    async def with_dead_links(self, at: datetime, limit: int) -> list[Mail]:
        t = tables.mails
        return await self._list(select(t.c.body).where(t.c.link_until <= at).limit(limit))

    @override
    async def with_links_of(self, account_id: UUID) -> list[Mail]:
        t = tables.mails
        mine = (t.c.account_id == account_id) & t.c.link_until.is_not(None)
        return await self._list(select(t.c.body).where(mine))


class SqlTalks(ports.Talks):
    """Requests and meetings in two tables."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    @override
    async def request(self, id: UUID) -> Request | None:
        t = tables.requests
        row = (await self._connection.execute(select(t).where(t.c.id == id))).one_or_none()
        if row is None:
            return None
        asking, asked = json.loads(row.persons)
        return Request(
            row.id,
            row.docking_event_id,
            row.asking_participation_id,
            row.asked_participation_id,
            tuple(map(UUID, asking)),
            tuple(map(UUID, asked)),
            row.accepted,
            row.countered,
        )

    @override
    async def keep_request(self, request: Request) -> None:
        persons = [
            list(map(str, request.asking_persons)),
            list(map(str, request.asked_persons)),
        ]
        await self._keep(
            tables.requests,
            {
                "id": request.id,
                "docking_event_id": request.docking_event_id,
                "asking_participation_id": request.asking_participation_id,
                "asked_participation_id": request.asked_participation_id,
                "accepted": request.accepted,
                "countered": request.countered,
                "persons": json.dumps(persons),
            },
        )

    @override
    async def accepted_between(self, mine: Sequence[UUID], theirs: UUID) -> bool:
        t = tables.requests
        asking, asked = t.c.asking_participation_id, t.c.asked_participation_id
        pair = or_(and_(asking.in_(mine), asked == theirs), and_(asked.in_(mine), asking == theirs))
        statement = select(t.c.id).where(t.c.accepted, pair).limit(1)
        return (await self._connection.execute(statement)).first() is not None

    @override
    async def meeting(self, id: UUID) -> Meeting | None:
        t = tables.meetings
        row = (await self._connection.execute(select(t).where(t.c.id == id))).one_or_none()
        if row is None:
            return None
        persons = tuple(map(UUID, json.loads(row.persons)))
        return Meeting(row.id, row.docking_event_id, row.start, row.zone, persons, row.moved_in)

    @override
    async def keep_meeting(self, meeting: Meeting) -> None:
        await self._keep(
            tables.meetings,
            {
                "id": meeting.id,
                "docking_event_id": meeting.docking_event_id,
                "start": meeting.start,
                "zone": meeting.zone,
                "persons": json.dumps(list(map(str, meeting.persons))),
                "moved_in": meeting.moved_in,
            },
        )

    @override
    async def drop_meeting(self, id: UUID) -> None:
        t = tables.meetings
        await self._connection.execute(delete(t).where(t.c.id == id))

    @override
    async def booked_persons(self, docking_event_id: UUID) -> list[UUID]:
        t = tables.meetings
        mine = t.c.docking_event_id == docking_event_id
        rows = (await self._connection.execute(select(t.c.persons).where(mine))).scalars()
        return sorted({UUID(person) for row in rows for person in json.loads(row)})

    async def _keep(self, table: Any, row: dict[str, Any]) -> None:
        kind = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = kind.insert(table).values(row)
        changed = {name: value for name, value in row.items() if name != "id"}
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=changed)
        )
