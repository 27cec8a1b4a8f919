"""The plan of mutual matches: have it made, look through it, send it to both sides."""

from starlette.responses import Response

from techdock_portal.client import Json
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.text_form import whole_number
from techdock_portal.reasons import ABOUT
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names

pages = Pages()

BASE = "/organize/{docking_event:uuid}/mutual"
ENDED = ("done", "cancelled", "failed")
OUTCOMES = ("drafted", "waiting", "agreed", "not_agreed")
MOST_WITHOUT = 60
A_PAGE = 50
QUESTIONS = (
    (1, N_("As many as each has time for")),
    (2, N_("Twice as many, as not everybody says yes")),
    (3, N_("Three times as many")),
)
MOST_WORDS = 4
SAID_ELSEWHERE = {"text", "concepts", "codes", "missing"}


@pages.get(BASE)
async def plan(page: Page) -> Response:
    """Show the plan: its pairs, what everybody gets, and what came of it."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}"
    ident = page.query("plan")
    # First of all: a plan that has ended is in what is read after it, never the other way round.
    task = await page.matching.get(f"/mutual-plans/{ident}") if ident else {}
    summary = await page.matching.get(f"{path}/proposals-summary")
    outcome = page.query("outcome")
    if outcome not in OUTCOMES:
        outcome = "drafted" if summary["drafted"] or not summary["waiting"] else "waiting"
    query = {"outcome": outcome, "limit": A_PAGE, "cursor": page.query("cursor") or None}
    listed = await page.matching.get(f"{path}/proposals", **query)
    without = [one["participation_id"] for one in summary["gets"] if not one["proposals"]]
    ids = [side["participation_id"] for one in listed["items"] for side in one["sides"]]
    return page.draw(
        "organizer/mutual.html",
        summary=summary,
        outcome=outcome,
        outcomes=OUTCOMES,
        proposals=listed["items"],
        next=listed.get("next"),
        task=task,
        ended=bool(task) and task["state"] in ENDED,
        without=without[:MOST_WITHOUT],
        count_without=len(without),
        spread=_spread(summary),
        questions=[(number, page.text(words)) for number, words in QUESTIONS],
        names=await join_names(page.registration, participations=[*ids, *without[:MOST_WITHOUT]]),
        joins=_joins,
        fit=lambda one, fits: _about(page, one, fits=fits),
    )


@pages.post(BASE)
async def make(page: Page) -> Response:
    """Have a plan made."""
    found = await page.organized()
    made = await page.matching.post(
        f"/docking-events/{found['id']}/mutual-plans",
        {
            "least": await page.field("least") or "good",
            "questions": await whole_number(page, "questions") or 1,
        },
        key=await page.key(),
    )
    return page.go(f"/organize/{found['id']}/mutual?plan={made['id']}")


@pages.get(f"{BASE}/plans/{{plan:uuid}}")
async def progress(page: Page) -> Response:
    """Show how far a plan is, as a part of the page."""
    found = await page.organized()
    task = await page.matching.get(f"/mutual-plans/{page.path('plan')}")
    url = f"/organize/{found['id']}/mutual?plan={task['id']}"
    if not page.is_part:
        return page.go(url)
    ended = task["state"] in ENDED
    response = page.draw("organizer/mutual_progress.html", task=task, ended=ended)
    if ended:
        response.headers["HX-Redirect"] = url
    return response


@pages.post(f"{BASE}/send")
async def send(page: Page) -> Response:
    """Ask both sides of every pair."""
    found = await page.organized()
    await page.matching.post(f"/docking-events/{found['id']}/proposals/send", key=await page.key())
    return page.go(
        f"/organize/{found['id']}/mutual?outcome=waiting",
        N_("Sent. Both sides of each pair are asked; a meeting needs two times yes."),
    )


@pages.post(f"{BASE}/{{proposal:uuid}}/remove")
async def remove(page: Page) -> Response:
    """Take a pair out of the plan, or a proposal back."""
    found = await page.organized()
    await page.matching.post(
        f"/proposals/{page.path('proposal')}/state",
        {"to": "withdrawn"},
        key=await page.key(),
        version=await page.version(),
    )
    return page.go(f"/organize/{found['id']}/mutual?outcome={await page.field('outcome')}")


def _spread(summary: Json) -> list[tuple[int, int]]:
    """Return how many participations have how many pairs, least first."""
    counts: dict[int, int] = {}
    for one in summary["gets"]:
        counts[one["proposals"]] = counts.get(one["proposals"], 0) + 1
    return sorted(counts.items())


def _joins(proposal: Json) -> list[str]:
    """Return the words that join the two sides, the weightiest first."""
    words = [
        term
        for reason in proposal.get("reasons") or ()
        for term in (reason.get("params") or {}).get("terms") or ()
    ]
    return list(dict.fromkeys(words))[:MOST_WORDS]


def _about(page: Page, proposal: Json, *, fits: bool) -> str:
    """Return what fits, or does not, in a few words."""
    both = [*(proposal.get("reasons") or ()), *(proposal.get("reasons_there") or ())]
    codes = dict.fromkeys(
        reason["code"]
        for reason in both
        if reason.get("fits") is fits and reason["code"] in ABOUT.keys() - SAID_ELSEWHERE
    )
    return page.language.listed(
        list(dict.fromkeys(page.language.word(*ABOUT[code]) for code in codes))
    )
