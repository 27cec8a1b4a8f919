"""Who takes part: the vetting queue, and who is ready."""

import asyncio
from collections import Counter

from starlette.responses import Response

from techdock_portal.client import Json
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names

pages = Pages()

BASE = "/organize/{docking_event:uuid}"
SHOWN = 50
QUEUE = ("applied", "vetted", "confirmed", "refused", "withdrawn")
DONE = {
    "vetted": N_("The application is vetted."),
    "confirmed": N_("The organization is confirmed, and told so."),
    "refused": N_("The application is refused."),
    "withdrawn": N_("The participation is withdrawn."),
}
LACKS = {
    "persons": (N_("No person named"), N_("Meetings: nobody can sit down")),
    "profiles": (N_("Nothing published"), N_("Matches: nobody finds them, and they find nobody")),
    "languages": (
        N_("Meeting languages not given"),
        N_("Interpreters: it is not known who needs one"),
    ),
    "answers": (N_("Requests not answered"), N_("Meetings: the other side waits; requests expire")),
}


@pages.get(BASE)
async def readiness(page: Page) -> Response:
    """Show what is missing, by what it blocks, and with whom."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}"
    lack = page.query("lack")
    only = lack if lack in LACKS else ""
    everybody = bool(page.query("all")) and not only
    ready, states = await asyncio.gather(
        page.matching.get(
            f"{path}/readiness",
            lack=only,
            everybody=everybody,
            cursor=page.query("cursor"),
            limit=SHOWN,
        ),
        _states(page, path),
    )
    standings = ready["items"]
    book = await join_names(
        page.registration, participations=[each["participation_id"] for each in standings]
    )
    missing = ready["missing"]
    return page.draw(
        "organizer/readiness.html",
        states=states,
        requests=Counter(ready["requests"]),
        profiles=ready["profiles"],
        standings=standings,
        next=ready.get("next"),
        ready=ready["ready"],
        total=ready["confirmed"],
        missing=[(lack, *LACKS[lack], missing[lack]) for lack in LACKS if missing[lack]],
        only=only,
        everybody=everybody,
        book=book,
    )


async def _states(page: Page, path: str) -> Counter[str]:
    """Ask how many participations are in each state."""
    found = await page.registration.get(f"{path}/participations/counts")
    return Counter({each["state"]: each["count"] for each in found["items"]})


@pages.get(f"{BASE}/vetting")
async def vetting(page: Page) -> Response:
    """Show the applications, those that wait first."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}"
    state = page.query("state", "applied")
    listed, counts = await asyncio.gather(
        page.registration.get(
            f"{path}/participations",
            state=state if state in QUEUE else None,
            q=page.query("q"),
            limit=SHOWN,
            cursor=page.query("cursor"),
        ),
        _states(page, path),
    )
    return page.draw(
        "organizer/vetting.html",
        items=listed["items"],
        next=listed.get("next"),
        state=state,
        queue=QUEUE,
        counts=counts,
        q=page.query("q"),
    )


@pages.post(f"{BASE}/vetting/{{participation:uuid}}")
async def decide(page: Page) -> Response:
    """Vet, confirm, refuse or withdraw."""
    found = await page.organized()
    to = await page.field("to")
    body: Json = {"to": to}
    if reason := await page.field("reason"):
        body["reason"] = reason
    path = f"/participations/{page.path('participation')}/state"
    version: str | int = await page.version()
    if to == "confirmed" and await page.field("from") == "applied":
        # One press for the organizer; the application still goes through both states.
        vetted = await page.registration.post(path, {"to": "vetted"}, version=version)
        version = vetted["version"]
    await page.registration.post(path, body, key=await page.key(), version=version)
    back = await page.field("back") or "applied"
    return page.go(f"/organize/{found['id']}/vetting?state={back}", DONE.get(to))
