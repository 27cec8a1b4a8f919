"""R1 in one process: whoever listens dies at any point of any event, and each effect happens once.

Every service hears a tale one event at a time and dies at a point of each; it starts again over
the same database and is given the event again, as the log would. In the end everything is as if
nobody had died.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from support.crashes import CONSUMER_POINTS, Died, dying_at
from support.databases import NEEDS_POSTGRES, database
from support.delivering import in_order, listened
from support.readers import READERS, Reader, Template, make_tables, template, url_of
from support.registration import open_world, set_scene
from support.tales import Side, tale
from techdock_shared.messaging.record import Record
from techdock_shared.sql.engine import open_engine

SEED = 21
DEATHS_PER_KIND = 2

Opened = AbstractAsyncContextManager[AsyncEngine]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[AsyncEngine]:
    """The database of a process that has just started."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def _dies_at_each(
    reader: Reader, open_: Callable[[], Opened], records: Sequence[Record], *points: str
) -> dict[str, object]:
    """Hear records one by one, dying at a point of most; return what came of it."""
    times: Counter[object] = Counter()
    for number, record in enumerate(records):
        kind, point = type(record.content), points[number % len(points)]
        times[kind] += 1
        # More of a kind would be the same test once more.
        if times[kind] <= DEATHS_PER_KIND:
            async with open_() as engine:
                with dying_at(point) as died, suppress(Died):
                    await reader.consumer(engine).take([record])
                assert died, f"{point} is not passed by {kind}"
        async with open_() as engine:
            await reader.consumer(engine).take([record])
    async with open_() as engine:
        return await reader.model(engine)


async def _prepared(name: str, folder: Path) -> tuple[Template, list[Record]]:
    """A database of the service, and what it will hear; registration knows the people."""
    reader, empty = READERS[name], await template(READERS[name], folder)
    if name != "registration":
        return empty, listened(tale(SEED, whole=True), reader.handlers)
    async with opened(url_of(empty.path)) as engine:
        sides, docking_event = await _people(engine)
    return empty, listened(tale(SEED, sides, docking_event, whole=True), reader.handlers)


async def _people(engine: AsyncEngine) -> tuple[list[Side], object]:
    async with open_world(engine) as world:
        scene = await set_scene(world)
        sides = []
        for country in ("KZ", "UZ", "CN"):
            _, organization, participation = await scene.confirmed(
                f"{country}@example.org", country=country
            )
            persons = tuple(person["person_id"] for person in participation["persons"])
            sides.append(Side(organization["id"], participation["id"], country, persons))
        return sides, scene.docking_event["id"]


@pytest.mark.parametrize("point", CONSUMER_POINTS)
@pytest.mark.parametrize("name", READERS)
async def test_who_listens_dies_at_every_event(name: str, point: str, tmp_path: Path) -> None:
    reader = READERS[name]
    prepared, records = await _prepared(name, tmp_path)
    async with prepared.copied() as engine:
        await reader.hear(engine, in_order(records))
        expected = await reader.model(engine)
    kinds = {type(record.content) for record in records}
    assert {key for key in reader.handlers if isinstance(key, type)} <= kinds

    def reopened() -> Opened:
        return opened(url_of(prepared.path))

    assert await _dies_at_each(reader, reopened, records, point) == expected


@NEEDS_POSTGRES
@pytest.mark.parametrize("name", ["matching", "reporting"])
async def test_the_same_over_postgresql(name: str, tmp_path: Path) -> None:
    reader, empty = READERS[name], await template(READERS[name], tmp_path)
    records = listened(tale(SEED, whole=True), reader.handlers)
    async with empty.copied() as engine:
        await reader.hear(engine, in_order(records))
        expected = await reader.model(engine)
    async with database("postgresql", tmp_path) as engine:
        await make_tables(reader, engine)
        found = await _dies_at_each(reader, lambda: nullcontext(engine), records, *CONSUMER_POINTS)
    assert found == expected
