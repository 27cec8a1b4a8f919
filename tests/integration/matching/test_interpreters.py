"""Interpreters: workload, timetable and calendar, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import icalendar
import pytest
from support.databases import DATABASES
from support.matching import World, named
from support.matching_app import Matching, matching
from support.matching_timetable import agree, draft, publish
from techdock_contracts.registration import Interpreter

HELPER = named("helper.person")


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    world = World()
    here = Interpreter(interpreter_id=HELPER, languages=("zh", "ru"), venue_id=world.venue)
    idle = Interpreter(interpreter_id=named("idle"), languages=("en", "ar"), venue_id=world.venue)
    await app.hear(
        world.announced(interpreters=(here, idle)), world.opened(), world.session_planned(),
        world.participant("ana", languages=("zh",)), world.participant("bek", languages=("ru",)),
        world.participant("cui", languages=("ru",)), world.participant("dan", languages=("ru",)),
    )  # fmt: skip
    return world


def path(world: World, person: UUID = HELPER, what: str = "timetable") -> str:
    return f"/docking-events/{world.docking_event}/interpreters/{person}/{what}"


async def test_the_workload_counts_meetings_and_what_comes_without_a_pause(
    app: Matching, world: World
) -> None:
    for other in ("bek", "cui"):
        await agree(app, world, "ana", other)
    await agree(app, world, "cui", "dan")
    organizer = app.organizer(world)
    await publish(app, world, await draft(app, world))
    busy, idle = (await organizer.get(f"/docking-events/{world.docking_event}/interpreters"))[
        "items"
    ]
    assert (busy["person_id"], busy["meetings"], busy["minutes"]) == (str(HELPER), 2, 60)
    assert busy["longest_minutes"] == 60, "no gap is left between them"
    assert (idle["meetings"], idle["minutes"], idle["first"]) == (0, 0, None)
    held = (await organizer.get(path(world)))["items"]
    assert [one["interpreter_id"] for one in held] == [str(HELPER)] * 2
    assert (busy["first"], busy["last"]) == (held[0]["start"], held[1]["end"])
    feed = await organizer.post(path(world, what="calendar"), None, 201)
    calendar = icalendar.Calendar.from_ical((await app.client.get(feed["url"])).content)
    assert len(calendar.walk("VEVENT")) == 2
    await organizer.post(f"/meetings/{held[0]['id']}/state", {"to": "cancelled"}, version=1)
    again = (await organizer.get(f"/docking-events/{world.docking_event}/interpreters"))["items"]
    assert (again[0]["meetings"], again[0]["longest_minutes"]) == (1, 30)


async def test_only_organizers_look_and_only_at_interpreters(app: Matching, world: World) -> None:
    everybody = f"/docking-events/{world.docking_event}/interpreters"
    ana = app.participant(world, "ana")
    await ana.get(everybody, 403)
    await ana.get(path(world), 403)
    await ana.post(path(world, what="calendar"), None, 403)
    await app.organizer(world).get(path(world, named("nobody")), 404)
    await app.organizer(world).post(path(world, named("nobody"), "calendar"), None, 404)
    await app.stranger().get(everybody, 404)
    mine = app.anybody(person_id=HELPER)
    assert (await mine.get(path(world)))["items"] == []
    await mine.get(path(world, named("idle")), 404)
