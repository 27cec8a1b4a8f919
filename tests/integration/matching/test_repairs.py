"""On the day, over HTTP: something is away, and the published timetable is mended."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.databases import DATABASES
from support.matching import World, at, named
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


def event(world: World, what: str) -> str:
    return f"/docking-events/{world.docking_event}/{what}"


async def meetings(app: Matching, world: World) -> dict[str, Any]:
    found = (await app.organizer(world).get(event(world, "meetings")))["items"]
    return {one["request_id"]: one for one in found}


async def lose(app: Matching, world: World, kind: str, thing: object, **when: Any) -> Any:
    body = {"kind": kind, "thing_id": str(thing), **when}
    return await app.organizer(world).post(event(world, "outages"), body, 201)


async def mend(app: Matching, world: World, status: int = 200, **body: Any) -> Any:
    return await app.organizer(world).post(event(world, "repair"), body, status)


async def test_who_is_late_is_met_later_and_only_those_concerned_are_told(
    app: Matching, world: World
) -> None:
    late, other = await agree(app, world, "ana", "bek"), await agree(app, world, "cui", "dan")
    await publish(app, world, await draft(app, world))
    before = await meetings(app, world)
    app.clock.time = at(5, 50)
    arrives = before[late]["end"]
    await lose(app, world, "person", named("ana.person"), end=arrives)
    plan = await app.organizer(world).get(event(world, "repair"))
    assert [move["request_id"] for move in plan["moves"]] == [late]
    assert (await meetings(app, world)) == before, "a plan changes nothing"
    await app.forget_told()
    done = await mend(app, world)
    assert (done["moves"], done["needs_agreement"]) == (plan["moves"], False)
    after = await meetings(app, world)
    assert after[late]["start"] >= arrives
    assert after[other] == before[other]
    (moved,) = await app.told()
    assert isinstance(moved, told.MeetingMoved)
    assert (await mend(app, world))["moves"] == []


async def test_a_table_that_is_lost_sends_its_meetings_to_another(
    app: Matching, world: World
) -> None:
    one = await agree(app, world, "ana", "bek")
    await publish(app, world, await draft(app, world))
    before = (await meetings(app, world))[one]
    app.clock.time = at(5, 50)
    outage = await lose(app, world, "table", before["table_id"])
    await mend(app, world)
    after = (await meetings(app, world))[one]
    assert (after["start"], after["state"]) == (before["start"], "moved")
    assert after["table_id"] != before["table_id"]
    where = event(world, "outages")
    assert [each["id"] for each in (await app.organizer(world).get(where))["items"]] == [
        outage["id"]
    ]
    await app.organizer(world).delete(f"{where}/{outage['id']}")
    await app.organizer(world).delete(f"{where}/{outage['id']}", 404)


async def test_who_has_left_meets_nobody_any_more(app: Matching, world: World) -> None:
    one, other = await agree(app, world, "ana", "bek"), await agree(app, world, "ana", "cui")
    await publish(app, world, await draft(app, world))
    before = await meetings(app, world)
    first = min(before.values(), key=lambda meeting: meeting["start"])
    app.clock.time = datetime.fromisoformat(first["start"]) + timedelta(minutes=10)  # It stays.
    await lose(app, world, "person", named("ana.person"))
    await app.forget_told()
    await mend(app, world)
    states = {it: meeting["state"] for it, meeting in (await meetings(app, world)).items()}
    last = other if first["request_id"] == one else one
    assert states == {first["request_id"]: "booked", last: "cancelled"}
    request = await app.organizer(world).get(f"/requests/{last}")
    assert (request["state"], request["unplaced_reason"]) == ("unplaced", "no_common_hours")
    assert [type(each) for each in await app.told()] == [
        told.MeetingCancelled,
        told.MeetingUnplaced,
    ]


async def test_who_left_in_the_middle_of_a_meeting_that_was_held_stops_nothing(
    app: Matching, world: World
) -> None:
    one, other = await agree(app, world, "ana", "bek"), await agree(app, world, "ana", "cui")
    await publish(app, world, await draft(app, world))
    first = min((await meetings(app, world)).values(), key=lambda meeting: meeting["start"])
    app.clock.time = datetime.fromisoformat(first["start"]) + timedelta(minutes=10)
    await lose(app, world, "person", named("ana.person"))
    await app.organizer(world).post(
        f"/meetings/{first['id']}/state", {"to": "held"}, version=first["version"]
    )
    await mend(app, world)
    again = await draft(app, world)
    # What was held stays, and nobody is placed where time is over.
    assert [meeting["request_id"] for meeting in again["meetings"]] == [first["request_id"]]
    left = {one, other} - {first["request_id"]}
    assert {each["request_id"] for each in again["unplaced"]} == left


async def test_more_than_two_other_people_are_moved_with_a_yes_only(app: Matching) -> None:
    # One table, three slots. The first meeting has to go to the last slot, whose meeting fits
    # into the second slot only, whose meeting fits into the first.
    world = World(tables=1)
    names = ("ana", "bek", "cui", "dan", "eve", "fay")
    await begin_fair_short(app, world, names)
    pairs = (("ana", "bek"), ("cui", "dan"), ("eve", "fay"))
    a, b, c = [await agree(app, world, *pair) for pair in pairs]
    organizer = app.organizer(world)
    made = await draft(app, world)
    for request in (a, b, c):
        answer = await organizer.call(
            "DELETE", f"/timetables/{made['id']}/places/{request}", version=made["version"]
        )
        made = answer.json()
    for slot, request in enumerate((a, b, c)):
        where = f"/timetables/{made['id']}/places/{request}"
        wanted = {"session_id": str(world.session), "first_slot": slot}
        made = await organizer.put(where, wanted, made["version"])
    await publish(app, world, made)
    app.clock.time = at(5, 50)
    half = timedelta(minutes=30)
    # ana can only be there in the last slot; eve not in the first one.
    await lose(app, world, "person", named("ana.person"), end=(at(6) + 2 * half).isoformat())
    await lose(app, world, "person", named("eve.person"), end=(at(6) + half).isoformat())
    plan = await organizer.get(event(world, "repair"))
    slots = {move["request_id"]: move["after"]["first_slot"] for move in plan["moves"]}
    assert slots == {a: 2, c: 1, b: 0}
    assert (plan["needs_agreement"], len(plan["others"])) == (True, 4)
    refused = await mend(app, world, 409)
    assert refused["code"] == "needs_agreement"
    await mend(app, world, agreed=True)
    starts = [(await meetings(app, world))[it]["start"][11:16] for it in (b, c, a)]
    assert starts == ["06:00", "06:30", "07:00"]


async def begin_fair_short(app: Matching, world: World, names: tuple[str, ...]) -> None:
    await app.hear(
        world.announced(), world.opened(), world.session_planned(end=at(7, 30)),
        *(world.participant(name) for name in names),
    )  # fmt: skip


async def test_only_what_is_there_can_be_away(app: Matching, world: World) -> None:
    organizer, where = app.organizer(world), event(world, "outages")
    strange = {"kind": "table", "thing_id": str(named("ana.person"))}
    refused = await organizer.post(where, strange, 422)
    assert refused["errors"][0]["where"] == "body.thing_id"
    backwards = {
        "kind": "person", "thing_id": str(named("ana.person")),
        "start": at(8).isoformat(), "end": at(7).isoformat(),
    }  # fmt: skip
    assert (await organizer.post(where, backwards, 422))["errors"][0]["where"] == "body.end"
    ana = app.participant(world, "ana")
    await ana.get(where, 403)
    await ana.post(where, strange, 403)
    await ana.get(event(world, "repair"), 403)
    await ana.post(event(world, "repair"), {}, 403)
    assert (await mend(app, world, 409))["code"] == "nothing_published"
    await app.stranger().get(where, 404)
