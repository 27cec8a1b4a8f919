"""From accepted requests to a published timetable, over HTTP, and what happens on the day."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import icalendar
import pytest
from support.databases import DATABASES
from support.matching import World, at, named
from support.matching_app import Matching, matching
from support.matching_timetable import PEOPLE, agree, begin_fair, draft, publish
from techdock_contracts import matching as told
from techdock_contracts.registration import Span
from techdock_matching.adapters.search.planner import LocalSearchPlanner
from techdock_shared.sql.worker import MOST_ATTEMPTS


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    world = World()
    await begin_fair(app, world)
    return world


def meetings_path(world: World) -> str:
    return f"/docking-events/{world.docking_event}/meetings"


async def test_accepted_requests_get_a_place_and_pending_ones_none(
    app: Matching, world: World
) -> None:
    organizer = app.organizer(world)
    await agree(app, world, "ana", "bek")
    await agree(app, world, "cui", "ana")
    pending = {"asked_participation_id": str(world.participation("cui"))}
    where = f"/docking-events/{world.docking_event}/requests"
    await app.participant(world, "dan").post(where, pending, 201)
    await app.forget_told()
    made = await draft(app, world)
    assert (made["state"], len(made["meetings"]), made["unplaced"]) == ("draft", 2, [])
    assert made["figures"]["placed"] == 2
    assert (await organizer.get(meetings_path(world)))["items"] == []
    published = await publish(app, world, made)
    assert published["state"] == "published"
    kinds = [type(event) for event in await app.told()]
    assert kinds == [told.MeetingBooked, told.MeetingBooked, told.TimetablePublished]
    booked = (await organizer.get(meetings_path(world)))["items"]
    assert {one["state"] for one in booked} == {"booked"}
    starts = [one["start"] for one in booked]
    assert len(set(starts)) == 2, "ana is in both, so they cannot be at once"
    mine = await app.participant(world, "bek").get(
        f"/docking-events/{world.docking_event}/my-timetable"
    )
    assert [one["id"] for one in mine["meetings"]] == [
        one["id"] for one in booked if str(world.participation("bek")) in str(one["parties"])
    ]
    await publish(app, world, made, 409)


class Killing:
    """A solver that takes its process with it, as one that needs too much memory does."""

    class Killed(BaseException):
        """The process ends here."""

    begun = 0

    def solve(self, *_: object, **__: object) -> NoReturn:
        self.begun += 1
        raise self.Killed


async def test_a_run_that_kills_its_workers_fails(app: Matching, world: World) -> None:
    organizer, solver = app.organizer(world), Killing()
    await agree(app, world, "ana", "bek")
    where = f"/docking-events/{world.docking_event}/timetable-runs"
    run = await organizer.post(where, {"seconds": 1}, 202)

    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killing.Killed):
            await app.work(solver)
        app.clock.time += timedelta(minutes=1)
        assert (await organizer.get(f"/timetable-runs/{run['id']}"))["state"] == "running"
    await app.work(solver)

    failed = await organizer.get(f"/timetable-runs/{run['id']}")
    assert failed["state"] == "failed"
    assert failed["failure"].startswith("worker_lost: ")
    assert solver.begun == MOST_ATTEMPTS
    assert (await draft(app, world))["figures"]["placed"] == 1


async def test_only_organizers_plan(app: Matching, world: World) -> None:
    where = f"/docking-events/{world.docking_event}/timetable-runs"
    frame = f"/docking-events/{world.docking_event}/frame"
    ana = app.participant(world, "ana")
    await ana.post(where, {}, 403)
    await ana.get(frame, 403)
    await app.stranger().post(where, {}, 404)
    await app.stranger().get(frame, 404)
    organizer = app.organizer(world)
    shown = await organizer.get(frame)
    assert (len(shown["slots"]), len(shown["tables"]), shown["version"]) == (8, 4, 0)
    planned = await organizer.put(frame, {"buffer_minutes": 15, "seconds": 2}, 0)
    assert planned["planning"]["buffer_minutes"] == 15
    await organizer.put(frame, {"buffer_minutes": 30}, 0, 409)
    made = await draft(app, world)
    await ana.get(f"/timetables/{made['id']}", 403)
    await app.stranger().get(f"/timetables/{made['id']}", 404)
    await ana.post(f"/timetables/{made['id']}/publish", None, 403, version=1)


async def test_a_request_without_a_place_says_why(app: Matching) -> None:
    world = World(tables=1)
    await begin_fair(app, world, PEOPLE[:2])
    late = world.participant("eve")
    person = late.persons[0].model_copy(update={"hours": (Span(start=at(1), end=at(2)),)})
    await app.hear(late.model_copy(update={"persons": (person,)}))
    await agree(app, world, "ana", "eve")
    await app.forget_told()
    made = await draft(app, world)
    (why,) = made["unplaced"]
    assert why["reason"]["code"] == "no_common_hours"
    assert why["change"]["code"] == "free_person"
    await publish(app, world, made)
    unplaced, published = await app.told()
    assert isinstance(unplaced, told.MeetingUnplaced)
    assert unplaced.reason == "no_common_hours"
    assert isinstance(published, told.TimetablePublished)
    mine = await app.participant(world, "ana").get(
        f"/docking-events/{world.docking_event}/my-timetable"
    )
    assert [one["unplaced_reason"] for one in mine["unplaced"]] == ["no_common_hours"]


async def test_a_second_publication_tells_only_those_whose_meetings_change(
    app: Matching, world: World
) -> None:
    organizer = app.organizer(world)
    first = await agree(app, world, "ana", "bek")
    await publish(app, world, await draft(app, world))
    await agree(app, world, "cui", "dan")
    await app.forget_told()
    held = (await organizer.get(meetings_path(world)))["items"][0]
    made = await draft(app, world, locked=[held["id"]])
    await publish(app, world, made)
    booked, published = await app.told()
    assert isinstance(booked, told.MeetingBooked)
    assert str(booked.request_id) != first
    assert (published.booked, published.moved, published.cancelled) == (1, 0, 0)
    again = (await organizer.get(meetings_path(world)))["items"]
    assert {one["calendar_sequence"] for one in again} == {0}
    states = {one["number"]: one["state"] for one in (await organizer.get(
        f"/docking-events/{world.docking_event}/timetables"))["items"]}  # fmt: skip
    assert states == {1: "superseded", 2: "published"}


async def test_a_meeting_is_moved_by_the_judges_leave(app: Matching, world: World) -> None:
    organizer = app.organizer(world)
    await agree(app, world, "ana", "bek")
    await agree(app, world, "cui", "ana")
    await publish(app, world, await draft(app, world))
    one, other = (await organizer.get(meetings_path(world)))["items"]
    where = f"/meetings/{one['id']}/move"
    clash = await organizer.post(where, {"start": other["start"]}, 409, version=1)
    assert clash["code"] == "breaks_rules"
    assert clash["errors"]
    await organizer.post(where, {"start": "2026-09-14T03:33:00Z"}, 422, version=1)
    await app.participant(world, "ana").post(
        where, {"start": at(9, 30).isoformat()}, 403, version=1
    )
    await app.forget_told()
    moved = await organizer.post(where, {"start": at(9, 30).isoformat()}, version=1)
    assert (moved["state"], moved["calendar_sequence"]) == ("moved", 1)
    (event,) = await app.told()
    assert isinstance(event, told.MeetingMoved)
    assert event.start == at(9, 30)


async def test_held_missed_and_called_off_are_never_mixed(app: Matching, world: World) -> None:
    organizer = app.organizer(world)
    for pair in (("ana", "bek"), ("cui", "ana"), ("dan", "ana")):
        await agree(app, world, *pair)
    await publish(app, world, await draft(app, world))
    one, two, three = (await organizer.get(meetings_path(world)))["items"]
    ana = app.participant(world, "ana")
    await ana.post(f"/meetings/{one['id']}/state", {"to": "held"}, version=1)
    await organizer.post(f"/meetings/{one['id']}/state", {"to": "held"}, 409, version=2)
    absent = {"to": "no_show", "absent": [two["parties"][0]["participation_id"]]}
    await ana.post(f"/meetings/{two['id']}/state", absent, 403, version=1)
    await organizer.post(f"/meetings/{two['id']}/state", absent, version=1)
    await app.forget_told()
    await ana.post(f"/meetings/{three['id']}/state", {"to": "cancelled"}, version=1)
    states = sorted(m["state"] for m in (await organizer.get(meetings_path(world)))["items"])
    assert states == ["cancelled", "held", "no_show"]
    assert [type(event) for event in await app.told()] == [told.MeetingCancelled]


async def test_a_freed_place_goes_to_who_waits(app: Matching) -> None:
    world = World(tables=1)
    await app.hear(
        world.announced(), world.opened(),
        world.session_planned(end=at(6, 30)),
        *(world.participant(name) for name in PEOPLE),
    )  # fmt: skip
    organizer = app.organizer(world)
    await agree(app, world, "ana", "bek")
    await agree(app, world, "cui", "dan")
    made = await draft(app, world)
    assert (len(made["meetings"]), len(made["unplaced"])) == (1, 1)
    await publish(app, world, made)
    refill = f"/docking-events/{world.docking_event}/refill"
    assert (await organizer.post(refill))["items"] == []
    (booked,) = (await organizer.get(meetings_path(world)))["items"]
    await organizer.post(f"/meetings/{booked['id']}/state", {"to": "cancelled"}, version=1)
    (new,) = (await organizer.post(refill))["items"]
    assert new["request_id"] == made["unplaced"][0]["request_id"]
    assert new["start"] == booked["start"]
    await app.participant(world, "ana").post(refill, None, 403)


async def test_the_calendar_feed_follows(app: Matching, world: World) -> None:
    organizer, ana = app.organizer(world), app.participant(world, "ana")
    await agree(app, world, "ana", "bek")
    await publish(app, world, await draft(app, world))
    feed = await ana.post("/calendars", {"docking_event_id": str(world.docking_event)}, 201)
    answer = await app.client.get(feed["url"])
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = icalendar.Calendar.from_ical(answer.content)
    (entry,) = calendar.walk("VEVENT")
    uid = str(entry["uid"])
    assert (str(calendar["method"]), int(entry["sequence"])) == ("PUBLISH", 0)
    assert entry["dtstart"].params["tzid"] == "Asia/Tashkent"
    (meeting,) = (await organizer.get(meetings_path(world)))["items"]
    body = {"start": at(9, 30).isoformat()}
    await organizer.post(f"/meetings/{meeting['id']}/move", body, version=1)
    calendar = icalendar.Calendar.from_ical((await app.client.get(feed["url"])).content)
    (entry,) = calendar.walk("VEVENT")
    assert (str(entry["uid"]), int(entry["sequence"])) == (uid, 1)
    await app.participant(world, "bek").call("DELETE", f"/calendars/{feed['id']}")
    assert (await app.client.get(feed["url"])).status_code == 200
    await ana.call("DELETE", f"/calendars/{feed['id']}")
    assert (await app.client.get(feed["url"])).status_code == 404


async def test_two_docking_events_never_share_a_person_at_once(app: Matching) -> None:
    one, other = World("spring"), World("autumn")
    for world in (one, other):
        # One slot each, at the same time; the same persons take part in both.
        await app.hear(
            world.announced(), world.opened(), world.session_planned(end=at(6, 30)),
            *(world.participant(name) for name in PEOPLE[:2]),
        )  # fmt: skip
        await agree(app, world, "ana", "bek")
    drafts = [await draft(app, world) for world in (one, other)]
    assert [len(made["meetings"]) for made in drafts] == [1, 1]

    async def call(world: World, made: Any) -> int:
        where = f"/timetables/{made['id']}/publish"
        answer = await app.organizer(world).call("POST", where, version=made["version"])
        return answer.status_code

    statuses = await asyncio.gather(
        *(call(w, m) for w, m in zip((one, other), drafts, strict=True))
    )
    assert sorted(statuses) == [200, 409]
    booked = [
        (await app.organizer(world).get(meetings_path(world)))["items"] for world in (one, other)
    ]
    assert sorted(map(len, booked)) == [0, 1]
    assert named("ana.person")


async def test_a_cancelled_run_leaves_nothing(app: Matching, world: World) -> None:
    organizer = app.organizer(world)
    await agree(app, world, "ana", "bek")
    where = f"/docking-events/{world.docking_event}/timetable-runs"
    run = await organizer.post(where, {}, 202)
    cancelled = await organizer.post(f"/timetable-runs/{run['id']}/cancel")
    assert cancelled["state"] == "cancelled"
    await app.work(LocalSearchPlanner())
    assert (await organizer.get(f"/timetable-runs/{run['id']}"))["timetable_id"] is None
    listed = await organizer.get(f"/docking-events/{world.docking_event}/timetables")
    assert listed["items"] == []


async def test_a_change_marks_the_meetings_that_it_breaks(app: Matching, world: World) -> None:
    organizer = app.organizer(world)
    await agree(app, world, "ana", "bek")
    await publish(app, world, await draft(app, world))
    where = f"/docking-events/{world.docking_event}/broken-meetings"
    assert (await organizer.get(where))["items"] == []
    (meeting,) = (await organizer.get(meetings_path(world)))["items"]
    confirmed = world.participant("bek")
    hours = (Span(start=at(20), end=at(21)),)
    person = confirmed.persons[0].model_copy(update={"hours": hours})
    await app.hear(confirmed.model_copy(update={"persons": (person,)}))
    (found,) = (await organizer.get(where))["items"]
    assert (found["rule"], found["meetings"]) == ("available", [meeting["id"]])
    await app.participant(world, "ana").get(where, 403)
