"""Opening a docking event, changing what it says, moving it through its states."""

import asyncio

from starlette.responses import Response

from techdock_portal import agenda
from techdock_portal.client import ApiProblem, Json
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.corrections import corrections
from techdock_portal.pages.docking_events import organizer_names
from techdock_portal.pages.organizer.venues import typed_venue
from techdock_portal.pages.text_form import typed_text, whole_number
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names
from techdock_portal.times import to_utc

pages = Pages()

BASE = "/organize/{docking_event:uuid}"
NEXT = {
    "draft": ("announced",),
    "announced": ("open",),
    "open": ("running",),
    "running": ("held",),
    "held": ("closed",),
}
CANCELLABLE = ("draft", "announced", "open", "running")
MOVED = {
    "announced": N_("It is announced: everybody can see it."),
    "open": N_("It is open: organizations can apply."),
    "running": N_("It is running."),
    "held": N_("It is held; from now on it counts."),
    "closed": N_("It is closed."),
    "cancelled": N_("It is cancelled."),
}


@pages.get("/organize")
async def mine(page: Page) -> Response:
    """List the docking events that I organize."""
    if not page.who.has("organizer"):
        raise ApiProblem(403, "forbidden")
    found, tenants = await asyncio.gather(
        page.registration.all("/docking-events", most=1000), _tenants(page)
    )
    own = [each for each in found if page.who.organizes(each)]
    own.sort(key=lambda each: each.get("starts_on") or "", reverse=True)
    return page.draw("organizer/docking_events.html", items=own, tenants=tenants)


@pages.get("/organize/new")
async def new(page: Page) -> Response:
    """Show the form of a new docking event."""
    return await _form(page, None)


@pages.post("/organize/new")
async def open_docking_event(page: Page) -> Response:
    """Open a docking event with its main venue."""
    tenant = await page.field("tenant_id")
    body = await _typed(page, None)
    venue = await typed_venue(page, None)
    if venue is not None:
        body["venues"] = [venue]
    try:
        path = f"/tenants/{tenant}/docking-events"
        made = await page.registration.post(path, body, key=await page.key())
    except ApiProblem as problem:
        return await _wrong(page, body, problem)
    return page.go(f"/organize/{made['id']}/edit", N_("It is a draft. Nobody else sees it yet."))


@pages.get(f"{BASE}/edit")
async def edit(page: Page) -> Response:
    """Show what the docking event says, and where it can go from here."""
    return await _form(page, await page.organized())


@pages.post(f"{BASE}/edit")
async def change(page: Page) -> Response:
    """Change what the docking event says."""
    found = await page.organized()
    body = await _typed(page, found)
    body["organizers"] = await _organizers(page)
    try:
        path = f"/docking-events/{found['id']}"
        await page.registration.patch(path, body, await page.version())
    except ApiProblem as problem:
        page.docking_event = None
        return await _wrong(page, {**(await page.organized()), **body}, problem)
    return page.go(f"/organize/{found['id']}/edit", N_("Saved."))


@pages.post(f"{BASE}/state")
async def move(page: Page) -> Response:
    """Move the docking event to its next state, or cancel it."""
    found = await page.organized()
    to = await page.field("to")
    path = f"/docking-events/{found['id']}/state"
    try:
        await page.registration.post(
            path, {"to": to}, key=await page.key(), version=await page.version()
        )
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        return await _form(page, found, {}, problem)
    return page.go(f"/organize/{found['id']}/edit", MOVED.get(to))


async def _tenants(page: Page) -> list[Json]:
    """Return the tenants for which I may open docking events."""
    ids = {
        str(role["tenant_id"])
        for role in page.who.roles
        if role.get("name") == "organizer" and not role.get("docking_event_id")
    }
    return list(
        await asyncio.gather(*(page.registration.get(f"/tenants/{ident}") for ident in sorted(ids)))
    )


async def _form(
    page: Page,
    found: Json | None,
    errors: dict[str, str] | None = None,
    problem: ApiProblem | None = None,
    typed: Json | None = None,
) -> Response:
    shown: Json = typed or found or {}
    q = page.query("q")
    organizations: list[Json] = []
    if q:
        organizations = (await page.registration.get("/organizations", q=q, limit=20))["items"]
    book = await organizer_names(page, shown)
    if missing := [o["organization_id"] for o in shown.get("organizers") or ()
                   if not book.organization(o["organization_id"])]:  # fmt: skip
        joined = await join_names(page.registration, organizations=missing)
        book.organizations.update(joined.organizations)
    return page.draw(
        "organizer/docking_event_form.html",
        problem.status if problem else 200,
        shown=shown,
        stored=found,
        tenants=[] if found else await _tenants(page),
        zone=agenda.main_venue(shown).get("zone") or page.zone or "UTC",
        names=book,
        errors=errors or {},
        problem=problem,
        next=NEXT.get((found or {}).get("state", ""), ()),
        cancellable=(found or {}).get("state") in CANCELLABLE,
        q=q,
        organizations=organizations,
    )


async def _wrong(page: Page, typed: Json, problem: ApiProblem) -> Response:
    if not problem.is_for_the_form:
        raise problem
    fields = {"names": "names-en", "deadlines.apply_until": "apply_until",
              "deadlines.request_until": "request_until"}  # fmt: skip
    return await _form(page, page.docking_event, corrections(page, problem, fields), problem, typed)


async def _typed(page: Page, found: Json | None) -> Json:
    """Return the docking event from the form."""
    zone = await page.field("zone") or agenda.main_venue(found or {}).get("zone") or "UTC"
    deadlines: Json = {
        name: to_utc(value, zone) if (value := await page.field(name)) else None
        for name in ("apply_until", "request_until")
    }
    body: Json = {
        "code": await page.field("code"),
        "names": await typed_text(page, "names", (found or {}).get("names")),
        "summary": await typed_text(page, "summary", (found or {}).get("summary")),
        "starts_on": await page.field("starts_on"),
        "ends_on": await page.field("ends_on"),
        "edition": await whole_number(page, "edition"),
        "languages": await page.fields("languages"),
        "programmes": [p.strip() for p in (await page.field("programmes")).split(";") if p.strip()],
        "most_meetings": await whole_number(page, "most_meetings"),
        "deadlines": {name: at for name, at in deadlines.items() if at},
    }
    if found is None:
        return {name: value for name, value in body.items() if value not in (None, "")}
    body.pop("code")
    return body


async def _organizers(page: Page) -> list[Json]:
    """Return the organizers as ticked, with one more if one was chosen."""
    ids = await page.fields("organizer_id")
    roles = await page.fields("organizer_role")
    gone = set(await page.fields("organizer_gone"))
    kept: list[Json] = [
        {"organization_id": ident, "role": role}
        for ident, role in zip(ids, roles, strict=False)
        if ident not in gone
    ]
    if more := await page.field("new_organizer_id"):
        kept.append({"organization_id": more, "role": await page.field("new_organizer_role")})
    return kept
