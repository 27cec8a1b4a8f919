"""Weights of a ranking and proposed meetings, as the portal sees them; registered on import."""

import re
from typing import Any

import httpx

from support import portal_answers as a
from support import portal_world as w
from support.portal_api import ROUTES, FakeApi, Json, items, problem, route

KNOWN = len(ROUTES)

PREVIEW, PLAN, PROPOSAL, PROPOSAL_2 = (w.uid(n) for n in (941, 942, 943, 944))
NAMES = (
    "text", "concepts", "codes", "trl", "cooperation", "language", "partner_kind", "climate",
    "water", "power", "skill_level", "price_band", "certificates", "ipr", "acceptance",
    "most_kin", "possible", "good", "strong",
)  # fmt: skip
WEIGHTS: Json = {
    "docking_event_id": w.DE,
    "weights": [
        {"name": name, "value": 0.8 if name == "trl" else 0.5, "standard": 0.5, "least": 0.0,
         "most": 2.0}
        for name in NAMES
    ],
    "history": [
        {"version": 2, "values": {"trl": 0.8}, "person_id": w.uid(7),
         "set_at": "2027-04-01T08:00:00Z"},
        {"version": 1, "values": {}, "person_id": w.uid(8), "set_at": "2027-03-01T08:00:00Z"},
    ],
    "version": 2,
}  # fmt: skip
FOUND: Json = {
    "profiles": 900,
    "looked_at": 400,
    "changed": 31,
    "movers": [
        {"profile_id": w.NEED, "came": [w.OFFER], "left": [w.uid(999)]},
        {"profile_id": w.OFFER, "came": [], "left": []},
    ],
    "gini": [0.41, 0.385],
    "strong": [120, 133],
    "unserved": [20, 18],
}
PROPOSED: Json = {
    "id": PROPOSAL,
    "docking_event_id": w.DE,
    "outcome": "waiting",
    "sides": [
        {"participation_id": w.P_TAMSHY, "profile_id": w.NEED},
        {"participation_id": w.P_QILIAN, "profile_id": w.OFFER},
    ],
    "answer": None,
    "strength": "strong",
    "reasons": a.MATCHES[0]["reasons"],
    "reasons_there": a.MATCHES[0]["reasons_there"],
    "quotes": [],
    "expires_at": "2027-04-15T08:00:00Z",
    "version": 1,
}
SUMMARY: Json = {
    "drafted": 1, "waiting": 2, "agreed": 0, "not_agreed": 1,
    "gets": [
        {"participation_id": w.P_GOBI, "proposals": 0},
        {"participation_id": w.P_TAMSHY, "proposals": 2},
        {"participation_id": w.P_QILIAN, "proposals": 2},
    ],
}  # fmt: skip


def _preview(state: str) -> Json:
    return {
        "id": PREVIEW,
        "docking_event_id": w.DE,
        "state": state,
        "values": {"trl": 1.2},
        "progress": {"done": 40, "total": 400},
        "found": FOUND if state == "done" else None,
        "failure": None,
    }


def _plan(state: str) -> Json:
    return {
        "id": PLAN,
        "docking_event_id": w.DE,
        "state": state,
        "least": "good",
        "progress": {"done": 1, "total": 3},
        "found": {"pairs": 3, "parties": 5, "served": 4} if state == "done" else None,
        "failure": None,
    }


@route("GET", "/docking-events/{id}/weights")
def weights(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return WEIGHTS


@route("PUT", "/docking-events/{id}/weights")
def weighed(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return WEIGHTS


@route("POST", "/docking-events/{id}/weights-previews")
def ordered(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(202, json=_preview("queued"))


@route("GET", "/weights-previews/{id}")
def previewed(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return _preview(api.run_state)


@route("POST", "/docking-events/{id}/mutual-plans")
def planned(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return httpx.Response(202, json=_plan("queued"))


@route("GET", "/mutual-plans/{id}")
def plan(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return _plan(api.run_state)


@route("GET", "/docking-events/{id}/proposals-summary")
def summary(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return SUMMARY


@route("GET", "/docking-events/{id}/proposals")
def proposals(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    outcome = request.url.params.get("outcome")
    if request.url.params.get("mine") != "true":
        return items([{**PROPOSED, "outcome": outcome or "drafted"}])
    agreed = {**PROPOSED, "id": PROPOSAL_2, "outcome": "not_agreed", "version": 3}
    return items([agreed, PROPOSED])


@route("POST", "/docking-events/{id}/proposals/send")
def sent(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return {"sent": 1}


@route("POST", "/proposals/{id}/state")
def answered(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    if match["id"] != PROPOSAL:
        return problem(404, "not_found")
    return {**PROPOSED, "answer": "accepted", "version": 2}


# Before those for things of any kind.
ROUTES[:] = [*ROUTES[KNOWN:], *ROUTES[:KNOWN]]
