"""Meeting requests over HTTP: asking, answering, and who may."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.databases import DATABASES
from support.matching import World, named
from support.matching_app import Matching, matching
from techdock_contracts import matching as told
from techdock_matching.adapters.transaction import SqlBegin
from techdock_matching.app.requests import expire_overdue


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    world = World()
    people = ("ana", "bek", "cui")
    await app.hear(
        world.announced(), world.opened(), world.session_planned(),
        *(world.organization(name) for name in people),
        *(world.participant(name) for name in people),
    )  # fmt: skip
    return world


def path(world: World) -> str:
    return f"/docking-events/{world.docking_event}/requests"


async def test_a_request_goes_back_and_forth(app: Matching, world: World) -> None:
    ana, bek = app.participant(world, "ana"), app.participant(world, "bek")
    asked = {
        "asked_participation_id": str(world.participation("bek")),
        "message": {"language": "ru", "text": "Здравствуйте"},
    }
    sent = await ana.post(path(world), asked, 201)
    assert sent["state"] == "sent"
    assert sent["asking_persons"] == [str(named("ana.person"))]
    incoming = await bek.get(path(world), mine="in")
    assert [one["message"]["text"] for one in incoming["items"]] == ["Здравствуйте"]
    assert (await bek.get(path(world), mine="out"))["items"] == []
    countered = await bek.post(f"/requests/{sent['id']}/counter", {"slots": 2}, version=1)
    assert (countered["state"], countered["slots"]) == ("countered", 2)
    accepted = await ana.post(f"/requests/{sent['id']}/state", {"to": "accepted"}, version=2)
    assert accepted["state"] == "accepted"
    kinds = [type(event) for event in await app.told()]
    assert kinds == [told.MeetingRequested, told.MeetingCountered, told.MeetingAccepted]
    assert [event.sequence for event in await app.told()] == [1, 2, 3]
    assert b"\xd0" not in (await app.told())[0].to_bytes()


async def test_who_may_see_and_answer(app: Matching, world: World) -> None:
    ana, bek, cui = (app.participant(world, name) for name in ("ana", "bek", "cui"))
    body = {"asked_participation_id": str(world.participation("bek")),
            "message": {"language": "en", "text": "private"}}  # fmt: skip
    sent = await ana.post(path(world), body, 201)
    one = f"/requests/{sent['id']}"
    await cui.get(one, 404)
    await app.stranger().get(one, 404)
    await app.analyst(world).get(one, 404)
    await app.stranger().get(path(world), 404)
    assert (await cui.get(path(world)))["items"] == []
    shown = await app.organizer(world).get(one)
    assert shown["message"] is None
    await app.organizer(world).post(f"{one}/state", {"to": "accepted"}, 403, version=1)
    await cui.post(f"{one}/state", {"to": "accepted"}, 404, version=1)
    refused = await ana.post(f"{one}/state", {"to": "accepted"}, 403, version=1)
    assert refused["code"] == "not_your_turn"
    await bek.post(f"{one}/state", {"to": "accepted"}, 428)
    stale = await bek.post(f"{one}/state", {"to": "accepted"}, 409, version=9)
    assert stale["code"] == "stale"
    other = {**body, "asking_participation_id": str(world.participation("cui"))}
    await ana.post(path(world), other, 403)
    gone = {"asked_participation_id": str(named("nobody"))}
    await ana.post(path(world), gone, 404)
    await ana.post(path(world), {**body, "surprise": 1}, 422)
    nobody = await app.client.get(f"/v1{one}")
    assert nobody.status_code == 401


async def test_one_open_request_per_pair_of_persons(app: Matching, world: World) -> None:
    ana, bek = app.participant(world, "ana"), app.participant(world, "bek")
    to_bek = {"asked_participation_id": str(world.participation("bek"))}
    to_ana = {"asked_participation_id": str(world.participation("ana"))}
    both = [ana.call("POST", path(world), to_bek) for _ in range(4)]
    both += [bek.call("POST", path(world), to_ana) for _ in range(4)]
    answers = await asyncio.gather(*both)
    assert sorted(a.status_code for a in answers) == [201] + [409] * 7
    codes = {a.json()["code"] for a in answers if a.status_code == 409}
    assert codes == {"already_requested"}
    (open_one,) = (await app.organizer(world).get(path(world)))["items"]
    asking, asked = (ana, bek) if open_one["asking_persons"] == [str(named("ana.person"))] else (
        bek, ana)  # fmt: skip
    await asked.post(f"/requests/{open_one['id']}/state", {"to": "declined"}, version=1)
    again = to_bek if asking is ana else to_ana
    await asking.post(path(world), again, 201)


async def test_a_repeated_post_has_one_effect(app: Matching, world: World) -> None:
    ana = app.participant(world, "ana")
    body = {"asked_participation_id": str(world.participation("bek"))}
    first = await ana.call("POST", path(world), body, key="k1")
    second = await ana.call("POST", path(world), body, key="k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert len(await app.told()) == 1


async def test_a_request_that_nobody_answers_expires(app: Matching, world: World) -> None:
    ana, bek = app.participant(world, "ana"), app.participant(world, "bek")
    body = {"asked_participation_id": str(world.participation("bek"))}
    sent = await ana.post(path(world), body, 201)
    app.clock.time += timedelta(days=15)
    late = await bek.post(f"/requests/{sent['id']}/state", {"to": "accepted"}, 409, version=1)
    assert late["code"] == "wrong_state"
    begin = SqlBegin(app.engine, app.clock)
    assert await expire_overdue(begin, app.clock) == 1
    assert await expire_overdue(begin, app.clock) == 0
    assert (await ana.get(f"/requests/{sent['id']}"))["state"] == "expired"


async def test_who_leaves_ends_what_was_agreed(app: Matching, world: World) -> None:
    ana, bek, cui = (app.participant(world, name) for name in ("ana", "bek", "cui"))
    to_bek = {"asked_participation_id": str(world.participation("bek"))}
    first = await ana.post(path(world), to_bek, 201)
    second = await cui.post(path(world), to_bek, 201)
    await bek.post(f"/requests/{second['id']}/state", {"to": "accepted"}, version=1)
    await app.hear(world.withdrawn("bek"))
    states = {one["id"]: one["state"] for one in
              (await app.organizer(world).get(path(world)))["items"]}  # fmt: skip
    assert states == {first["id"]: "declined", second["id"]: "cancelled"}
    await cui.post(path(world), to_bek, 404)


async def test_a_cancelled_docking_event_ends_all_requests(app: Matching, world: World) -> None:
    ana, bek = app.participant(world, "ana"), app.participant(world, "bek")
    to_bek = {"asked_participation_id": str(world.participation("bek"))}
    sent = await ana.post(path(world), to_bek, 201)
    await bek.post(f"/requests/{sent['id']}/state", {"to": "accepted"}, version=1)
    to_cui = {"asked_participation_id": str(world.participation("cui"))}
    waiting = await ana.post(path(world), to_cui, 201)
    await app.hear(world.cancelled())
    assert (await ana.get(f"/requests/{sent['id']}"))["state"] == "cancelled"
    assert (await ana.get(f"/requests/{waiting['id']}"))["state"] == "withdrawn"
    over = await bek.post(path(world), to_cui, 409)
    assert over["code"] == "wrong_state"
