"""A draft in hand: meetings moved (dragged, or chosen from a list), locked, tried, compared."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from techdock_portal import agenda, reasons
from techdock_portal.client import ApiProblem, Json, same
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.my_timetable import table_of
from techdock_portal.pages.organizer.timetable import BASE
from techdock_portal.pages.text_form import whole_number
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names
from techdock_portal.timetable_words import FIGURES, Sayings, concerned, figures

pages = Pages()

ONE = f"{BASE}/timetables/{{timetable:uuid}}"
MOST_COMPARED = 4


@dataclass(frozen=True, slots=True)
class Spot:
    """A stretch of slots as it is offered.

    Attributes:
        why: What stands in the way; empty: nothing does.
        here: Whether the meeting is there now.
    """

    content: Json
    table: str
    why: str
    here: bool


@pages.get(f"{ONE}/move/{{request:uuid}}")
async def move(page: Page) -> Response:
    """Show every slot for one request: free ones to choose, of others what is in the way."""
    found = await page.organized()
    ident, request_id = page.path("timetable"), page.path("request")
    shown, listed = await asyncio.gather(
        page.matching.get(f"/timetables/{ident}"),
        page.matching.get(f"/timetables/{ident}/spots/{request_id}"),
    )
    held = next((m for m in shown["meetings"] if same(m["request_id"], request_id)), None)
    tried = None if held else await _tried(page, ident, request_id)
    sayings = await _sayings(page, listed, (tried or {}).get("moving") or ())
    offered = [
        Spot(
            spot,
            table_of(found, spot),
            sayings.why(spot.get("obstacles") or ()),
            held is not None
            and same(held["session_id"], spot["session_id"])
            and held["first_slot"] == spot["first_slot"],
        )
        for spot in listed["items"]
    ]
    return page.draw(
        "organizer/move.html",
        timetable=shown,
        request_id=request_id,
        title=sayings.meeting(listed["parties"]),
        held=held,
        locked=any(same(each, request_id) for each in shown.get("locked") or ()),
        spots=offered,
        venue=lambda spot: agenda.venue_of(found, str(spot["venue_id"])),
        city=lambda venue: agenda.city_of(venue, page.language.tag),
        tried=tried,
        moving=sayings.meeting((tried or {}).get("moving") or ()),
        would_help=lambda change: reasons.would_help(page.language, change),
    )


async def _tried(page: Page, ident: str, request_id: str) -> Json | None:
    """Return what the change that would place a request does; None once it has a place."""
    try:
        return await page.matching.get(f"/timetables/{ident}/what-if/{request_id}")
    except ApiProblem as problem:
        if problem.is_conflict:
            return None
        raise


@pages.get(f"{ONE}/spots/{{request:uuid}}")
async def spots(page: Page) -> Response:
    """Answer the page on which a meeting is dragged: where it could go, and what is in the way."""
    await page.organized()
    path = f"/timetables/{page.path('timetable')}/spots/{page.path('request')}"
    listed = await page.matching.get(path)
    sayings = await _sayings(page, listed)
    free = page.language.text(N_("free"))
    return JSONResponse(
        {
            f"{spot['session_id']}/{spot['first_slot']}": {
                "free": spot["free"],
                "told": free if spot["free"] else sayings.why(spot.get("obstacles") or ()),
            }
            for spot in listed["items"]
        }
    )


@pages.post(f"{ONE}/put")
async def put(page: Page) -> Response:
    """Give a request another place in the draft."""
    request_id = await page.field("request")
    body: Json = {
        "session_id": await page.field("session"),
        "first_slot": await whole_number(page, "slot"),
    }
    if table := await page.field("table"):
        body["table_id"] = table
    path = f"/timetables/{page.path('timetable')}/places/{request_id}"
    await page.matching.put(path, body, await page.version())
    return page.go(_url(page), N_("It is moved in the draft."))


@pages.post(f"{ONE}/take-out")
async def take_out(page: Page) -> Response:
    """Take a request out of the draft."""
    path = f"/timetables/{page.path('timetable')}/places/{await page.field('request')}"
    await page.matching.delete(path, await page.version())
    return page.go(_url(page), N_("It has no place in the draft any more."))


@pages.post(f"{ONE}/lock")
async def lock(page: Page) -> Response:
    """Keep a request where it stands, or release it."""
    path = f"/timetables/{page.path('timetable')}/locks/{await page.field('request')}"
    if await page.field("release"):
        await page.matching.delete(path, await page.version())
        return page.go(_url(page), N_("Runs may move it again."))
    await page.matching.put(path, {}, await page.version())
    return page.go(_url(page), N_("Runs that begin in this draft leave it there."))


@pages.post(f"{ONE}/change")
async def change(page: Page) -> Response:
    """Do what would place a request, where the draft alone has to change."""
    path = f"/timetables/{page.path('timetable')}/changes/{await page.field('request')}"
    await page.matching.put(path, {}, await page.version())
    return page.go(_url(page), N_("It is placed in the draft."))


@pages.get(f"{BASE}/timetable/compare")
async def compare(page: Page) -> Response:
    """Show several timetables side by side, by what counts."""
    found = await page.organized()
    wanted = page.request.query_params.getlist("timetable")
    listed = await page.matching.all(f"/docking-events/{found['id']}/timetables")
    chosen = [each for each in listed if any(same(each["id"], ident) for ident in wanted)]
    chosen.sort(key=lambda each: int(each["number"]))
    told = [figures(each) for each in chosen[:MOST_COMPARED]]
    rows = [(page.language.text(FIGURES[name]), [one[name] for one in told]) for name in FIGURES]
    return page.draw(
        "organizer/compare.html",
        timetables=chosen[:MOST_COMPARED],
        rows=rows,
        proven=[bool((each.get("figures") or {}).get("proven")) for each in chosen],
    )


def _url(page: Page) -> str:
    return f"/organize/{page.path('docking_event')}/timetables/{page.path('timetable')}"


async def _sayings(page: Page, spots: Json, more: Sequence[str] = ()) -> Sayings:
    """Return the words for what stands in the way, with the names that they need."""
    book = await join_names(page.registration, participations=[*concerned(spots), *more])
    return Sayings(book, page.language)
