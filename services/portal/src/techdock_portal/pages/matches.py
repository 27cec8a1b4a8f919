"""Whom one fits, and why; asking for a meeting."""

import asyncio

from starlette.responses import Response

from techdock_portal import cards, quotes, reasons, taught
from techdock_portal.client import ApiProblem, Json, same
from techdock_portal.codes import codes
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names

pages = Pages()

MOST = 20
AT_ONCE = 8
BASE = "/docking-events/{docking_event:uuid}"


@pages.get(f"{BASE}/matches")
async def my_matches(page: Page) -> Response:
    """Show the list of one of my profiles."""
    found, part = await page.taken_part_in()
    mine = await own_profiles(page, found["id"], part)
    published = [p for p in mine if p["state"] == "published"]
    chosen = next((p for p in published if same(p["id"], page.query("profile"))), None)
    chosen = chosen or (published[0] if published else None)
    if chosen is None:
        return page.draw("participant/no_matches.html", drafts=mine, part=part)
    path = f"/profiles/{chosen['id']}"
    plain = bool(page.query("plain"))
    # The page comes at once; it asks again for the reasons that are not written yet.
    listed, saved, dismissed = await asyncio.gather(
        page.matching.get(
            f"{path}/matches",
            docking_event_id=found["id"],
            limit=MOST,
            wait=page.is_part,
            taught=not plain,
        ),
        page.matching.all(f"{path}/saved-matches"),
        page.matching.all(f"{path}/dismissals"),
    )
    items, kept = listed["items"], [*saved, *dismissed]
    book, fields = await asyncio.gather(
        join_names(
            page.registration,
            organizations=[each.get("organization_id") for each in (*items, *kept)],
            persons=[each["person_id"] for each in kept],
        ),
        codes(page, "technology_field"),
    )
    out = {str(each["profile_id"]) for each in dismissed}
    return page.draw(
        "participant/matches.html",
        published=published,
        chosen=chosen,
        matches=items,
        listed=listed,
        complete=listed.get("complete", True),
        saved=[each for each in saved if str(each["profile_id"]) not in out],
        dismissed=dismissed,
        plain=plain,
        live=f"/api/matching/v1{path}/matches/live?docking_event_id={found['id']}",
        names=book,
        part=part,
        fits=lambda match: reasons.fits(page.language, match, chosen["kind"]),
        lessons=lambda match: taught.lessons(page.language, match, dict(fields)),
        joins=lambda match: cards.joins(page.language, match),
        terms=cards.terms,
        sentences=lambda quote: cards.sentences(page.language, quote),
        marked=quotes.marked,
    )


@pages.get(f"{BASE}/ask")
async def ask(page: Page) -> Response:
    """Show what is asked before it is sent."""
    _, part = await page.taken_part_in()
    return await _ask(page, part, {})


@pages.post(f"{BASE}/ask")
async def send(page: Page) -> Response:
    """Ask the other side for a meeting."""
    found, part = await page.taken_part_in()
    message = await page.field("message")
    body: Json = {
        "asked_participation_id": await page.field("with"),
        "asking_participation_id": part["participation_id"],
        "asking_profile_id": await page.field("mine") or None,
        "asked_profile_id": await page.field("theirs") or None,
        "slots": int(await page.field("slots") or 1),
    }
    if message:
        body["message"] = {"language": await page.field("language"), "text": message}
    body = {name: value for name, value in body.items() if value is not None}
    try:
        path = f"/docking-events/{found['id']}/requests"
        await page.matching.post(path, body, key=await page.key())
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        typed = {name: str(value) for name, value in (await page.form()).items()}
        return await _ask(page, part, typed, problem)
    return page.go(
        f"/docking-events/{found['id']}/requests",
        N_("You have asked for a meeting. Until they answer, no time of yours is taken."),
    )


async def _ask(
    page: Page, part: Json, typed: dict[str, str], problem: ApiProblem | None = None
) -> Response:
    async def one(name: str) -> Json | None:
        ident = typed.get(name) or page.query(name)
        return await profile_or_none(page, ident) if ident else None

    other = typed.get("with") or page.query("with")
    mine, theirs, book = await asyncio.gather(
        one("mine"), one("theirs"), join_names(page.registration, participations=[other])
    )
    return page.draw(
        "participant/ask.html",
        problem.status if problem else 200,
        other=other,
        mine=mine,
        theirs=theirs,
        names=book,
        part=part,
        typed=typed,
        problem=problem,
    )


async def own_profiles(page: Page, docking_event_id: str, part: Json) -> list[Json]:
    """Return the needs and offers of my organization in a docking event."""
    return await page.registration.all(
        "/profiles",
        docking_event_id=docking_event_id,
        organization_id=part["organization_id"],
        most=200,
    )


async def profiles_by_id(page: Page, ids: list[str]) -> dict[str, Json]:
    """Return profiles by id, those that the reader may read; a few at a time."""
    found: dict[str, Json] = {}
    gate = asyncio.Semaphore(AT_ONCE)

    async def fetch(ident: str) -> None:
        async with gate:
            profile = await profile_or_none(page, ident)
        if profile is not None:
            found[ident] = profile

    await asyncio.gather(*(fetch(str(ident)) for ident in dict.fromkeys(ids)))
    return found


async def profile_or_none(page: Page, ident: str) -> Json | None:
    """Return a profile, or None when it is gone or not open to the reader."""
    try:
        return await page.registration.get(f"/profiles/{ident}")
    except ApiProblem as problem:
        if problem.status in {403, 404}:
            return None
        raise
