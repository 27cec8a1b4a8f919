"""Boards of organizers, in the world of `portal_world`; registered on import."""

import re
from typing import Any

import httpx

from support import portal_world as w
from support.portal_api import FakeApi, Json, problem, route


def exposed(profile: str, organization: str, kind: str, first: int, next: int, **more: Any) -> Json:
    return {"profile_id": profile, "kind": kind, "organization_id": organization, "country": "KZ",
            "title": w.PROFILES[profile]["texts"]["title"], "first_10": first, "first_20": next,
            "best": None, "reason": None, "params": {}, **more}  # fmt: skip


def a_side(kind: str) -> Json:
    return {"kind": kind, "profiles": 40, "lists": 60, "gini_10": 0.412, "gini_20": 0.35,
            "shown_10": 33, "shown_20": 37,
            "by_country": [{"country": "CN", "profiles": 30, "shown": 29, "places": 500},
                           {"country": "KZ", "profiles": 10, "shown": 8, "places": 120}]}  # fmt: skip


NEVER = [
    exposed(w.OFFER_3, w.WADI, "offer", 0, 0, reason="outranked", params={"best": 31}, best=31),
    exposed(w.NEED, w.TAMSHY, "need", 0, 0, reason="no_shared_language", params={"others": 20}),
]
MOST = [exposed(w.OFFER, w.QILIAN, "offer", 30, 41), exposed(w.NEED, w.TAMSHY, "need", 5, 9)]
UNMET: Json = {
    "needs": 60, "waiting": 1, "unmet": 2,
    "cells": [
        {"country": "KZ", "technology_field": 29, "trl": "7-9", "organizations": 1,
         "keywords": [{"word": "drip irrigation", "needs": 2}],
         "needs": [{"profile_id": w.NEED, "organization_id": w.TAMSHY, "title": w.PROFILES[w.NEED]["texts"]["title"],
                    "trl_least": 7, "trl_most": 9, "cooperation": ["licence"], "offers": 3, "best": "possible"}]},
        {"country": "UZ", "technology_field": None, "trl": None, "organizations": 1, "keywords": [],
         "needs": [{"profile_id": w.DRAFT, "organization_id": w.TAMSHY, "title": {"original": "en", "versions": {"en": {"text": "=cmd", "status": "human"}}},
                    "trl_least": None, "trl_most": None, "cooperation": [], "offers": 0, "best": None}]},
    ],
}  # fmt: skip


@route("GET", "/docking-events/{id}/fairness")
def fairness(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    everything = request.url.params.get("everything") == "true"
    return {"sides": [a_side("need"), a_side("offer")], "never": NEVER, "most": MOST,
            "reasons": {"outranked": 1, "no_shared_language": 1},
            "profiles": [*NEVER, *MOST] if everything else None}  # fmt: skip


@route("GET", "/docking-events/{id}/unmet-needs")
def unmet(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return UNMET


SUGGESTED: Json = {
    "needs": 60, "asked": 60, "next": None,
    "items": [
        {"organization_id": w.HEXI, "country": "CN",
         "answers": [{"need_id": w.NEED, "need_title": w.PROFILES[w.NEED]["texts"]["title"], "need_organization_id": w.TAMSHY,
                      "unmet": True, "offer_id": w.OFFER_2, "offer_title": w.PROFILES[w.OFFER_2]["texts"]["title"],
                      "offer_docking_events": [w.uid(990)], "strength": "good",
                      "reasons": [{"code": "text", "fits": True, "params": {"terms": ["drip", "salt"]}, "weight": 500},
                                  {"code": "trl", "fits": True, "params": {}, "weight": 100}]}]},
    ],
}  # fmt: skip


@route("GET", "/docking-events/{id}/suggested-invitations")
def suggested(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return SUGGESTED


@route("GET", "/organizations/{id}")
def organization(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    names = w.ORGANIZATIONS.get(match["id"])
    if names is None:
        return problem(404, "not_found")
    return {"id": match["id"], "names": names, "country": names["country"], "kind": names["kind"]}
