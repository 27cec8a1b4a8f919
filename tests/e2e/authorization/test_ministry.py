"""What a ministry is told of docking events that were held, and whose."""

from typing import Any
from uuid import uuid4

import pytest
from support.authorization import World
from support.story import text
from support.waiting import until
from techdock_embedded.client import Json

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOR_EVER = "2999-12-31"


async def hold_a_docking_event(world: World, role: str, things: dict[str, str]) -> Json:
    """One without anybody, from draft to closed."""
    organizer = world.client(role)
    tenant_id, host = things["tenant_id"], things["organization_id"]
    made = await organizer.post(
        f"registration/v1/tenants/{tenant_id}/docking-events",
        {
            "code": f"HELD-{uuid4().hex[:8]}",
            "names": text("en", en="Held"),
            "starts_on": "2026-01-10",
            "ends_on": "2026-01-10",
            "languages": ["en"],
            "organizers": [{"organization_id": host, "role": "host"}],
            "venues": [
                {
                    "id": str(uuid4()),
                    "kind": "main",
                    "names": text("en", en="Hall"),
                    "city": text("en", en="Urumqi"),
                    "country": "CN",
                    "zone": "Asia/Urumqi",
                }
            ],
        },
    )
    path = f"registration/v1/docking-events/{made['id']}"
    for state in ("announced", "open", "running", "held", "closed"):
        made = await organizer.move(path, made, state)
    return made


async def told(world: World, role: str) -> Json:
    return await world.client(role).get("reporting/v1/ministry/figures", as_of=FOR_EVER)


async def test_a_ministry_reads_the_docking_events_of_its_tenants_only(world: World) -> None:
    targets = {"analyst": "own", "other_analyst": "other_tenant"}
    organizers = {"analyst": "organizer", "other_analyst": "other_organizer"}
    held: dict[str, Json] = {}
    for analyst, target in targets.items():
        things = world.things[target]
        held[analyst] = await hold_a_docking_event(world, organizers[analyst], things)

    for mine, others in (("analyst", "other_analyst"), ("other_analyst", "analyst")):

        async def counted(role: str = mine) -> Any:
            answer = await told(world, role)
            return answer if held[role]["id"] in str(answer["docking_events"]) else None

        answer = await until(f"the {mine} reads of what was held", counted)
        assert held[others]["id"] not in str(answer)
        earlier = await world.client(mine).get("reporting/v1/ministry/answers")
        assert held[mine]["id"] in str(earlier)
        assert held[others]["id"] not in str(earlier)

        totals = [one for one in answer["docking_events"] if one["id"] == held[mine]["id"]]
        assert {figure["flag"] for figure in totals[0]["figures"]} == {"[c]"}
        assert {figure["value"] for figure in totals[0]["figures"]} == {None}
