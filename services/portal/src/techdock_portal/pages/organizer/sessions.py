"""The agenda: sessions of all kinds, with slots where people meet."""

from collections.abc import Sequence

from markupsafe import Markup
from starlette.responses import Response

from techdock_portal import agenda
from techdock_portal.client import ApiProblem, Json, same
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.corrections import corrections
from techdock_portal.pages.text_form import typed_text, whole_number
from techdock_portal.routing import Pages
from techdock_portal.texts import Named, join_names, named
from techdock_portal.times import to_utc

pages = Pages()

BASE = "/organize/{docking_event:uuid}/agenda"
MOST_GUESTS = 200
MOVED = {"held": N_("The session is held."), "cancelled": N_("The session is cancelled.")}


@pages.get(BASE)
async def sessions(page: Page) -> Response:
    """Show the agenda and the form of a session."""
    return await _agenda(page, await page.organized())


@pages.post(BASE)
async def plan(page: Page) -> Response:
    """Plan a session."""
    found = await page.organized()
    body = await _typed(page, found, None)
    try:
        path = f"/docking-events/{found['id']}/sessions"
        await page.registration.post(path, body, key=await page.key())
    except ApiProblem as problem:
        return await _wrong(page, found, body, problem)
    return page.go(f"/organize/{found['id']}/agenda", N_("The session is on the agenda."))


@pages.post(f"{BASE}/{{session:uuid}}")
async def change(page: Page) -> Response:
    """Change a session."""
    found = await page.organized()
    ident = page.path("session")
    body = await _typed(page, found, await page.registration.get(f"/sessions/{ident}"))
    try:
        await page.registration.patch(f"/sessions/{ident}", body, await page.version())
    except ApiProblem as problem:
        return await _wrong(page, found, {**body, "id": ident}, problem)
    return page.go(f"/organize/{found['id']}/agenda", N_("Saved."))


@pages.post(f"{BASE}/{{session:uuid}}/state")
async def move(page: Page) -> Response:
    """Say that a session was held, or cancel it."""
    to = await page.field("to")
    path = f"/sessions/{page.path('session')}/state"
    await page.registration.post(
        path, {"to": to}, key=await page.key(), version=await page.version()
    )
    return page.go(f"/organize/{page.path('docking_event')}/agenda", MOVED.get(to))


async def _agenda(
    page: Page, found: Json, typed: Json | None = None, problem: ApiProblem | None = None
) -> Response:
    planned = await page.registration.all(f"/docking-events/{found['id']}/sessions")
    editing = page.query("session")
    shown = next((s for s in planned if same(s["id"], editing)), None)
    if typed is not None:
        stored = next((s for s in planned if same(s["id"], typed.get("id"))), None)
        shown = {**(stored or {}), **typed}
    q = page.query("q")
    guests, more = await _guests(page, found, (shown or {}).get("invited") or (), q)
    return page.draw(
        "organizer/agenda.html",
        problem.status if problem else 200,
        agenda_days=agenda.days(found, planned, page.clocks),
        shown=shown or {},
        editing=bool((shown or {}).get("id")),
        q=q,
        guests=guests,
        more=more,
        zone=agenda.venue_of(found, (shown or {}).get("venue_id")).get("zone")
        or agenda.main_venue(found).get("zone") or "UTC",
        errors=corrections(page, problem) if problem else {},
        problem=problem,
        city=lambda venue: agenda.city_of(venue, page.language.tag),
    )  # fmt: skip


async def _guests(
    page: Page, found: Json, invited: Sequence[object], q: str
) -> tuple[list[tuple[str, Markup]], bool]:
    """Return whom the organizer may invite by id and name, and whether there are more.

    The invited come first and are always among them, so that saving the form loses nobody.
    """
    path = f"/docking-events/{found['id']}/participations"
    confirmed = await page.registration.all(path, most=MOST_GUESTS + 1, state="confirmed", q=q)
    names = {
        str(each["id"]): named(
            each["organization"]["names"], country=each["organization"]["country"]
        )
        for each in confirmed[:MOST_GUESTS]
    }
    already = [str(ident) for ident in invited]
    if missing := [ident for ident in already if ident not in names]:
        book = await join_names(page.registration, participations=missing)
        names |= {ident: book.participation(ident) or Named(ident) for ident in missing}
    order = sorted(names, key=lambda ident: (ident not in already, str(names[ident]).casefold()))
    country = page.language.country
    guests = [
        (ident, Markup("<span>{} · {}</span>").format(names[ident], country(names[ident].country)))
        for ident in order
    ]
    return guests, len(confirmed) > MOST_GUESTS


async def _wrong(page: Page, found: Json, typed: Json, problem: ApiProblem) -> Response:
    if not problem.is_for_the_form:
        raise problem
    return await _agenda(page, found, typed, problem)


async def _typed(page: Page, found: Json, before: Json | None) -> Json:
    kind = await page.field("kind")
    venue = agenda.venue_of(found, await page.field("venue_id"))
    zone = venue.get("zone") or "UTC"
    body: Json = {
        "kind": kind,
        "names": await typed_text(page, "names", (before or {}).get("names")),
        "venue_id": await page.field("venue_id"),
        "start": to_utc(await page.field("start"), zone),
        "end": to_utc(await page.field("end"), zone),
        "capacity": await whole_number(page, "capacity"),
        "visibility": "invited" if kind == "closed_roundtable" else await page.field("visibility"),
    }
    # Names that stay ticked under a session for everybody would tell who was thought of.
    guests = await page.fields("invited") if body["visibility"] == "invited" else []
    body["invited"] = list(dict.fromkeys(guests))
    if kind == "matchmaking":
        body["slot_minutes"] = await whole_number(page, "slot_minutes") or 30
        body["break_minutes"] = await whole_number(page, "break_minutes") or 0
    if before is not None:
        body.pop("kind")
    return {name: value for name, value in body.items() if value not in (None, "")}
