"""The catalogue in the world of `portal_world`."""

import re
from typing import Any

import httpx

from support import portal_world as w
from support.portal_api import FakeApi, Json, items, problem, route


def found(ident: str, organization: str, snippet: Json | None = None) -> Json:
    profile = w.PROFILES[ident]
    return {
        "profile_id": ident, "kind": profile["kind"], "organization_id": organization,
        "participation_id": None, "country": "CN", "docking_events": [w.DE],
        "title": profile["texts"]["title"], "summary": profile["texts"].get("summary"),
        "technology_field": 29, "trl": 7, "trl_least": None, "trl_most": None, "snippet": snippet,
    }  # fmt: skip


SNIPPET = {
    "field": "summary",
    "language": "en",
    "text": "Drip <lines> save water.",
    "marks": [[0, 4]],
}
FACETS = {
    "kind": {"offer": 2}, "country": {"CN": 2}, "field": {"29": 2}, "climate": {"arid": 1},
    "language": {"ru": 1, "en": 1}, "docking_event": {w.DE: 2}, "trl": {"7": 2},
}  # fmt: skip


@route("GET", "/search")
def search(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    query = request.url.params
    if query.get("q") == "away":
        return problem(503, "ranker_starting")
    some = [found(w.OFFER, w.QILIAN, SNIPPET), found(w.OFFER_2, w.HEXI)]
    if query.get("q") == "nothing":
        some = []
    return {
        "items": some, "next": "c-2" if some else None, "total": len(some), "facets": FACETS,
        "loose": query.get("q") == "loose", "complete": True, "concepts": [],
        "instead": "irrigation" if query.get("q") == "irigation" else None,
    }  # fmt: skip


@route("GET", "/profiles/{id}/like")
def like(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items([found(w.OFFER_2, w.HEXI)] if request.url.params["kind"] == "offer" else [])
