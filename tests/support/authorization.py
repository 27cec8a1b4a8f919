"""Two tenants, three docking events, and one account in each role: who is let in to what.

The main docking event belongs to the first tenant; in it the organizations alpha and bravo meet,
bravo and foxtrot meet, and delta only takes part. `elsewhere` is another docking event of the same
tenant, `abroad` one of the other tenant. All that people write carries a mark of its own, so that
a mark in an answer says whose secret has leaked.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from techdock_embedded.client import Client, Json, Refused

from support.inside import Inside
from support.story import Story, text
from support.waiting import until

ROLES = (
    "anonymous",
    "colleague",
    "neighbour",
    "stranger",
    "event_organizer",
    "organizer",
    "other_organizer",
    "analyst",
    "other_analyst",
    "administrator",
    "reader",
)
"""Of them `colleague` is a second person of alpha; `neighbour` is of delta, in the same docking
event; `stranger` of an organization in the other tenant's; `event_organizer` has the role in the
main docking event only; `reader` is an API token of the organizer with the scope read only."""

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ZONES = {"CN": ("zh-Hans", "Asia/Shanghai"), "UZ": ("ru", "Asia/Tashkent")}


@dataclass
class World:
    """What is there to be asked for.

    Attributes:
        tokens: Credential by role; None for `anonymous`.
        things: Ids by name, by target: own (alpha's), same_event (bravo's and foxtrot's),
            other_organization (elsewhere, same tenant), other_tenant (abroad).
        marks: Secrets by what they are; each stands in one place only.
    """

    inside: Inside
    tokens: dict[str, str | None] = field(default_factory=dict)
    things: dict[str, dict[str, str]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)

    def client(self, role: str) -> Client:
        """Somebody in a role."""
        return self.inside.administrator.signed_in(self.tokens[role])

    def mark(self, what: str) -> str:
        """A new secret that is recognized wherever it turns up."""
        return self.marks.setdefault(what, f"mark{uuid4().hex[:12]}")


async def build(inside: Inside) -> World:
    """Let everything happen once that there can be questions about."""
    world = World(inside)
    main, abroad = Story(inside.administrator), Story(inside.administrator)
    await asyncio.gather(main.open_tenant(), abroad.open_tenant())
    elsewhere = Story(inside.administrator, tenant=main.tenant, organizer=main.organizer)
    await asyncio.gather(
        take_place(world, main, "alpha", "bravo", "foxtrot", "delta"),
        take_place(world, elsewhere, "charlie", "juliet"),
        take_place(world, abroad, "zulu", "yankee"),
    )
    await _roles(world, main, abroad)
    await asyncio.gather(
        meet(world, main, ("alpha", "bravo"), ("bravo", "foxtrot")),
        meet(world, elsewhere, ("charlie", "juliet")),
        meet(world, abroad, ("zulu", "yankee")),
    )
    world.things = {
        "own": await things_of(world, main, "alpha", "alpha->bravo"),
        "same_event": await things_of(world, main, "bravo", "bravo->foxtrot"),
        "other_organization": await things_of(world, elsewhere, "charlie", "charlie->juliet"),
        "other_tenant": await things_of(world, abroad, "zulu", "zulu->yankee"),
    }
    await _drafts(world, main)
    return world


def _token(client: Client | None) -> str:
    assert client is not None
    token = client._token  # noqa: SLF001 - the tests send it in ways a client would not
    assert token is not None
    return token


async def take_place(world: World, story: Story, *organizations: str) -> None:
    """Open a docking event in which these organizations take part, each with two profiles."""
    await story.open_docking_event()
    for number, who in enumerate(organizations):
        country = ("CN", "UZ")[number % 2]
        language, zone = ZONES[country]
        await story.take_part(who, country, language, zone=zone)
        person = story.people[who]
        me = await person.get("registration/v1/me")
        world.marks[f"{who}.mail"] = story.mail_of(who)
        names = {"native": world.mark(f"{who}.name"), "latin": "A Person"}
        await person.change("PATCH", "registration/v1/me", {"names": names}, me["version"])
        await _profile(world, story, who, publish=True)
        await _profile(world, story, who, publish=False)


async def _profile(world: World, story: Story, who: str, *, publish: bool) -> None:
    kind = "published" if publish else "draft"

    def written(what: str) -> Json:
        return text("en", en=f"Drip irrigation {world.mark(f'{who}.{kind}_{what}')}")

    body = {
        "organization_id": story.organizations[who]["id"],
        "kind": "need" if who in {"alpha", "charlie", "zulu", "foxtrot"} else "offer",
        "docking_events": [story.docking_event["id"]],
        "texts": {
            "title": written("title"),
            "summary": written("summary"),
            "description": written("description_after_acceptance"),
            "advantages": written("advantages_under_nda"),
        },
        "technology_keywords": ["drip irrigation"],
        "ipc": ["A01G25/02"],
        "disclosure": {"description": "accepted", "advantages": "nda"},
        "publish": publish,
    }
    made = await story.people[who].post("registration/v1/profiles", body)
    story.profiles[f"{who}.{kind}"] = made


async def _roles(world: World, main: Story, abroad: Story) -> None:
    assert main.organizer
    second = {
        "email": main.mail_of("colleague"),
        "names": {"native": world.mark("colleague.name"), "latin": "A Colleague"},
        "zone": "Asia/Shanghai",
        "languages": ["en"],
    }
    await join(main, "alpha", second)
    roles = f"registration/v1/tenants/{main.tenant['id']}/roles"
    only_here = {
        "email": main.mail_of("doorkeeper"),
        "role": "organizer",
        "docking_event_id": main.docking_event["id"],
    }
    await main.organizer.post(roles, only_here)
    read_only = await main.organizer.post(
        "registration/v1/tokens", {"name": "reader", "scopes": ["read"]}
    )
    world.tokens = {
        "anonymous": None,
        "colleague": _token(await main.sign_in(main.mail_of("colleague"))),
        "neighbour": _token(main.people["delta"]),
        "stranger": _token(abroad.people["yankee"]),
        "event_organizer": _token(await main.sign_in(main.mail_of("doorkeeper"))),
        "organizer": _token(main.organizer),
        "other_organizer": _token(abroad.organizer),
        "analyst": _token(main.people["analyst"]),
        "other_analyst": _token(abroad.people["analyst"]),
        "administrator": world.inside.token,
        "reader": read_only["token"],
    }


async def join(story: Story, who: str, person: Json) -> None:
    """Let a second person come for an organization."""
    assert story.organizer
    path = f"registration/v1/participations/{story.participations[who]['id']}"
    now = await story.organizer.get(path)
    head = {n: now["persons"][0][n] for n in ("person_id", "role", "mode", "zone", "languages")}
    story.participations[who] = await story.organizer.change(
        "PATCH", path, {"persons": [head, person]}, now["version"]
    )


async def meet(world: World, story: Story, *pairs: tuple[str, str]) -> None:
    """Ask, accept, be placed, meet, and declare that something came of it."""
    assert story.organizer
    for asking, asked in pairs:
        message = world.mark(f"{asking}.message")
        story.requests[f"{asking}->{asked}"] = await _ask(story, asking, asked, message)
        await story.answer(asking, asked, "accepted")
    run = await story.organizer.post(
        f"{story.matching_path}/timetable-runs", {"seed": 1, "seconds": 1}
    )
    path = f"matching/v1/timetable-runs/{run['id']}"

    async def done() -> Json | None:
        now = await story.organizer.get(path) if story.organizer else {}
        return now if now["state"] == "done" else None

    timetable = f"matching/v1/timetables/{(await until('the run', done))['timetable_id']}"
    draft = await story.organizer.get(timetable)
    assert len(draft["meetings"]) == len(pairs), draft
    await story.organizer.change("POST", f"{timetable}/publish", None, draft["version"])
    async for meeting in story.organizer.every(f"{story.matching_path}/meetings"):
        path = f"matching/v1/meetings/{meeting['id']}"
        name = next(n for n, r in story.requests.items() if r["id"] == meeting["request_id"])
        await story.organizer.move(path, meeting, "held")
        await _cooperate(world, story, name.partition("->")[0], meeting)


async def _ask(story: Story, asking: str, asked: str, message: str) -> Json:
    body = {
        "asked_participation_id": story.participations[asked]["id"],
        "message": {"language": "en", "text": message},
    }

    async def sent() -> Json | None:
        try:
            return await story.people[asking].post(f"{story.matching_path}/requests", body)
        except Refused as refused:  # matching has not heard of one of them yet
            if refused.status == 404:
                return None
            raise

    return await until(f"{asking} asks {asked}", sent)


async def _cooperate(world: World, story: Story, who: str, meeting: Json) -> None:
    person = story.people[who]
    opened = {"docking_event_id": story.docking_event["id"], "meeting_id": meeting["id"]}
    project = await person.post("matching/v1/projects", opened)
    world.marks[f"{who}.contract"] = amount = str(uuid4().int)[:14]
    stage = {
        "stage": "intention",
        "occurred_on": datetime.now(UTC).date().isoformat(),
        "evidence_sha256": HASH,
        "contract": {"kind": "licence", "amount": int(amount), "currency": "EUR"},
    }
    path = f"matching/v1/projects/{project['id']}/stages"
    story.profiles[f"{who}.project"] = await person.change("POST", path, stage, project["version"])


async def things_of(world: World, story: Story, who: str, request: str) -> dict[str, str]:
    """Everything of one organization that has an address."""
    assert story.organizer
    organizer, person = story.organizer, story.people[who]
    event, matching = story.event_path, story.matching_path
    mine = await person.get(f"{event}/me")
    world.marks[f"{who}.ticket"] = mine["ticket"]
    sessions = (await organizer.get(f"{event}/sessions"))["items"]
    by_kind = {session["kind"]: session["id"] for session in sessions}
    meetings = (await organizer.get(f"{matching}/meetings"))["items"]
    meeting = next(m for m in meetings if m["request_id"] == story.requests[request]["id"])
    timetables = (await organizer.get(f"{matching}/timetables"))["items"]
    calendar = await person.post(
        "matching/v1/calendars", {"docking_event_id": story.docking_event["id"]}
    )
    world.marks[f"{who}.calendar"] = calendar["url"].rpartition("/")[2].removesuffix(".ics")
    token = await person.post("registration/v1/tokens", {"name": "own", "scopes": ["read"]})
    world.marks[f"{who}.token"] = token["token"]
    preview = await organizer.post(f"{matching}/weights-previews", {"values": {}})
    plan = await organizer.post(f"{matching}/mutual-plans", {})
    file = {"file": ("a.csv", b"external_id,kind,name_native,name_language,country\n")}
    taken = await organizer.send(
        "POST",
        f"{event}/imports",
        files=file,
        data={"kind": "organizations", "dry_run": "false"},
        headers={"Idempotency-Key": str(uuid4())},
    )
    mails = [m async for m in organizer.every(f"{event}/mails")]
    roles = await organizer.get(f"registration/v1/tenants/{story.tenant['id']}/roles")
    return {
        "tenant_id": story.tenant["id"],
        "docking_event_id": story.docking_event["id"],
        "venue_id": story.venues["tashkent"]["id"],
        "main_venue_id": story.venues["main"]["id"],
        "interpreter_id": str(uuid4()),
        "session_id": by_kind["matchmaking"],
        "roundtable_id": by_kind["closed_roundtable"],
        "organization_id": story.organizations[who]["id"],
        "participation_id": story.participations[who]["id"],
        "person_id": story.participations[who]["persons"][0]["person_id"],
        "ticket": mine["ticket"],
        "profile_id": story.profiles[f"{who}.published"]["id"],
        "draft_id": story.profiles[f"{who}.draft"]["id"],
        "mail_id": mails[0]["id"],
        "role_id": roles["items"][0]["id"],
        "import_id": taken.json()["id"],
        "token_id": token["id"],
        "request_id": story.requests[request]["id"],
        "meeting_id": meeting["id"],
        "start": meeting["start"],
        "run_id": timetables[0]["run_id"],
        "preview_id": preview["id"],
        "plan_id": plan["id"],
        "timetable_id": timetables[0]["id"],
        "project_id": story.profiles[f"{who}.project"]["id"],
        "calendar_id": calendar["id"],
        "calendar_token": world.marks[f"{who}.calendar"],
    }


async def _drafts(world: World, main: Story) -> None:
    """What is not told to everybody: a draft of a docking event, a roundtable of alpha's."""
    assert main.organizer
    names: dict[str, Any] = text("en", en=world.mark("draft_docking_event"))
    draft = await main.organizer.post(
        f"registration/v1/tenants/{main.tenant['id']}/docking-events",
        {
            "code": f"DRAFT-{main.tag}",
            "names": names,
            "starts_on": main.first_day.isoformat(),
            "ends_on": main.first_day.isoformat(),
            "languages": ["en"],
        },
    )
    own = world.things["own"]
    now = await main.organizer.get(main.event_path)
    online = {
        "kind": "online",
        "names": text("en", en="Online"),
        "zone": "Asia/Urumqi",
        "link": f"https://meet.example/{world.mark('online_link')}",
    }
    await main.organizer.change(
        "PUT", f"{main.event_path}/venues/{uuid4()}", online, now["version"]
    )
    session = await main.organizer.get(f"registration/v1/sessions/{own['roundtable_id']}")
    invited = {
        "names": text("en", en=world.mark("roundtable")),
        "invited": [own["participation_id"]],
    }
    await main.organizer.change(
        "PATCH", f"registration/v1/sessions/{own['roundtable_id']}", invited, session["version"]
    )
    world.things["draft"] = {**own, "docking_event_id": draft["id"], "profile_id": own["draft_id"]}
    world.things["roundtable"] = {**own, "session_id": own["roundtable_id"]}
