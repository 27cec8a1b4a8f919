"""Organizers weigh the ranking of their docking event, and see before what it would change."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.databases import DATABASES
from support.matching import World
from support.matching_app import Matching, matching
from techdock_contracts import matching as told
from techdock_matching.adapters.ranking import SqlRankingStore
from techdock_matching.app.previewing import Previewer
from techdock_matching.domain.ranking.weights import STANDARD
from techdock_matching.worker.loops import previewing

TOPICS = (
    ("drip irrigation", "drip irrigation for saline soil and cotton fields in dry steppe"),
    ("solar pump", "solar powered water pump for remote wells and pastures"),
    ("cotton ginning", "ginning machine with low fibre loss for cotton of long staple"),
)


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    """Tell a docking event where offers of one topic differ by their stage."""
    world = World()
    await app.hear(world.announced(), world.opened())
    for number, (title, summary) in enumerate(TOPICS):
        for side, kind, stages in (("n", "need", (4, 5)), ("o", "offer", (2, 5, 9))):
            for stage in stages:
                name = f"{side}{number}{stage}"
                trl = {"trl_least": stage, "trl_most": stage} if kind == "need" else {"trl": stage}
                await app.hear(
                    world.organization(name),
                    world.participant(name),
                    world.profile(f"{name}.profile", name, kind, title, summary, **trl),
                )
    await app.rank()
    return world


def path(world: World, what: str = "weights") -> str:
    return f"/docking-events/{world.docking_event}/{what}"


async def matches(app: Matching, world: World, name: str) -> list[dict[str, Any]]:
    shown = await app.participant(world, name).get(path(world, "matches"))
    items: list[dict[str, Any]] = shown["items"]
    return items


async def test_nobody_set_weights_yet(app: Matching, world: World) -> None:
    shown = await app.organizer(world).get(path(world))
    assert (shown["version"], shown["history"]) == (0, [])
    trl = next(one for one in shown["weights"] if one["name"] == "trl")
    assert trl["value"] == trl["standard"] == STANDARD.trl
    assert trl["least"] < trl["standard"] < trl["most"]


async def test_other_weights_give_other_scores_reasons_and_steps(
    app: Matching, world: World
) -> None:
    before = await matches(app, world, "n04")
    organizer = app.organizer(world)
    set_ = await organizer.put(path(world), {"values": {"trl": 2.0, "text": 1.0}}, version=0)
    assert (set_["version"], set_["history"][0]["values"]) == (1, {"trl": 2.0})
    await app.rank()
    after = await matches(app, world, "n04")
    assert [i["profile_id"] for i in before] != [] != [i["profile_id"] for i in after]

    def trl(items: list[dict[str, Any]], profile_id: str) -> int:
        reasons = next(i["reasons"] for i in items if i["profile_id"] == profile_id)
        weight: int = next(r["weight"] for r in reasons if r["code"] == "trl")
        return weight

    common = {i["profile_id"] for i in before} & {i["profile_id"] for i in after}
    assert any(trl(before, one) for one in common)
    for one in common:
        assert trl(after, one) == round(trl(before, one) * 2.0 / STANDARD.trl)
    raised = {"values": {"possible": 0.5, "good": 19.0, "strong": 29.0}}
    await organizer.put(path(world), raised, version=1)
    assert {i["strength"] for i in await matches(app, world, "n04")} == {"possible"}
    await app.rank()
    served = {e.profile_id: e for e in await app.told() if isinstance(e, told.ProfileCoverage)}
    assert {one.good_matches for one in served.values()} == {0}
    back = await organizer.put(path(world), {"values": {}}, version=2)
    assert [one["version"] for one in back["history"]] == [3, 2, 1]
    await app.rank()
    assert await matches(app, world, "n04") == before


async def test_only_the_lists_of_the_docking_event_change(app: Matching, world: World) -> None:
    ranker = await app.ranker()
    assert not await ranker.step()
    await app.organizer(world).put(path(world), {"values": {"trl": 0.0}}, version=0)
    assert await ranker.step()
    assert not await ranker.step()
    again = await app.ranker()
    assert not await again.step()


async def test_what_cannot_be_set(app: Matching, world: World) -> None:
    organizer = app.organizer(world)
    for values, where in (
        ({"trl": 2.1}, ["trl"]),
        ({"trl": -1.0, "ipr": 9.0}, ["trl", "ipr"]),
        ({"text": 0.0}, ["text"]),
        ({"charm": 1.0}, ["charm"]),
        ({"good": 1.0}, ["good"]),
        ({"strong": 3.0}, ["strong"]),
    ):
        refused = await organizer.put(path(world), {"values": values}, version=0, status=422)
        assert [one["where"] for one in refused["errors"]] == [f"body.values.{w}" for w in where]
        await organizer.post(path(world, "weights-previews"), {"values": values}, 422)
    await organizer.put(path(world), {"values": {"trl": 1.0}}, version=0)
    stale = await organizer.put(path(world), {"values": {"trl": 0.9}}, version=0, status=409)
    assert stale["code"] == "stale"


async def test_a_preview_says_what_would_change_and_changes_nothing(
    app: Matching, world: World
) -> None:
    organizer = app.organizer(world)
    before = await matches(app, world, "n04")
    ordered = await organizer.post(path(world, "weights-previews"), {"values": {"trl": 0.0}}, 202)
    assert (ordered["state"], ordered["found"]) == ("queued", None)
    await app.ranker()
    store = SqlRankingStore(app.engine, app.clock, STANDARD)
    worker = previewing(app.engine, Previewer(app.index, store, app.clock), app.clock)
    assert await worker.work_once()
    done = await organizer.get(f"/weights-previews/{ordered['id']}")
    found = done["found"]
    assert (done["state"], found["profiles"], found["looked_at"]) == ("done", 15, 15)
    assert found["changed"] == len(found["movers"]) > 0
    assert all(0 <= gini < 1 for gini in found["gini"])
    assert await matches(app, world, "n04") == before
    same = await organizer.post(path(world, "weights-previews"), {"values": {}}, 202)
    assert await worker.work_once()
    nothing = (await organizer.get(f"/weights-previews/{same['id']}"))["found"]
    assert (nothing["changed"], nothing["movers"]) == (0, [])
    assert nothing["gini"][0] == nothing["gini"][1]


async def test_weights_are_for_organizers(app: Matching, world: World) -> None:
    participant, stranger = app.participant(world, "n04"), app.stranger()
    preview = await app.organizer(world).post(path(world, "weights-previews"), {"values": {}}, 202)
    for caller, status in ((participant, 403), (stranger, 404), (app.analyst(world), 404)):
        await caller.get(path(world), status)
        await caller.put(path(world), {"values": {}}, version=0, status=status)
        await caller.post(path(world, "weights-previews"), {"values": {}}, status)
        await caller.get(f"/weights-previews/{preview['id']}", status)
