"""Who is ready, and what the others lack: counted over HTTP, for organizers only."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from support.databases import DATABASES
from support.matching import World, named
from support.matching_app import Json, Matching, matching
from techdock_matching.adapters import tables
from techdock_shared.http.paging import encode_cursor

PEOPLE = ("ana", "bek", "cui", "dan", "eva")


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    """Ana and Bek lack nothing at first, Cui a profile, Dan his languages too, Eva everything."""
    world = World()
    await app.hear(
        world.announced(), world.opened(),
        *(world.organization(name) for name in PEOPLE),
        world.participant("ana", languages=("ru", "en")), world.participant("bek"),
        world.participant("cui"), world.participant("dan", languages=()),
        world.participant("eva"),
        world.profile("need", "ana", "need", "drip irrigation for cotton"),
        world.profile("more", "ana", "need", "seed that stands drought"),
        world.profile("offer", "bek", "offer", "drip irrigation lines"),
    )  # fmt: skip
    # No message says so today: the contract asks for a person. Should it ever not, it counts.
    p = tables.participations
    nobody = update(p).where(p.c.id == world.participation("eva"))
    async with app.engine.begin() as connection:
        await connection.execute(nobody.values(person_count=0, languages="", persons=[]))
    return world


def path(world: World) -> str:
    return f"/docking-events/{world.docking_event}/readiness"


async def ask(app: Matching, world: World, asking: str, asked: str) -> Json:
    body = {"asked_participation_id": str(world.participation(asked))}
    where = f"/docking-events/{world.docking_event}/requests"
    sent: Json = await app.participant(world, asking).post(where, body, 201)
    return sent


async def answer(app: Matching, world: World, who: str, request: Json, to: str) -> None:
    where = f"/requests/{request['id']}/state"
    await app.participant(world, who).post(where, {"to": to}, version=request["version"])


def names(world: World, found: Json) -> list[str]:
    called = {str(world.participation(name)): name for name in PEOPLE}
    return [called[one["participation_id"]] for one in found["items"]]


async def test_each_lack_is_counted_and_named(app: Matching, world: World) -> None:
    organizer = app.organizer(world)
    found = await organizer.get(path(world), everybody=True)
    assert (found["confirmed"], found["ready"], found["next"]) == (5, 2, None)
    assert found["missing"] == {"persons": 1, "profiles": 3, "languages": 2, "answers": 0}
    assert found["profiles"] == {"need": 2, "offer": 1}
    assert found["requests"] == {}
    assert names(world, found)[:2] == ["eva", "dan"]
    of = dict(zip(names(world, found), found["items"], strict=True))
    assert of["ana"] == {
        "participation_id": str(world.participation("ana")),
        "organization_id": str(named("ana")),
        "person_count": 1, "languages": ["en", "ru"], "needs": 2, "offers": 0,
        "to_answer": 0, "accepted": 0, "lacks": [],
    }  # fmt: skip
    assert of["bek"]["offers"] == 1
    assert of["cui"]["lacks"] == ["profiles"]
    assert of["dan"]["lacks"] == ["profiles", "languages"]
    assert of["eva"]["lacks"] == ["persons", "profiles", "languages"]
    usual = await organizer.get(path(world))
    assert names(world, usual) == ["eva", "dan", "cui"]
    for lack, number in found["missing"].items():
        only = await organizer.get(path(world), lack=lack)
        assert len(only["items"]) == number
        assert all(lack in one["lacks"] for one in only["items"])


async def test_requests_wait_for_the_side_whose_turn_it_is(app: Matching, world: World) -> None:
    organizer = app.organizer(world)
    first = await ask(app, world, "ana", "bek")
    found = await organizer.get(path(world), lack="answers")
    assert names(world, found) == ["bek"]
    assert found["requests"] == {"sent": 1}
    await app.participant(world, "bek").post(
        f"/requests/{first['id']}/counter", {"slots": 2}, version=1
    )
    found = await organizer.get(path(world), lack="answers")
    assert names(world, found) == ["ana"]
    assert found["requests"] == {"countered": 1}
    second = await ask(app, world, "cui", "bek")
    await answer(app, world, "bek", second, "accepted")
    found = await organizer.get(path(world), everybody=True)
    of = dict(zip(names(world, found), found["items"], strict=True))
    told = {name: (one["to_answer"], one["accepted"]) for name, one in of.items()}
    assert told == {"ana": (1, 0), "bek": (0, 1), "cui": (0, 1), "dan": (0, 0), "eva": (0, 0)}
    assert found["requests"] == {"accepted": 1, "countered": 1}
    assert found["missing"]["answers"] == 1


async def test_the_list_goes_on_page_by_page_in_one_order(app: Matching, world: World) -> None:
    await ask(app, world, "ana", "cui")
    await ask(app, world, "bek", "cui")
    await ask(app, world, "ana", "bek")
    organizer = app.organizer(world)
    whole = await organizer.get(path(world), everybody=True)
    assert names(world, whole) == ["eva", "cui", "dan", "bek", "ana"]
    items: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        answered = await organizer.call("GET", path(world), everybody=True, limit=2, **cursor)
        found = answered.json()
        items += found["items"]
        assert (found["confirmed"], found["missing"]) == (5, whole["missing"])
        if not found["next"]:
            break
        assert 'rel="next"' in answered.headers["link"]
        cursor = {"cursor": found["next"]}
    assert items == whole["items"]
    for position in ([1], [1, 1, "x"], [-1, 0, str(named("x"))], [2**40, 0, str(named("x"))]):
        await organizer.get(path(world), 422, cursor=encode_cursor(position))
    await organizer.get(path(world), 422, lack="patience")


async def test_who_has_left_and_what_is_elsewhere_does_not_count(
    app: Matching, world: World
) -> None:
    elsewhere = World("salon")
    await app.hear(
        elsewhere.announced(), elsewhere.opened(), elsewhere.participant("ana"),
        world.withdrawn("eva"), world.removed("more"),
        world.profile("there", "cui", "offer", "tea", docking_events=(elsewhere.docking_event,)),
    )  # fmt: skip
    found = await app.organizer(world).get(path(world), everybody=True)
    assert (found["confirmed"], found["ready"]) == (4, 2)
    assert found["missing"] == {"persons": 0, "profiles": 2, "languages": 1, "answers": 0}
    assert found["profiles"] == {"need": 1, "offer": 1}
    there = await app.organizer(elsewhere).get(path(elsewhere))
    assert there["profiles"] == {"need": 0, "offer": 1}
    assert there["missing"] == {"persons": 0, "profiles": 1, "languages": 0, "answers": 0}


async def test_a_docking_event_without_anybody(app: Matching) -> None:
    world = World()
    await app.hear(world.announced())
    found = await app.organizer(world).get(path(world))
    assert found == {
        "confirmed": 0, "ready": 0, "requests": {}, "items": [], "next": None,
        "missing": {"persons": 0, "profiles": 0, "languages": 0, "answers": 0},
        "profiles": {"need": 0, "offer": 0},
    }  # fmt: skip


async def test_only_organizers_are_told(app: Matching, world: World) -> None:
    await app.participant(world, "ana").get(path(world), 403)
    await app.stranger().get(path(world), 404)
    await app.analyst(world).get(path(world), 404)
    assert (await app.client.get(f"/v1{path(world)}")).status_code == 401
