"""Statements that SQLite and PostgreSQL spell alike, but SQLAlchemy types apart."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.errors import Conflict

from techdock_matching.adapters import tables


def upsert(connection: AsyncConnection, table: Table) -> Any:
    """Return the INSERT of the connection's dialect, which knows ON CONFLICT."""
    sqlite = connection.dialect.name == "sqlite"
    return sqlite_insert(table) if sqlite else postgresql_insert(table)


async def save_version(
    connection: AsyncConnection,
    table: Table,
    id: UUID,
    version: int,
    values: Mapping[str, Any],
) -> None:
    """Store the next version of a thing.

    Args:
        version: The version that the change rests on; 0 inserts.
        values: Every column but id and version.

    Raises:
        Conflict: Somebody saved the thing since it was read.
    """
    if version == 0:
        await connection.execute(insert(table).values(id=id, version=1, **values))
        return
    mine = (table.c.id == id) & (table.c.version == version)
    result = await connection.execute(
        update(table).where(mine).values(version=version + 1, **values)
    )
    if result.rowcount != 1:
        raise Conflict(f"{table.name} {id} changed meanwhile; read it again")


async def save_versions(
    connection: AsyncConnection,
    table: Table,
    things: Sequence[tuple[UUID, int, Mapping[str, Any]]],
) -> None:
    """Store the next version of many things, with a handful of statements.

    Args:
        things: Id, the version that the change rests on (0 inserts), and every other column.

    Raises:
        Conflict: Somebody saved one of them since it was read.
    """
    if len(things) == 1:
        await save_version(connection, table, *things[0])
        return
    new = [{"id": one, "version": 1, **values} for one, version, values in things if version == 0]
    if new:
        await connection.execute(insert(table), new)
    old = {one: (version, values) for one, version, values in things if version > 0}
    if not old:
        return
    # Locked in one order by everybody, and only then compared.
    mine = select(table.c.id, table.c.version).where(table.c.id.in_(list(old)))
    rows = (await connection.execute(mine.order_by(table.c.id).with_for_update())).all()
    known = {row.id: row.version for row in rows}
    for one, (version, _) in old.items():
        if known.get(one) != version:
            raise Conflict(f"{table.name} {one} changed meanwhile; read it again")
    names = next(iter(old.values()))[1]
    statement = (
        update(table)
        .where(table.c.id == bindparam("of_id"))
        .values({name: bindparam(name) for name in (*names, "version")})
    )
    await connection.execute(
        statement,
        [
            {"of_id": one, "version": version + 1, **values}
            for one, (version, values) in sorted(old.items())
        ],
    )


async def count_on(connection: AsyncConnection, name: str, subject_id: UUID) -> int:
    """Raise a counter and return it."""
    c = tables.counters
    statement = upsert(connection, c).values(name=name, subject_id=subject_id, value=1)
    statement = statement.on_conflict_do_update(
        index_elements=["name", "subject_id"], set_={"value": c.c.value + 1}
    ).returning(c.c.value)
    value: int = (await connection.execute(statement)).scalar_one()
    return value


async def counted(connection: AsyncConnection, name: str, subject_id: UUID) -> int:
    """Return a counter, 0 when nothing was counted."""
    c = tables.counters
    statement = select(c.c.value).where(c.c.name == name, c.c.subject_id == subject_id)
    return (await connection.execute(statement)).scalar_one_or_none() or 0
