"""Coming in and going out."""

import asyncio

from starlette.responses import Response

from techdock_portal.client import ApiProblem
from techdock_portal.i18n import N_
from techdock_portal.page import Account, Page
from techdock_portal.routing import Pages

pages = Pages()


@pages.get("/", sign_in=False)
async def start(page: Page) -> Response:
    """Lead each reader to what they look at first."""
    return page.go(home(page.account))


@pages.get("/my")
async def mine(page: Page) -> Response:
    """Lead to my docking event, or list them when there are several."""
    parts = page.who.participations
    if len(parts) == 1:
        return page.go(f"/docking-events/{parts[0]['docking_event_id']}/matches")
    ids = [part["docking_event_id"] for part in parts]
    found = await asyncio.gather(
        *(page.registration.get(f"/docking-events/{ident}") for ident in ids)
    )
    found.sort(key=lambda each: each["starts_on"], reverse=True)
    return page.draw("participant/docking_events.html", items=found)


@pages.get("/about", sign_in=False)
async def about(page: Page) -> Response:
    """Say how the pages treat people and their data."""
    return page.draw("public/about.html")


@pages.get("/sign-in", sign_in=False)
async def sign_in(page: Page) -> Response:
    """Ask for the mail address; a link with its ticket leads on to the button."""
    if ticket := page.query("ticket"):
        return page.go(f"/sign-in/{ticket}")
    return page.draw("public/sign_in.html", next=inside(page.query("next")))


@pages.post("/sign-in", sign_in=False)
async def send_link(page: Page) -> Response:
    """Send a link to the address, if it is known; the answer is the same if it is not."""
    email = await page.field("email")
    body = {"email": email, "language": page.language.tag}
    try:
        await page.registration.post("/sign-in-links", body, key=await page.key())
    except ApiProblem as problem:
        if not problem.is_invalid:
            raise
        errors = {"email": page.text(N_("This is not a complete mail address. Please check it."))}
        again = inside(await page.field("next"))
        return page.draw("public/sign_in.html", 422, email=email, errors=errors, next=again)
    return page.draw("public/sign_in_sent.html", email=email)


@pages.post("/sign-in/password", sign_in=False)
async def by_password(page: Page) -> Response:
    """Sign in with mail address and password."""
    email = await page.field("email")
    form = await page.form()
    body = {"email": email, "password": str(form.get("password") or "")}
    again = inside(await page.field("next"))
    try:
        opened = await page.registration.post("/sessions", body)
    except ApiProblem as problem:
        if problem.status not in {401, 403, 404, 422}:
            raise
        return page.draw("public/sign_in.html", 401, email=email, wrong_password=True, next=again)
    response = page.go(again)
    page.cookies.keep(response, opened["token"])
    return response


@pages.get("/sign-in/{ticket}", sign_in=False)
async def ticket(page: Page) -> Response:
    """Show the button; only pressing it uses the link up."""
    return page.draw("public/redeem.html", next=inside(page.query("next")))


@pages.post("/sign-in/{ticket}", sign_in=False)
async def redeem(page: Page) -> Response:
    """Use the link up and open a session."""
    try:
        opened = await page.registration.post("/sessions", {"ticket": page.path("ticket")})
    except ApiProblem as problem:
        if problem.status not in {401, 403, 404, 409, 422}:
            raise
        return page.draw("public/redeem.html", 410, spent=True)
    response = page.go(inside(await page.field("next")))
    page.cookies.keep(response, opened["token"])
    return response


@pages.post("/sign-out", sign_in=False)
async def sign_out(page: Page) -> Response:
    """End the session."""
    if page.token:
        try:
            await page.registration.delete("/sessions/current")
        except ApiProblem as problem:
            if not problem.is_unknown:
                raise
    response = page.go("/docking-events", N_("You are signed out."))
    page.cookies.forget(response)
    return response


def inside(path: str) -> str:
    """Return a path of this site; anything else leads to the start."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if ours and not any(c in path for c in "\r\n\\") else "/"


def home(account: Account | None) -> str:
    """Return what a reader looks at first."""
    if account is None:
        return "/docking-events"
    if account.has("organizer"):
        return "/organize"
    if account.participations:
        return "/my"
    if account.has("analyst"):
        return "/ministry"
    if account.has("administrator"):
        return "/administration"
    return "/docking-events"
