"""What a ministry analyst reads: totals that betray nobody, and every answer kept."""

import asyncio
from urllib.parse import urlencode

from starlette.responses import Response

from techdock_portal.client import ApiProblem, Json
from techdock_portal.indicators import indicators
from techdock_portal.page import Page
from techdock_portal.pages.organizer.ledger import DOWNLOADS, passed_on
from techdock_portal.routing import Pages

pages = Pages()

ASKED = ("from", "to", "as_of")


@pages.get("/ministry")
async def figures(page: Page) -> Response:
    """Show the figures of a tenant."""
    tenants = _tenants(page)
    tenant = page.query("tenant_id")
    tenant = tenant if tenant in tenants else tenants[0]
    answer, dictionary, named_tenants = await asyncio.gather(
        page.reporting.get("/ministry/figures", tenant_id=tenant, **_asked(page)),
        indicators(page),
        _named(page, tenants),
    )
    return page.draw(
        "ministry/figures.html",
        answer=answer,
        dictionary=dictionary,
        tenants=named_tenants,
        tenant=tenant,
        asked={name: page.query(name) for name in ASKED},
        query=urlencode(
            {name: value for name, value in {"tenant_id": tenant, **_asked(page)}.items() if value}
        ),
    )


@pages.get("/ministry/figures.{format}")
async def download(page: Page) -> Response:
    """Hand the figures out as a file."""
    form = page.path("format")
    tenants = _tenants(page)
    tenant = page.query("tenant_id") or tenants[0]
    if form not in DOWNLOADS or tenant not in tenants:
        raise ApiProblem(404, "not_found")
    answer = await page.reporting.file(
        "/ministry/figures", tenant_id=tenant, format=form, **_asked(page)
    )
    return passed_on(answer, f"techdock-figures.{form}")


@pages.get("/ministry/answers")
async def answers(page: Page) -> Response:
    """Show what was answered earlier."""
    _tenants(page)
    listed = await page.reporting.get("/ministry/answers", limit=50, cursor=page.query("cursor"))
    return page.draw("ministry/answers.html", answers=listed["items"], next=listed.get("next"))


def _tenants(page: Page) -> list[str]:
    """Return the tenants whose figures I may read.

    Raises:
        ApiProblem: 403 when there are none.
    """
    ids = [
        str(r["tenant_id"])
        for r in page.who.roles
        if r.get("name") == "analyst" and r.get("tenant_id")
    ]
    if not ids:
        raise ApiProblem(403, "forbidden")
    return list(dict.fromkeys(ids))


def _asked(page: Page) -> Json:
    return {name: page.query(name) for name in ASKED}


async def _named(page: Page, ids: list[str]) -> list[Json]:
    async def one(ident: str) -> Json:
        try:
            return await page.registration.get(f"/tenants/{ident}")
        except ApiProblem:
            return {"id": ident, "code": ident[:8]}

    return list(await asyncio.gather(*(one(ident) for ident in ids)))
