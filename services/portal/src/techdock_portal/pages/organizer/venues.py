"""Venues with their tables, and interpreters."""

import re
from uuid import uuid4

from starlette.responses import Response

from techdock_portal import agenda
from techdock_portal.client import ApiProblem, Json, same
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.corrections import corrections
from techdock_portal.pages.docking_events import organizer_names
from techdock_portal.pages.text_form import typed_text, whole_number
from techdock_portal.profile_form import split
from techdock_portal.reasons import apart
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names, named
from techdock_portal.times import to_utc

pages = Pages()

BASE = "/organize/{docking_event:uuid}"
MOST_TABLES = 200
MOST_HOSTS = 20
RANGE = re.compile(r"^(\D*)(\d+)\s*[-\u2013\u2014]\s*(?:\D*)(\d+)$")


@pages.get(f"{BASE}/venues")
async def venues(page: Page) -> Response:
    """Show venues, tables and interpreters."""
    return await _venues(page, await page.organized())


@pages.post(f"{BASE}/venues")
async def put_venue(page: Page) -> Response:
    """Add a venue, or change one."""
    found = await page.organized()
    ident = await page.field("venue_id") or str(uuid4())
    before = agenda.venue_of(found, ident)
    venue = await typed_venue(page, before or None, ident)
    try:
        path = f"/docking-events/{found['id']}/venues/{ident}"
        await page.registration.put(path, venue or {}, await page.version())
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        page.docking_event = None
        return await _venues(page, await page.organized(), venue, problem)
    return page.go(f"/organize/{found['id']}/venues", N_("Saved."))


@pages.post(f"{BASE}/venues/{{venue:uuid}}/remove")
async def remove_venue(page: Page) -> Response:
    """Take a venue away."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}/venues/{page.path('venue')}"
    await page.registration.delete(path, await page.version())
    return page.go(f"/organize/{found['id']}/venues", N_("The venue is gone."))


@pages.post(f"{BASE}/interpreters")
async def put_interpreter(page: Page) -> Response:
    """Add an interpreter."""
    found = await page.organized()
    name = await page.field("interpreter_name")
    zone = agenda.main_venue(found).get("zone") or "UTC"
    body: Json = {
        "names": {"native": name, "latin": await page.field("interpreter_latin") or name},
        "languages": await page.fields("interpreter_languages"),
        "venue_id": await page.field("interpreter_venue") or None,
        "hours": [],
    }
    if email := await page.field("interpreter_email"):
        body["email"] = email
    start = to_utc(await page.field("from"), zone)
    end = to_utc(await page.field("until"), zone)
    if start and end:
        body["hours"] = [{"start": start, "end": end}]
    path = f"/docking-events/{found['id']}/interpreters/{uuid4()}"
    await page.registration.put(path, body, await page.version())
    return page.go(f"/organize/{found['id']}/venues#interpreters", N_("Saved."))


@pages.post(f"{BASE}/interpreters/{{interpreter:uuid}}/remove")
async def remove_interpreter(page: Page) -> Response:
    """Take an interpreter away."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}/interpreters/{page.path('interpreter')}"
    await page.registration.delete(path, await page.version())
    return page.go(f"/organize/{found['id']}/venues#interpreters", N_("The interpreter is gone."))


async def _venues(
    page: Page, found: Json, typed: Json | None = None, problem: ApiProblem | None = None
) -> Response:
    editing = page.query("venue")
    shown = typed or next((v for v in found.get("venues") or () if same(v["id"], editing)), None)
    q, names = page.query("q"), await organizer_names(page, found)
    found_too: list[Json] = []
    if q:
        answer = await page.registration.get("/organizations", q=q, limit=MOST_HOSTS)
        found_too = answer["items"]
    host = (shown or {}).get("local_host_id")
    if host and not names.organization(host):
        # Chosen just now, and not saved because something else is wrong.
        joined = await join_names(page.registration, organizations=[host])
        names.organizations.update(joined.organizations)
    return page.draw(
        "organizer/venues.html",
        problem.status if problem else 200,
        shown=shown or {},
        editing=bool(shown),
        tables="; ".join(table["label"] for table in (shown or {}).get("tables") or ()),
        equipment=_equipment(shown),
        names=names,
        q=q,
        nothing=bool(q and not found_too),
        hosts=[(host, str(names.organization(host)) or host)] * bool(host)
        + [
            (o["id"], f"{apart(named(o['names']))} · {page.language.country(o['country'])}")
            for o in found_too
            if not same(o["id"], host)
        ],
        people=await join_names(
            page.registration,
            persons=[i["person_id"] for i in found.get("interpreters") or ()],
            docking_event_id=found["id"],
        ),
        errors=corrections(page, problem) if problem else {},
        problem=problem,
        city=lambda venue: agenda.city_of(venue, page.language.tag),
        main=agenda.main_venue(found),
    )


async def typed_venue(page: Page, before: Json | None, ident: str | None = None) -> Json | None:
    """Return a venue from the form; None when no zone was typed."""
    zone = await page.field("zone")
    if not zone:
        return None
    kind = await page.field("venue_kind") or "main"
    city = await typed_text(page, "city", (before or {}).get("city"))
    names = await typed_text(page, "venue_names", (before or {}).get("names")) or city
    equipment = await page.fields("equipment")
    known = {table["label"]: table for table in (before or {}).get("tables") or ()}
    tables: list[Json] = []
    for label in labels_of(await page.field("tables")):
        old = known.get(label)
        tables.append(
            {
                "id": old["id"] if old else str(uuid4()),
                "label": label,
                "equipment": equipment,
                **({"owner_id": old["owner_id"]} if old and old.get("owner_id") else {}),
            }
        )
    venue: Json = {
        "id": ident or str(uuid4()),
        "kind": kind,
        "names": names,
        "city": None if kind == "online" else city,
        "country": (await page.field("country")).upper() or None,
        "zone": zone,
        "capacity": await whole_number(page, "capacity"),
        "link": await page.field("link") or None,
        "local_host_id": await _local_host(page, before),
        "tables": tables,
    }
    return {name: value for name, value in venue.items() if value is not None}


async def _local_host(page: Page, before: Json | None) -> str | None:
    """Return the chosen local host; where there was no choice, it stays who it is."""
    if "local_host_id" in await page.form():
        return await page.field("local_host_id") or None
    host: str | None = (before or {}).get("local_host_id")
    return host


def labels_of(written: str) -> list[str]:
    """Return the labels of tables: `L1-L6; B1` means seven."""
    labels: list[str] = []
    for part in split(written):
        if hit := RANGE.match(part):
            first, last = int(hit[2]), int(hit[3])
            width = len(hit[2]) if hit[2].startswith("0") else 0
            labels += [
                f"{hit[1]}{n:0{width}}" for n in range(first, min(last, first + MOST_TABLES) + 1)
            ]
        elif part:
            labels.append(part)
    return list(dict.fromkeys(labels))[:MOST_TABLES]


def _equipment(venue: Json | None) -> list[str]:
    return sorted(
        {
            each
            for table in (venue or {}).get("tables") or ()
            for each in table.get("equipment") or ()
        }
    )
