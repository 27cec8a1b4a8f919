"""The page for what went wrong: what happened, what was kept, what to do."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from techdock_portal.client import ApiProblem
from techdock_portal.i18n import N_

if TYPE_CHECKING:
    from techdock_portal.page import Page


@dataclass(frozen=True, slots=True)
class Words:
    """What the page says of one kind of problem."""

    badge: str
    title: str
    text: str


KINDS: dict[int, Words] = {
    401: Words(
        N_("Not sent, nothing lost"),
        N_("Your session has ended"),
        N_("Sign in again in another tab of this browser, then press “Send again” here."),
    ),
    403: Words(
        N_("Not allowed"),
        N_("This is not open to you"),
        N_("You can see that it is there, but your role does not allow it. The organizer of the "
           "docking event can change that."),
    ),
    404: Words(
        N_("Not found"),
        N_("There is no such page for you"),
        N_("It may have been taken back, or it belongs to others. What is not yours is not shown."),
    ),
    409: Words(
        N_("Not saved, nothing lost"),
        N_("Somebody changed this while you were at it"),
        N_("What you typed is below. Look at what is there now, then do it again if it still "
           "makes sense."),
    ),
    413: Words(
        N_("Not taken"),
        N_("The file is too large"),
        N_("A file may have 10 MiB here. Larger ones can be read by the command line."),
    ),
    422: Words(
        N_("Not saved, nothing lost"),
        N_("Something has to be corrected first"),
        N_("What you typed is below, and what is expected instead."),
    ),
    429: Words(
        N_("Not sent, nothing lost"),
        N_("That was very often in a short time"),
        N_("Wait a little, then try again."),
    ),
    503: Words(
        N_("Not sent, nothing lost"),
        N_("A part of Techdock does not answer at the moment"),
        N_("Nothing is lost. Try again in a few seconds."),
    ),
    500: Words(
        N_("Our fault"),
        N_("This page could not be drawn"),
        N_("The fault is ours and has been noted. Give the number of the case below when you "
           "write to us."),
    ),
}  # fmt: skip
REFUSED = Words(N_("Not done"), N_("That does not go as things stand"), "")
ALIKE = {400: 422, 405: 404, 412: 409, 428: 409, 502: 503, 504: 503, 507: 503}


async def draw(page: "Page", problem: ApiProblem) -> Response:
    """Return the page of a problem; what was typed stays on it."""
    status = problem.status
    if problem.is_unknown and page.request.method == "GET":
        return RedirectResponse(f"/sign-in?next={quote(page.here())}", 303)
    words = KINDS.get(ALIKE.get(status, status)) or KINDS[500]
    if problem.is_conflict and not problem.is_stale:
        words = REFUSED
    typed = await _typed(page) if page.request.method == "POST" else []
    response = page.draw(
        "problem.html",
        status,
        words=words,
        problem=problem,
        typed=typed,
        again=status in {401, 429, 503},
        request_id=problem.request_id or page.request.scope.get("techdock.request_id"),
    )
    if problem.retry_after_s:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    return response


async def _typed(page: "Page") -> list[tuple[str, str]]:
    """Return what was typed, without files and without our own fields but the version."""
    try:
        form = await page.form()
    except Exception:  # noqa: BLE001 - a body that cannot be read holds nothing to keep
        return []
    return [
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in {"_key", "password", "current"}
    ]
