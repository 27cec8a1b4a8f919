"""The timetable workspace: runs, drafts, what has no place and why, publishing."""

import asyncio

from starlette.responses import Response

from techdock_portal import agenda, grid, reasons
from techdock_portal.client import ApiProblem, Json
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.my_timetable import interpreter_of, table_of
from techdock_portal.pages.text_form import whole_number
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names

pages = Pages()

BASE = "/organize/{docking_event:uuid}"
ENDED = ("done", "cancelled", "failed")


@pages.get(f"{BASE}/timetable")
async def workspace(page: Page) -> Response:
    """Show the drafts and what is published, and begin a run."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}"
    listed, requests, frame = await asyncio.gather(
        page.matching.all(f"{path}/timetables"),
        page.matching.all(f"{path}/requests"),
        _frame(page, found["id"]),
    )
    listed.sort(key=lambda each: -int(each.get("number") or 0))
    states = [request["state"] for request in requests]
    return page.draw(
        "organizer/timetable.html",
        timetables=listed,
        accepted=sum(state in {"accepted", "placed", "unplaced"} for state in states),
        waiting=sum(state in {"sent", "countered"} for state in states),
        frame=frame,
    )


@pages.post(f"{BASE}/timetable/run")
async def begin(page: Page) -> Response:
    """Begin a run."""
    found = await page.organized()
    body: Json = {
        "seconds": await whole_number(page, "seconds"),
        "seed": await whole_number(page, "seed"),
        "locked": await page.fields("locked"),
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
    if page.is_part:
        response = page.draw("organizer/run_progress.html", run=run, ended=ended, url=url)
        if ended and url:
            response.headers["HX-Redirect"] = url
        return response
    if ended and url and run["state"] == "done":
        return page.go(url)
    return page.draw("organizer/run.html", run=run, ended=ended, url=url)


@pages.post(f"{BASE}/timetable/runs/{{run:uuid}}/stop")
async def stop(page: Page) -> Response:
    """Stop a run; the best timetable so far is kept as a draft."""
    found = await page.organized()
    ident = page.path("run")
    await page.matching.post(f"/timetable-runs/{ident}/cancel", key=await page.key())
    return page.go(f"/organize/{found['id']}/timetable/runs/{ident}")


@pages.get(f"{BASE}/timetables/{{timetable:uuid}}")
async def timetable(page: Page) -> Response:
    """Show one timetable: the grid, and each request without a place with its reason."""
    found = await page.organized()
    shown, requests = await asyncio.gather(
        page.matching.get(f"/timetables/{page.path('timetable')}"),
        page.matching.all(f"/docking-events/{found['id']}/requests"),
    )
    meetings = grid.with_parties(shown.get("meetings") or [], requests)
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
        sheets=grid.sheets(found, meetings, page.clocks),
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
    """Set how long a run may take, and the way between venues."""
    found = await page.organized()
    body: Json = {
        name: value
        for name in ("seconds", "seed", "buffer_minutes")
        if (value := await whole_number(page, name)) is not None
    }
    await page.matching.put(f"/docking-events/{found['id']}/frame", body, await page.version())
    return page.go(f"/organize/{found['id']}/timetable", N_("Saved."))


async def _frame(page: Page, ident: str) -> Json:
    """Return slots and planning; empty as long as there is no matchmaking session."""
    try:
        return await page.matching.get(f"/docking-events/{ident}/frame")
    except ApiProblem as problem:
        if problem.status in {404, 409}:
            return {}
        raise
