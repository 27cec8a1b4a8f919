"""Aggregates as rows: columns to find them by, and the whole of each as JSON.

Reading one runs the checks of the domain again, so a row that breaks a rule is noticed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Select, Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_contracts.event import Event, Tombstone
from techdock_shared.errors import Conflict, NotFound
from techdock_shared.sql import outbox
from techdock_shared.sql.raw import Raw

from techdock_registration.adapters import tables
from techdock_registration.adapters.bare import bare
from techdock_registration.domain.states import ChangedMeanwhile

MOST_IDS = 500
_BODY = Raw(
    sqlite="SELECT body FROM {table} WHERE id = ?",
    postgresql="SELECT body FROM {table} WHERE id = $1",
)


class Aggregate(Protocol):
    """What every stored thing has."""

    @property
    def id(self) -> UUID:
        """Its id."""
        ...

    @property
    def version(self) -> int:
        """Times saved."""
        ...


A = TypeVar("A", bound=Aggregate)


class Taken(Conflict):
    """Something with this id, code or address is there already."""

    code = "taken"


def _silent(_: Any) -> tuple[Event, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Kind(Generic[A]):
    """How aggregates of one kind are stored.

    Attributes:
        what: In words, for problems.
        codec: Renders and reads the body.
        columns: The columns beside id, version and body.
        tell: What happened, as others are told; nothing for kinds that tell nothing.
    """

    what: str
    table: Table
    codec: TypeAdapter[A]
    columns: Callable[[A], Mapping[str, Any]]
    tell: Callable[[A], Iterable[Event | Tombstone]] = _silent

    def row(self, stored: A) -> dict[str, Any]:
        """Return all columns of an aggregate."""
        body = self.codec.dump_json(stored, exclude={"happened"}).decode()
        return {
            "id": stored.id,
            "version": stored.version,
            "body": body,
            **self.columns(stored),
        }

    def read(self, row: Any) -> A:
        """Return the aggregate of a row."""
        return self.codec.validate_json(row.body)


def next_version(thing: A) -> A:
    """Return an aggregate as it is once saved."""
    parts: dict[str, Any] = {"version": thing.version + 1}
    if getattr(thing, "happened", None):
        parts["happened"] = ()
    after: A = replace(thing, **parts)  # type: ignore[type-var]  # every aggregate is a dataclass
    return after


class Documents(Generic[A]):
    """Aggregates of one kind inside one transaction; see `app.ports.Store`."""

    def __init__(self, connection: AsyncConnection, kind: Kind[A]) -> None:
        self._connection = connection
        self._kind = kind

    async def get(self, id: UUID) -> A:
        """Return one; see the port."""
        found = await _BODY.run(self._connection, self._kind.table, *bare(self._connection, id))
        if not found:
            raise NotFound(f"no {self._kind.what} {id}")
        return self._kind.codec.validate_json(found[0][0])

    async def get_many(self, ids: Sequence[UUID]) -> dict[UUID, A]:
        """Return those that exist; see the port."""
        t, wanted = self._kind.table, list(dict.fromkeys(ids))
        found: list[A] = []
        for start in range(0, len(wanted), MOST_IDS):
            part = wanted[start : start + MOST_IDS]
            found += await self._list(select(t.c.body).where(t.c.id.in_(part)))
        return {thing.id: thing for thing in found}

    async def save(self, thing: A) -> A:
        """Store one; see the port."""
        t, stored = self._kind.table, next_version(thing)
        row = self._kind.row(stored)
        try:
            if thing.version == 0:
                await self._connection.execute(insert(t), row)
            else:
                mine = (t.c.id == thing.id) & (t.c.version == thing.version)
                result = await self._connection.execute(update(t).where(mine).values(row))
                self._insist(result.rowcount, 1)
        except IntegrityError as error:
            raise self._taken(thing.id) from error
        await self._tell((thing,))
        return stored

    async def save_many(self, things: Sequence[A]) -> None:
        """Store many; see the port."""
        t = self._kind.table
        rows = [self._kind.row(next_version(thing)) for thing in things]
        new = [row for row in rows if row["version"] == 1]
        old = [
            {**row, "_id": row["id"], "_old": row["version"] - 1}
            for row in rows
            if row["version"] > 1
        ]
        try:
            if new:
                await self._connection.execute(insert(t), new)
            if old:
                mine = (t.c.id == bindparam("_id")) & (t.c.version == bindparam("_old"))
                names = [name for name in old[0] if not name.startswith("_")]
                statement = update(t).where(mine).values({n: bindparam(n) for n in names})
                result = await self._connection.execute(statement, old)
                self._insist(result.rowcount, len(old))
        except IntegrityError as error:
            raise Taken(f"one of the {self._kind.what}s is there already") from error
        await self._tell(things)

    def _insist(self, changed: int, expected: int) -> None:
        # A driver that cannot count many updates says -1; each was checked by its version.
        if changed not in (expected, -1):
            raise ChangedMeanwhile(f"the {self._kind.what} changed meanwhile; read it again")

    def _taken(self, id: UUID) -> Taken:
        return Taken(f"the {self._kind.what} {id}, or its code or address, is there already")

    async def _list(self, statement: Select[Any]) -> list[A]:
        rows = (await self._connection.execute(statement)).all()
        return [self._kind.read(row) for row in rows]

    async def _tell(self, things: Sequence[A]) -> None:
        await tell(self._connection, (m for thing in things for m in self._kind.tell(thing)))


async def tell(connection: AsyncConnection, messages: Iterable[Event | Tombstone]) -> None:
    """Put what is told into the outbox, in order for each subject."""
    events: list[Event] = []
    for message in messages:
        if isinstance(message, Event):
            events.append(message)
        else:
            await outbox.append_tombstone(
                connection,
                tables.outbox,
                message.topic,
                message.key,
                message.subject,
                id=message.id,
            )
    if events:
        await outbox.append(connection, tables.outbox, events)


def pattern(q: str) -> str:
    """Return a LIKE pattern, with backslash as escape, for a part of a text in lower case."""
    plain = q.strip().lower()
    for special in "\\%_":
        plain = plain.replace(special, "\\" + special)
    return f"%{plain}%"
