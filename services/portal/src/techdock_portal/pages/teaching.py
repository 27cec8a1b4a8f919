"""What a person does with a place of a list: save it, take it out, and all that back again."""

from starlette.responses import Response

from techdock_portal.client import Json
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.routing import Pages

pages = Pages()

BASE = "/docking-events/{docking_event:uuid}/profiles/{profile:uuid}"


@pages.post(f"{BASE}/save")
async def save(page: Page) -> Response:
    """Save a match."""
    body: Json = {"profile_id": await page.field("profile_id")}
    path = f"/profiles/{page.path('profile')}/saved-matches"
    await page.matching.post(path, body, key=await page.key())
    return await _back(page, N_("It is saved, and your list is ordered by it too."))


@pages.post(f"{BASE}/unsave")
async def unsave(page: Page) -> Response:
    """Save a match no longer."""
    other = await page.field("profile_id")
    await page.matching.delete(f"/profiles/{page.path('profile')}/saved-matches/{other}")
    return await _back(page, N_("It is not saved any more, and your list is as it was before."))


@pages.post(f"{BASE}/dismiss")
async def dismiss(page: Page) -> Response:
    """Take a match out of my list, with the reason."""
    body = {"profile_id": await page.field("profile_id"), "reason": await page.field("reason")}
    path = f"/profiles/{page.path('profile')}/dismissals"
    await page.matching.post(path, body, key=await page.key())
    return await _back(page, N_("It is not in your list any more."))


@pages.post(f"{BASE}/restore")
async def restore(page: Page) -> Response:
    """Let a match stand in my list again."""
    other = await page.field("profile_id")
    await page.matching.delete(f"/profiles/{page.path('profile')}/dismissals/{other}")
    return await _back(page, N_("It is in your list again, and what it taught is forgotten."))


async def _back(page: Page, said: str) -> Response:
    plain = "&plain=1" if await page.field("plain") else ""
    event, mine = page.path("docking_event"), page.path("profile")
    return page.go(f"/docking-events/{event}/matches?profile={mine}{plain}", said)
