"""On the day: who or what is away, and mending the timetable with the least change."""

import asyncio
from datetime import UTC, datetime, time

from starlette.responses import Response

from techdock_portal import agenda, grid
from techdock_portal.client import ApiProblem, Json
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.my_timetable import table_of
from techdock_portal.pages.organizer.timetable import ACCEPTED, MOST
from techdock_portal.routing import Pages
from techdock_portal.texts import NameBook, join_names
from techdock_portal.times import zone_of

pages = Pages()

BASE = "/organize/{docking_event:uuid}/day"
OPEN = ("booked", "moved")
KINDS = {"person": N_("Person"), "table": N_("Table"), "interpreter": N_("Interpreter")}


@pages.get(f"{BASE}/away")
async def away(page: Page) -> Response:
    """Show what is away, and what mending the timetable would change."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}"
    listed, meetings, plan = await asyncio.gather(
        page.matching.all(f"{path}/outages"),
        page.matching.all(f"{path}/meetings", state=OPEN, most=MOST),
        _plan(page, path),
    )
    persons = {str(who) for m in meetings for party in m["parties"] for who in party["persons"]}
    noted = {str(each["thing_id"]) for each in listed if each["kind"] != "table"}
    interpreters = [str(each["person_id"]) for each in found.get("interpreters") or ()]
    moves, requests = await _moves(page, found, plan)
    book = await join_names(
        page.registration,
        persons=[*persons, *noted, *interpreters],
        docking_event_id=found["id"],
        participations={str(r[f"{s}_participation_id"]) for r in requests.values()
                        for s in ("asking", "asked")},
    )  # fmt: skip
    return page.draw(
        "organizer/away.html",
        noted=[(each, _name(page, found, book, each)) for each in listed],
        things=_things(page, found, book, persons, interpreters),
        plan=plan,
        moves=[(_sides(book, requests, before or after), before, after, move)
               for move, before, after in moves],
        venue=lambda ident: agenda.venue_of(found, ident),
        city=lambda venue: agenda.city_of(venue, page.language.tag),
        main=agenda.main_venue(found),
        kinds={kind: page.language.text(word) for kind, word in KINDS.items()},
    )  # fmt: skip


async def _plan(page: Page, path: str) -> Json | None:
    """Return what mending would change; None as long as nothing is published."""
    try:
        return await page.matching.get(f"{path}/repair")
    except ApiProblem as problem:
        if problem.code == "nothing_published":
            return None
        raise


async def _moves(
    page: Page, found: Json, plan: Json | None
) -> tuple[list[tuple[Json, Json | None, Json | None]], dict[str, Json]]:
    """Return the moves of a plan with times, and their requests by id."""
    if not plan or not plan["moves"]:
        return [], {}
    path = f"/docking-events/{found['id']}"
    requests, frame = await asyncio.gather(
        page.matching.all(f"{path}/requests", state=ACCEPTED, most=MOST),
        page.matching.get(f"{path}/frame"),
    )

    def drawn(placement: Json | None) -> Json | None:
        return grid.drawn([placement], requests, frame)[0] if placement else None

    moves = [(move, drawn(move["before"]), drawn(move["after"])) for move in plan["moves"]]
    wanted = {str(move["request_id"]) for move in plan["moves"]}
    return moves, {str(r["id"]): r for r in requests if str(r["id"]) in wanted}


def _sides(book: NameBook, requests: dict[str, Json], placement: Json | None) -> list[object]:
    request = requests.get(str((placement or {}).get("request_id")), {})
    sides = (request.get(f"{side}_participation_id") for side in ("asking", "asked"))
    return [book.participation(side) for side in sides if side]


def _name(page: Page, found: Json, book: NameBook, outage: Json) -> object:
    if outage["kind"] != "table":
        return book.person(outage["thing_id"])
    label = table_of(found, {"table_id": outage["thing_id"]})
    return label or page.language.text(N_("Table"))


def _things(
    page: Page, found: Json, book: NameBook, persons: set[str], interpreters: list[str]
) -> list[tuple[str, str]]:
    """Return everything that may be away: people by name, tables by place."""
    named = sorted((str(book.person(each)), f"person:{each}") for each in persons)
    helpers = [(str(book.person(each)), f"interpreter:{each}") for each in interpreters]
    tables = [
        (f"{agenda.city_of(venue, page.language.tag)}, {each['label']}", f"table:{each['id']}")
        for venue in found.get("venues") or ()
        for each in venue["tables"]
    ]
    words = {kind: page.language.text(word) for kind, word in KINDS.items()}
    return [
        (value, f"{words[value.partition(':')[0]]}: {label}")
        for label, value in (*named, *helpers, *tables)
        if label
    ]


@pages.post(f"{BASE}/away")
async def note(page: Page) -> Response:
    """Note that something is away, for the rest or until a time today."""
    found = await page.organized()
    kind, _, thing = (await page.field("thing")).partition(":")
    body: Json = {"kind": kind, "thing_id": thing}
    if until := await page.field("until"):
        zone = zone_of(agenda.main_venue(found).get("zone")) or UTC
        day = datetime.now(zone).date()
        body["end"] = datetime.combine(day, time.fromisoformat(until), zone).isoformat()
    path = f"/docking-events/{found['id']}/outages"
    await page.matching.post(path, body, key=await page.key())
    return page.go(_url(page), N_("Noted. Look at what mending would change, then mend."))


@pages.post(f"{BASE}/away/{{outage:uuid}}")
async def there_again(page: Page) -> Response:
    """Say that it is there again."""
    found = await page.organized()
    await page.matching.delete(f"/docking-events/{found['id']}/outages/{page.path('outage')}")
    return page.go(_url(page), N_("It counts as there again."))


@pages.post(f"{BASE}/mend")
async def mend(page: Page) -> Response:
    """Mend the published timetable."""
    found = await page.organized()
    body: Json = {"agreed": bool(await page.field("agreed"))}
    path = f"/docking-events/{found['id']}/repair"
    await page.matching.post(path, body, key=await page.key())
    return page.go(_url(page), N_("The timetable is mended; exactly those concerned are told."))


def _url(page: Page) -> str:
    return f"/organize/{page.path('docking_event')}/day/away"
