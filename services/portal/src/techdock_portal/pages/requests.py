"""Requests for meetings: those I sent, those I got, and the answers."""

import asyncio
from collections.abc import Sequence

from starlette.responses import Response

from techdock_portal import reasons
from techdock_portal.client import Json, same
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.matches import profiles_by_id
from techdock_portal.routing import Pages
from techdock_portal.texts import NameBook, join_names

pages = Pages()

BASE = "/docking-events/{docking_event:uuid}/requests"
ANSWERS = {
    "accepted": N_("You have accepted. The meeting gets its time when the timetable is made."),
    "declined": N_("You have declined. The other side is told so, without the reason."),
    "withdrawn": N_("You have taken the request back."),
}
SAID = {
    ("accepted", "waiting"): N_("You have said yes. If the other side does too, you meet."),
    ("accepted", "agreed"): N_("Both sides have said yes. The meeting gets its time when the "
                               "timetable is made."),
    ("accepted", "not_agreed"): N_("This proposal is over: there is a request between you, or one "
                                   "side left."),
    ("declined", "not_agreed"): N_("You have said no. The other side is not told who did."),
}  # fmt: skip


@pages.get(BASE)
async def my_requests(page: Page) -> Response:
    """List both directions, those that wait for me first."""
    found, part = await page.taken_part_in()
    path = f"/docking-events/{found['id']}/requests"
    got, sent, proposed = await asyncio.gather(
        page.matching.all(path, mine="in"),
        page.matching.all(path, mine="out"),
        page.matching.all(f"/docking-events/{found['id']}/proposals", mine=True),
    )
    everything = [*got, *sent]
    sides = [side for one in proposed for side in one["sides"]]
    book, profiles = await asyncio.gather(
        names_of(page, everything, [side["participation_id"] for side in sides]),
        profiles_by_id(page, [*_profile_ids(everything), *(side["profile_id"] for side in sides)]),
    )
    return page.draw(
        "participant/requests.html",
        got=sorted(got, key=lambda r: not _waits_for(r, part)),
        sent=sorted(sent, key=lambda r: not _waits_for(r, part)),
        names=book,
        profiles=profiles,
        part=part,
        proposed=sorted(proposed, key=_answered),
        fits=lambda one, kind: reasons.fits(page.language, one, kind),
        waits={request["id"] for request in everything if _waits_for(request, part)},
    )


@pages.post(f"{BASE}/{{request:uuid}}/answer")
async def answer(page: Page) -> Response:
    """Accept, decline or take back."""
    to = await page.field("to")
    body: Json = {"to": to}
    if reason := await page.field("reason"):
        body["reason"] = reason
    await page.matching.post(
        f"/requests/{page.path('request')}/state",
        body,
        key=await page.key(),
        version=await page.version(),
    )
    return page.go(_list(page), ANSWERS.get(to))


@pages.post(f"{BASE}/proposals/{{proposal:uuid}}")
async def answer_proposal(page: Page) -> Response:
    """Say yes or no to a proposed meeting."""
    to = await page.field("to")
    answered = await page.matching.post(
        f"/proposals/{page.path('proposal')}/state",
        {"to": to},
        key=await page.key(),
        version=await page.version(),
    )
    return page.go(_list(page), SAID.get((to, answered["outcome"])))


@pages.get(f"{BASE}/{{request:uuid}}/propose")
async def propose(page: Page) -> Response:
    """Show what can be proposed instead."""
    _, part = await page.taken_part_in()
    request = await page.matching.get(f"/requests/{page.path('request')}")
    book = await names_of(page, [request])
    return page.draw("participant/propose.html", request=request, names=book, part=part)


@pages.post(f"{BASE}/{{request:uuid}}/propose")
async def send_proposal(page: Page) -> Response:
    """Propose another length, with a word to the other side."""
    body: Json = {"slots": int(await page.field("slots") or 1)}
    if message := await page.field("message"):
        body["message"] = {"language": await page.field("language"), "text": message}
    await page.matching.post(
        f"/requests/{page.path('request')}/counter",
        body,
        key=await page.key(),
        version=await page.version(),
    )
    return page.go(_list(page), N_("Your proposal has been sent. The other side answers it."))


async def names_of(
    page: Page, requests: list[Json], participations: Sequence[str] = ()
) -> NameBook:
    """Return the names on both sides of requests, and of other participations."""
    return await join_names(
        page.registration,
        participations=[
            request[side]
            for request in requests
            for side in ("asking_participation_id", "asked_participation_id")
        ]
        + list(participations),
        persons=[
            person
            for request in requests
            for side in ("asking_persons", "asked_persons")
            for person in request.get(side) or ()
        ],
    )


def _profile_ids(requests: list[Json]) -> list[str]:
    return [
        str(request[side])
        for request in requests
        for side in ("asking_profile_id", "asked_profile_id")
        if request.get(side)
    ]


def _answered(proposal: Json) -> tuple[bool, bool]:
    """Sort what waits for my answer first, then what waits for the other side."""
    return proposal["outcome"] != "waiting", proposal["answer"] is not None


def _waits_for(request: Json, part: Json) -> bool:
    """Say whether it is my turn to answer."""
    return same(request.get("waits_for"), part["participation_id"])


def _list(page: Page) -> str:
    return f"/docking-events/{page.path('docking_event')}/requests"
