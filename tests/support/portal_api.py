# ruff: noqa: RUF001 - texts in four scripts
"""The three services as the portal sees them, without the services: an httpx transport."""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx

from support import portal_answers as a
from support import portal_world as w

Json = dict[str, Any]
Route = Callable[["FakeApi", httpx.Request, re.Match[str]], Any]
ROUTES: list[tuple[str, re.Pattern[str], Route]] = []


def route(method: str, path: str) -> Callable[[Route], Route]:
    pattern = re.compile("^/v1" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$")

    def keep(handler: Route) -> Route:
        ROUTES.append((method, pattern, handler))
        return handler

    return keep


def problem(
    status: int, code: str, detail: str = "", errors: list[Json] | None = None
) -> httpx.Response:
    body = {
        "type": f"urn:techdock:{code}",
        "code": code,
        "status": status,
        "detail": detail,
        "errors": errors or [],
    }
    return httpx.Response(status, json=body, headers={"content-type": "application/problem+json"})


class FakeApi(httpx.AsyncBaseTransport):
    """Answers like registration, matching and reporting together; remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Json, dict[str, str]]] = []
        self.fail: dict[tuple[str, str], httpx.Response] = {}
        self.away = False
        self.state = "open"
        self.run_state = "running"
        self.reasons_written = True
        self.matches: list[Json] = a.MATCHES
        self.naming: list[Json] | None = None
        self.alike: list[Json] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away")
        await request.aread()
        path = request.url.path
        try:
            body = json.loads(request.content or b"{}")
        except ValueError:
            body = {"raw": len(request.content)}
        self.sent.append((request.method, path, body, dict(request.headers)))
        if (made := self.fail.get((request.method, path))) is not None:
            return made
        for method, pattern, handler in ROUTES:
            if method == request.method and (match := pattern.match(path)):
                answer = handler(self, request, match)
                if isinstance(answer, httpx.Response):
                    return answer
                return httpx.Response(204) if answer is None else httpx.Response(200, json=answer)
        return problem(404, "not_found", f"{request.method} {path}")

    def account(self, request: httpx.Request) -> Json | None:
        return w.ACCOUNTS.get(request.headers.get("authorization", "").removeprefix("Bearer "))

    def posted(self, path: str) -> list[Json]:
        return [
            body for method, sent, body, _ in self.sent if method != "GET" and sent == f"/v1{path}"
        ]


def items(those: Any) -> Json:
    return {"items": list(those), "next": None}


@route("GET", "/me")
def me(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return api.account(request) or problem(401, "unauthorized")


@route("POST", "/sign-in-links")
def link(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(202, json={})


@route("POST", "/sessions")
def sessions(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    body = json.loads(request.content)
    name = body.get("ticket") or body.get("password")
    if name not in w.ACCOUNTS:
        return problem(401, "unauthorized")
    return httpx.Response(
        201, json={"token": name, "account": w.ACCOUNTS[name], "expires_at": "2027-05-01T00:00:00Z"}
    )


@route("GET", "/docking-events")
def docking_events(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items([{**w.DOCKING_EVENT, "state": api.state}])


@route("GET", "/docking-events/{id}")
def docking_event(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    if match["id"] != w.DE:
        return problem(404, "not_found")
    return {**w.DOCKING_EVENT, "state": api.state, "sessions": w.SESSIONS}


@route("GET", "/docking-events/{id}/sessions")
def sessions_of(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(w.SESSIONS)


@route("GET", "/sessions/{id}")
def session(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return next(s for s in w.SESSIONS if s["id"] == match["id"])


@route("POST", "/names")
def names(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    if api.account(request) is None:
        return problem(401, "unauthorized")
    body = json.loads(request.content)
    parts = {
        ident: {
            **w.ORGANIZATIONS[w.OF_PARTICIPATION[ident]],
            "organization_id": w.OF_PARTICIPATION[ident],
        }
        for ident in body.get("participation_ids", ())
        if ident in w.OF_PARTICIPATION
    }
    return {
        "persons": {
            ident: w.PERSONS[ident] for ident in body.get("person_ids", ()) if ident in w.PERSONS
        },
        "participations": parts,
        "organizations": {
            ident: w.ORGANIZATIONS[ident]
            for ident in body.get("organization_ids", ())
            if ident in w.ORGANIZATIONS
        },
    }


@route("GET", "/profiles")
def profiles(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    own = request.url.params.get("organization_id") or (
        w.TAMSHY if request.url.params.get("mine") else None
    )
    return items(p for p in w.PROFILES.values() if own in (None, p["organization_id"]))


@route("GET", "/profiles/{id}")
def profile(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return w.PROFILES.get(match["id"]) or problem(404, "not_found")


@route("POST", "/profiles")
def write(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(201, json=w.PROFILES[w.DRAFT])


@route("PATCH", "/profiles/{id}")
def rewrite(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return {**w.PROFILES[match["id"]], "version": 3}


@route("POST", "/profiles/{id}/state")
def publish(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return {**w.PROFILES[match["id"]], "state": json.loads(request.content)["to"], "version": 4}


@route("GET", "/profiles/{id}/matches")
def matches(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    complete = api.reasons_written or request.url.params.get("wait") == "true"
    by_lessons = request.url.params.get("taught") == "true"
    return {"items": api.matches, "computed_at": "2027-04-04T08:00:00Z", "complete": complete,
            "stamp": "3f2a", "lessons": 2, "taught": by_lessons}  # fmt: skip


@route("GET", "/profiles/{id}/saved-matches")
def saved(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items([a.kept(w.OFFER, w.QILIAN)])


@route("GET", "/profiles/{id}/dismissals")
def dismissed(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items([a.kept(w.OFFER_3, w.WADI, "too_early")])


@route("POST", "/profiles/{id}/saved-matches")
def save(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return None


@route("DELETE", "/profiles/{id}/saved-matches/{other}")
def unsave(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return None


@route("DELETE", "/profiles/{id}/dismissals/{other}")
def restore(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return None


@route("GET", "/docking-events/{id}/matches")
def all_matches(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return {"items": [{**m, "mine": w.NEED} for m in a.MATCHES], "next": None}


@route("GET", "/docking-events/{id}/requests")
def requests(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    mine = request.url.params.get("mine")
    side = {"in": "asked_participation_id", "out": "asking_participation_id"}.get(mine or "")
    return items(r for r in a.REQUESTS.values() if side is None or r[side] == w.P_TAMSHY)


@route("GET", "/requests/{id}")
def one_request(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return a.REQUESTS[match["id"]]


@route("GET", "/docking-events/{id}/my-timetable")
def mine(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    unplaced = {
        **a.REQUESTS[w.R_COUNTERED],
        "state": "unplaced",
        "unplaced_reason": "no_common_hours",
    }
    return {"version": 109, "meetings": list(a.MEETINGS.values()), "unplaced": [unplaced]}


@route("GET", "/docking-events/{id}/me")
def my_part(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    part = participation_of(w.P_TAMSHY)
    return {
        "participation": part,
        "person": part["persons"][0],
        "ticket": "285eaf6e-3fb8-4857-ade5-539a943cd025",
        "sessions": [],
    }


@route("GET", "/docking-events/{id}/meetings")
def meetings(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(a.MEETINGS.values())


@route("GET", "/meetings/{id}")
def meeting(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return a.MEETINGS[match["id"]]


@route("POST", "/calendars")
def calendar(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(
        201, json={"id": w.uid(141), "url": "http://testserver/api/matching/v1/calendars/abc.ics"}
    )


@route("GET", "/projects")
def projects(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(a.PROJECTS.values())


@route("GET", "/projects/{id}")
def project(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return a.PROJECTS[match["id"]]


@route("POST", "/projects")
def open_project(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(201, json=a.PROJECTS[w.PROJECT])


@route("GET", "/participations/{id}/contacts")
def contacts(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items([{"names": w.PERSONS[w.LI], "email": "li@qilian.example"}])


def participation_of(ident: str, state: str = "confirmed") -> Json:
    organization = w.OF_PARTICIPATION[ident]
    names = w.ORGANIZATIONS[organization]
    person = {"person_id": w.AIGERIM, "names": w.PERSONS[w.AIGERIM], "role": "head", "mode": "on_site", "venue_id": w.ALMATY,
              "zone": "Asia/Almaty", "languages": ["ru"] if ident != w.P_WADI else [], "hours": [], "night": False, "ticket": None,
              "email": "a@tamshy.example"}  # fmt: skip
    brief = {
        "id": organization,
        "names": names,
        "language": names["language"],
        "country": names["country"],
        "kind": names["kind"],
    }
    return {"id": ident, "version": 2, "docking_event_id": w.DE, "state": state, "organization": brief, "contact_id": w.AIGERIM,
            "least_meetings": 3, "most_meetings": 8, "languages": ["ru"], "reason": None, "persons": [person]}  # fmt: skip


@route("GET", "/docking-events/{id}/participations")
def participations(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    wanted = request.url.params.get("state")
    states = {w.P_WADI: "applied", w.P_HEXI: "vetted"}
    return items(
        p
        for ident in w.OF_PARTICIPATION
        if (p := participation_of(ident, states.get(ident, "confirmed")))["state"]
        == (wanted or p["state"])
    )


@route("GET", "/docking-events/{id}/participations/counts")
def states_of(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    counts = {"applied": 1, "vetted": 1, "confirmed": 3}
    return items({"state": state, "count": count} for state, count in counts.items())


@route("GET", "/docking-events/{id}/readiness")
def readiness(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    asked = request.url.params
    shown = [
        each
        for each in a.STANDINGS
        if asked.get("lack") in each["lacks"]
        or (not asked.get("lack") and (each["lacks"] or asked.get("everybody") == "true"))
    ]
    following = None if asked.get("cursor") else "more"
    return {**a.READINESS, "items": shown, "next": following if asked.get("everybody") else None}


@route("GET", "/participations/{id}")
def participation(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return participation_of(match["id"])


@route("GET", "/docking-events/{id}/timetables")
def timetables(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(a.TIMETABLES.values())


@route("GET", "/timetables/{id}")
def timetable(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return a.TIMETABLES[match["id"]]


@route("POST", "/docking-events/{id}/timetable-runs")
def run(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(202, json={"id": w.RUN})


@route("GET", "/timetable-runs/{id}")
def one_run(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    progress = {"placed": 2, "total": 4, "cost": [2, 0, 1, 5], "seconds": 3.2, "bound": 4}
    return {
        "id": w.RUN,
        "state": api.run_state,
        "progress": progress,
        "timetable_id": w.TIMETABLE if api.run_state == "done" else None,
        "failure": None,
    }


@route("GET", "/docking-events/{id}/frame")
def frame(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return a.FRAME


@route("GET", "/docking-events/{id}/attendance/counts")
def counts(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items([{"session_id": None, "persons": 97}, {"session_id": w.PLENARY, "persons": 80}])


@route("GET", "/docking-events/{id}/mails")
def mails(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(MAILS)


@route("GET", "/mails")
def every_mail(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(MAILS)


@route("GET", "/me/mails")
def my_mails(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(MAILS)


def a_mail(
    number: int, reason: str, language: str, state: str, subject: str, body: str, **more: Any
) -> Json:
    return {"id": w.uid(number), "version": 1, "account_id": w.uid(900), "docking_event_id": w.DE, "reason": reason, "language": language,
            "state": state, "kept": state == "sent", "subject": subject, "body": body, "planned_at": "2027-03-01T08:00:00Z",
            "sent_at": None, "attempts": 1, "error": None, **more}  # fmt: skip


MAILS = [
    a_mail(
        161,
        "invitation",
        "ru",
        "sent",
        "Приглашение",
        "Здравствуйте!\n\nСсылка: http://testserver/sign-in?ticket=participant.",
    ),
    a_mail(
        162,
        "request_received",
        "zh-Hans",
        "failed",
        "洽谈预约",
        "您好",
        error="SMTPRecipientsRefused",
    ),
]


@route("GET", "/docking-events/{id}/figures")
def figures(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    if request.url.params.get("format") == "csv":
        return httpx.Response(
            200,
            content="\ufeffindicator,value\r\nHEADCOUNT,118\r\n".encode(),
            headers={
                "content-type": "text/csv; charset=utf-8",
                "content-disposition": 'attachment; filename="figures-2027-04-30.csv"',
            },
        )
    return a.FIGURES


@route("GET", "/docking-events/{id}/figures/{indicator}/list")
def figure_list(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return {
        "indicator": match["indicator"],
        "as_of": "2027-04-30",
        "position": 9,
        "ids": [w.MEETING, w.MEETING_2],
    }


@route("GET", "/ministry/figures")
def ministry(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return a.MINISTRY


@route("GET", "/ministry/answers")
def answers(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items([a.MINISTRY])


@route("GET", "/indicators")
def indicators(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return a.INDICATORS


@route("GET", "/tenants")
def tenants(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(
        [
            {
                "id": w.TENANT,
                "version": 1,
                "code": "GEC",
                "names": w.text("en", en="Gobi Edge Centre", zh_Hans="戈壁缘中心"),
                "zone": "Asia/Shanghai",
                "languages": ["zh-Hans", "en"],
                "state": "active",
            }
        ]
    )


@route("GET", "/tenants/{id}")
def tenant(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return tenants(api, request, match)["items"][0]


@route("GET", "/tenants/{id}/roles")
def roles(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(
        [
            {
                "id": w.uid(171),
                "role": "organizer",
                "email": "organizer@gobi-edge.example",
                "docking_event_id": None,
            }
        ]
    )


@route("GET", "/tokens")
def tokens(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(
        [
            {
                "id": w.uid(181),
                "name": "import",
                "scopes": ["read", "write"],
                "expires_on": "2027-12-31",
            }
        ]
    )


@route("GET", "/dead-letters")
def letters(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    letter = {
        "id": w.LETTER,
        "consumer": "matching",
        "topic": "registration.profiles.v1",
        "key": w.NEED,
        "state": "open",
        "queued": 2,
        "error": "ValidationError",
        "detail": "1 error",
        "set_aside_at": "2027-04-04T08:00:00Z",
        "settled_at": None,
        "attempts": 1,
    }
    return items([letter])


@route("POST", "/docking-events/{id}/imports")
def imports(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    if b'name="dry_run"\r\n\r\ntrue' in request.content:
        return {
            "rows": 23,
            "new": 15,
            "updated": 3,
            "unchanged": 0,
            "errors": [
                {
                    "sheet": "Запросы",
                    "row": 4,
                    "column": "trl",
                    "found": "шесть",
                    "expected": "a number 1 to 9",
                },
                {
                    "sheet": "Запросы",
                    "row": 9,
                    "column": "country",
                    "found": "Казахстн",
                    "expected": "a country code, such as KZ",
                },
            ],
        }
    return httpx.Response(202, json={"id": w.IMPORT})


@route("GET", "/imports/{id}")
def one_import(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return {
        "id": w.IMPORT,
        "state": "running",
        "done": 500,
        "total": 1200,
        "report": None,
        "failure": None,
    }


@route("GET", "/me/consents")
def consents(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(w.ACCOUNTS["participant"]["consents"])


@route("GET", "/me/export")
def export(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return {"account": {}}


@route("GET", "/organizations")
def organizations(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(
        {"id": ident, "names": names, "country": names["country"], "kind": names["kind"]}
        for ident, names in w.ORGANIZATIONS.items()
    )


@route("GET", "/codes/{list}")
def codes(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return {
        "items": [
            {"code": "29", "label": "Other special machines"},
            {"code": "24", "label": "Environmental technology"},
        ],
        "next": None,
    }


for method in ("POST", "PATCH", "PUT", "DELETE"):

    @route(method, "/{rest}(?:/.*)?")
    def anything(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
        if request.method == "DELETE":
            return None
        return {"id": w.uid(999), "version": 9, "state": "done"}
