"""The timetable workspace: runs, drafts, what has no place and why, publishing."""

import asyncio
from itertools import combinations

from starlette.responses import Response

from techdock_portal import agenda, grid, reasons
from techdock_portal.client import ApiProblem, Json
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.my_timetable import interpreter_of, table_of
from techdock_portal.pages.text_form import whole_number
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names
from techdock_portal.timetable_words import FIGURES

pages = Pages()

BASE = "/organize/{docking_event:uuid}"
ACCEPTED = ("accepted", "placed", "unplaced")
WAITING = ("sent", "countered")
MOST = 20_000
ENDED = ("done", "cancelled", "failed")
LEVELS = ("below_wish", "unplaced", "worst_hour", "gaps", "gap_spread", "table_changes", "changes")
"""What the figures of a run's cost stand for, in their order."""

WATCHED = ("below_wish", "worst_hour", "gaps")


@pages.get(f"{BASE}/timetable")
async def workspace(page: Page) -> Response:
    """Show the drafts and what is published, and begin a run."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}"
    listed, requests, frame = await asyncio.gather(
        page.matching.all(f"{path}/timetables"),
        page.matching.all(f"{path}/requests", state=[*ACCEPTED, *WAITING], most=MOST),
        _frame(page, found["id"]),
    )
    listed.sort(key=lambda each: -int(each.get("number") or 0))
    states = [request["state"] for request in requests]
    return page.draw(
        "organizer/timetable.html",
        timetables=listed,
        accepted=sum(state in ACCEPTED for state in states),
        waiting=sum(state in WAITING for state in states),
        frame=frame,
        ways=_ways(found, frame),
        city=lambda venue: agenda.city_of(venue, page.language.tag),
    )


@pages.post(f"{BASE}/timetable/run")
async def begin(page: Page) -> Response:
    """Begin a run."""
    found = await page.organized()
    body: Json = {
        "seconds": await whole_number(page, "seconds"),
        "seed": await whole_number(page, "seed"),
        "locked": await page.fields("locked"),
        "draft_id": await page.field("draft"),
    }
    path = f"/docking-events/{found['id']}/timetable-runs"
    sent = {name: value for name, value in body.items() if value}
    run = await page.matching.post(path, sent, key=await page.key())
    return page.go(f"/organize/{found['id']}/timetable/runs/{run['id']}")


@pages.get(f"{BASE}/timetable/runs/{{run:uuid}}")
async def run(page: Page) -> Response:
    """Show how far a run has come; the page can be left."""
    found = await page.organized()
    run = await page.matching.get(f"/timetable-runs/{page.path('run')}")
    ended = run["state"] in ENDED
    made = run.get("timetable_id")
    url = f"/organize/{found['id']}/timetables/{made}" if made else ""
    shown = {"run": run, "ended": ended, "url": url, "told": _told(page, run)}
    if page.is_part:
        response = page.draw("organizer/run_progress.html", **shown)
        if ended and url:
            response.headers["HX-Redirect"] = url
        return response
    if ended and url and run["state"] == "done":
        return page.go(url)
    return page.draw("organizer/run.html", **shown)


def _told(page: Page, run: Json) -> list[tuple[str, int]]:
    """Return what counts in the best timetable so far, beside how many are placed."""
    cost = dict(zip(LEVELS, (run.get("progress") or {}).get("cost") or (), strict=False))
    return [(page.language.text(FIGURES[name]), cost[name]) for name in WATCHED if name in cost]


@pages.post(f"{BASE}/timetable/runs/{{run:uuid}}/stop")
async def stop(page: Page) -> Response:
    """Stop a run; the best it has found becomes a draft."""
    return await _end(page, "stop")


@pages.post(f"{BASE}/timetable/runs/{{run:uuid}}/cancel")
async def cancel(page: Page) -> Response:
    """Cancel a run; nothing comes of it."""
    return await _end(page, "cancel")


async def _end(page: Page, how: str) -> Response:
    found = await page.organized()
    ident = page.path("run")
    await page.matching.post(f"/timetable-runs/{ident}/{how}", key=await page.key())
    return page.go(f"/organize/{found['id']}/timetable/runs/{ident}")


@pages.get(f"{BASE}/timetables/{{timetable:uuid}}")
async def timetable(page: Page) -> Response:
    """Show one timetable: the grid, and each request without a place with its reason."""
    found = await page.organized()
    shown, requests, frame = await asyncio.gather(
        page.matching.get(f"/timetables/{page.path('timetable')}"),
        page.matching.all(f"/docking-events/{found['id']}/requests", state=ACCEPTED, most=MOST),
        _frame(page, found["id"]),
    )
    draft = shown.get("state") == "draft"
    meetings = grid.drawn(shown.get("meetings") or [], requests, frame)
    by_id = {str(request["id"]): request for request in requests}
    unplaced = [(by_id.get(str(e["request_id"]), {}), e) for e in shown.get("unplaced") or ()]
    ids = {ident for meeting in meetings for ident in grid.parties_of(meeting)}
    for request, _ in unplaced:
        ids |= {str(request.get(f"{side}_participation_id", "")) for side in ("asking", "asked")}
    book = await join_names(page.registration, participations=ids)
    return page.draw(
        "organizer/timetable_one.html",
        timetable=shown,
        count_meetings=len(meetings),
        sheets=grid.sheets(found, meetings, page.clocks, frame if draft else None),
        locked={str(each) for each in shown.get("locked") or ()},
        unplaced=unplaced,
        names=book,
        parties_of=grid.parties_of,
        no_place=lambda reason: reasons.no_place(page.language, reason),
        would_help=lambda change: reasons.would_help(page.language, change),
        interpreter=lambda meeting: interpreter_of(found, meeting),
        table=lambda meeting: table_of(found, meeting),
        main=agenda.main_venue(found),
    )


@pages.post(f"{BASE}/timetables/{{timetable:uuid}}/publish")
async def publish(page: Page) -> Response:
    """Publish a draft: everybody gets their timetable."""
    found = await page.organized()
    path = f"/timetables/{page.path('timetable')}/publish"
    await page.matching.post(path, key=await page.key(), version=await page.version())
    return page.go(
        f"/organize/{found['id']}/timetables/{page.path('timetable')}",
        N_("It is published. Everybody concerned is told."),
    )


@pages.post(f"{BASE}/planning")
async def plan(page: Page) -> Response:
    """Set the buffer of every way, and the ways between venues."""
    found = await page.organized()
    frame = await page.matching.get(f"/docking-events/{found['id']}/frame")
    allowed = bool(await page.field("self_booking"))
    body: Json = {**frame["planning"], "travel": [], "self_booking": allowed}
    for name in ("seconds", "seed", "buffer_minutes"):
        if (value := await whole_number(page, name)) is not None:
            body[name] = value
    for one, other in combinations([str(v["id"]) for v in found.get("venues") or ()], 2):
        minutes = await whole_number(page, f"way-{one}-{other}")
        if minutes is not None:
            body["travel"].append({"one_id": one, "other_id": other, "minutes": minutes})
    await page.matching.put(f"/docking-events/{found['id']}/frame", body, await page.version())
    return page.go(f"/organize/{found['id']}/timetable", N_("Saved."))


def _ways(found: Json, frame: Json) -> list[tuple[Json, Json, object]]:
    """Return each pair of places that one can walk or drive between, with its minutes."""
    known = {
        frozenset((str(way["one_id"]), str(way["other_id"]))): way["minutes"]
        for way in (frame.get("planning") or {}).get("travel") or ()
    }
    places = [v for v in found.get("venues") or () if v.get("kind") != "online"]
    return [
        (one, other, known.get(frozenset((str(one["id"]), str(other["id"]))), ""))
        for one, other in combinations(places, 2)
        if one.get("zone") == other.get("zone")
    ]


async def _frame(page: Page, ident: str) -> Json:
    """Return slots and planning; empty as long as there is no matchmaking session."""
    try:
        return await page.matching.get(f"/docking-events/{ident}/frame")
    except ApiProblem as problem:
        if problem.status in {404, 409}:
            return {}
        raise
