"""What an administrator does: tenants, roles, tokens, dead letters, mails, health."""

import asyncio
from typing import Literal

import httpx
from starlette.responses import Response

from techdock_portal.client import Api, ApiProblem, Json
from techdock_portal.i18n import LANGUAGES, N_
from techdock_portal.page import Page
from techdock_portal.pages.text_form import typed_text
from techdock_portal.routing import Pages

pages = Pages()

SERVICES: tuple[Literal["registration", "matching", "reporting"], ...] = (
    "registration", "matching", "reporting",
)  # fmt: skip
SCOPES = ("read", "write")


@pages.get("/administration")
async def tenants(page: Page) -> Response:
    """List the tenants."""
    _administrator(page)
    listed = await page.registration.all("/tenants")
    return page.draw("administrator/tenants.html", tenants=listed)


@pages.post("/administration/tenants")
async def open_tenant(page: Page) -> Response:
    """Open a tenant."""
    _administrator(page)
    body: Json = {
        "code": await page.field("code"),
        "names": await typed_text(page, "names"),
        "zone": await page.field("zone"),
        "languages": await page.fields("languages") or list(LANGUAGES),
    }
    made = await page.registration.post("/tenants", body, key=await page.key())
    return page.go(
        f"/administration/tenants/{made['id']}", N_("The tenant is there. Give somebody a role.")
    )


@pages.get("/administration/tenants/{tenant:uuid}")
async def tenant(page: Page) -> Response:
    """Show a tenant and who has which role."""
    _administrator(page)
    ident = page.path("tenant")
    found, roles = await asyncio.gather(
        page.registration.get(f"/tenants/{ident}"), page.registration.all(f"/tenants/{ident}/roles")
    )
    return page.draw("administrator/tenant.html", tenant=found, roles=roles)


@pages.post("/administration/tenants/{tenant:uuid}/roles")
async def give_role(page: Page) -> Response:
    """Give somebody a role; they are invited by mail."""
    _administrator(page)
    ident = page.path("tenant")
    body: Json = {"email": await page.field("email"), "role": await page.field("role")}
    if tag := await page.field("language"):
        body["language"] = tag
    await page.registration.post(f"/tenants/{ident}/roles", body, key=await page.key())
    return page.go(
        f"/administration/tenants/{ident}",
        N_("The role is given, and an invitation is on its way."),
    )


@pages.post("/administration/tenants/{tenant:uuid}/roles/{role:uuid}/remove")
async def take_role(page: Page) -> Response:
    """Take a role away."""
    _administrator(page)
    ident = page.path("tenant")
    await page.registration.delete(f"/tenants/{ident}/roles/{page.path('role')}")
    return page.go(f"/administration/tenants/{ident}", N_("The role is taken away."))


@pages.get("/administration/tokens")
async def tokens(page: Page) -> Response:
    """List my tokens."""
    return await _tokens(page)


@pages.post("/administration/tokens")
async def make_token(page: Page) -> Response:
    """Make a token; it is shown once."""
    body: Json = {"name": await page.field("name"), "scopes": await page.fields("scopes")}
    if expires_on := await page.field("expires_on"):
        body["expires_on"] = expires_on
    made = await page.registration.post("/tokens", body, key=await page.key())
    return await _tokens(page, made)


@pages.post("/administration/tokens/{token:uuid}/remove")
async def drop_token(page: Page) -> Response:
    """Switch a token off."""
    await page.registration.delete(f"/tokens/{page.path('token')}")
    return page.go("/administration/tokens", N_("The token does not work any more."))


@pages.get("/administration/dead-letters")
async def dead_letters(page: Page) -> Response:
    """List what could not be handled, by service."""
    _administrator(page)
    listed = await asyncio.gather(*(_letters(_api(page, name)) for name in SERVICES))
    return page.draw(
        "administrator/dead_letters.html", by_service=list(zip(SERVICES, listed, strict=True))
    )


@pages.post("/administration/dead-letters/{service}/{letter}/replay")
async def replay(page: Page) -> Response:
    """Handle a dead letter again, after the fix."""
    _administrator(page)
    service = page.path("service")
    if service not in SERVICES:
        raise ApiProblem(404, "not_found")
    api = _api(page, service)
    await api.post(f"/dead-letters/{page.path('letter')}/replay", key=await page.key())
    return page.go("/administration/dead-letters", N_("It is handled again."))


@pages.get("/administration/mails")
async def mails(page: Page) -> Response:
    """List all mails of the installation."""
    _administrator(page)
    listed = await page.registration.get("/mails", limit=50, cursor=page.query("cursor"))
    return page.draw("administrator/mails.html", mails=listed["items"], next=listed.get("next"))


@pages.get("/administration/health")
async def health(page: Page) -> Response:
    """Show which part works."""
    _administrator(page)
    states = await asyncio.gather(*(_ready(page, name) for name in SERVICES))
    journal: Json = {}
    try:
        journal = await page.reporting.get("/journal/head")
    except ApiProblem as problem:
        if problem.status not in {403, 404, 503}:
            raise
    return page.draw(
        "administrator/health.html",
        services=list(zip(SERVICES, states, strict=True)),
        journal=journal,
    )


def _administrator(page: Page) -> None:
    if not page.who.has("administrator"):
        raise ApiProblem(403, "forbidden")


def _api(page: Page, name: str) -> Api:
    found: Api = getattr(page, name)
    return found


async def _tokens(page: Page, made: Json | None = None) -> Response:
    listed = await page.registration.all("/tokens")
    return page.draw("administrator/tokens.html", tokens=listed, made=made, scopes=SCOPES)


async def _letters(api: Api) -> list[Json] | None:
    """Return the dead letters of a service; None when it does not answer."""
    try:
        return await api.all("/dead-letters", most=500)
    except ApiProblem as problem:
        if problem.status in {404, 503}:
            return None
        raise


async def _ready(page: Page, name: str) -> Json:
    client: httpx.AsyncClient = getattr(page.services, name)
    try:
        answer = await client.get("health/ready", timeout=5)
        body: Json = answer.json()
    except (httpx.TransportError, OSError, ValueError):
        return {"status": "no_answer"}
    return body
