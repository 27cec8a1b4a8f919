"""Match lists over HTTP: who reads them, with which reasons, and with or without a cache."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete
from support.databases import DATABASES
from support.matching import World, named
from support.matching_app import Matching, matching
from techdock_matching.adapters import tables
from techdock_shared.cache.redis import open_cache
from techdock_shared.sql.engine import transaction

PEOPLE = ("ana", "bek", "cui")


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    world = World()
    await app.hear(
        world.announced(), world.opened(),
        *(world.organization(name) for name in PEOPLE),
        *(world.participant(name) for name in PEOPLE),
        world.profile("need", "ana", "need", "drip irrigation for cotton on saline soil"),
        world.profile("fits", "bek", "offer", "drip irrigation lines for cotton and saline soil"),
        world.profile("other", "cui", "offer", "drip lines that stand cotton fields"),
        world.profile("far", "cui", "offer", "wool washing with recycled water"),
    )  # fmt: skip
    return world


async def test_a_list_shows_who_fits_and_why_on_both_sides(app: Matching, world: World) -> None:
    await app.rank()
    ana = app.participant(world, "ana")
    path = f"/profiles/{named('need')}/matches"
    shown = await ana.get(path, docking_event_id=str(world.docking_event))
    first = shown["items"][0]
    assert shown["complete"]
    assert first["profile_id"] == str(named("fits"))
    assert first["participation_id"] == str(world.participation("bek"))
    assert (first["rank"], first["rank_there"], first["request"]) == (1, 1, None)
    assert first["reasons"]
    assert first["reasons_there"]
    assert first["title"]["versions"]["en"]["text"].startswith("drip irrigation lines")
    assert await ana.get(path) == shown
    body = {"asked_participation_id": first["participation_id"]}
    where = f"/docking-events/{world.docking_event}/requests"
    sent = await ana.post(where, body, 201)
    again = await ana.get(path)
    assert again["items"][0]["request"] == {"id": sent["id"], "state": "sent"}


async def test_who_may_read_a_list(app: Matching, world: World) -> None:
    await app.rank()
    path = f"/profiles/{named('need')}/matches"
    await app.participant(world, "bek").get(path, 403)
    await app.stranger().get(path, 404)
    await app.analyst(world).get(path, 404)
    assert (await app.organizer(world).get(path))["items"]
    await app.participant(world, "ana").get(f"/profiles/{named('nothing')}/matches", 404)


async def test_organizers_see_how_far_the_ranking_is(app: Matching, world: World) -> None:
    path = f"/docking-events/{world.docking_event}/ranking"
    organizer = app.organizer(world)
    assert await organizer.get(path) == {"profiles": 4, "listed": 0, "waiting": 4}
    await app.rank()
    assert await organizer.get(path) == {"profiles": 4, "listed": 4, "waiting": 0}
    await app.participant(world, "ana").get(path, 403)
    await app.stranger().get(path, 404)


async def test_before_it_is_ranked_a_list_is_empty_and_says_so(app: Matching, world: World) -> None:
    shown = await app.participant(world, "ana").get(f"/profiles/{named('need')}/matches")
    assert (shown["items"], shown["complete"]) == ([], False)


async def test_who_does_not_wait_gets_the_list_without_reasons_and_then_with_them(
    app: Matching, world: World
) -> None:
    ranker = await app.ranker()
    await ranker.step()
    async with transaction(app.engine) as connection:
        await connection.execute(delete(tables.explanations))
    ana, path = app.participant(world, "ana"), f"/profiles/{named('need')}/matches"
    at_once = await ana.get(path, wait="false")
    assert [one["reasons"] for one in at_once["items"]] == [[], []]
    assert not at_once["complete"]

    assert await ranker.explain_step()

    later = await ana.get(path, wait="false")
    assert later["complete"]
    assert all(one["reasons"] for one in later["items"])


async def test_a_change_is_seen_whatever_the_cache_holds(app: Matching, world: World) -> None:
    await app.rank()
    ana, path = app.participant(world, "ana"), f"/profiles/{named('need')}/matches"
    before = await ana.get(path)
    await app.hear(world.removed("fits"))
    await app.rank()
    after = await ana.get(path)
    assert str(named("fits")) in [one["profile_id"] for one in before["items"]]
    assert str(named("fits")) not in [one["profile_id"] for one in after["items"]]
    await app.hear(world.withdrawn("cui"))
    gone = await ana.get(path)
    assert {one["participation_id"] for one in gone["items"]} <= {None}


async def test_all_lists_and_search(app: Matching, world: World) -> None:
    await app.rank()
    cui = app.participant(world, "cui")
    every = await cui.get(f"/docking-events/{world.docking_event}/matches")
    assert {one["for_profile_id"] for one in every["items"]} <= {
        str(named("other")), str(named("far"))}  # fmt: skip
    event = str(world.docking_event)
    found = await cui.get("/search", docking_event_id=event, q="Drip LINES", kind="offer")
    assert {one["profile_id"] for one in found["items"]} == {
        str(named("fits")), str(named("other"))}  # fmt: skip
    await app.stranger().get("/search", 404, docking_event_id=event, q="x")


async def test_without_a_cache_every_answer_is_the_same(tmp_path: Path) -> None:
    away = open_cache("redis://127.0.0.1:9/0")
    async with matching("sqlite", tmp_path, away) as app:
        world = World()
        await app.hear(
            world.announced(), world.participant("ana"), world.participant("bek"),
            world.profile("need", "ana", "need", "drip irrigation for cotton"),
            world.profile("fits", "bek", "offer", "drip irrigation lines for cotton"),
        )  # fmt: skip
        await app.rank()
        ana = app.participant(world, "ana")
        shown = await ana.get(f"/profiles/{named('need')}/matches")
        assert [one["profile_id"] for one in shown["items"]] == [str(named("fits"))]
        mine = await ana.get(f"/docking-events/{world.docking_event}/my-timetable")
        assert mine == {"version": 0, "meetings": [], "unplaced": []}
