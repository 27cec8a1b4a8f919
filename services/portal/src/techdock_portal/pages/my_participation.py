"""How I take part: where, in which languages, at which hours, in how many meetings."""

from starlette.responses import Response

from techdock_portal import agenda
from techdock_portal.client import ApiProblem, Json, same
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.corrections import corrections
from techdock_portal.pages.text_form import whole_number
from techdock_portal.profile_form import SPOKEN
from techdock_portal.routing import Pages
from techdock_portal.times import to_utc, zone_of

pages = Pages()

BASE = "/docking-events/{docking_event:uuid}/participation"
SPANS = 4
KEPT = ("person_id", "role", "mode", "venue_id", "zone", "languages", "hours", "night")


@pages.get(BASE)
async def my_participation(page: Page) -> Response:
    """Show how I take part."""
    found, _ = await page.taken_part_in()
    return await _show(page, found)


@pages.post(BASE)
async def change(page: Page) -> Response:
    """Change how I take part."""
    found, _ = await page.taken_part_in()
    mine = await page.registration.get(f"/docking-events/{found['id']}/me")
    participation = mine["participation"]
    typed = await _typed(page, found, mine["person"])
    persons = [
        typed if same(p["person_id"], mine["person"]["person_id"]) else _kept(p)
        for p in participation["persons"]
    ]
    body: Json = {
        "persons": persons,
        "least_meetings": await whole_number(page, "least_meetings") or 0,
        "most_meetings": await whole_number(page, "most_meetings"),
    }
    try:
        path = f"/participations/{participation['id']}"
        await page.registration.patch(path, body, await page.version())
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        return await _show(page, found, {**body, **typed}, problem)
    return page.go(f"/docking-events/{found['id']}/participation", N_("Saved."))


async def _show(
    page: Page, found: Json, typed: Json | None = None, problem: ApiProblem | None = None
) -> Response:
    mine = await page.registration.get(f"/docking-events/{found['id']}/me")
    shown = {**mine["participation"], **mine["person"], **(typed or {})}
    return page.draw(
        "participant/participation.html",
        problem.status if problem else 200,
        shown=shown,
        version=mine["participation"]["version"],
        hours=[*(shown.get("hours") or ()), *[{}] * SPANS][:SPANS],
        zone=_zone(found, shown),
        venues=[v for v in found.get("venues") or () if v.get("kind") != "online"],
        city=lambda venue: agenda.city_of(venue, page.language.tag),
        spoken=[(tag, page.language.language(tag)) for tag in SPOKEN[:6]],
        errors=corrections(page, problem) if problem else {},
        problem=problem,
    )


async def _typed(page: Page, found: Json, person: Json) -> Json:
    venue_id = await page.field("venue_id") or None
    venue = agenda.venue_of(found, venue_id)
    zone = venue.get("zone") or await page.field("zone") or person.get("zone") or "UTC"
    hours = []
    for index in range(SPANS):
        start = to_utc(await page.field(f"from-{index}"), zone)
        end = to_utc(await page.field(f"until-{index}"), zone)
        if start and end:
            hours.append({"start": start, "end": end})
    return {
        **_kept(person),
        "mode": "on_site" if venue_id else "remote",
        "venue_id": venue_id,
        "zone": zone if zone_of(zone) else "UTC",
        "languages": await page.fields("languages"),
        "hours": hours,
        "night": await page.field("night") == "yes",
    }


def _kept(person: Json) -> Json:
    """Return a person as the interface takes one back."""
    return {name: person[name] for name in KEPT if person.get(name) is not None}


def _zone(found: Json, person: Json) -> str:
    return str(
        agenda.venue_of(found, person.get("venue_id")).get("zone") or person.get("zone") or "UTC"
    )
