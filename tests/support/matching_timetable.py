"""From agreed meetings to drafts and published timetables, over matching's HTTP interface."""

from typing import Any

from techdock_matching.adapters.search.planner import LocalSearchPlanner

from support.matching import World
from support.matching_app import Matching

PEOPLE = ("ana", "bek", "cui", "dan")


async def begin_fair(app: Matching, world: World, people: tuple[str, ...] = PEOPLE) -> None:
    """Open a docking event with one matchmaking session and these participants."""
    await app.hear(
        world.announced(), world.opened(), world.session_planned(),
        *(world.participant(name) for name in people),
    )  # fmt: skip


async def agree(app: Matching, world: World, asking: str, asked: str) -> str:
    """Let two organizations agree to meet; returns the request's id."""
    body = {"asked_participation_id": str(world.participation(asked))}
    where = f"/docking-events/{world.docking_event}/requests"
    sent = await app.participant(world, asking).post(where, body, 201)
    answer = {"to": "accepted"}
    other = app.participant(world, asked)
    await other.post(f"/requests/{sent['id']}/state", answer, version=1)
    return str(sent["id"])


def runs(world: World) -> str:
    """Return the path of a docking event's runs."""
    return f"/docking-events/{world.docking_event}/timetable-runs"


async def draft(app: Matching, world: World, **body: Any) -> Any:
    """Let the solver make a draft; returns it."""
    organizer = app.organizer(world)
    run = await organizer.post(runs(world), {"seconds": 1, **body}, 202)
    await app.work(LocalSearchPlanner())
    run = await organizer.get(f"/timetable-runs/{run['id']}")
    assert run["state"] == "done", run
    return await organizer.get(f"/timetables/{run['timetable_id']}")


async def publish(app: Matching, world: World, timetable: Any, status: int = 200) -> Any:
    """Publish a timetable."""
    where = f"/timetables/{timetable['id']}/publish"
    return await app.organizer(world).post(where, None, status, version=timetable["version"])
