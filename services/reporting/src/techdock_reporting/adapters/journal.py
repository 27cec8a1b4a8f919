"""The journal over SQL: appended in one order, under the lock of its head."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_contracts.event import Event
from techdock_shared.clock import Clock
from typing_extensions import override

from techdock_reporting.adapters import tables
from techdock_reporting.app import ports
from techdock_reporting.domain.journal import Head, seal

PAGE = 1000


class SqlJournal(ports.Journal):
    """One row for each event, numbered and sealed under the lock of the head."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    @override
    async def head(self) -> Head:
        h = tables.head
        columns = select(h.c.position, h.c.seal, h.c.received_at)
        row = (await self._connection.execute(columns)).one_or_none()
        return Head() if row is None else Head(row.position, row.seal, row.received_at)

    async def lock(self) -> tuple[Head, int]:
        """Take the turn to write until the transaction ends; return head and generation."""
        h = tables.head
        rows = select(h.c.position, h.c.seal, h.c.received_at, h.c.generation).with_for_update()
        row = (await self._connection.execute(rows)).one()
        return Head(row.position, row.seal, row.received_at), row.generation

    async def append(self, last: Head, events: Sequence[Event]) -> None:
        """Write events after the head that `lock` returned.

        Positions follow the order of commits, because whoever has the lock commits before the
        next one gets it; the clock may jump, the time of receipt does not run backwards.
        """
        now = self._clock.now()
        received_at = now if last.received_at is None else max(now, last.received_at)
        before, rows = last.seal, []
        for position, event in enumerate(events, last.position + 1):
            body = event.to_bytes()
            body_sha256 = sha256(body).digest()
            before = seal(before, body_sha256)
            rows.append(
                {
                    "position": position,
                    "event_id": event.id,
                    "type": event.type,
                    "topic": event.topic.name,
                    "subject": event.subject,
                    "received_at": received_at,
                    "body": body,
                    "body_sha256": body_sha256,
                    "seal": before,
                }
            )
        await self._connection.execute(insert(tables.journal), rows)
        values = {
            "position": last.position + len(rows),
            "seal": before,
            "received_at": received_at,
        }
        await self._connection.execute(update(tables.head).values(values))

    @override
    async def position_at(self, instant: datetime) -> int:
        j = tables.journal
        last = select(func.max(j.c.position)).where(j.c.received_at <= instant)
        return (await self._connection.execute(last)).scalar_one() or 0

    @override
    async def read(self, after: int, up_to: int) -> AsyncIterator[tuple[int, bytes]]:
        j = tables.journal
        while after < up_to:
            page = (
                select(j.c.position, j.c.body)
                .where(j.c.position > after, j.c.position <= up_to)
                .order_by(j.c.position)
                .limit(PAGE)
            )
            rows = (await self._connection.execute(page)).all()
            if not rows:
                return
            for row in rows:
                if row.body is not None:
                    yield row.position, row.body
            after = rows[-1].position

    @override
    async def seals(self) -> AsyncIterator[tuple[int, bytes, bytes, bytes | None]]:
        j = tables.journal
        after = 0
        while True:
            page = (
                select(j.c.position, j.c.body_sha256, j.c.seal, j.c.body)
                .where(j.c.position > after)
                .order_by(j.c.position)
                .limit(PAGE)
            )
            rows = (await self._connection.execute(page)).all()
            if not rows:
                return
            for row in rows:
                yield row.position, row.body_sha256, row.seal, row.body
            after = rows[-1].position
