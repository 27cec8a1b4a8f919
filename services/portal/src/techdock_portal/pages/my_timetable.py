"""A participant's days: the timetable, one meeting, contacts."""

import asyncio
from collections import defaultdict
from datetime import UTC, date

import segno
from markupsafe import Markup
from starlette.responses import Response

from techdock_portal import agenda, reasons
from techdock_portal.client import ApiProblem, Json, same
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.matches import profiles_by_id
from techdock_portal.pages.text_form import whole_number
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names
from techdock_portal.times import instant, zone_of

pages = Pages()

BASE = "/docking-events/{docking_event:uuid}"
ALIVE = ("booked", "moved", "held", "no_show")


@pages.get(f"{BASE}/my-timetable")
async def my_timetable(page: Page) -> Response:
    """Show my meetings by day, at my place's time first."""
    found, part = await page.taken_part_in()
    mine, me, booking = await asyncio.gather(
        _mine(page, found["id"]), my_part(page, found["id"]), _booking(page, found["id"])
    )
    person = me.get("person") or {}
    page.fixed_zone = page.zone or person.get("zone")
    meetings = [m for m in mine.get("meetings") or () if m["state"] in ALIVE]
    unplaced = mine.get("unplaced") or []
    book, profiles = await asyncio.gather(
        join_names(
            page.registration,
            participations=[
                *(p["participation_id"] for m in meetings for p in m["parties"]),
                *(_other(request, part) for request in unplaced),
            ],
            persons=[i["person_id"] for i in found.get("interpreters") or ()],
            docking_event_id=found["id"],
        ),
        profiles_by_id(page, [str(ident) for m in meetings for ident in m.get("profiles") or ()]),
    )
    ticket = me.get("ticket")
    return page.draw(
        "participant/timetable.html",
        version=max((m.get("timetable_version") or 0 for m in meetings), default=0),
        by_day=_by_day(meetings),
        unplaced=[
            (request["id"], book.participation(_other(request, part)), request["unplaced_reason"])
            for request in unplaced
        ],
        booking=booking,
        names=book,
        profiles=profiles,
        part=part,
        person=person,
        ticket=ticket,
        qr=_qr(f"{page.public_url}/t/{ticket}") if ticket else "",
        venue=lambda ident: agenda.venue_of(found, ident),
        city=lambda venue: agenda.city_of(venue, page.language.tag),
        table=lambda meeting: table_of(found, meeting),
        main=agenda.main_venue(found),
        no_place=lambda reason: reasons.no_place(page.language, reason),
        interpreter=lambda meeting: interpreter_of(found, meeting),
        calendar=page.query("calendar"),
    )


@pages.post(f"{BASE}/calendar")
async def calendar(page: Page) -> Response:
    """Make an address of my calendar that programs can read."""
    ident = page.path("docking_event")
    made = await page.matching.post("/calendars", {"docking_event_id": ident}, key=await page.key())
    url = public_address(page, made)
    return page.draw("participant/calendar.html", url=url, ident=made.get("id"), back=ident)


def public_address(page: Page, made: Json) -> str:
    """Return the address of a calendar as people and programs reach it from outside."""
    return f"{page.public_url}/api/matching/v1/calendars/{made['url'].rpartition('/')[2]}"


@pages.post(f"{BASE}/calendar/{{calendar:uuid}}/revoke")
async def revoke_calendar(page: Page) -> Response:
    """Switch an address of my calendar off."""
    await page.matching.delete(f"/calendars/{page.path('calendar')}")
    return page.go(
        f"/docking-events/{page.path('docking_event')}/my-timetable",
        N_("The address of your calendar does not work any more."),
    )


@pages.get(f"{BASE}/timetable")
async def named_in_mails(page: Page) -> Response:
    """Lead on from the address that mails name."""
    return page.go(f"/docking-events/{page.path('docking_event')}/my-timetable")


@pages.get("/meetings/{meeting:uuid}")
async def meeting(page: Page) -> Response:
    """Show one meeting: where, with whom, about what, and what came of it."""
    met = await page.matching.get(f"/meetings/{page.path('meeting')}")
    found = await page.about(met["docking_event_id"])
    part = page.who.part_in(found["id"])
    others = [
        p for p in met["parties"]
        if part is None or not same(p["participation_id"], part["participation_id"])
    ]  # fmt: skip
    book, profiles, projects = await asyncio.gather(
        join_names(
            page.registration,
            participations=[p["participation_id"] for p in met["parties"]],
            persons=[
                *(person for p in met["parties"] for person in p.get("persons") or ()),
                *(i["person_id"] for i in found.get("interpreters") or ()),
            ],
        ),
        profiles_by_id(page, [str(ident) for ident in met.get("profiles") or ()]),
        page.matching.get("/projects", docking_event_id=found["id"], limit=200),
    )
    venue = agenda.venue_of(found, met.get("venue_id"))
    return page.draw(
        "participant/meeting.html",
        meeting=met,
        others=others,
        part=part,
        names=book,
        profiles=profiles,
        venue=venue,
        city=agenda.city_of(venue, page.language.tag),
        table=table_of(found, met),
        interpreter=interpreter_of(found, met),
        project=next((p for p in projects["items"] if same(p.get("meeting_id"), met["id"])), None),
        organizes=page.who.organizes(found),
    )


@pages.get(f"{BASE}/contacts/{{participation:uuid}}")
async def contacts(page: Page) -> Response:
    """Show how to reach the other side, after both have accepted."""
    await page.taken_part_in()
    ident = page.path("participation")
    known: list[Json] = []
    closed = False
    try:
        answer = await page.registration.get(f"/participations/{ident}/contacts")
        known = answer.get("items") or []
    except ApiProblem as problem:
        if problem.status not in {403, 404}:
            raise
        closed = True
    book = await join_names(page.registration, participations=[ident])
    return page.draw(
        "participant/contacts.html", name=book.participation(ident), contacts=known, closed=closed
    )


async def my_part(page: Page, docking_event_id: str) -> Json:
    """Return my person and ticket in a docking event."""
    try:
        return await page.registration.get(f"/docking-events/{docking_event_id}/me")
    except ApiProblem as problem:
        if problem.status in {403, 404}:
            return {}
        raise


def table_of(docking_event: Json, meeting: Json) -> str:
    """Return the label of a meeting's table."""
    return next(
        (
            str(table["label"])
            for venue in docking_event.get("venues") or ()
            for table in venue.get("tables") or ()
            if same(table["id"], meeting.get("table_id"))
        ),
        "",
    )


def interpreter_of(docking_event: Json, meeting: Json) -> Json | None:
    """Return the interpreter of a meeting, if it has one."""
    ident = meeting.get("interpreter_id")
    if not ident:
        return None
    known: list[Json] = docking_event.get("interpreters") or []
    return next((i for i in known if same(i["person_id"], ident) or same(i["id"], ident)), {})


async def _mine(page: Page, ident: str) -> Json:
    try:
        return await page.matching.get(f"/docking-events/{ident}/my-timetable")
    except ApiProblem as problem:
        if problem.is_missing:
            return {"version": None, "meetings": [], "unplaced": []}
        raise


def _other(request: Json, part: Json) -> str:
    asking, asked = request.get("asking_participation_id"), request.get("asked_participation_id")
    return str(asked if same(asking, part["participation_id"]) else asking or "")


def _by_day(meetings: list[Json]) -> list[tuple[date, list[Json]]]:
    days: dict[date, list[Json]] = defaultdict(list)
    for each in sorted(meetings, key=lambda m: m["start"]):
        start = instant(each["start"])
        if start is not None:
            days[start.astimezone(zone_of(each.get("zone")) or UTC).date()].append(each)
    return sorted(days.items())


def _qr(address: str) -> Markup:
    """Draw a short address as a code that a camera reads."""
    drawn = segno.make(address, error="m", micro=False)
    svg = drawn.svg_inline(omitsize=True, dark="#17242b", light="#fff", border=3)
    return Markup(svg.replace("<svg ", '<svg role="presentation" aria-hidden="true" ', 1))  # noqa: S704 - drawn by segno from our own address


async def _booking(page: Page, docking_event_id: str) -> bool:
    """Say whether I may choose places for my requests myself."""
    try:
        answer = await page.matching.get(f"/docking-events/{docking_event_id}/booking")
    except ApiProblem as problem:
        if problem.is_missing:
            return False
        raise
    return bool(answer["open"])


@pages.get(f"{BASE}/requests/{{request:uuid}}/choose")
async def choose(page: Page) -> Response:
    """Show the free places for one of my accepted requests."""
    found, part = await page.taken_part_in()
    ident = page.path("request")
    request, listed = await asyncio.gather(
        page.matching.get(f"/requests/{ident}"), page.matching.get(f"/requests/{ident}/spots")
    )
    book = await join_names(page.registration, participations=[_other(request, part)])
    return page.draw(
        "participant/choose.html",
        request_id=ident,
        other=book.participation(_other(request, part)),
        spots=listed["items"],
        table=lambda spot: table_of(found, spot),
        venue=lambda spot: agenda.venue_of(found, str(spot["venue_id"])),
        city=lambda venue: agenda.city_of(venue, page.language.tag),
    )


@pages.post(f"{BASE}/requests/{{request:uuid}}/choose")
async def take(page: Page) -> Response:
    """Take a free place."""
    found, _ = await page.taken_part_in()
    body: Json = {
        "session_id": await page.field("session"),
        "first_slot": await whole_number(page, "slot"),
    }
    path = f"/requests/{page.path('request')}/meeting"
    await page.matching.post(path, body, key=await page.key())
    url = f"/docking-events/{found['id']}/my-timetable"
    return page.go(url, N_("It is in your timetable. The other side is told."))
