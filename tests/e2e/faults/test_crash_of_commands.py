"""R1 in one process: a command dies before or after its commit, and its client asks again.

With the same Idempotency-Key there is one effect, one announcement and one answer; a client that
never asks again finds all of it or nothing.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import MetaData, func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from support.crashes import Died, dying_at
from support.databases import database
from support.matching import World
from support.matching_app import Matching, matching
from support.registration import (
    Scene,
    a_person,
    a_profile,
    an_organization,
    open_world,
    set_scene,
    text,
)
from techdock_contracts.event import Event
from techdock_matching.adapters import tables as matching_tables
from techdock_registration.adapters import tables as registration_tables

BEFORE = ("transaction.before_commit", "command.before_commit")
AFTER = ("transaction.after_commit", "command.after_commit")


@dataclass(frozen=True, slots=True)
class Deed:
    """What a client asks for once: a POST. Its path serves as the key of the intention.

    Attributes:
        version: Of the thing that it changes; None when it makes one.
    """

    token: str
    path: str
    body: dict[str, Any]
    version: int | None = None

    async def ask(self, client: httpx.AsyncClient) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": self.path}
        if self.version is not None:
            headers["If-Match"] = f'"{self.version}"'
        return await client.post(f"/v1/{self.path}", json=self.body, headers=headers)


async def _registration_deeds(scene: Scene) -> dict[str, Deed]:
    person, organization, participation = await scene.confirmed("a@example.org")
    applying = await scene.organizer.post("organizations", an_organization())
    draft = await person.post("profiles", a_profile(organization["id"], scene.docking_event["id"]))
    organizer, admin = scene.organizer.token, scene.administrator.token
    counted = participation["persons"][0]["person_id"]
    entry = {"organization_id": applying["id"], "persons": [a_person("b@example.org")]}
    profile = a_profile(organization["id"], scene.docking_event["id"], publish=True)
    tenant = {
        "code": "another",
        "names": text("en", "Another"),
        "zone": "Asia/Urumqi",
        "languages": ["en"],
    }
    return {
        "writing and publishing": Deed(person.token, "profiles", profile),
        "submitting": Deed(
            person.token, f"profiles/{draft['id']}/state", {"to": "submitted"}, draft["version"]
        ),
        "registering": Deed(person.token, "organizations", an_organization()),
        "applying": Deed(organizer, f"{scene.path}/participations", entry),
        "checking in": Deed(organizer, f"{scene.path}/attendance", {"person_id": counted}),
        "starting": Deed(
            organizer, f"{scene.path}/state", {"to": "running"}, scene.docking_event["version"]
        ),
        "opening a tenant": Deed(admin, "tenants", tenant),
        "asking for a link": Deed("", "sign-in-links", {"email": "a@example.org"}),
        "making a token": Deed(person.token, "tokens", {"name": "mine", "scopes": ["read"]}),
        "withdrawing": Deed(
            organizer,
            f"participations/{participation['id']}/state",
            {"to": "withdrawn"},
            participation["version"],
        ),
    }


async def _matching_deeds(app: Matching) -> dict[str, Deed]:
    world, people = World(), ("ana", "bek", "cui", "dan", "eva")
    await app.hear(world.announced(), world.opened(), world.session_planned())
    await app.hear(*(world.participant(name) for name in people))
    where = f"docking-events/{world.docking_event}"
    callers = {name: app.participant(world, name) for name in people}

    async def sent(asked: str) -> str:
        body = {"asked_participation_id": str(world.participation(asked))}
        request = await callers["ana"].post(f"/{where}/requests", body, 201)
        return f"requests/{request['id']}"

    accepted, declined, countered = [await sent(name) for name in ("bek", "cui", "dan")]
    to_eva = {"asked_participation_id": str(world.participation("eva"))}
    yes, no = {"to": "accepted"}, {"to": "declined"}
    return {
        "asking": Deed(callers["ana"].token, f"{where}/requests", to_eva),
        "accepting": Deed(callers["bek"].token, f"{accepted}/state", yes, 1),
        "declining": Deed(callers["cui"].token, f"{declined}/state", no, 1),
        "countering": Deed(callers["dan"].token, f"{countered}/counter", {"slots": 2}, 1),
        "planning": Deed(
            app.organizer(world).token, f"{where}/timetable-runs", {"seconds": 1, "seed": 1}
        ),
    }


async def _effects(engine: AsyncEngine, metadata: MetaData) -> Counter[str]:
    """How many rows there are of everything, and announcements of each kind."""
    found: Counter[str] = Counter()
    async with engine.connect() as connection:
        for table in metadata.sorted_tables:
            counted = select(func.count()).select_from(table)
            found[table.name] = (await connection.execute(counted)).scalar_one()
        outbox = metadata.tables["outbox"]
        for body in (await connection.execute(select(outbox.c.body))).scalars():
            event = Event.from_bytes(body)
            found[event.type if event else "?"] += 1
    return found


async def _judge(
    deed: Deed,
    point: str,
    dying: httpx.AsyncClient,
    restarted: httpx.AsyncClient,
    effects: Callable[[], Awaitable[Counter[str]]],
) -> None:
    """Ask at an app that dies, then at one that has never heard of it."""
    before = await effects()
    with dying_at(point) as died, suppress(Died):
        await deed.ask(dying)
    assert died == [point]
    found = await effects()
    assert (found == before) == (point in BEFORE)

    answer = await deed.ask(restarted)
    assert answer.is_success, answer.text
    assert ("idempotency-replayed" in answer.headers) == (point in AFTER)
    once = await effects()
    assert once != before
    assert (found == once) == (point in AFTER)

    again = await deed.ask(restarted)
    assert (again.status_code, again.content) == (answer.status_code, answer.content)
    assert await effects() == once


@pytest.mark.parametrize("point", BEFORE + AFTER)
async def test_a_command_of_registration_dies(point: str, tmp_path: Path) -> None:
    metadata = registration_tables.metadata
    async with (
        database("sqlite", tmp_path, metadata) as engine,
        open_world(engine) as dying,
        open_world(engine) as restarted,
    ):
        deeds = await _registration_deeds(await set_scene(dying))
        clients = dying.client, restarted.client
        for deed in deeds.values():
            await _judge(deed, point, *clients, lambda: _effects(engine, metadata))


@pytest.mark.parametrize("point", BEFORE + AFTER)
async def test_a_command_of_matching_dies(point: str, tmp_path: Path) -> None:
    metadata = matching_tables.metadata
    async with (
        matching("sqlite", tmp_path) as dying,
        matching("sqlite", tmp_path) as restarted,
    ):
        deeds = await _matching_deeds(dying)
        restarted.principals.table.update(dying.principals.table)
        clients = dying.client, restarted.client
        for deed in deeds.values():
            await _judge(deed, point, *clients, lambda: _effects(dying.engine, metadata))
