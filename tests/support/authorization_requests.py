"""For every operation one request that only its author may succeed with, or be refused by a rule.

Changes rest on a version that never was, so that who is let in gets 409 and nothing changes; what
has no version is done for real, in a way that can be done again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

Things = Mapping[str, str]

NEVER = '"999999"'
NOBODY = "0190c0de-0000-7000-8000-00000000dead"
NAMES = {"original": "en", "versions": {"en": {"text": "A name", "status": "human"}}}
IDS = {
    "requests": "request_id",
    "meetings": "meeting_id",
    "timetable-runs": "run_id",
    "weights-previews": "preview_id",
    "mutual-plans": "plan_id",
    "proposals": "nobody",
    "timetables": "timetable_id",
    "outages": "nobody",
    "projects": "project_id",
    "calendars": "calendar_id",
    "dead-letters": "nobody",
    "jobs": "import_id",
}
"""What `{id}` is in a path, by the collection before it."""

FIXED = {
    "list": "country",
    "kind": "needs",
    "ending": "csv",
    "indicator": "HEADCOUNT",
    "stage": "intention",
    "nobody": NOBODY,
    "counterpart_id": NOBODY,
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an operation is asked for.

    Attributes:
        let_in: Statuses beside 2xx and 409 that show that the caller was let in: what a rule
            of the domain says after all questions of permission.
    """

    body: Callable[[Things], Any] | None = None
    query: Callable[[Things], Mapping[str, str]] = lambda _: {}
    form: Callable[[Things], Mapping[str, str]] | None = None
    let_in: tuple[int, ...] = ()
    more: Mapping[str, str] = field(default_factory=dict)


def _state(to: str) -> Recipe:
    return Recipe(body=lambda _: {"to": to})


EMPTY = Recipe(body=lambda _: {})
NONE = Recipe()

REGISTRATION: dict[str, Recipe] = {
    "POST /v1/sign-in-links": Recipe(body=lambda _: {"email": "nobody@story.example"}),
    "POST /v1/sessions": Recipe(body=lambda _: {}, let_in=(422,)),
    "POST /v1/tokens": Recipe(body=lambda _: {"name": "made", "scopes": ["read"]}),
    "PATCH /v1/me": EMPTY,
    "PUT /v1/me/password": Recipe(body=lambda _: {"password": "short"}, let_in=(422,)),
    "POST /v1/me/consents": Recipe(
        body=lambda _: {"purpose": "cross_border", "text_version": "1", "given": True}
    ),
    "POST /v1/tenants": Recipe(
        body=lambda _: {
            "code": f"t-{uuid4().hex[:8]}", "names": NAMES, "zone": "Asia/Urumqi",
            "languages": ["en"],
        }
    ),
    "POST /v1/tenants/{tenant_id}/roles": Recipe(
        body=lambda _: {"email": "invited@story.example", "role": "analyst"}
    ),
    "DELETE /v1/tenants/{tenant_id}/roles/{role_id}": Recipe(more={"role_id": NOBODY}),
    "POST /v1/organizations": Recipe(
        body=lambda _: {"kind": "enterprise", "names": {"native": "New one"}, "country": "CN"}
    ),
    "PATCH /v1/organizations/{organization_id}": Recipe(body=lambda _: {"size": "small"}),
    "POST /v1/organizations/{organization_id}/merge": Recipe(
        body=lambda t: {"into_id": t["organization_id"]}, let_in=(422,)
    ),
    "POST /v1/organizations/{organization_id}/unmerge": EMPTY,
    "POST /v1/tenants/{tenant_id}/docking-events": Recipe(
        body=lambda _: {
            "code": f"E-{uuid4().hex[:8]}", "names": NAMES, "starts_on": "2031-05-01",
            "ends_on": "2031-05-02", "languages": ["en"],
        }
    ),
    "PATCH /v1/docking-events/{docking_event_id}": Recipe(body=lambda _: {"series": "new"}),
    "POST /v1/docking-events/{docking_event_id}/state": _state("cancelled"),
    "PUT /v1/docking-events/{docking_event_id}/venues/{venue_id}": Recipe(
        body=lambda _: {"kind": "online", "names": NAMES, "zone": "Asia/Urumqi"}
    ),
    "PUT /v1/docking-events/{docking_event_id}/interpreters/{interpreter_id}": Recipe(
        body=lambda _: {"names": {"native": "Who speaks"}, "languages": ["en", "ru"]}
    ),
    "POST /v1/docking-events/{docking_event_id}/sessions": Recipe(
        body=lambda t: {
            "kind": "panel", "names": NAMES, "venue_id": t["main_venue_id"],
            "start": t["start"], "end": t["start"],
        },
        let_in=(422,),
    ),
    "PATCH /v1/sessions/{session_id}": Recipe(body=lambda _: {"capacity": 7}),
    "POST /v1/sessions/{session_id}/state": _state("cancelled"),
    "POST /v1/docking-events/{docking_event_id}/participations": Recipe(
        body=lambda t: {
            "organization_id": t["organization_id"],
            "persons": [{"names": {"native": "Somebody"}, "role": "head", "languages": ["en"]}],
        }
    ),
    "PATCH /v1/participations/{participation_id}": Recipe(body=lambda _: {"least_meetings": 1}),
    "POST /v1/participations/{participation_id}/state": _state("withdrawn"),
    "POST /v1/names": Recipe(
        body=lambda t: {
            "person_ids": [t["person_id"]],
            "participation_ids": [t["participation_id"]],
            "organization_ids": [t["organization_id"]],
        }
    ),
    "POST /v1/profiles": Recipe(
        body=lambda t: {
            "organization_id": t["organization_id"], "kind": "need",
            "docking_events": [t["docking_event_id"]], "texts": {"title": NAMES},
        },
        let_in=(422,),
    ),
    "GET /v1/profiles": Recipe(query=lambda t: {"docking_event_id": t["docking_event_id"]}),
    "PATCH /v1/profiles/{profile_id}": Recipe(body=lambda _: {"trl": 5}),
    "POST /v1/profiles/{profile_id}/state": _state("withdrawn"),
    "POST /v1/docking-events/{docking_event_id}/attendance": Recipe(
        body=lambda t: {"person_id": t["person_id"]}
    ),
    "POST /v1/docking-events/{docking_event_id}/attendance/batch": Recipe(
        body=lambda t: {"items": [{"person_id": t["person_id"]}]}
    ),
    "POST /v1/docking-events/{docking_event_id}/imports": Recipe(
        form=lambda _: {"kind": "organizations", "dry_run": "true"}
    ),
    "GET /v1/mails": Recipe(query=lambda _: {"limit": "200"}),
    "GET /v1/docking-events/{docking_event_id}/mails": Recipe(query=lambda _: {"limit": "200"}),
    "POST /v1/mails/{mail_id}/resend": EMPTY,
    "POST /v1/dead-letters/{id}/replay": EMPTY,
    "POST /v1/dead-letters/{id}/discard": EMPTY,
}  # fmt: skip

MATCHING: dict[str, Recipe] = {
    "GET /v1/profiles/{profile_id}/matches": Recipe(
        query=lambda t: {"docking_event_id": t["docking_event_id"]}
    ),
    "GET /v1/profiles/{profile_id}/matches/live": Recipe(
        query=lambda t: {"docking_event_id": t["docking_event_id"]}
    ),
    "GET /v1/search": Recipe(
        query=lambda t: {"docking_event_id": t["docking_event_id"], "q": "Drip irrigation"}
    ),
    # Without the ranker, which the matrix does without, who is let in learns that it is away.
    "GET /v1/profiles/{profile_id}/like": Recipe(let_in=(503,)),
    "GET /v1/profiles/{profile_id}/counterparts": Recipe(let_in=(503,)),
    "POST /v1/duplicates": Recipe(
        body=lambda _: {"kind": "need", "texts": {"title": {"en": "Drip irrigation"}}},
        let_in=(503,),
    ),
    "POST /v1/profiles/{profile_id}/saved-matches": Recipe(
        body=lambda t: {"profile_id": t["profile_id"]}, let_in=(422,)
    ),
    "POST /v1/profiles/{profile_id}/dismissals": Recipe(
        body=lambda t: {"profile_id": t["profile_id"], "reason": "known"}, let_in=(422,)
    ),
    "POST /v1/docking-events/{docking_event_id}/requests": Recipe(
        body=lambda t: {
            "asked_participation_id": t["participation_id"],
            "asking_participation_id": t["participation_id"],
        },
        let_in=(422,),
    ),
    "POST /v1/requests/{id}/state": _state("withdrawn"),
    "POST /v1/requests/{id}/counter": Recipe(body=lambda _: {"slots": 2}),
    "PUT /v1/docking-events/{docking_event_id}/frame": Recipe(body=lambda _: {"seconds": 1}),
    "POST /v1/docking-events/{docking_event_id}/timetable-runs": Recipe(
        body=lambda _: {"locked": [NOBODY]}, let_in=(422,)
    ),
    "POST /v1/docking-events/{docking_event_id}/timetables": Recipe(
        form=lambda _: {}, let_in=(422,)
    ),
    "PUT /v1/timetables/{id}/places/{request_id}": Recipe(
        body=lambda t: {"session_id": t["session_id"], "first_slot": 0}
    ),
    "POST /v1/requests/{id}/meeting": Recipe(
        body=lambda t: {"session_id": t["session_id"], "first_slot": 0}
    ),
    "POST /v1/docking-events/{docking_event_id}/outages": Recipe(
        body=lambda _: {"kind": "table", "thing_id": NOBODY}, let_in=(422,)
    ),
    "POST /v1/docking-events/{docking_event_id}/repair": EMPTY,
    "PUT /v1/docking-events/{docking_event_id}/weights": Recipe(body=lambda _: {"values": {}}),
    "POST /v1/docking-events/{docking_event_id}/weights-previews": Recipe(
        body=lambda _: {"values": {"trl": 1.0}}
    ),
    "POST /v1/docking-events/{docking_event_id}/mutual-plans": EMPTY,
    "POST /v1/proposals/{id}/state": _state("accepted"),
    "POST /v1/meetings/{id}/state": _state("held"),
    "POST /v1/meetings/{id}/move": Recipe(body=lambda t: {"start": t["start"]}),
    "POST /v1/calendars": Recipe(body=lambda t: {"docking_event_id": t["docking_event_id"]}),
    "POST /v1/projects": Recipe(
        body=lambda t: {
            "docking_event_id": t["docking_event_id"], "parties": [t["organization_id"]],
        },
        let_in=(422,),
    ),
    "GET /v1/projects": Recipe(query=lambda t: {"docking_event_id": t["docking_event_id"]}),
    "POST /v1/projects/{id}/stages": Recipe(
        body=lambda _: {"stage": "agreement", "occurred_on": "2026-01-01"}
    ),
    "POST /v1/projects/{id}/stages/{stage}/confirm": EMPTY,
    "POST /v1/projects/{id}/stages/{stage}/dispute": Recipe(body=lambda _: {"reason": "No."}),
    "POST /v1/dead-letters/{id}/replay": EMPTY,
    "POST /v1/dead-letters/{id}/discard": EMPTY,
}  # fmt: skip

REPORTING: dict[str, Recipe] = {
    "GET /v1/ministry/figures": Recipe(query=lambda t: {"tenant_id": t["tenant_id"]}),
    "POST /v1/dead-letters/{id}/replay": EMPTY,
    "POST /v1/dead-letters/{id}/discard": EMPTY,
}

RECIPES = {"registration": REGISTRATION, "matching": MATCHING, "reporting": REPORTING}


def was_let_in(service: str, operation: str, status: int) -> bool:
    """Whether an answer shows that the caller may do it."""
    recipe = RECIPES[service].get(operation, NONE)
    return 200 <= status < 300 or status == 409 or status in recipe.let_in


def address(template: str, things: Things) -> str:
    """Fill ids into the path of an operation."""
    names = {**FIXED, **things}
    names["token"] = names.get("calendar_token", "")
    parts = template.split("/")
    for place, part in enumerate(parts):
        if part == "{id}":
            parts[place] = names[IDS[parts[place - 1]]]
    return "/".join(parts).format_map(names)


async def ask(
    http: httpx.AsyncClient, service: str, operation: str, things: Things, token: str | None
) -> httpx.Response:
    """Ask for an operation on the things of a target, with a credential or none."""
    method, _, template = operation.partition(" ")
    recipe = RECIPES[service].get(operation, NONE)
    path = address(template, {**things, **recipe.more})
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    if method == "POST":
        headers["Idempotency-Key"] = str(uuid4())
    if method in {"POST", "PUT", "PATCH", "DELETE"}:
        headers["If-Match"] = NEVER
    sent: dict[str, Any] = {"headers": headers, "params": dict(recipe.query(things))}
    if recipe.form is not None:
        columns = b"external_id,kind,name_native,name_language,country\n"
        sent["files"] = {"file": ("a.csv", columns)}
        sent["data"] = dict(recipe.form(things))
    elif recipe.body is not None:
        sent["json"] = recipe.body(things)
    return await http.request(method, f"/api/{service}{path}", **sent)
