"""The mail ledger and the exact figures of one docking event."""

import asyncio
from datetime import UTC, datetime

import httpx
from starlette.responses import Response

from techdock_portal.client import ApiProblem
from techdock_portal.i18n import N_
from techdock_portal.indicators import indicators
from techdock_portal.page import Page
from techdock_portal.routing import Pages
from techdock_portal.words import STAGES

pages = Pages()

BASE = "/organize/{docking_event:uuid}"
DOWNLOADS = ("csv", "json")


@pages.get(f"{BASE}/mails")
async def mails(page: Page) -> Response:
    """Show whom we wrote to, why, and what became of it."""
    found = await page.organized()
    state = page.query("state")
    listed = await page.registration.get(
        f"/docking-events/{found['id']}/mails", state=state, limit=50, cursor=page.query("cursor")
    )
    return page.draw(
        "organizer/mails.html", mails=listed["items"], next=listed.get("next"), state=state
    )


@pages.post(f"{BASE}/mails/{{mail:uuid}}/resend")
async def resend(page: Page) -> Response:
    """Send a mail again."""
    found = await page.organized()
    path = f"/mails/{page.path('mail')}/resend"
    await page.registration.post(path, key=await page.key())
    return page.go(f"/organize/{found['id']}/mails", N_("It will be sent again."))


@pages.get(f"{BASE}/figures")
async def figures(page: Page) -> Response:
    """Show the exact figures, as of a day and as known at an instant."""
    found = await page.organized()
    as_of, as_known = page.query("as_of"), page.query("as_known")
    path = f"/docking-events/{found['id']}/figures"
    try:
        answer, dictionary = await asyncio.gather(
            page.reporting.get(path, as_of=as_of, as_known=end_of(as_known)), indicators(page)
        )
    except ApiProblem as problem:
        if not problem.is_missing:
            raise
        return page.draw("organizer/no_figures.html")
    return page.draw(
        "organizer/figures.html",
        answer=answer,
        dictionary=dictionary,
        as_of=as_of,
        as_known=as_known,
        stages=STAGES,
    )


@pages.get(f"{BASE}/figures.{{format}}")
async def download(page: Page) -> Response:
    """Hand the figures out as a file."""
    found = await page.organized()
    form = page.path("format")
    if form not in DOWNLOADS:
        raise ApiProblem(404, "not_found")
    answer = await page.reporting.file(
        f"/docking-events/{found['id']}/figures",
        format=form,
        as_of=page.query("as_of"),
        as_known=end_of(page.query("as_known")),
    )
    return passed_on(answer, f"{found['code']}-figures.{form}")


@pages.get(f"{BASE}/figures/{{indicator}}")
async def behind(page: Page) -> Response:
    """Open a figure into the list behind it."""
    found = await page.organized()
    code = page.path("indicator")
    listed = await page.reporting.get(
        f"/docking-events/{found['id']}/figures/{code}/list",
        as_of=page.query("as_of"),
        as_known=end_of(page.query("as_known")),
    )
    return page.draw(
        "organizer/figure_list.html",
        items=listed["ids"],
        code=code,
        dictionary=await indicators(page),
    )


def end_of(day: str) -> str:
    """Return the last second of a day, UTC; nothing for today, whose end lies ahead."""
    if not day or "T" in day:
        return day
    return "" if day == datetime.now(UTC).date().isoformat() else f"{day}T23:59:59Z"


def passed_on(answer: httpx.Response, name: str) -> Response:
    """Return a file of a service under its own name, or under ours when it has none."""
    given = answer.headers
    return Response(
        answer.content,
        headers={
            "Content-Type": given.get("content-type", "application/octet-stream"),
            "Content-Disposition": given.get(
                "content-disposition", f'attachment; filename="{name}"'
            ),
        },
    )
