"""Interpreters: how much each has to do, and an address for the calendar of each."""

import asyncio

from starlette.responses import Response

from techdock_portal import agenda
from techdock_portal.page import Page
from techdock_portal.pages.my_timetable import public_address, table_of
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names

pages = Pages()

BASE = "/organize/{docking_event:uuid}/interpreters"


@pages.get(BASE)
async def workloads(page: Page) -> Response:
    """Show what each interpreter has to do."""
    found = await page.organized()
    listed = await page.matching.all(f"/docking-events/{found['id']}/interpreters")
    book = await join_names(
        page.registration,
        persons=[each["person_id"] for each in listed],
        docking_event_id=found["id"],
    )
    return page.draw(
        "organizer/interpreters.html",
        workloads=listed,
        names=book,
        main=agenda.main_venue(found),
    )


@pages.get(f"{BASE}/{{person:uuid}}")
async def timetable(page: Page) -> Response:
    """Show the meetings of one interpreter."""
    found = await page.organized()
    ident = page.path("person")
    listed = await page.matching.all(
        f"/docking-events/{found['id']}/interpreters/{ident}/timetable"
    )
    parties = {str(party["participation_id"]) for m in listed for party in m["parties"]}
    book = await join_names(
        page.registration,
        persons=[ident],
        participations=parties,
        docking_event_id=found["id"],
    )
    return page.draw(
        "organizer/interpreter.html",
        person_id=ident,
        name=book.person(ident),
        meetings=listed,
        names=book,
        table=lambda meeting: table_of(found, meeting),
        venue=lambda ident: agenda.venue_of(found, ident),
        city=lambda venue: agenda.city_of(venue, page.language.tag),
    )


@pages.post(f"{BASE}/{{person:uuid}}/calendar")
async def calendar(page: Page) -> Response:
    """Make an address for the calendar of an interpreter."""
    found, ident = await page.organized(), page.path("person")
    path = f"/docking-events/{found['id']}/interpreters/{ident}/calendar"
    made, book = await asyncio.gather(
        page.matching.post(path, key=await page.key()),
        join_names(page.registration, persons=[ident], docking_event_id=found["id"]),
    )
    return page.draw(
        "participant/calendar.html",
        url=public_address(page, made),
        back=found["id"],
        interprets=str(book.person(ident)) or ident,
    )
