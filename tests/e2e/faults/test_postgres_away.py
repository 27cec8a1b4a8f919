"""PostgreSQL stops at once, also in the middle of commits: 503, nothing half-done, then once."""

import asyncio
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.databases import NEEDS_POSTGRES, OwnPostgres
from support.history import History, Operation
from support.readers import READERS, make_tables
from support.registration import Person, Scene, a_profile, open_world, set_scene, text
from techdock_shared.sql.engine import open_engine

pytestmark = NEEDS_POSTGRES

ROUNDS, AT_ONCE = 3, 12


@pytest.fixture
def server() -> Iterator[OwnPostgres]:
    # PostgreSQL runs as another user, who does not reach into the folders of pytest.
    with tempfile.TemporaryDirectory(prefix="techdock-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        postgres = OwnPostgres(folder, durable=True)
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.stop_immediately()


async def test_a_server_that_stops_amid_commits(server: OwnPostgres) -> None:
    rng, history = random.Random(3), History()
    operations: dict[str, Operation] = {}
    engine = open_engine(f"{server.url}/postgres")
    await make_tables(READERS["registration"], engine)
    async with open_world(engine) as world:
        scene = await set_scene(world)
        asem, organization, _ = await scene.confirmed("asem@example.org")

        async def write(name: str) -> httpx.Response:
            operation = operations.get(name) or history.invoke(0, "profile", name)
            operations[name] = operation
            answer = await _write(asem, scene, organization["id"], name)
            operation.outcome = "ok" if answer.is_success else "info"
            return answer

        away: list[httpx.Response] = []
        for round_ in range(ROUNDS):
            names = [f"{round_} {number}" for number in range(AT_ONCE)]
            writing = [asyncio.create_task(write(name)) for name in names]
            # So many are done, the others are under way.
            for task in writing[: rng.randint(1, AT_ONCE // 2)]:
                await task
            await asyncio.to_thread(server.stop_immediately)
            away += [answer for answer in await asyncio.gather(*writing) if not answer.is_success]
            away += [await write(f"{round_} afterwards"), await asem.call("GET", "me")]
            await asyncio.to_thread(server.start)
            # Who asks again with the same key gets what was done, or it is done now.
            again = [await write(name) for name in names[::2]]
            assert {answer.status_code for answer in again} == {201}

        assert {answer.status_code for answer in away} == {503}
        assert all(int(answer.headers["retry-after"]) > 0 for answer in away)
        found = (await asem.get("profiles", mine="true", limit="200"))["items"]
        assert list(history.judge("profile", map(_title, found))) == []
        told = [
            event for event in await world.told() if event.type.endswith("profile_published.v1")
        ]
        assert len(told) == len(found), "each is announced once"
    await engine.dispose()


async def _write(person: Person, scene: Scene, organization: str, name: str) -> httpx.Response:
    body = a_profile(organization, scene.docking_event["id"], publish=True)
    body["texts"] |= {"title": text("en", name), "summary": text("en", name)}
    return await person.call("POST", "profiles", body, key=name)


def _title(profile: dict[str, object]) -> str:
    return str(profile["texts"]["title"]["versions"]["en"]["text"])  # type: ignore[index]
