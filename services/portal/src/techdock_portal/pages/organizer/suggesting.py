"""Whom to invite: organizations outside a docking event whose offers answer needs in it."""

from starlette.responses import Response

from techdock_portal.client import ApiProblem, Json
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.reasons import ABOUT
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names

pages = Pages()

BASE = "/organize/{docking_event:uuid}/boards/suggested"
STARTING = "ranker_starting"
MOST_WORDS = 6
SAID_ELSEWHERE = {"text", "concepts", "codes", "missing"}


@pages.get(BASE)
async def suggested(page: Page) -> Response:
    """Show whom to invite, with what each would bring; or that the ranker is not there yet."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}/suggested-invitations"
    try:
        board: Json | None = await page.matching.get(path)
    except ApiProblem as problem:
        if problem.code != STARTING:
            raise
        board = None
    items = board["items"] if board else []
    ids = {one["organization_id"] for one in items}
    ids |= {answer["need_organization_id"] for one in items for answer in one["answers"]}
    return page.draw(
        "organizer/suggested.html",
        board=board,
        names=await join_names(page.registration, organizations=ids),
        joins=_joins,
        fit=lambda answer: _fit(page, answer),
    )


def _joins(answer: Json) -> list[str]:
    """Return the words that join need and offer, the weightiest first."""
    words = [
        str(term) for reason in answer["reasons"] for term in reason["params"].get("terms") or ()
    ]
    return list(dict.fromkeys(words))[:MOST_WORDS]


def _fit(page: Page, answer: Json) -> str:
    """Return what else fits, in a few words."""
    codes = dict.fromkeys(reason["code"] for reason in answer["reasons"] if reason["fits"])
    known = [code for code in codes if code in ABOUT and code not in SAID_ELSEWHERE]
    fitting = dict.fromkeys(page.language.word(*ABOUT[code]) for code in known)
    return (
        page.text(N_("fits: %(what)s"), what=page.language.listed(list(fitting))) if known else ""
    )
