"""What is pointed out before a need or an offer is published, in the world of `portal_world`."""

import re
from typing import Any

import httpx

from support import portal_world as w
from support.portal_api import ROUTES, FakeApi, Json, items, route


def a_finding(field: str, kind: str, reason: str, found: str) -> Json:
    text = w.PROFILES[w.NEED]["texts"][field]["versions"]["ru"]["text"]
    start = text.index(found)
    return {"kind": kind, "field": field, "language": "ru", "start": start, "end": start + len(found),
            "text": found, "reason": reason, "why": "as it is"}  # fmt: skip


NAMING = [
    a_finding("title", "brand", "brand_label", "солоноватой"),
    a_finding("summary", "organization", "organization_own", "капельные линии"),
    a_finding("summary", "place", "street", "предгорьях"),
]
ALIKE: list[Json] = [
    {
        "profile_id": w.OFFER_2, "organization_id": w.HEXI, "kind": "offer", "likeness": "same",
        "title": w.PROFILES[w.OFFER_2]["texts"]["title"],
        "quotes": [{"language": "ru", "mine": "Ищем капельные линии.", "theirs": "Нужны капельные линии.",
                    "terms": ["капельные", "линии"]}],
    },
    {
        "profile_id": w.OFFER_3, "organization_id": w.WADI, "kind": "offer", "likeness": "close",
        "title": w.PROFILES[w.OFFER_3]["texts"]["title"], "quotes": [],
    },
]  # fmt: skip


@route("GET", "/profiles/{id}/checks")
def checks(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    found = api.naming if api.naming is not None else NAMING if match["id"] == w.NEED else []
    return {"profile_id": match["id"], "version": 2, "naming": found}


@route("POST", "/duplicates")
def duplicates(api: FakeApi, request: httpx.Request, match: re.Match[str]) -> Any:
    return items(api.alike)


# Before the route that answers whatever is posted.
ROUTES.insert(0, ROUTES.pop())
