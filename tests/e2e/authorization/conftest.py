"""What is asked, once for all tests of this folder: two worlds in one program."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio
from support.authorization import World, build
from support.authorization_small import Small, build_small
from support.databases import DATABASES
from support.inside import inside


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with inside(tmp_path_factory.mktemp("world")) as running:
        yield await build(running)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def small(world: World) -> Small:
    """A docking event in which one account may do everything; a module may spoil its own."""
    address = f"everything.{uuid4().hex[:8]}@techdock.example"
    return await build_small(await world.inside.another(address))


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=DATABASES)
async def either(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Small]:
    """The same, in a program of its own over each kind of database."""
    async with inside(tmp_path_factory.mktemp("either"), request.param) as running:
        yield await build_small(running)
