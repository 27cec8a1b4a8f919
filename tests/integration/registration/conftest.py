from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.databases import DATABASES, database
from support.registration import Scene, World, open_world, set_scene
from techdock_registration.adapters import tables


@pytest.fixture(params=DATABASES)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """Registration on a fresh database of each kind."""
    async with (
        database(request.param, tmp_path, tables.metadata) as engine,
        open_world(engine) as opened,
    ):
        yield opened


@pytest.fixture
async def scene(world: World) -> Scene:
    """A docking event that takes applications."""
    return await set_scene(world)
