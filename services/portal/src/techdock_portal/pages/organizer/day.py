"""The day itself: check-in, the meetings now, who did not come, refilling."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from starlette.responses import Response

from techdock_portal import agenda, grid
from techdock_portal.client import ApiProblem, Json
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.my_timetable import table_of
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names
from techdock_portal.times import a_date, zone_of

pages = Pages()

BASE = "/organize/{docking_event:uuid}/day"
OPEN = ("booked", "moved")
LIVE = ("booked", "moved", "held", "no_show")
MOST_DAYS = 14
MARKED = {
    "held": N_("The meeting is held."),
    "no_show": N_("Noted as no-show. The freed places can be refilled."),
    "cancelled": N_("The meeting is cancelled; both sides are told."),
}


@pages.get(BASE)
async def day_view(page: Page) -> Response:
    """Show one day by slot, the open ones first, and the check-in."""
    return await _day(page, await page.organized())


@pages.post(f"{BASE}/check-in")
async def check_in(page: Page) -> Response:
    """Check a person in by the ticket or the address in the code."""
    found = await page.organized()
    ticket = (await page.field("ticket")).rstrip("/").rpartition("/")[2]
    body: Json = {"ticket": ticket.strip()}
    if session := await page.field("session_id"):
        body["session_id"] = session
    path = f"/docking-events/{found['id']}/attendance"
    try:
        checked = await page.registration.post(path, body, key=await page.key())
    except ApiProblem as problem:
        if problem.status not in {404, 409, 422}:
            raise
        return await _day(page, found, problem=problem, ticket=ticket)
    return await _day(page, found, checked=checked)


@pages.post(f"{BASE}/meetings/{{meeting:uuid}}")
async def mark(page: Page) -> Response:
    """Say that a meeting was held, that somebody did not come, or cancel it."""
    found = await page.organized()
    to = await page.field("to")
    body: Json = {"to": to}
    if absent := await page.fields("absent"):
        body["absent"] = absent
    path = f"/meetings/{page.path('meeting')}/state"
    await page.matching.post(path, body, key=await page.key(), version=await page.version())
    day = await page.field("day")
    return page.go(f"/organize/{found['id']}/day?day={day}", MARKED.get(to))


@pages.post(f"{BASE}/refill")
async def refill(page: Page) -> Response:
    """Fill freed places from the accepted requests that wait."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}/refill"
    placed = await page.matching.post(path, key=await page.key())
    said = N_("Freed places are refilled; those concerned are told.")
    nobody = N_("Nobody who waits fits into the freed places.")
    return page.go(f"/organize/{found['id']}/day", said if placed.get("items") else nobody)


@pages.get("/t/{ticket}", sign_in=False)
async def scanned(page: Page) -> Response:
    """Lead from a scanned code to the desk, or tell its owner what it is for."""
    ticket = page.path("ticket")
    desks = [r for r in page.account.roles if r.get("name") == "organizer"] if page.account else []
    running = await page.registration.all("/docking-events", most=200) if desks else []
    mine = [each for each in running if page.account and page.account.organizes(each)]
    mine.sort(key=lambda each: each.get("state") != "running")
    return page.draw("organizer/scanned.html", ticket=ticket, mine=mine[:10])


async def _day(
    page: Page,
    found: Json,
    *,
    checked: Json | None = None,
    problem: ApiProblem | None = None,
    ticket: str = "",
) -> Response:
    path = f"/docking-events/{found['id']}"
    zone = zone_of(agenda.main_venue(found).get("zone")) or UTC
    days = _days(found)
    today = datetime.now(zone).date()
    day = a_date(page.query("day") or None) or (today if today in days else days[0])
    meetings, counts, sessions = await asyncio.gather(
        page.matching.all(f"{path}/meetings", day=day),
        page.registration.get(f"{path}/attendance/counts"),
        page.registration.all(f"{path}/sessions"),
    )
    shown = sorted(
        (m for m in meetings if m["state"] in LIVE),
        key=lambda m: (m["state"] not in OPEN, m["start"], table_of(found, m)),
    )
    book = await join_names(
        page.registration,
        participations=[ident for m in shown for ident in grid.parties_of(m)],
        persons=[(checked or {}).get("person_id")],
        organizations=[(checked or {}).get("organization_id")],
    )
    return page.draw(
        "organizer/day.html",
        problem.status if problem else 200,
        open_meetings=[m for m in shown if m["state"] in OPEN],
        done_meetings=[m for m in shown if m["state"] not in OPEN],
        open_days=days,
        shown_day=day,
        states=Counter(m["state"] for m in shown),
        here=sum(each["persons"] for each in counts["items"] if not each["session_id"]),
        sessions=[s for s in sessions if s.get("state") != "cancelled"],
        names=book,
        table=lambda meeting: table_of(found, meeting),
        venue=lambda ident: agenda.venue_of(found, ident),
        city=lambda venue: agenda.city_of(venue, page.language.tag),
        checked=checked,
        checked_name=book.person((checked or {}).get("person_id")),
        problem=problem,
        ticket=ticket,
    )


def _days(found: Json) -> list[date]:
    """Return the days of a docking event; the first ones, if it goes on for months."""
    first, last = a_date(found["starts_on"]), a_date(found["ends_on"])
    if first is None or last is None:
        return [datetime.now(UTC).date()]
    count = min((last - first).days + 1, MOST_DAYS)
    return [first + timedelta(days=number) for number in range(max(count, 1))]
