"""The world that is asked, once for all tests of this folder."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.authorization import World, build
from support.inside import inside


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with inside(tmp_path_factory.mktemp("world")) as running:
        yield await build(running)
