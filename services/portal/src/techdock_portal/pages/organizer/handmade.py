"""A timetable as a file: down for the spreadsheet, and up again when it was changed there."""

import asyncio

from starlette.datastructures import UploadFile
from starlette.responses import Response

from techdock_portal import agenda, grid
from techdock_portal.client import ApiProblem, Json
from techdock_portal.downloads import csv_file
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.my_timetable import table_of
from techdock_portal.pages.organizer.timetable import ACCEPTED, BASE, MOST
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names
from techdock_portal.times import instant, zone_of

pages = Pages()

COLUMNS = ("request", "start", "table", "venue", "interpreter", "city", "first", "second")


@pages.get(f"{BASE}/timetables/{{timetable:uuid}}.csv")
async def download(page: Page) -> Response:
    """Return a timetable as CSV, as it can be handed in again; requests without a place, too."""
    found = await page.organized()
    shown, requests, frame = await asyncio.gather(
        page.matching.get(f"/timetables/{page.path('timetable')}"),
        page.matching.all(f"/docking-events/{found['id']}/requests", state=ACCEPTED, most=MOST),
        page.matching.get(f"/docking-events/{found['id']}/frame"),
    )
    meetings = {str(m["request_id"]): m for m in grid.drawn(shown["meetings"], requests, frame)}
    sides = [
        (str(r["asking_participation_id"]), str(r["asked_participation_id"])) for r in requests
    ]
    book = await join_names(page.registration, participations={it for pair in sides for it in pair})
    rows = []
    for request, pair in zip(requests, sides, strict=True):
        meeting: Json = meetings.get(str(request["id"]), {})
        venue = agenda.venue_of(found, str(meeting.get("venue_id")))
        names = [str(book.participation(side)) for side in pair]
        rows.append(
            (
                request["id"],
                _start(meeting, venue),
                table_of(found, meeting),
                meeting.get("venue_id"),
                meeting.get("interpreter_id"),
                agenda.city_of(venue, page.language.tag) if meeting else "",
                *names,
            )
        )
    rows.sort(key=lambda row: (not row[1], row[1], str(row[2])))
    return csv_file(f"timetable-{shown['number']}.csv", COLUMNS, rows)


def _start(meeting: Json, venue: Json) -> str:
    start = instant(meeting.get("start"))
    zone = zone_of(venue.get("zone"))
    if start is None:
        return ""
    return start.astimezone(zone).isoformat(" ", "minutes")


@pages.post(f"{BASE}/timetable/hand-in")
async def hand_in(page: Page) -> Response:
    """Hand in a timetable that was made by hand; what is wrong is shown by row."""
    found = await page.organized()
    file = (await page.form()).get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        return _refused(page, "", {"detail": "", "errors": []})
    media = file.content_type or "application/octet-stream"
    path = f"/docking-events/{found['id']}/timetables"
    try:
        made = await page.matching.upload(path, {}, file.filename, await file.read(), media)
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        return _refused(page, file.filename, {"detail": problem.detail, "errors": problem.errors})
    url = f"/organize/{found['id']}/timetables/{made['id']}"
    return page.go(url, N_("It keeps all rules and is a draft now."))


def _refused(page: Page, name: str, report: Json) -> Response:
    return page.draw("organizer/handed_in.html", 422, name=name, report=report)
