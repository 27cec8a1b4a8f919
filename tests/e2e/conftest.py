"""The program under test: the embedded one, or the distributed one named by TECHDOCK_TEST_URL."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from support.programs import Embedded
from support.servers import distributed
from techdock_embedded.client import Client


@dataclass(frozen=True)
class Program:
    """Where Techdock answers, and a token of its administrator."""

    url: str
    token: str


@pytest.fixture(scope="session")
def techdock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    if "TECHDOCK_TEST_URL" in os.environ:
        servers = distributed()
        yield Program(servers.url, servers.token())
        return
    data: Path = tmp_path_factory.mktemp("techdock") / "data"
    program = Embedded(data)
    token = program.command("token", "admin@story.example", "--administrator", "--data", str(data))
    program.start()
    try:
        yield Program(program.url, token.strip())
    finally:
        program.stop()


@pytest.fixture
async def techdock_client(techdock: Program) -> AsyncIterator[Client]:
    async with httpx.AsyncClient(base_url=techdock.url, timeout=30) as http:
        yield Client(http, techdock.token)
