"""A draft in the hands of the organizer, over HTTP: moved, locked, asked what if, stopped early."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from support.databases import DATABASES
from support.matching import World, at
from support.matching_app import Caller, Matching, matching
from support.matching_timetable import PEOPLE, agree, begin_fair, draft, runs
from techdock_contracts.registration import Span
from techdock_matching.adapters.search.planner import LocalSearchPlanner
from techdock_matching.app.ports import Limits, Outcome, Progress
from techdock_matching.domain.timetable.costs import evaluate
from techdock_matching.domain.timetable.problem import Placement, Problem, Timetable


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    world = World()
    await begin_fair(app, world)
    return world


def slot_of(timetable: Any, request_id: str) -> int:
    (found,) = (m for m in timetable["meetings"] if m["request_id"] == request_id)
    return int(found["first_slot"])


async def put(
    organizer: Caller, made: Any, request_id: str, slot: int, status: int = 200, **body: Any
) -> Any:
    where = f"/timetables/{made['id']}/places/{request_id}"
    (meeting,) = (m for m in made["meetings"] if m["request_id"] == request_id)
    wanted = {"session_id": meeting["session_id"], "first_slot": slot, **body}
    return await organizer.put(where, wanted, made["version"], status)


async def test_spots_name_what_stands_in_the_way(app: Matching, world: World) -> None:
    organizer = app.organizer(world)
    one, other = await agree(app, world, "ana", "bek"), await agree(app, world, "ana", "cui")
    made = await draft(app, world)
    taken, mine = slot_of(made, other), slot_of(made, one)
    found = await organizer.get(f"/timetables/{made['id']}/spots/{one}")
    spots = found["items"]
    assert [spot["first_slot"] for spot in spots] == list(range(8))
    assert {spot["first_slot"] for spot in spots if not spot["free"]} == {taken}
    (obstacle,) = spots[taken]["obstacles"]
    assert (obstacle["kind"], obstacle["request_id"]) == ("busy", other)
    ana, bek, cui = (str(world.participation(name)) for name in ("ana", "bek", "cui"))
    assert (obstacle["participation_id"], obstacle["parties"]) == (ana, [ana, cui])
    assert spots[mine]["free"], "the own place is no obstacle"
    assert found["parties"] == [ana, bek]
    await app.participant(world, "ana").get(f"/timetables/{made['id']}/spots/{one}", 403)
    await app.stranger().get(f"/timetables/{made['id']}/spots/{one}", 404)
    await organizer.get(f"/timetables/{made['id']}/spots/{world.session}", 404)


async def test_a_place_is_changed_by_hand_by_the_judges_leave(app: Matching, world: World) -> None:
    organizer = app.organizer(world)
    one, other = await agree(app, world, "ana", "bek"), await agree(app, world, "ana", "cui")
    made = await draft(app, world)
    clash = await put(organizer, made, one, slot_of(made, other), 409)
    assert clash["code"] == "breaks_rules"
    (error,) = clash["errors"]
    assert (error["where"], other in error["found"]) == ("obstacle.busy", True)
    await put(organizer, made, one, 8, 422)
    moved = await put(organizer, made, one, 7, table_id=str(world.table(3)))
    assert (slot_of(moved, one), slot_of(moved, other)) == (7, slot_of(made, other))
    assert (moved["edited"], moved["version"]) == (1, made["version"] + 1)
    assert {m["table_id"] for m in moved["meetings"]} >= {str(world.table(3))}
    await put(organizer, made, one, 6, 409)
    where = f"/timetables/{made['id']}/places/{one}"
    out = await organizer.call("DELETE", where, version=moved["version"])
    assert out.status_code == 200
    (unplaced,) = out.json()["unplaced"]
    assert unplaced["request_id"] == one
    assert unplaced["change"]["code"] == "place"
    assert out.json()["figures"]["placed"] == 1
    await organizer.call("DELETE", where, version=moved["version"])
    other_organizer = app.participant(world, "ana")
    await other_organizer.put(where, {"session_id": str(world.session), "first_slot": 1}, 3, 403)


async def test_what_is_locked_stays_in_runs_that_begin_in_the_draft(
    app: Matching, world: World
) -> None:
    organizer = app.organizer(world)
    one, other = await agree(app, world, "ana", "bek"), await agree(app, world, "ana", "cui")
    made = await put(organizer, await draft(app, world), one, 7)
    where = f"/timetables/{made['id']}/locks/{one}"
    locked = await organizer.put(where, None, made["version"])
    assert locked["locked"] == [one]
    await put(organizer, locked, one, 5, 409)
    again = await draft(app, world, draft_id=made["id"])
    assert (slot_of(again, one), again["locked"]) == (7, [one])
    assert slot_of(again, other) == 6, "no gap is left beside what is locked"
    free = await organizer.call("DELETE", where, version=locked["version"])
    assert free.json()["locked"] == []
    elsewhere = World("elsewhere")
    await begin_fair(app, elsewhere)
    strange = {"draft_id": made["id"]}
    await app.organizer(elsewhere).post(runs(elsewhere), strange, 422)


async def test_what_has_to_stay_and_contradicts_itself_is_named_before_a_run(
    app: Matching, world: World
) -> None:
    organizer = app.organizer(world)
    one, other = await agree(app, world, "ana", "bek"), await agree(app, world, "ana", "cui")
    made = await draft(app, world)
    slot = slot_of(made, other)
    for request in (one, other):
        where = f"/timetables/{made['id']}/locks/{request}"
        made = await organizer.put(where, None, made["version"])
    # Meanwhile somebody cannot be there any more.
    confirmed = world.participant("cui")
    hours = (Span(start=at(20), end=at(21)),)
    person = confirmed.persons[0].model_copy(update={"hours": hours})
    await app.hear(confirmed.model_copy(update={"persons": (person,)}))
    refused = await organizer.post(runs(world), {"draft_id": made["id"]}, 409)
    assert refused["code"] == "breaks_rules"
    assert [error["where"] for error in refused["errors"]] == ["rule.available"]
    assert slot_of(made, other) == slot


async def test_what_if_says_what_a_change_would_do(app: Matching) -> None:
    world = World(tables=1)
    await app.hear(
        world.announced(), world.opened(), world.session_planned(end=at(7)),
        *(world.participant(name) for name in PEOPLE),
    )  # fmt: skip
    late = world.participant("eve")
    person = late.persons[0].model_copy(update={"hours": (Span(start=at(1), end=at(2)),)})
    await app.hear(late.model_copy(update={"persons": (person,)}))
    organizer = app.organizer(world)
    one = await agree(app, world, "ana", "bek")
    never = await agree(app, world, "cui", "eve")
    made = await draft(app, world)
    tried = await organizer.get(f"/timetables/{made['id']}/what-if/{never}")
    assert (tried["change"]["code"], tried["in_draft"]) == ("free_person", False)
    assert [placement["request_id"] for placement in tried["placements"]] == [never]
    change = f"/timetables/{made['id']}/changes/{never}"
    await organizer.put(change, None, made["version"], 409)
    out = await organizer.call(
        "DELETE", f"/timetables/{made['id']}/places/{one}", version=made["version"]
    )
    tried = await organizer.get(f"/timetables/{made['id']}/what-if/{one}")
    assert (tried["change"]["code"], tried["in_draft"]) == ("place", True)
    back = await organizer.put(
        f"/timetables/{made['id']}/changes/{one}", None, out.json()["version"]
    )
    assert [meeting["request_id"] for meeting in back["meetings"]] == [one]
    await organizer.get(f"/timetables/{made['id']}/what-if/{one}", 409)


async def test_what_is_gone_meanwhile_is_in_nobodys_way(app: Matching, world: World) -> None:
    organizer = app.organizer(world)
    one, other = await agree(app, world, "ana", "bek"), await agree(app, world, "ana", "cui")
    made = await draft(app, world)
    taken = slot_of(made, other)
    await app.hear(world.withdrawn("cui"))
    spots = (await organizer.get(f"/timetables/{made['id']}/spots/{one}"))["items"]
    assert spots[taken]["free"], "who left takes no slot any more"
    moved = await put(organizer, made, one, taken)
    assert [meeting["request_id"] for meeting in moved["meetings"]] == [one]
    where = f"/timetables/{made['id']}/places/{one}"
    out = await organizer.call("DELETE", where, version=moved["version"])
    assert out.json()["meetings"] == []
    tried = await organizer.get(f"/timetables/{made['id']}/what-if/{one}")
    assert tried["change"]["code"] == "place"


class Waiting:
    """A solver that tells its first answer again and again, until it is told to stop."""

    def __init__(self) -> None:
        self.began: list[tuple[Placement, ...]] = []
        self.told = threading.Event()

    def solve(
        self,
        problem: Problem,
        start: Timetable | None,
        limits: Limits,
        progress: Callable[[Progress], bool] | None = None,
        *,
        held: Timetable | None = None,
    ) -> Outcome:
        assert progress
        self.began.append(start.placements if start else ())
        outcome = LocalSearchPlanner().solve(problem, start, Limits(iterations=1), held=held)
        cost = evaluate(problem, outcome.timetable)
        noted = Progress(1, 2, cost, 0.1, 1, outcome.timetable, bound=0)
        while progress(noted):
            self.told.wait(0.01)
        return outcome


async def test_a_run_that_is_stopped_leaves_its_best(app: Matching, world: World) -> None:
    organizer, solver = app.organizer(world), Waiting()
    await agree(app, world, "ana", "bek")
    run = await organizer.post(runs(world), {"seconds": 600}, 202)

    async def stop_when_kept() -> None:
        while (await organizer.get(f"/timetable-runs/{run['id']}"))["progress"]["placed"] == 0:
            pass
        stopped = await organizer.post(f"/timetable-runs/{run['id']}/stop")
        assert stopped["state"] == "stopping"

    await asyncio.gather(app.work(solver), stop_when_kept())
    done = await organizer.get(f"/timetable-runs/{run['id']}")
    assert (done["state"], done["progress"]["bound"]) == ("done", 0)
    made = await organizer.get(f"/timetables/{done['timetable_id']}")
    assert made["figures"]["placed"] == 1


async def test_a_run_that_has_not_begun_is_cancelled_by_stopping(
    app: Matching, world: World
) -> None:
    organizer = app.organizer(world)
    run = await organizer.post(runs(world), {}, 202)
    stopped = await organizer.post(f"/timetable-runs/{run['id']}/stop")
    assert stopped["state"] == "cancelled"
    await app.participant(world, "ana").post(f"/timetable-runs/{run['id']}/stop", None, 403)
