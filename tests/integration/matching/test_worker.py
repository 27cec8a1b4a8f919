"""The worker as a process: it ranks within a second, is restarted, and ends with its parent."""

import asyncio
import os
import signal
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from support.databases import DATABASES, NEEDS_POSTGRES, database_url
from support.matching import World, named
from support.matching_app import Matching, matching
from support.waiting import until
from techdock_matching.adapters.child import WorkerChild


def environment(engine: AsyncEngine) -> dict[str, str]:
    return {
        "TECHDOCK_MATCHING_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "TECHDOCK_MATCHING_REDIS_URL": "redis://127.0.0.1:9/0",
    }


@asynccontextmanager
async def child_of(app: Matching) -> AsyncIterator[WorkerChild]:
    child = WorkerChild(environment(app.engine))
    keeping = asyncio.create_task(child.keep())
    try:
        yield child
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping


@pytest.fixture(params=DATABASES)
async def app(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Matching]:
    async with matching(request.param, tmp_path) as opened:
        yield opened


async def begin_fair(app: Matching, world: World) -> None:
    await app.hear(
        world.announced(), world.participant("ana"), world.participant("bek"),
        world.profile("need", "ana", "need", "drip irrigation for cotton"),
        world.profile("offer", "bek", "offer", "drip irrigation lines for cotton fields"),
    )  # fmt: skip


async def listed(app: Matching, owner: str) -> list[str]:
    async with app.begin() as transaction:
        found = await transaction.lists.get(named(owner), World().docking_event)
    return [] if found is None else [str(c.profile_id) for c in found.candidates]


async def test_a_published_profile_is_in_the_lists_within_a_second(app: Matching) -> None:
    world = World()
    await begin_fair(app, world)
    async with child_of(app) as child:

        async def ready() -> bool:
            return str(named("offer")) in await listed(app, "need")

        await until("ready", ready, within_s=60)
        begun = time.monotonic()
        await app.hear(world.profile("late", "bek", "offer", "drip irrigation in cotton"))

        async def stands() -> bool:
            return str(named("late")) in await listed(app, "need")

        await until("stands", stands, within_s=10)
        assert time.monotonic() - begun < 1.0 + 2.0 * (os.getloadavg()[0] > os.cpu_count())
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await app.hear(world.profile("later", "bek", "offer", "cotton drip irrigation kit"))

        async def stands_too() -> bool:
            return str(named("later")) in await listed(app, "need")

        await until("stands too", stands_too, within_s=60)
        assert child.pid != first
        last = child.pid
    assert last is not None
    assert not psutil.pid_exists(last)


async def test_a_run_is_done_by_the_worker(app: Matching) -> None:
    world = World()
    await app.hear(
        world.announced(), world.opened(), world.session_planned(),
        world.participant("ana"), world.participant("bek"),
    )  # fmt: skip
    body = {"asked_participation_id": str(world.participation("bek"))}
    where = f"/docking-events/{world.docking_event}"
    sent = await app.participant(world, "ana").post(f"{where}/requests", body, 201)
    answer = {"to": "accepted"}
    await app.participant(world, "bek").post(f"/requests/{sent['id']}/state", answer, version=1)
    organizer = app.organizer(world)
    async with child_of(app):
        run = await organizer.post(f"{where}/timetable-runs", {"seconds": 1}, 202)

        async def done() -> bool:
            found = await organizer.get(f"/timetable-runs/{run['id']}")
            return bool(found["state"] == "done" and found["progress"]["placed"] == 1)

        await until("done", done, within_s=60)


@pytest.mark.parametrize("moment", ["it starts", "it works"])
async def test_the_worker_ends_with_its_parent(tmp_path: Path, moment: str) -> None:
    async with matching("sqlite", tmp_path) as app:
        script = textwrap.dedent(f"""
            import asyncio
            from techdock_matching.adapters.child import WorkerChild
            asyncio.run(WorkerChild({environment(app.engine)!r}).keep())
        """)
        parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
        children: list[psutil.Process] = []

        async def begun() -> bool:
            children[:] = psutil.Process(parent.pid).children()
            return any("techdock_matching.worker" in " ".join(c.cmdline()) for c in children)

        await until("begun", begun, within_s=30)

        async def works() -> bool:
            return any(tmp_path.glob("*.matching.ranker.lock"))

        if moment == "it works":
            await until("works", works, within_s=60)
        parent.kill()
        await parent.wait()

        async def gone() -> bool:
            return all(not c.is_running() or c.status() == psutil.STATUS_ZOMBIE for c in children)

        await until("gone", gone, within_s=10)


async def test_who_is_cancelled_again_still_takes_the_worker_along(tmp_path: Path) -> None:
    async with matching("sqlite", tmp_path) as app:
        child = WorkerChild(environment(app.engine))
        keeping = asyncio.ensure_future(child.keep())

        async def begun() -> bool:
            return child.pid is not None

        await until("begun", begun)
        worker = psutil.Process(child.pid)
        keeping.cancel()
        while child.pid is not None:  # it is about to end its child
            await asyncio.sleep(0)
        keeping.cancel()
        await asyncio.wait([keeping])
        assert not worker.is_running()


@NEEDS_POSTGRES
async def test_the_worker_ranks_with_an_index_in_postgresql(tmp_path: Path) -> None:
    world = World()
    async with (
        matching("postgresql", tmp_path) as app,
        database_url("postgresql", tmp_path) as index_url,
    ):
        await begin_fair(app, world)
        child = WorkerChild(environment(app.engine) | {"TECHDOCK_MATCHING_INDEX_URL": index_url})
        keeping = asyncio.create_task(child.keep())
        try:
            await until("a list", lambda: listed(app, "need"), within_s=60)
            assert await listed(app, "need") == [str(named("offer"))]
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
