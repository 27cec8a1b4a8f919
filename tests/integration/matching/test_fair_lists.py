"""Lists in which nobody's kin fills the first places, and which know who is willing to meet."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete
from support.databases import DATABASES
from support.matching import World, named
from support.matching_app import Caller, Matching, matching
from techdock_matching.adapters import tables
from techdock_matching.app import ranking
from techdock_shared.sql.engine import transaction

WORDS = "drip irrigation lines for cotton on saline soil"
NEED = f"/profiles/{named('need')}"
ASKING = tuple(f"asking{number}" for number in range(6))
PEOPLE = ("ana", "bek", "cui", "dan", *ASKING)


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


@pytest.fixture
async def world(app: Matching) -> World:
    world = World()
    await app.hear(
        world.announced(), world.opened(), world.session_planned(),
        *(world.organization(name) for name in PEOPLE),
        *(world.participant(name) for name in PEOPLE),
        world.profile("need", "ana", "need", "drip irrigation for cotton on saline soil"),
    )  # fmt: skip
    return world


async def items(caller: Caller) -> list[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = (await caller.get(f"{NEED}/matches", limit=20))["items"]
    return list(found)


def coded(item: dict[str, Any], code: str) -> dict[str, Any] | None:
    return next((one for one in item["reasons"] if one["code"] == code), None)


@pytest.mark.parametrize("together", [True, False], ids=["at once", "one by one"])
async def test_one_organization_does_not_fill_the_first_places(
    app: Matching, world: World, together: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if together:
        monkeypatch.setattr(ranking, "BULK", 1)
        monkeypatch.setattr(ranking, "SETTLING_S", 0.01)
    many = {
        named(f"many{n}"): world.profile(f"many{n}", "bek", "offer", f"{WORDS}, type {n}")
        for n in range(9)
    }
    few = [
        world.profile(f"{owner}{n}", owner, "offer", f"irrigation of {crop} {n}, drip")
        for owner, crop in (("cui", "orchards"), ("dan", "vineyards"), ("asking0", "gardens"))
        for n in range(3)
    ]
    for event in (*few, *many.values()):
        await app.hear(event)
        if not together:
            await app.rank()
    await app.rank()

    shown = await items(app.participant(world, "ana"))

    ids = [UUID(one["profile_id"]) for one in shown]
    assert len(ids) == 18
    assert [one in many for one in ids[:10]].count(True) == 3
    assert ids[0] in many
    assert all(coded(one, "kin") is None for one in shown[:10])
    assert {"before": 3, "most": 3, "reader": "need"} in [
        (coded(one, "kin") or {}).get("params") for one in shown[10:]
    ]


async def test_offers_that_say_the_same_do_not_fill_them_either(
    app: Matching, world: World
) -> None:
    long = (
        f"{WORDS}: emitters that clean themselves, filters with back washing, valves opened by"
        " the sun, and a controller that learns from the weather of the last seasons"
    )
    owners = [f"copy{n}" for n in range(8)]
    await app.hear(
        *(world.organization(owner) for owner in owners),
        *(
            world.profile(owner, owner, "offer", f"Copy {n}", long)
            for n, owner in enumerate(owners)
        ),
        *(
            world.profile(f"other{n}", "cui" if n % 2 else "dan", "offer", f"drip irrigation {n}")
            for n in range(6)
        ),
    )
    await app.rank()
    # It is looked for among all, when lists settle.
    await settled(app)
    shown = [UUID(one["profile_id"]) for one in await items(app.participant(world, "ana"))]
    assert [one in set(map(named, owners)) for one in shown[:10]].count(True) < 8


async def settled(app: Matching) -> None:
    """Let lists be computed anew by a ranker that begins with what there is."""
    async with transaction(app.engine) as connection:
        await connection.execute(delete(tables.ranking_state))
    await app.rank()


async def answer(app: Matching, world: World, asked: str, answers: Sequence[str]) -> None:
    """Let an organization answer so many requests."""
    for asking, to in zip(ASKING, answers, strict=False):
        sent = await app.participant(world, asking).post(
            f"/docking-events/{world.docking_event}/requests",
            {"asked_participation_id": str(world.participation(asked))},
            201,
        )
        body = {"to": to, "reason": "no time"} if to == "declined" else {"to": to}
        await app.participant(world, asked).post(f"/requests/{sent['id']}/state", body, version=1)


async def test_who_accepts_what_it_is_asked_stands_before_its_equal(
    app: Matching, world: World
) -> None:
    await app.hear(
        *(world.profile(f"of {owner}", owner, "offer", WORDS) for owner in ("bek", "cui", "dan"))
    )
    await app.rank()
    ana = app.participant(world, "ana")
    before = {one["profile_id"]: one for one in await items(ana)}
    assert all(coded(one, "acceptance") is None for one in before.values())
    last = list(before)[-1]
    willing = next(owner for owner in ("bek", "cui", "dan") if str(named(f"of {owner}")) == last)
    first = next(iter(before))
    unwilling = next(owner for owner in ("bek", "cui", "dan") if str(named(f"of {owner}")) == first)
    await answer(app, world, willing, ["accepted"] * 6)
    await answer(app, world, unwilling, ["declined"] * 6)

    await settled(app)

    after = await items(ana)
    ids = [one["profile_id"] for one in after]
    assert (ids[0], ids[-1]) == (last, first)
    often, nothing, seldom = (coded(one, "acceptance") for one in after)
    assert nothing is None
    assert often is not None
    assert seldom is not None
    assert (often["fits"], often["params"]["willing"]) == (True, "often")
    assert (seldom["fits"], seldom["params"]["willing"]) == (False, "seldom")
    assert often["weight"] > 0 > seldom["weight"]
    assert "no time" not in str(after)
    organizer = app.organizer(world)
    weights = f"/docking-events/{world.docking_event}/weights"
    await organizer.put(weights, {"values": {"acceptance": 0.0}}, version=0)
    await app.rank()
    unmoved = await items(ana)
    assert [one["profile_id"] for one in unmoved] == list(before)
    assert all(coded(one, "acceptance") is None for one in unmoved)
