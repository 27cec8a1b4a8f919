"""Participants choose a free place for an accepted request, over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.databases import DATABASES
from support.matching import World, at
from support.matching_app import Matching, matching
from support.matching_timetable import agree, begin_fair, draft, publish
from techdock_contracts import matching as told


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    world = World()
    await begin_fair(app, world)
    return world


async def allow(app: Matching, world: World) -> None:
    frame = f"/docking-events/{world.docking_event}/frame"
    await app.organizer(world).put(frame, {"self_booking": True}, 0)


async def is_open(app: Matching, world: World) -> bool:
    path = f"/docking-events/{world.docking_event}/booking"
    answer = await app.participant(world, "cui").get(path)
    return bool(answer["open"])


def place(spot: Any) -> dict[str, Any]:
    return {"session_id": spot["session_id"], "first_slot": spot["first_slot"]}


async def test_a_free_place_is_taken_once(app: Matching, world: World) -> None:
    await agree(app, world, "ana", "bek")
    await allow(app, world)
    assert not await is_open(app, world), "nothing is published yet"
    await publish(app, world, await draft(app, world))
    assert await is_open(app, world)
    late = await agree(app, world, "ana", "cui")
    app.clock.time = at(6, 10)
    cui = app.participant(world, "cui")
    spots = (await cui.get(f"/requests/{late}/spots"))["items"]
    assert spots, "there are free places"
    assert all(spot["free"] and spot["start"] > "2026-09-14T06:10" for spot in spots)
    (held,) = (await app.organizer(world).get(f"/docking-events/{world.docking_event}/meetings"))[
        "items"
    ]
    assert held["start"] not in {spot["start"] for spot in spots}, "ana meets bek then"
    await app.forget_told()
    where = f"/requests/{late}/meeting"
    meeting = await cui.post(where, place(spots[-1]), 201)
    assert meeting["start"] == spots[-1]["start"]
    assert [type(event) for event in await app.told()] == [told.MeetingBooked]
    again = await cui.post(where, place(spots[0]), 409)
    assert again["code"] == "wrong_state"
    mine = await app.participant(world, "ana").get(
        f"/docking-events/{world.docking_event}/my-timetable"
    )
    assert meeting["id"] in {one["id"] for one in mine["meetings"]}
    assert mine["unplaced"] == []


async def test_what_stands_in_the_way_is_refused_and_not_told(
    app: Matching,
    world: World,
) -> None:
    await agree(app, world, "ana", "bek")
    await allow(app, world)
    await publish(app, world, await draft(app, world))
    late = await agree(app, world, "ana", "cui")
    (held,) = (await app.organizer(world).get(f"/docking-events/{world.docking_event}/meetings"))[
        "items"
    ]
    taken = {"session_id": held["session_id"], "first_slot": 0}
    spots = (await app.participant(world, "ana").get(f"/requests/{late}/spots"))["items"]
    free = {spot["first_slot"] for spot in spots}
    taken["first_slot"] = next(iter(set(range(8)) - free))
    refused = await app.participant(world, "ana").post(f"/requests/{late}/meeting", taken, 409)
    assert (refused["code"], refused.get("errors", [])) == ("breaks_rules", [])
    nowhere = {"session_id": held["session_id"], "first_slot": 30}
    await app.participant(world, "ana").post(f"/requests/{late}/meeting", nowhere, 422)


async def test_only_the_two_sides_book_and_only_where_it_is_allowed(
    app: Matching,
    world: World,
) -> None:
    one = await agree(app, world, "ana", "bek")
    where = f"/requests/{one}/meeting"
    body = {"session_id": str(world.session), "first_slot": 1}
    await app.participant(world, "ana").post(where, body, 403)
    await allow(app, world)
    early = await app.participant(world, "ana").post(where, body, 409)
    assert early["code"] == "nothing_published"
    await app.participant(world, "cui").post(where, body, 404)
    await app.organizer(world).post(where, body, 403)
    await app.stranger().post(where, body, 404)
    assert await is_open(app, world) is False
    await app.stranger().get(f"/docking-events/{world.docking_event}/booking", 404)
