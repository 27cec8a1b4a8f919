"""The plan of mutual matches: planned, trimmed, sent, and answered by both sides."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.databases import DATABASES
from support.matching import NOON, World
from support.matching_app import Caller, Matching, matching
from techdock_contracts import matching as told
from techdock_matching.adapters.search.planner import LocalSearchPlanner
from techdock_matching.worker.loops import solving

TOPICS = (
    ("drip irrigation", "drip irrigation for saline soil and cotton fields in dry steppe"),
    ("solar pump", "solar powered water pump for remote wells and pastures"),
    ("cotton ginning", "ginning machine with low fibre loss for cotton of long staple"),
    ("wool washing", "washing of sheep wool with recycled water and mild soap"),
)


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    """Tell a docking event with one need and one offer of each topic."""
    world = World()
    await app.hear(world.announced(), world.opened(), world.session_planned())
    for number, (title, summary) in enumerate(TOPICS):
        for side, kind in (("n", "need"), ("o", "offer")):
            name = f"{side}{number}"
            await app.hear(
                world.organization(name),
                world.participant(name),
                world.profile(f"{name}.profile", name, kind, title, summary),
            )
    await app.rank()
    return world


def path(world: World, what: str = "proposals") -> str:
    return f"/docking-events/{world.docking_event}/{what}"


async def work(app: Matching) -> None:
    async def poke(_: str) -> None:
        pass

    worker = solving(app.engine, LocalSearchPlanner(), app.clock, poke)
    while await worker.work_once():
        pass


async def planned(app: Matching, world: World, **wish: Any) -> dict[str, Any]:
    organizer = app.organizer(world)
    ordered = await organizer.post(path(world, "mutual-plans"), wish, 202)
    assert ordered["state"] == "queued"
    await work(app)
    done: dict[str, Any] = await organizer.get(f"/mutual-plans/{ordered['id']}")
    assert done["state"] == "done", done
    return done


async def sent(app: Matching, world: World) -> None:
    await planned(app, world)
    await app.organizer(world).post(path(world, "proposals/send"))


async def of(app: Matching, world: World, name: str) -> dict[str, Any]:
    """Return the proposal that joins need and offer of a topic, as one side reads it."""
    found = await app.participant(world, name).get(path(world), mine="true")
    other = str(world.participation(("o" if name[0] == "n" else "n") + name[1]))
    one: dict[str, Any] = next(
        item for item in found["items"] if item["sides"][1]["participation_id"] == other
    )
    return one


async def say(caller: Caller, proposal: dict[str, Any], to: str, status: int = 200) -> Any:
    path = f"/proposals/{proposal['id']}/state"
    return await caller.post(path, {"to": to}, status, version=proposal["version"])


async def test_a_plan_joins_who_fits_and_nobody_sees_it_before_it_is_sent(
    app: Matching, world: World
) -> None:
    done = await planned(app, world)
    assert done["found"] == {"pairs": 4, "parties": 8, "served": 8}
    organizer = app.organizer(world)
    drafts = (await organizer.get(path(world)))["items"]
    joined = {frozenset(s["participation_id"] for s in one["sides"]) for one in drafts}
    assert joined == {
        frozenset(str(world.participation(f"{side}{n}")) for side in "no") for n in range(4)
    }
    assert all(one["outcome"] == "drafted" and one["reasons"] for one in drafts)
    ana = app.participant(world, "n0")
    assert (await ana.get(path(world)))["items"] == []
    await say(ana, drafts[0], "accepted", 404)
    summary = await organizer.get(path(world, "proposals-summary"))
    assert (summary["drafted"], summary["waiting"]) == (4, 0)
    assert [one["proposals"] for one in summary["gets"]] == [1] * 8
    again = await planned(app, world)
    assert again["found"] == done["found"]
    assert len((await organizer.get(path(world)))["items"]) == 4


async def test_two_times_yes_makes_an_accepted_request(app: Matching, world: World) -> None:
    await sent(app, world)
    proposed = [one for one in await app.told() if isinstance(one, told.MeetingProposed)]
    assert len(proposed) == 4
    need, offer = app.participant(world, "n1"), app.participant(world, "o1")
    mine = await say(need, await of(app, world, "n1"), "accepted")
    assert (mine["outcome"], mine["answer"]) == ("waiting", "accepted")
    theirs = await of(app, world, "o1")
    assert (theirs["outcome"], theirs["answer"], theirs["version"]) == ("waiting", None, 1)
    assert (await app.organizer(world).get(path(world, "requests")))["items"] == []
    agreed = await say(offer, theirs, "accepted")
    assert (agreed["outcome"], agreed["answer"]) == ("agreed", "accepted")
    (request,) = (await need.get(path(world, "requests")))["items"]
    assert request["state"] == "accepted"
    assert request["asking_participation_id"] == str(world.participation("n1"))
    events = [e for e in await app.told() if e.subject == request["id"]]
    assert [type(e) for e in events] == [told.MeetingRequested, told.MeetingAccepted]
    assert str(events[0].proposal_id) == agreed["id"]  # type: ignore[attr-defined]  # it is one
    frame = await app.organizer(world).get(path(world, "frame"))
    assert frame["requests"] == 1


async def test_a_no_stays_with_who_said_it(app: Matching, world: World) -> None:
    await sent(app, world)
    need, offer = app.participant(world, "n1"), app.participant(world, "o1")
    declined = await say(need, await of(app, world, "n1"), "declined")
    assert (declined["outcome"], declined["answer"]) == ("not_agreed", "declined")
    theirs = await of(app, world, "o1")
    assert (theirs["outcome"], theirs["answer"]) == ("not_agreed", None)
    await say(offer, theirs, "accepted", 409)
    organizer = app.organizer(world)
    shown = (await organizer.get(path(world), outcome="not_agreed"))["items"]
    assert [one["answer"] for one in shown] == [None]
    assert (await planned(app, world))["found"]["pairs"] == 0


async def test_the_organizer_takes_drafts_out_and_proposals_back(
    app: Matching, world: World
) -> None:
    await planned(app, world)
    organizer = app.organizer(world)
    drafts = (await organizer.get(path(world)))["items"]
    await say(organizer, drafts[0], "withdrawn")
    assert await organizer.post(path(world, "proposals/send")) == {"sent": 3}
    await organizer.post(path(world, "proposals/send"), status=409)
    waiting = (await organizer.get(path(world), outcome="waiting"))["items"]
    assert len(waiting) == 3
    await say(organizer, waiting[0], "accepted", 403)
    back = await say(organizer, waiting[0], "withdrawn")
    assert back["outcome"] == "not_agreed"


async def test_who_met_asked_or_has_no_time_is_not_proposed(app: Matching, world: World) -> None:
    await app.participant(world, "n0").post(
        path(world, "requests"), {"asked_participation_id": str(world.participation("o0"))}, 201
    )
    await app.hear(world.participant("n1", most_meetings=1))
    await app.participant(world, "n1").post(
        path(world, "requests"), {"asked_participation_id": str(world.participation("o2"))}, 201
    )
    done = await planned(app, world)
    assert done["found"]["pairs"] == 2


async def test_who_has_no_time_left_is_asked_no_further(app: Matching, world: World) -> None:
    for name in ("a", "b"):
        await app.hear(
            world.organization(name),
            world.participant(name),
            world.profile(f"{name}.profile", name, "offer", *TOPICS[1]),
        )
    await app.hear(world.participant("n1", most_meetings=1))
    await app.rank()
    assert (await planned(app, world))["found"]["pairs"] == 4
    assert (await planned(app, world, questions=2))["found"]["pairs"] == 5
    await app.organizer(world).post(path(world, "proposals/send"))
    asked = app.participant(world, "n1")
    mine = (await asked.get(path(world), mine="true"))["items"]
    assert len(mine) == 2
    names = {str(world.participation(name)): name for name in ("a", "b", "o1")}
    await say(asked, mine[0], "accepted")
    other = app.participant(world, names[mine[0]["sides"][1]["participation_id"]])
    (theirs,) = (await other.get(path(world), mine="true"))["items"]
    await say(other, theirs, "accepted")
    after = (await asked.get(path(world), mine="true"))["items"]
    assert sorted(one["outcome"] for one in after) == ["agreed", "not_agreed"]
    assert len((await asked.get(path(world, "requests")))["items"]) == 1


async def test_a_proposal_ends_when_one_side_leaves_or_time_is_over(
    app: Matching, world: World
) -> None:
    await sent(app, world)
    await app.hear(world.withdrawn("n0"))
    assert (await of(app, world, "o0"))["outcome"] == "not_agreed"
    app.clock.time = NOON + timedelta(days=14)
    late = await of(app, world, "o1")
    assert late["outcome"] == "not_agreed"
    await say(app.participant(world, "o1"), late, "accepted", 409)


async def test_sides_that_asked_each_other_meanwhile_need_no_proposal(
    app: Matching, world: World
) -> None:
    await sent(app, world)
    need, offer = app.participant(world, "n1"), app.participant(world, "o1")
    await say(need, await of(app, world, "n1"), "accepted")
    await need.post(
        path(world, "requests"), {"asked_participation_id": str(world.participation("o1"))}, 201
    )
    ended = await say(offer, await of(app, world, "o1"), "accepted")
    assert ended["outcome"] == "not_agreed"
    assert len((await need.get(path(world, "requests")))["items"]) == 1


async def test_who_may_see_and_do_what(app: Matching, world: World) -> None:
    await sent(app, world)
    mine = await of(app, world, "n1")
    other, stranger = app.participant(world, "n2"), app.stranger()
    plan = await app.organizer(world).post(path(world, "mutual-plans"), {}, 202)
    for caller, status in ((other, 403), (stranger, 404), (app.analyst(world), 404)):
        await caller.post(path(world, "mutual-plans"), {}, status)
        await caller.get(f"/mutual-plans/{plan['id']}", status)
        await caller.get(path(world, "proposals-summary"), status)
        await caller.post(path(world, "proposals/send"), status=status)
        await say(caller, mine, "accepted", 404)
        await say(caller, mine, "withdrawn", 404)
    await stranger.get(path(world), 404)
    await say(app.participant(world, "n1"), mine, "withdrawn", 403)
    assert mine["id"] not in {one["id"] for one in (await other.get(path(world)))["items"]}
    stale = {**mine, "version": 2}
    assert (await say(app.participant(world, "n1"), stale, "accepted", 409))["code"] == "stale"
