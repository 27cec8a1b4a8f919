"""What registration tells becomes the same read model, however it is delivered."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from support.clock import FrozenClock
from support.databases import DATABASES, database
from support.matching import NOON, World, deliver, named, tables_of
from techdock_contracts.event import Event, Tombstone
from techdock_contracts.registration import OrganizationChanged, ParticipationChanged
from techdock_matching.adapters import tables
from techdock_matching.adapters.transaction import SqlBegin
from techdock_matching.entrypoints.messages import GROUP, HANDLERS
from techdock_shared.messaging.consumer import Consumer

READ_MODELS = (
    tables.organizations,
    tables.docking_events,
    tables.sessions,
    tables.participations,
    tables.profiles,
    tables.profile_entries,
)


@pytest.fixture(params=DATABASES)
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with database(request.param, tmp_path, tables.metadata) as opened:
        yield opened


def consumer(engine: AsyncEngine) -> Consumer:
    return Consumer(GROUP, HANDLERS, SqlBegin(engine, FrozenClock(NOON)), first_pause_s=0.001)


def story() -> list[Event | Tombstone]:
    """A docking event with changes, ends and a removal in it."""
    world = World()
    told: list[Event | Tombstone] = [world.announced(), world.session_planned(), world.opened()]
    for name in ("ana", "bek", "cui"):
        organization = world.organization(name)
        told += [organization, world.participant(name)]
        told.append(world.profile(f"{name}.need", name, "need", f"{name} seeks seed"))
        changed = OrganizationChanged.model_validate(
            {
                **organization.model_dump(exclude={"type"}),
                **world.head(OrganizationChanged, named(name)),
                "country": "KZ",
            }
        )
        told.append(changed)
    told.append(world.profile("bek.need", "bek", "need", "bek seeks drip lines", revision=2))
    told.append(world.withdrawn("cui"))
    told.append(world.removed("cui.need"))
    return told


async def test_facts_and_states_are_kept(engine: AsyncEngine) -> None:
    await deliver(consumer(engine), *story())
    async with SqlBegin(engine, FrozenClock(NOON))() as transaction:
        docking_event = await transaction.lookups.docking_event(World().docking_event)
        assert docking_event.state == "open"
        assert len(docking_event.venues[0].tables) == 4
        assert len(await transaction.lookups.sessions(docking_event.id)) == 1
        present = await transaction.lookups.participations(docking_event.id)
        assert {p.organization_id for p in present} == {named("ana"), named("bek")}
        profile = await transaction.lookups.profile(named("bek.need"))
        assert profile.content.revision == 2
        assert await transaction.lookups.profiles([named("cui.need")]) == []
        assert await transaction.lists.queued(named("bek.need"))
        assert await transaction.lists.queued(named("cui.need"))


async def test_a_repeated_delivery_changes_nothing(engine: AsyncEngine) -> None:
    told = story()
    await deliver(consumer(engine), *told)
    before = await tables_of(engine, *READ_MODELS)
    await deliver(consumer(engine), *told, *told[::-1])
    assert await tables_of(engine, *READ_MODELS) == before


@pytest.mark.parametrize("seed", range(5))
async def test_any_order_gives_the_same_read_models(
    engine: AsyncEngine, tmp_path: Path, seed: int
) -> None:
    told = story()
    shuffled = [*told, *random.Random(seed).sample(told, len(told) // 3)]
    random.Random(seed).shuffle(shuffled)
    await deliver(consumer(engine), *shuffled)
    async with database("sqlite", tmp_path, tables.metadata, name="in_order") as other:
        await deliver(consumer(other), *told)
        assert await tables_of(engine, *READ_MODELS) == await tables_of(other, *READ_MODELS)


async def test_older_facts_never_replace_newer_ones(engine: AsyncEngine) -> None:
    world = World()
    first = world.participant("ana")
    second = ParticipationChanged.model_validate(
        {
            **first.model_dump(exclude={"type"}),
            **world.head(ParticipationChanged, world.participation("ana")),
            "most_meetings": 3,
        }
    )
    begin = SqlBegin(engine, FrozenClock(NOON))
    for event in (second, first):
        async with begin() as transaction:
            await HANDLERS[type(event)](event, transaction)
    async with begin() as transaction:
        assert (await transaction.lookups.participation(first.participation_id)).most_meetings == 3
