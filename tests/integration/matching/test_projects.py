"""Cooperation projects over HTTP: one side's word, and that of all."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.databases import DATABASES
from support.matching import World, named
from support.matching_app import Matching, matching
from techdock_contracts import matching as told

EVIDENCE = "ab" * 32


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    world = World()
    people = ("ana", "bek", "cui")
    await app.hear(world.announced(), *(world.participant(name) for name in people))
    return world


async def opened(app: Matching, world: World) -> Any:
    body = {
        "docking_event_id": str(world.docking_event),
        "parties": [str(named("ana")), str(named("bek"))],
        "technology_field": 24,
        "direction": "in",
    }
    return await app.participant(world, "ana").post("/projects", body, 201)


async def test_a_stage_counts_when_all_parties_say_so(app: Matching, world: World) -> None:
    project = await opened(app, world)
    ana, bek = app.participant(world, "ana"), app.participant(world, "bek")
    path = f"/projects/{project['id']}"
    stage = {"stage": "intention", "occurred_on": "2026-08-20", "evidence_sha256": EVIDENCE}
    declared = await ana.post(f"{path}/stages", stage, version=1)
    assert (declared["stage"], declared["stages"][0]["state"]) == (None, "declared")
    refused = await ana.post(f"{path}/stages/intention/confirm", {}, 409, version=2)
    assert refused["code"] == "already_answered"
    confirmed = await bek.post(f"{path}/stages/intention/confirm", {}, version=2)
    assert (confirmed["stage"], confirmed["stages"][0]["state"]) == ("intention", "confirmed")
    stage = {"stage": "contract", "occurred_on": "2026-08-25",
             "contract": {"kind": "licence", "amount": 5000, "currency": "USD"}}  # fmt: skip
    await bek.post(f"{path}/stages", stage, version=3)
    disputed = await ana.post(
        f"{path}/stages/contract/dispute", {"reason": "not signed"}, version=4
    )
    assert disputed["stages"][1]["disputed_by"][0]["reason"] == "not signed"
    ended = await ana.post(f"{path}/end", version=5)
    assert ended["ended"]
    events = await app.told()
    assert [type(event) for event in events] == [
        told.ProjectOpened, told.StageDeclared, told.StageConfirmed, told.StageDeclared,
        told.StageDisputed, told.ProjectEnded,
    ]  # fmt: skip
    wire = b"".join(event.to_bytes() for event in events)
    assert b"not signed" not in wire
    assert b"5000" not in wire


async def test_who_may(app: Matching, world: World) -> None:
    project = await opened(app, world)
    path = f"/projects/{project['id']}"
    cui, organizer = app.participant(world, "cui"), app.organizer(world)
    await cui.get(path, 404)
    await app.stranger().get(path, 404)
    await app.analyst(world).get(path, 404)
    assert (await organizer.get(path))["id"] == project["id"]
    stage = {"stage": "intention", "occurred_on": "2026-08-20"}
    await organizer.post(f"{path}/stages", stage, 403, version=1)
    await cui.post(f"{path}/stages", stage, 404, version=1)
    event = str(world.docking_event)
    assert (await cui.get("/projects", docking_event_id=event))["items"] == []
    assert len((await organizer.get("/projects", docking_event_id=event))["items"]) == 1
    others = {"docking_event_id": event, "parties": [str(named("ana")), str(named("bek"))]}
    await cui.post("/projects", others, 403)
    await app.stranger().post("/projects", others, 404)
    foreign = {**others, "parties": [str(named("ana")), str(named("nobody"))]}
    await app.participant(world, "ana").post("/projects", foreign, 422)
    await app.participant(world, "ana").post("/projects", {}, 422)


async def test_a_date_to_come_is_refused(app: Matching, world: World) -> None:
    project = await opened(app, world)
    stage = {"stage": "landed", "occurred_on": "2026-12-01"}
    path = f"/projects/{project['id']}/stages"
    await app.participant(world, "ana").post(path, stage, 422, version=1)
