"""One docking event in which one account may do everything, for generated requests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import httpx

from support.authorization import World, join, meet, take_place, things_of
from support.authorization_requests import NAMES
from support.inside import Inside
from support.story import Story
from support.waiting import until

SENSIBLE: Mapping[str, Callable[[Mapping[str, str]], Any]] = {
    "POST /v1/docking-events/{docking_event_id}/sessions": lambda t: {
        "kind": "panel",
        "names": NAMES,
        "venue_id": t["main_venue_id"],
        "start": t["start"],
        "end": t["start"].replace(":00Z", ":59Z"),
    },
    "POST /v1/docking-events/{docking_event_id}/timetable-runs": lambda _: {"seconds": 1},
    "POST /v1/docking-events/{docking_event_id}/imports": lambda _: {
        "kind": "organizations",
        "file": b"external_id,kind,name_native,name_language,country\n1,park,A park,en,CN\n",
    },
    "POST /v1/docking-events/{docking_event_id}/requests": lambda t: {
        "asked_participation_id": t["partner_id"],
    },
    "POST /v1/profiles/{profile_id}/saved-matches": lambda t: {
        "profile_id": t["partner_profile_id"],
    },
    "POST /v1/profiles/{profile_id}/dismissals": lambda t: {
        "profile_id": t["partner_profile_id"],
        "reason": "known",
    },
    "POST /v1/projects": lambda t: {
        "docking_event_id": t["docking_event_id"],
        "parties": [t["organization_id"], t["partner_organization_id"]],
    },
    "POST /v1/tenants/{tenant_id}/roles": lambda _: {
        "email": f"{uuid4().hex[:8]}@story.example",
        "role": "analyst",
        "docking_event_id": None,
        "organization_id": None,
    },
    "POST /v1/docking-events/{docking_event_id}/participations": lambda t: {
        "organization_id": t["new_organization_id"],
        "persons": [{"names": {"native": "Somebody"}, "role": "head", "languages": ["en"]}],
        "contact": 0,
    },
    "PUT /v1/me/password": lambda _: {"password": "correct horse battery staple"},
    "POST /v1/dead-letters/{id}/replay": lambda _: {},
    "POST /v1/dead-letters/{id}/discard": lambda _: {},
}
"""What is right, where the recipe of the authorization matrix is refused on purpose."""


@dataclass(frozen=True, slots=True)
class Small:
    """A program, and what its administrator can ask for in it.

    Attributes:
        things: Ids by name.
    """

    inside: Inside
    things: dict[str, str]

    @property
    def http(self) -> httpx.AsyncClient:
        """A client without a credential."""
        return self.inside.http


async def build_small(inside: Inside) -> Small:
    """One docking event in which alpha met bravo; the administrator may do everything in it.

    The administrator organizes it, analyses it, and takes part in it for alpha.
    """
    world, story = World(inside), Story(inside.administrator)
    await story.open_tenant()
    await take_place(world, story, "alpha", "bravo")
    await meet(world, story, ("alpha", "bravo"))
    assert story.organizer
    me = await inside.administrator.get("registration/v1/me")
    await join(story, "alpha", {"email": me["email"], "zone": "Asia/Shanghai"})
    roles = f"registration/v1/tenants/{story.tenant['id']}/roles"
    for role in ("organizer", "analyst"):
        await inside.administrator.post(roles, {"email": me["email"], "role": role})
    others = await story.register_organization("others", "KZ", "Others", "Others")
    things = {
        **await things_of(world, story, "alpha", "alpha->bravo"),
        "partner_id": story.participations["bravo"]["id"],
        "partner_organization_id": story.organizations["bravo"]["id"],
        "partner_profile_id": story.profiles["bravo.published"]["id"],
        "new_organization_id": others["id"],
    }
    await until("the ranker", partial(_answers, inside), within_s=120.0)
    return Small(inside, things)


async def _answers(inside: Inside) -> bool:
    """Whether the ranker has started, so that what needs it is not refused for that alone."""
    headers = {"Authorization": f"Bearer {inside.token}"}
    answer = await inside.http.get("/api/matching/v1/search", params={"q": "a"}, headers=headers)
    return answer.status_code != httpx.codes.SERVICE_UNAVAILABLE


async def version(http: httpx.AsyncClient, path: str, headers: dict[str, str]) -> str | None:
    """The ETag of a thing, or of what the last parts of the path are done to."""
    parts = path.split("/")
    for address in ("/".join(parts[: len(parts) - most]) for most in range(3)):
        found = await http.get(address, headers=headers)
        if found.is_success and "etag" in found.headers:
            return str(found.headers["etag"])
    return None
