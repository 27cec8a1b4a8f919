"""What everybody may see of docking events, and applying to take part."""

from starlette.responses import Response

from techdock_portal import agenda
from techdock_portal.client import ApiProblem, Json
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.corrections import corrections
from techdock_portal.routing import Pages
from techdock_portal.texts import NameBook, join_names, named

pages = Pages()

ROLES = ("host", "undertaker", "co_organizer", "supporter")


@pages.get("/docking-events", sign_in=False)
async def docking_events(page: Page) -> Response:
    """List the public docking events, the next first."""
    state = page.query("state")
    found = await page.registration.get(
        "/docking-events", state=state, limit=50, cursor=page.query("cursor")
    )
    items = sorted(found["items"], key=lambda each: each.get("starts_on") or "", reverse=True)
    return page.draw("public/docking_events.html", items=items, next=found.get("next"), state=state)


@pages.get("/docking-events/{docking_event:uuid}", sign_in=False)
async def docking_event(page: Page) -> Response:
    """Show one docking event: what, when, where by whose clock, by whom, and how to apply."""
    found = await page.about(page.path("docking_event"))
    sessions = found.get("sessions")
    if sessions is None:
        sessions = (await page.registration.get(f"/docking-events/{found['id']}/sessions"))["items"]
    book = await organizer_names(page, found)
    by_role = [
        (role, [book.organization(o["organization_id"]) for o in found.get("organizers") or ()
                if o.get("role") == role])
        for role in ROLES
    ]  # fmt: skip
    return page.draw(
        "public/docking_event.html",
        strip=False,
        agenda_days=agenda.days(found, sessions, page.clocks),
        organizers=[(role, names) for role, names in by_role if any(names)],
        hosts=book,
        main=agenda.main_venue(found),
        part=page.account.part_in(found["id"]) if page.account else None,
        organizes=page.account.organizes(found) if page.account else False,
        city=lambda venue: agenda.city_of(venue, page.language.tag),
    )


@pages.get("/docking-events/{docking_event:uuid}/apply")
async def apply(page: Page) -> Response:
    """Show the application."""
    found = await page.about(page.path("docking_event"))
    return await _application(page, found, {}, {})


@pages.post("/docking-events/{docking_event:uuid}/apply")
async def send_application(page: Page) -> Response:
    """Apply with an organization and its persons."""
    found = await page.about(page.path("docking_event"))
    form = await page.form()
    typed = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    try:
        organization = typed.get("organization_id") or await registered(page, typed)
        typed["organization_id"] = organization
        body = {
            "organization_id": organization,
            "persons": await _persons(page, typed),
            "contact": 0,
            "least_meetings": _count(typed.get("least_meetings")),
            "most_meetings": _count(typed.get("most_meetings")),
            "languages": await page.fields("languages"),
        }
        body = {name: value for name, value in body.items() if value not in (None, [])}
        path = f"/docking-events/{found['id']}/participations"
        await page.registration.post(path, body, key=await page.key())
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        return await _application(page, found, typed, corrections(page, problem), problem)
    return page.go(
        f"/docking-events/{found['id']}",
        N_("Your application has been sent. The organizers read it and write to you."),
    )


async def _application(
    page: Page,
    found: Json,
    typed: dict[str, str],
    errors: dict[str, str],
    problem: ApiProblem | None = None,
) -> Response:
    ids = page.who.organizations
    book = await join_names(page.registration, organizations=ids) if ids else NameBook()
    names = [(ident, str(book.organization(ident)) or ident) for ident in ids]
    return page.draw(
        "public/apply.html",
        problem.status if problem else 200,
        organizations=names,
        typed=typed,
        errors=errors,
        problem=problem,
        venues=[v for v in found.get("venues") or () if v.get("kind") != "online"],
        city=lambda venue: agenda.city_of(venue, page.language.tag),
    )


async def registered(page: Page, typed: dict[str, str]) -> str:
    """Register the organization that applies, when it is not known yet."""
    native, latin = typed.get("name_native", ""), typed.get("name_latin", "")
    body = {
        "kind": typed.get("organization_kind"),
        "names": {
            "native": native or latin,
            "latin": latin or native,
            "language": typed.get("name_language") or page.language.tag,
        },
        "country": (typed.get("country") or "").upper(),
        "website": typed.get("website") or None,
    }
    made = await page.registration.post("/organizations", {k: v for k, v in body.items() if v})
    return str(made["id"])


async def _persons(page: Page, typed: dict[str, str]) -> list[Json]:
    names = page.who.names
    native = typed.get("person_native") or names.native
    first: Json = {
        "email": page.who.content.get("email"),
        "names": {"native": native, "latin": typed.get("person_latin") or names.latin or native},
        "role": "head",
        "mode": "on_site" if typed.get("venue_id") else "remote",
        "venue_id": typed.get("venue_id") or None,
        "zone": page.zone,
        "languages": await page.fields("languages"),
    }
    return [{name: value for name, value in first.items() if value}]


async def organizer_names(page: Page, found: Json) -> NameBook:
    """Return the names of organizers and local hosts, as they come with the docking event."""
    book = NameBook()
    for organizer in found.get("organizers") or ():
        inside = organizer.get("organization") or organizer
        if inside.get("names"):
            book.organizations[str(organizer["organization_id"])] = named(inside["names"])
    wanted = {str(o["organization_id"]) for o in found.get("organizers") or ()}
    wanted |= {str(v["local_host_id"]) for v in found.get("venues") or () if v.get("local_host_id")}
    missing = wanted - set(book.organizations)
    if missing and page.account:
        joined = await join_names(page.registration, organizations=missing)
        book.organizations.update(joined.organizations)
    return book


def _count(value: str | None) -> int | None:
    return int(value) if value and value.isdigit() else None
