"""The facts over SQL: versions by position, in generations."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Row, Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_contracts.event import Event
from typing_extensions import override

from techdock_reporting.adapters import tables
from techdock_reporting.app import ports
from techdock_reporting.app.derive import needs_earlier
from techdock_reporting.app.record import tell
from techdock_reporting.domain.facts import Fact, current

_COLUMNS = (
    tables.facts.c.kind,
    tables.facts.c.thing_id,
    tables.facts.c.occurred_on,
    tables.facts.c.docking_event_id,
    tables.facts.c.tenant_id,
    tables.facts.c.ended_on,
    tables.facts.c.attributes,
)


@dataclass(frozen=True, slots=True)
class _Told:
    """A fact, and the place in the journal of the event that told it."""

    position: int
    subject: str
    fact: Fact


class SqlFacts(ports.Facts):
    """The facts of one generation.

    Attributes:
        position: Place in the journal of the event whose facts are being added.
    """

    def __init__(self, connection: AsyncConnection, generation: int | None = None) -> None:
        """Take a connection, and a generation; None: the one that is read at present."""
        self._connection = connection
        self._generation = generation
        self._told: list[_Told] = []
        self._known: dict[str, list[Fact]] = {}
        self.position = 0

    async def generation(self) -> int:
        """Return the generation that is read and written."""
        if self._generation is None:
            found = await self._connection.execute(select(tables.head.c.generation))
            self._generation = found.scalar_one_or_none() or 1
        return self._generation

    @override
    def add(self, subject: str, fact: Fact) -> None:
        self._told.append(_Told(self.position, subject, fact))
        if subject in self._known:
            self._known[subject].append(fact)

    async def flush(self, generation: int) -> None:
        """Write what was added, into a generation."""
        if not self._told:
            return
        # Of two versions that one event tells of one fact, the last stands.
        rows = {
            (told.fact.kind, told.fact.thing_id, told.position): {
                "generation": generation,
                "kind": told.fact.kind,
                "thing_id": told.fact.thing_id,
                "position": told.position,
                "subject": told.subject,
                "docking_event_id": told.fact.docking_event_id,
                "tenant_id": told.fact.tenant_id,
                "occurred_on": told.fact.occurred_on,
                "ended_on": told.fact.ended_on,
                "attributes": dict(told.fact.attributes),
            }
            for told in self._told
        }
        await self._connection.execute(insert(tables.facts), list(rows.values()))
        self._told.clear()

    async def load(self, subjects: Iterable[str]) -> None:
        """Read at once what `about` will be asked for one by one."""
        f = tables.facts
        wanted = sorted({subject for subject in subjects if subject not in self._known})
        if not wanted:
            return
        query = (
            select(f.c.subject, *_COLUMNS)
            .where(f.c.generation == await self.generation(), f.c.subject.in_(wanted))
            .order_by(f.c.position)
        )
        self._known.update({subject: [] for subject in wanted})
        for row in await self._connection.execute(query):
            self._known[row.subject].append(_fact(row))
        for told in self._told:
            if told.subject in wanted:
                self._known[told.subject].append(told.fact)

    @override
    async def about(self, subject: str) -> list[Fact]:
        await self.load([subject])
        return current(self._known[subject])

    @override
    async def of_docking_event(self, docking_event_id: UUID, position: int) -> list[Fact]:
        f = tables.facts
        query = (
            select(*_COLUMNS)
            .where(
                f.c.generation == await self.generation(),
                f.c.docking_event_id == docking_event_id,
                f.c.position <= position,
            )
            .order_by(f.c.position)
        )
        return await self._all(query)

    @override
    async def of_kind(self, kind: str, position: int, tenants: Sequence[UUID]) -> list[Fact]:
        f = tables.facts
        query = (
            select(*_COLUMNS)
            .where(
                f.c.generation == await self.generation(),
                f.c.kind == kind,
                f.c.tenant_id.in_(tenants),
                f.c.position <= position,
            )
            .order_by(f.c.position)
        )
        return await self._all(query)

    async def _all(self, query: Select[*tuple[object, ...]]) -> list[Fact]:
        return [_fact(row) for row in await self._connection.execute(query)]

    @override
    async def sha256(self) -> str:
        f = tables.facts
        query = (
            select(*_COLUMNS, f.c.position)
            .where(f.c.generation == await self.generation())
            .order_by(f.c.kind, f.c.thing_id, f.c.position)
        )
        digest = sha256()
        async for row in await self._connection.stream(query):
            digest.update(_canonical(row))
        return digest.hexdigest()


async def tell_all(events: Sequence[tuple[int, Event]], facts: SqlFacts) -> None:
    """Add the facts of events, each with its position; look up at once what they need."""
    await facts.load(event.subject for _, event in events if needs_earlier(event))
    for position, event in events:
        facts.position = position
        await tell(event, facts)


def _fact(row: Row[*tuple[object, ...]]) -> Fact:
    return Fact(
        kind=row.kind,
        thing_id=row.thing_id,
        occurred_on=row.occurred_on,
        docking_event_id=row.docking_event_id,
        tenant_id=row.tenant_id,
        ended_on=row.ended_on,
        attributes=row.attributes,
    )


def _canonical(row: Row[*tuple[object, ...]]) -> bytes:
    content = [
        row.kind,
        row.thing_id,
        row.position,
        row.occurred_on.isoformat(),
        row.ended_on.isoformat() if row.ended_on else None,
        str(row.docking_event_id),
        str(row.tenant_id),
        row.attributes,
    ]
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode() + b"\n"
