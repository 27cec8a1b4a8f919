"""Saving, dismissing with a reason, taking it back: what it does to a list, and who may."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, select
from support.databases import DATABASES
from support.matching import World, named
from support.matching_app import Caller, Matching, matching
from techdock_contracts.texts import Text, Version
from techdock_matching.adapters import tables
from techdock_matching.adapters.ranking import SqlRankingStore
from techdock_matching.app import lists
from techdock_matching.app.lists import list_channel, lists_channel
from techdock_matching.app.ranking_store import Changes
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.weights import STANDARD
from techdock_matching.worker.poking import MOST_POKED, Pokes
from techdock_shared.sql.engine import transaction

PEOPLE = ("ana", "bek", "cui")
NEED = f"/profiles/{named('need')}"


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    """A need, and three offers that answer it about equally well."""
    world, words = World(), "drip irrigation lines for cotton on saline soil"
    await app.hear(
        world.announced(), world.opened(),
        *(world.organization(name) for name in PEOPLE),
        *(world.participant(name) for name in PEOPLE),
        world.profile("need", "ana", "need", "drip irrigation for cotton on saline soil"),
        world.profile("early", "bek", "offer", words, trl=3, country="KZ"),
        world.profile("ready", "bek", "offer", words, trl=8, technology_field=29),
        world.profile("chinese", "cui", "offer", words, trl=3, country="CN"),
        world.profile("kin", "cui", "offer", words, trl=8, technology_field=29, country="CN"),
        world.profile("beside", "ana", "need", "cotton picking"),
    )  # fmt: skip
    await app.rank()
    return world


async def order(caller: Caller, **query: Any) -> list[str]:
    shown = await caller.get(f"{NEED}/matches", **query)
    names = {str(named(name)): name for name in ("early", "ready", "chinese", "kin")}
    return [names[one["profile_id"]] for one in shown["items"]]


def body(name: str, **more: str) -> dict[str, str]:
    return {"profile_id": str(named(name)), **more}


async def test_a_dismissed_counterpart_goes_and_what_it_taught_is_said(
    app: Matching, world: World
) -> None:
    ana = app.participant(world, "ana")
    before = await ana.get(f"{NEED}/matches")
    await ana.post(f"{NEED}/dismissals", body("early", reason="too_early"), 204)
    await ana.post(f"{NEED}/dismissals", body("early", reason="known"), 204)
    shown = await ana.get(f"{NEED}/matches")
    assert str(named("early")) not in [one["profile_id"] for one in shown["items"]]
    assert (shown["lessons"], shown["taught"]) == (1, True)
    assert shown["stamp"] != before["stamp"]
    last = shown["items"][-1]
    assert last["profile_id"] == str(named("chinese"))
    assert last["taught"] == [
        {"about": "stage", "lesson": "too_early", "count": 1, "values": ["3"], "weight": -200}]  # fmt: skip
    (kept,) = (await ana.get(f"{NEED}/dismissals"))["items"]
    assert (kept["profile_id"], kept["reason"]) == (str(named("early")), "too_early")
    assert kept["person_id"] == str(named("ana.person"))

    for _ in range(2):
        await ana.delete(f"{NEED}/dismissals/{named('early')}")

    assert await ana.get(f"{NEED}/matches") == before
    assert (await ana.get(f"{NEED}/dismissals"))["items"] == []


async def test_what_is_saved_lifts_its_kin_and_can_be_looked_past(
    app: Matching, world: World
) -> None:
    ana = app.participant(world, "ana")
    plain = await order(ana)
    for _ in range(2):
        await ana.post(f"{NEED}/saved-matches", body("ready"), 204)
    shown = await ana.get(f"{NEED}/matches")
    items = {one["profile_id"]: one for one in shown["items"]}
    kin = items[str(named("kin"))]
    assert items[str(named("ready"))]["saved"]
    assert [(one["about"], one["lesson"]) for one in kin["taught"]] == [
        ("field", "saved"), ("stage", "saved")]  # fmt: skip
    assert {"ready", "kin"} == set((await order(ana))[:2])
    assert kin["moved"] == plain.index("kin") - (await order(ana)).index("kin")
    without = await ana.get(f"{NEED}/matches", taught="false")
    assert (without["taught"], without["lessons"]) == (False, 1)
    assert await order(ana, taught="false") == plain
    assert [one["profile_id"] for one in (await ana.get(f"{NEED}/saved-matches"))["items"]] == [
        str(named("ready"))]  # fmt: skip
    await ana.delete(f"{NEED}/saved-matches/{named('ready')}")
    assert await order(ana) == plain


async def test_a_request_teaches_until_it_is_taken_back(app: Matching, world: World) -> None:
    ana = app.participant(world, "ana")
    plain = await ana.get(f"{NEED}/matches")
    asked = {
        "asked_participation_id": str(world.participation("cui")),
        "asking_profile_id": str(named("need")),
        "asked_profile_id": str(named("chinese")),
    }
    sent = await ana.post(f"/docking-events/{world.docking_event}/requests", asked, 201)
    shown = await ana.get(f"{NEED}/matches")
    assert shown["lessons"] == 1
    lessons = {each["lesson"] for one in shown["items"] for each in one["taught"]}
    assert lessons == {"asked"}
    await ana.post(f"/requests/{sent['id']}/state", {"to": "withdrawn"}, version=sent["version"])
    again = await ana.get(f"{NEED}/matches")
    assert (again["lessons"], again["stamp"]) == (0, plain["stamp"])


async def test_only_the_owners_people_teach_and_see_it(app: Matching, world: World) -> None:
    bek, stranger, organizer = (
        app.participant(world, "bek"), app.stranger(), app.organizer(world))  # fmt: skip
    for path, sent in (("saved-matches", body("early")),
                       ("dismissals", body("early", reason="country"))):  # fmt: skip
        await bek.post(f"{NEED}/{path}", sent, 403)
        await bek.get(f"{NEED}/{path}", 403)
        await bek.delete(f"{NEED}/{path}/{named('early')}", 403)
        await stranger.post(f"{NEED}/{path}", sent, 404)
        await stranger.get(f"{NEED}/{path}", 404)
        await stranger.delete(f"{NEED}/{path}/{named('early')}", 404)
        await organizer.get(f"{NEED}/{path}", 404)
    ana = app.participant(world, "ana")
    await ana.post(f"{NEED}/dismissals", body("early", reason="because"), 422)
    await ana.post(f"{NEED}/dismissals", body("beside", reason="country"), 422)
    await ana.post(f"{NEED}/saved-matches", body("nothing"), 404)
    await ana.post(f"{NEED}/dismissals", body("early", reason="country"), 204)
    seen = await organizer.get(f"{NEED}/matches")
    assert (seen["lessons"], seen["taught"]) == (0, False)
    assert not any(one["taught"] for one in seen["items"])
    assert str(named("early")) in [one["profile_id"] for one in seen["items"]]


async def test_what_is_withdrawn_stands_in_no_list_of_what_was_saved(
    app: Matching, world: World
) -> None:
    ana = app.participant(world, "ana")
    await ana.post(f"{NEED}/saved-matches", body("ready"), 204)
    await app.hear(world.removed("ready"))
    assert (await ana.get(f"{NEED}/saved-matches"))["items"] == []
    assert not any(one["taught"] for one in (await ana.get(f"{NEED}/matches"))["items"])


async def test_a_quote_comes_with_the_versions_of_its_sentence(app: Matching) -> None:
    world = World("two")
    texts = {
        "title": Text(original="en", versions={"en": Version(text="drip lines")}),
        "summary": Text(
            original="en",
            versions={
                "en": Version(text="We built it. Drip irrigation lines that never clog. Ask us."),
                "ru": Version(text="Создано. Не забиваются. Спросите.", status="machine"),  # noqa: RUF001
                "ar": Version(text="one sentence only"),
            },
        ),
    }
    await app.hear(
        world.announced(), world.opened(),
        *(world.organization(name) for name in PEOPLE),
        *(world.participant(name) for name in PEOPLE),
        world.profile("need", "ana", "need", "drip irrigation lines that never clog"),
        world.profile("fits", "bek", "offer", "x", texts=texts),
        world.profile("other", "cui", "offer", "wool washing"),
    )  # fmt: skip
    await app.rank()
    shown = await app.participant(world, "ana").get(f"{NEED}/matches")
    quotes = [quote for one in shown["items"] for quote in one["quotes"]]
    found = [q["versions_theirs"] for q in quotes if q["theirs"].startswith("Drip irrigation")]
    assert found
    assert found[0] == {"ru": {"text": "Не забиваются.", "status": "machine"}}  # noqa: RUF001


async def heard(app: Matching, channel: str, do: Callable[[], Awaitable[object]]) -> None:
    """Do something, and wait until a page on a channel was poked."""
    async with app.cache.subscribe(channel) as pokes, asyncio.timeout(10):
        await do()
        while (await anext(pokes)).channel != channel:
            pass


async def test_pages_are_poked_when_a_list_changes(app: Matching, world: World) -> None:
    ana, mine = app.participant(world, "ana"), list_channel(named("need"))
    await heard(app, mine, lambda: ana.post(f"{NEED}/saved-matches", body("ready"), 204))
    await heard(app, mine, lambda: ana.delete(f"{NEED}/saved-matches/{named('ready')}"))

    pokes = Pokes(app.cache)
    store = SqlRankingStore(app.engine, app.clock, STANDARD, pokes.note)
    running = asyncio.create_task(pokes.run())
    ready = [Candidate(named("ready"), 5_000)]

    def changes(*owners: UUID) -> Changes:
        return Changes(lists=dict.fromkeys([(one, world.docking_event) for one in owners], ready))

    await heard(app, mine, lambda: store.store(changes(named("need"))))
    many = changes(*(named(f"owner {n}") for n in range(MOST_POKED + 1)))
    await heard(app, lists_channel(world.docking_event), lambda: store.store(many))
    running.cancel()


async def test_a_taught_order_waits_for_the_reasons_that_it_rests_on(
    app: Matching, world: World
) -> None:
    ana = app.participant(world, "ana")
    await ana.post(f"{NEED}/saved-matches", body("ready"), 204)
    async with transaction(app.engine) as connection:
        await connection.execute(delete(tables.explanations))
    every = f"/docking-events/{world.docking_event}/matches"
    short = await ana.get(f"{NEED}/matches", wait="false", limit=1)
    assert not short["complete"]
    assert not (await ana.get(every))["complete"]

    ranker = await app.ranker()
    while await ranker.explain_step():
        pass

    assert (await ana.get(f"{NEED}/matches", limit=1))["complete"]
    assert (await ana.get(every))["complete"]


async def test_nobody_waits_for_reasons_of_what_is_not_shown(
    app: Matching, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = app.participant(world, "ana")
    await ana.post(f"{NEED}/saved-matches", body("ready"), 204)
    first = (await order(ana))[0]
    e, q = tables.explanations, tables.explain_queue
    async with transaction(app.engine) as connection:
        await connection.execute(delete(e).where(e.c.offer_id != named(first)))
    monkeypatch.setattr(lists, "PATIENCE_S", 1_000.0)

    async with asyncio.timeout(20):
        shown = await ana.get(f"{NEED}/matches", limit=1)

    assert shown["items"][0]["reasons"]
    assert not shown["complete"]
    async with app.engine.connect() as connection:
        asked = (await connection.execute(select(q.c.profile_id))).scalars().all()
    assert asked == [named("need")]
