"""Once quiet, lists are what a restart would make of the same profiles, however these came."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import delete, select
from support.clock import FrozenClock
from support.databases import DATABASES, database
from support.embedding import LetterEncoder
from support.matching import NOON, World, named
from support.ranking_rig import TOPICS, Rig, embed_all, settle
from techdock_contracts import event
from techdock_matching.adapters import tables
from techdock_matching.app import ranking
from techdock_matching.app.ports import Filter
from techdock_matching.app.ranking import Ranker
from techdock_matching.domain.ranking.match import Candidate
from techdock_shared.sql.engine import transaction

Told = event.Event | event.Tombstone
LONG = timedelta(seconds=ranking.QUIET_S + 1)


@pytest.fixture(params=DATABASES)
async def rigs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Rig, Rig]]:
    """Two deployments that hear the same."""
    async with (
        database(request.param, tmp_path, tables.metadata, "one") as one,
        database(request.param, tmp_path, tables.metadata, "other") as other,
    ):
        yield tuple(Rig(each, FrozenClock(NOON), World()) for each in (one, other))


async def quiet(rig: Rig, ranker: Ranker) -> None:
    """Let everything be done, and time pass."""
    await embed_all(ranker)
    rig.clock.time += LONG
    await embed_all(ranker)


async def ranker_of(rig: Rig, *, with_meaning: bool) -> Ranker:
    return await (rig.embedding(LetterEncoder()) if with_meaning else rig.ranker())


def lives(world: World) -> list[list[Told]]:
    """What each organization tells in its life; some edit, some withdraw, some come back."""
    found: list[list[Told]] = []
    for number in range(3):
        for index, (title, summary) in enumerate(TOPICS):
            for kind in ("need", "offer"):
                owner = f"{kind}{index}.{number}"
                profile = f"{owner}.profile"
                life: list[Told] = [
                    world.organization(owner),
                    world.profile(profile, owner, kind, title, summary),
                ]
                if (index + number) % 3 == 0:
                    other = TOPICS[(index + 1) % len(TOPICS)]
                    life.append(world.profile(profile, owner, kind, title, other[1], revision=2))
                if (index + number) % 4 == 1:
                    life.append(world.removed(profile))
                if (index + number) % 8 == 1:
                    life.append(world.profile(profile, owner, kind, *reversed(TOPICS[index])))
                found.append(life)
    return found


def shuffled(lives: Sequence[Sequence[Told]], seed: int) -> list[Told]:
    """Mix the lives; each stays in its own order."""
    order = [at for at, life in enumerate(lives) for _ in life]
    random.Random(seed).shuffle(order)
    running = [iter(life) for life in lives]
    return [next(running[at]) for at in order]


@pytest.mark.parametrize("with_meaning", [False, True], ids=["words", "meaning"])
async def test_the_same_profiles_in_another_order_make_the_same_lists(
    rigs: tuple[Rig, Rig], with_meaning: bool
) -> None:
    for seed, rig in enumerate(rigs):
        await rig.hear(rig.world.announced())
        ranker = await ranker_of(rig, with_meaning=with_meaning)
        told = shuffled(lives(rig.world), seed)
        step = 7 if seed else 40
        for first in range(0, len(told), step):
            await rig.hear(*told[first : first + step])
            await (embed_all(ranker) if seed else settle(ranker))
        await quiet(rig, ranker)
    one, other = [await rig.all_lists() for rig in rigs]
    assert len(one) > 20
    assert one == other
    # Scores too, and so does a ranker that begins with nothing but the profiles.
    await forget(rigs[0])
    await ranker_of(rigs[0], with_meaning=with_meaning)
    assert await rigs[0].all_lists() == one


async def test_only_lists_that_changed_are_written(rigs: tuple[Rig, Rig]) -> None:
    rig = rigs[0]
    await rig.hear(*rig.fair())
    ranker = await rig.ranker()
    await quiet(rig, ranker)
    before = await versions(rig)
    # It comes and goes: in the end nothing is different.
    await rig.hear(rig.world.profile("late", "need0.0", "need", "granite", "quarries of granite"))
    await settle(ranker)
    await rig.hear(rig.world.removed("late"))
    await settle(ranker)
    await quiet(rig, ranker)
    assert rig.index.statistics.changes == 0
    assert await versions(rig) == before


async def test_quiet_is_waited_for_and_news_go_first(
    rigs: tuple[Rig, Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = rigs[0]
    await rig.hear(*rig.fair())
    ranker = await rig.ranker()
    await quiet(rig, ranker)
    version = rig.index.statistics.version
    await rig.hear(rig.world.profile("late", "need0.0", "need", *TOPICS[1]))
    await settle(ranker)
    assert rig.index.statistics.version == version  # Not quiet yet.
    rig.clock.time += LONG
    plain, pause = rig.index.lists, Event()
    loop, begun = asyncio.get_running_loop(), asyncio.Event()

    def endless(
        wanted: Filter, limit: int, told: Callable[[float], None] | None = None
    ) -> Mapping[UUID, list[Candidate]]:
        assert told is not None
        loop.call_soon_threadsafe(begun.set)
        for _ in range(4_000):
            told(0.0)
            pause.wait(0.005)
        raise AssertionError("it did not give way")

    monkeypatch.setattr(rig.index, "lists", endless)
    settling = asyncio.create_task(ranker.step())
    await begun.wait()
    await rig.hear(rig.world.profile("later", "need0.1", "need", *TOPICS[2]))
    assert await settling
    assert await rig.list_of("later") == []
    monkeypatch.setattr(rig.index, "lists", plain)
    await settle(ranker)
    assert await rig.list_of("later")
    await quiet(rig, ranker)
    lists = await rig.all_lists()
    await forget(rig)
    await rig.ranker()
    assert await rig.all_lists() == lists


async def test_a_profile_leaves_lists_with_the_day_on_which_it_ends(
    rigs: tuple[Rig, Rig],
) -> None:
    rig = rigs[0]
    ends = NOON.date() + timedelta(days=1)
    await rig.hear(
        *rig.fair(), rig.world.profile("brief", "offer3.0", "offer", *TOPICS[0], valid_until=ends)
    )
    ranker = await rig.ranker()
    await quiet(rig, ranker)
    assert named("brief") in await rig.list_of("need0.0.profile")
    rig.clock.time += timedelta(days=2)
    await settle(ranker)
    assert named("brief") not in await rig.list_of("need0.0.profile")


async def forget(rig: Rig) -> None:
    """Forget every list, and from what they were made."""
    async with transaction(rig.engine) as connection:
        await connection.execute(delete(tables.match_lists))
        await connection.execute(delete(tables.ranking_state))


async def versions(rig: Rig) -> dict[UUID, int]:
    m = tables.match_lists
    async with rig.engine.connect() as connection:
        rows = await connection.execute(select(m.c.profile_id, m.c.version))
        return {row.profile_id: row.version for row in rows}
