"""Who takes part: the vetting queue, and who is ready."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from starlette.responses import Response

from techdock_portal.client import Json
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.routing import Pages
from techdock_portal.texts import named

pages = Pages()

BASE = "/organize/{docking_event:uuid}"
# The page is looked at many times a day: it reads so many of each kind at most.
MOST = 1000
QUEUE = ("applied", "vetted", "confirmed", "refused", "withdrawn")
DONE = {
    "vetted": N_("The application is vetted."),
    "confirmed": N_("The organization is confirmed, and told so."),
    "refused": N_("The application is refused."),
    "withdrawn": N_("The participation is withdrawn."),
}
LACKS = {
    "persons": (N_("No person named"), N_("Meetings: nobody can sit down")),
    "profiles": (N_("Nothing published"), N_("Matches: nobody finds them, and they find nobody")),
    "languages": (
        N_("Meeting languages not given"),
        N_("Interpreters: it is not known who needs one"),
    ),
    "answers": (N_("Requests not answered"), N_("Meetings: the other side waits; requests expire")),
}


@dataclass(slots=True)
class Standing:
    """One confirmed organization and what it has and lacks."""

    participation: Json
    profiles: Counter[str] = field(default_factory=Counter)
    drafts: int = 0
    languages: tuple[str, ...] = ()
    to_answer: int = 0
    accepted: int = 0

    @property
    def lacks(self) -> tuple[str, ...]:
        """What would keep it out of the timetable or leave a match unseen."""
        missing = []
        if not self.participation.get("persons"):
            missing.append("persons")
        if not self.profiles:
            missing.append("profiles")
        if not self.languages:
            missing.append("languages")
        if self.to_answer:
            missing.append("answers")
        return tuple(missing)


@pages.get(BASE)
async def readiness(page: Page) -> Response:
    """Show what is missing, by what it blocks, and with whom."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}"
    participations, profiles, requests = await asyncio.gather(
        page.registration.all(f"{path}/participations", most=MOST),
        page.registration.all("/profiles", docking_event_id=found["id"], most=MOST),
        page.matching.all(f"{path}/requests", most=MOST),
    )
    standings = _standings(participations, profiles, requests)
    only = page.query("lack")
    shown = [s for s in standings if s.lacks and (not only or only in s.lacks)]
    shown.sort(key=lambda s: (-len(s.lacks), -s.to_answer))
    missing = Counter(lack for s in standings for lack in s.lacks)
    return page.draw(
        "organizer/readiness.html",
        states=Counter(p["state"] for p in participations),
        requests=Counter(r["state"] for r in requests),
        profiles=Counter(p["kind"] for p in profiles if p["state"] == "published"),
        standings=shown if only or not page.query("all") else standings,
        ready=sum(not s.lacks for s in standings),
        total=len(standings),
        missing=[(lack, *LACKS[lack], missing[lack]) for lack in LACKS if missing[lack]],
        only=only,
        everybody=bool(page.query("all")),
        named=named,
        capped=MOST if max(map(len, (participations, profiles, requests))) >= MOST else 0,
    )


@pages.get(f"{BASE}/vetting")
async def vetting(page: Page) -> Response:
    """Show the applications, those that wait first."""
    found = await page.organized()
    state = page.query("state", "applied")
    listed, counts = await asyncio.gather(
        page.registration.get(
            f"/docking-events/{found['id']}/participations",
            state=state if state in QUEUE else None,
            q=page.query("q"),
            limit=50,
            cursor=page.query("cursor"),
        ),
        page.registration.all(f"/docking-events/{found['id']}/participations", most=MOST),
    )
    return page.draw(
        "organizer/vetting.html",
        items=listed["items"],
        next=listed.get("next"),
        state=state,
        queue=QUEUE,
        counts=Counter(p["state"] for p in counts),
        q=page.query("q"),
    )


@pages.post(f"{BASE}/vetting/{{participation:uuid}}")
async def decide(page: Page) -> Response:
    """Vet, confirm, refuse or withdraw."""
    found = await page.organized()
    to = await page.field("to")
    body: Json = {"to": to}
    if reason := await page.field("reason"):
        body["reason"] = reason
    path = f"/participations/{page.path('participation')}/state"
    version: str | int = await page.version()
    if to == "confirmed" and await page.field("from") == "applied":
        # One press for the organizer; the application still goes through both states.
        vetted = await page.registration.post(path, {"to": "vetted"}, version=version)
        version = vetted["version"]
    await page.registration.post(path, body, key=await page.key(), version=version)
    back = await page.field("back") or "applied"
    return page.go(f"/organize/{found['id']}/vetting?state={back}", DONE.get(to))


def _standings(
    participations: list[Json], profiles: list[Json], requests: list[Json]
) -> list[Standing]:
    by_organization: dict[str, list[Json]] = defaultdict(list)
    for profile in profiles:
        by_organization[str(profile["organization_id"])].append(profile)
    waiting = Counter(str(r["asked_participation_id"]) for r in requests if r["state"] == "sent")
    accepted: Counter[str] = Counter()
    for request in requests:
        if request["state"] in {"accepted", "placed", "unplaced"}:
            accepted[str(request["asking_participation_id"])] += 1
            accepted[str(request["asked_participation_id"])] += 1
    standings = []
    for each in participations:
        if each["state"] != "confirmed":
            continue
        own = by_organization[str(each["organization"]["id"])]
        spoken = {tag for p in each.get("persons") or () for tag in p.get("languages") or ()}
        standings.append(
            Standing(
                each,
                Counter(p["kind"] for p in own if p["state"] == "published"),
                sum(p["state"] in {"draft", "submitted"} for p in own),
                tuple(sorted(spoken)),
                waiting[str(each["id"])],
                accepted[str(each["id"])],
            )
        )
    return standings
