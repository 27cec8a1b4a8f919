"""Entering an organization with its first person by hand; the person gets an invitation."""

from uuid import UUID

from starlette.responses import Response

from techdock_portal import agenda
from techdock_portal.client import ApiProblem, Json
from techdock_portal.i18n import LANGUAGES, N_
from techdock_portal.page import Page
from techdock_portal.pages.corrections import corrections
from techdock_portal.pages.docking_events import registered
from techdock_portal.profile_form import SPOKEN
from techdock_portal.routing import Pages

pages = Pages()

BASE = "/organize/{docking_event:uuid}/invite"


@pages.get(BASE)
async def invite(page: Page) -> Response:
    """Show the form."""
    return await _form(page, await page.organized(), {})


@pages.post(BASE)
async def enter(page: Page) -> Response:
    """Enter a participation, and confirm it if that was ticked."""
    found = await page.organized()
    typed = {k: str(v) for k, v in (await page.form()).items() if isinstance(v, str)}
    try:
        organization = typed.get("organization_id") or await registered(page, typed)
        typed["organization_id"] = organization
        path = f"/docking-events/{found['id']}/participations"
        body = await _participation(page, found, typed)
        made = await page.registration.post(path, body, key=await page.key())
        if typed.get("confirm") == "yes":
            await _confirm(page, made)
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        return await _form(page, found, typed, problem)
    state = "confirmed" if typed.get("confirm") else "applied"
    return page.go(
        f"/organize/{found['id']}/vetting?state={state}",
        N_("Entered. An invitation is on its way as soon as it is confirmed."),
    )


async def _participation(page: Page, found: Json, typed: dict[str, str]) -> Json:
    languages = await page.fields("languages")
    venue = agenda.venue_of(found, typed.get("venue_id"))
    person: Json = {
        "email": typed.get("email"),
        "names": {
            "native": typed.get("person_native"),
            "latin": typed.get("person_latin") or typed.get("person_native"),
        },
        "role": "head",
        "mode": "on_site" if venue else "remote",
        "venue_id": venue.get("id"),
        "zone": venue.get("zone") or typed.get("zone") or agenda.main_venue(found).get("zone"),
        "language": typed.get("language"),
        "languages": languages,
    }
    return {
        "organization_id": typed["organization_id"],
        "persons": [{name: value for name, value in person.items() if value}],
        "contact": 0,
        "languages": languages,
    }


async def _confirm(page: Page, participation: Json) -> None:
    path, version = f"/participations/{participation['id']}/state", participation["version"]
    for to in ("vetted", "confirmed"):
        answer = await page.registration.post(path, {"to": to}, version=version)
        version = answer["version"]


def _id(typed: str) -> UUID | None:
    """Read the organization that a link suggests; what is no id suggests none."""
    try:
        return UUID(typed)
    except ValueError:
        return None


async def _form(
    page: Page, found: Json, typed: dict[str, str], problem: ApiProblem | None = None
) -> Response:
    q = page.query("q")
    known: list[Json] = []
    if chosen := _id(page.query("organization")):
        known = [await page.registration.get(f"/organizations/{chosen}")]
    elif q:
        known = (await page.registration.get("/organizations", q=q, limit=20))["items"]
    return page.draw(
        "organizer/invite.html",
        problem.status if problem else 200,
        typed=typed,
        errors=corrections(page, problem) if problem else {},
        problem=problem,
        q=q,
        known=known,
        tags=LANGUAGES,
        spoken=[(tag, page.language.language(tag)) for tag in SPOKEN[:6]],
        venues=[v for v in found.get("venues") or () if v.get("kind") != "online"],
        city=lambda venue: agenda.city_of(venue, page.language.tag),
    )
