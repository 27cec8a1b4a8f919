"""What jobs promise: each is done, by one worker at a time, also when workers die."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from support.broker import effects, metadata, tables
from support.clock import NOON, FrozenClock
from support.databases import DATABASES, database
from support.waiting import until
from techdock_shared import crash
from techdock_shared.errors import Invalid, NotFound, Unavailable
from techdock_shared.ids import uuid7
from techdock_shared.sql import jobs
from techdock_shared.sql.engine import reading, transaction
from techdock_shared.sql.jobs import CANCELLED, DONE, FAILED, QUEUED, RUNNING, Job
from techdock_shared.sql.worker import MOST_ATTEMPTS, Cancelled, LeaseLost, Work, Worker


async def ask(engine: AsyncEngine, kind: str = "sum", **more: Any) -> Any:
    async with transaction(engine) as connection:
        return await jobs.enqueue(connection, tables.jobs, kind, {"n": 1}, now=NOON, **more)


async def look(engine: AsyncEngine, job_id: Any) -> Job:
    async with reading(engine) as connection:
        return await jobs.find(connection, tables.jobs, job_id)


async def count_effects(engine: AsyncEngine) -> int:
    async with reading(engine) as connection:
        return (await connection.execute(select(func.count()).select_from(effects))).scalar_one()


def worker(engine: AsyncEngine, clock: FrozenClock, handler: Any, **more: Any) -> Worker:
    return Worker(engine, tables.jobs, {"sum": handler}, clock=clock, **more)


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_job_is_done_and_its_result_kept(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine:
        job_id = await ask(engine)
        await ask(engine, kind="other")

        async def handle(work: Work) -> Mapping[str, Any]:
            assert (await look(engine, job_id)).state == RUNNING
            await work.save({"at": 50})
            return {"sum": work.job.payload["n"] + 1}

        working = worker(engine, FrozenClock(), handle)
        assert await working.work_once()
        assert not await working.work_once()

        job = await look(engine, job_id)
        assert (job.state, job.progress, job.result, job.attempts) == (
            DONE,
            {"at": 50},
            {"sum": 2},
            1,
        )


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_job_with_a_name_is_asked_for_once(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine:
        assert await ask(engine, once="mail:1") is not None
        assert await ask(engine, once="mail:1") is None
        assert await ask(engine, once="mail:2") is not None


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_later_job_waits_for_its_moment(kind: str, tmp_path: Path) -> None:
    clock = FrozenClock()

    async def handle(_: Work) -> None:
        return None

    async with database(kind, tmp_path, metadata) as engine:
        await ask(engine, not_before=NOON + timedelta(hours=1))
        working = worker(engine, clock, handle)

        assert not await working.work_once()
        clock.time += timedelta(hours=1)
        assert await working.work_once()


@pytest.mark.parametrize("kind", DATABASES)
async def test_an_expired_lease_is_taken_over_where_the_job_stood(
    kind: str, tmp_path: Path
) -> None:
    clock = FrozenClock()
    async with database(kind, tmp_path, metadata) as engine:
        job_id = await ask(engine)
        first_has_it, go_on, seen = asyncio.Event(), asyncio.Event(), []

        async def slow(work: Work) -> None:
            await work.save({"at": 1})
            first_has_it.set()
            await go_on.wait()
            with pytest.raises(LeaseLost):
                await work.save({"at": 2})
            async with transaction(engine) as connection:
                await connection.execute(effects.insert().values(subject="slow", number=1))
                await work.finish(connection, None)

        async def fast(work: Work) -> None:
            seen.append(work.job.progress)
            async with transaction(engine) as connection:
                await connection.execute(effects.insert().values(subject="fast", number=1))
                await work.finish(connection, {"by": "fast"})

        hung = asyncio.create_task(worker(engine, clock, slow, lease_s=60).work_once())
        await first_has_it.wait()
        other = worker(engine, clock, fast, lease_s=60)
        assert not await other.work_once()
        clock.time += timedelta(seconds=61)
        assert await other.work_once()
        go_on.set()
        await hung

        job = await look(engine, job_id)
        assert (job.state, job.result, job.attempts, seen) == (DONE, {"by": "fast"}, 2, [{"at": 1}])
        assert await count_effects(engine) == 1


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_clock_that_steps_back_does_not_keep_a_lease_for_ever(
    kind: str, tmp_path: Path
) -> None:
    clock = FrozenClock(NOON + timedelta(days=400))
    async with database(kind, tmp_path, metadata) as engine:
        job_id = await ask(engine)

        class Crash(BaseException):
            """The process ends here."""

        def hook(point: str) -> None:
            if point == "job.after_claim":
                crash.install(None)
                raise Crash

        async def handle(_: Work) -> None:
            return None

        crash.install(hook)
        with pytest.raises(Crash):
            await worker(engine, clock, handle).work_once()
        clock.time = NOON
        assert await worker(engine, clock, handle).work_once()
        assert (await look(engine, job_id)).state == DONE


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_job_that_is_cancelled_ends(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine:
        queued, running = await ask(engine), await ask(engine)
        async with transaction(engine) as connection:
            await jobs.cancel(connection, tables.jobs, queued)
            with pytest.raises(NotFound):
                await jobs.cancel(connection, tables.jobs, uuid7())

        async def handle(work: Work) -> None:
            async with transaction(engine) as connection:
                await jobs.cancel(connection, tables.jobs, running)
            with pytest.raises(Cancelled):
                await work.check()
            await work.save({})

        assert await worker(engine, FrozenClock(), handle).work_once()

        assert (await look(engine, queued)).state == CANCELLED
        assert (await look(engine, running)).state == CANCELLED


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_handler_that_never_looks_is_stopped_when_its_job_is_cancelled(
    kind: str, tmp_path: Path
) -> None:
    async with database(kind, tmp_path, metadata) as engine:
        job_id, begun = await ask(engine), asyncio.Event()

        async def handle(_: Work) -> None:
            begun.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(worker(engine, FrozenClock(), handle, lease_s=0.1).work_once())
        await begun.wait()
        async with transaction(engine) as connection:
            await jobs.cancel(connection, tables.jobs, job_id)
        await asyncio.wait_for(task, 10)

        assert (await look(engine, job_id)).state == CANCELLED


@pytest.mark.parametrize("kind", DATABASES)
async def test_failures_are_tried_again_and_then_given_up(kind: str, tmp_path: Path) -> None:
    clock = FrozenClock()
    async with database(kind, tmp_path, metadata) as engine:
        job_id = await ask(engine)
        errors: list[Exception] = [Unavailable("away"), KeyError("bug"), KeyError("bug")]

        async def handle(_: Work) -> None:
            raise errors.pop(0)

        working = worker(engine, clock, handle, attempts=2)
        states = []
        while errors:
            assert await working.work_once()
            job = await look(engine, job_id)
            states.append((job.state, job.attempts, (job.error or "").split(":")[0]))
            clock.time += timedelta(minutes=2)

        assert states == [
            (QUEUED, 0, "unavailable"),
            (QUEUED, 1, "KeyError"),
            (FAILED, 2, "KeyError"),
        ]
        assert not await working.work_once()


@pytest.mark.parametrize("kind", DATABASES)
async def test_what_can_never_succeed_fails_at_once(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine:
        job_id = await ask(engine)

        async def handle(_: Work) -> None:
            raise Invalid("no")

        await worker(engine, FrozenClock(), handle).work_once()
        assert (await look(engine, job_id)).state == FAILED


@pytest.mark.parametrize("kind", DATABASES)
async def test_workers_share_and_wake_at_once_and_give_back(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine:
        done: list[Any] = []

        async def handle(work: Work) -> None:
            done.append(work.job.id)
            if work.job.payload.get("hang"):
                await asyncio.Event().wait()

        run = asyncio.create_task(worker(engine, FrozenClock(), handle, at_once=3).run())
        ids = [await ask(engine) for _ in range(9)]
        await until("all are done", lambda: _longer(done, 9), within_s=5)
        assert sorted(done) == sorted(ids)

        async with transaction(engine) as connection:
            hung = await jobs.enqueue(connection, tables.jobs, "sum", {"hang": True}, now=NOON)
        await until("it hangs", lambda: _longer(done, 10))
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        assert (await look(engine, hung)).state == QUEUED


async def _longer(found: list[Any], count: int) -> bool:
    return len(found) >= count


@pytest.mark.parametrize(
    "point", ["job.after_claim", "job.before_save", "job.after_save", "job.before_finish"]
)
@pytest.mark.parametrize("kind", DATABASES)
async def test_a_crash_at_any_point_leaves_each_step_once(
    kind: str, point: str, tmp_path: Path
) -> None:
    class Crash(BaseException):
        """The process ends here."""

    clock = FrozenClock()
    async with database(kind, tmp_path, metadata) as engine:
        job_id = await ask(engine)

        async def handle(work: Work) -> None:
            for step in range(int((work.job.progress or {"next": 0})["next"]), 3):
                async with transaction(engine) as connection:
                    await connection.execute(effects.insert().values(subject="s", number=step))
                    await work.save({"next": step + 1}, connection)
                await work.save({"next": step + 1})

        def hook(passed: str) -> None:
            if passed == point:
                crash.install(None)
                raise Crash

        crash.install(hook)
        with pytest.raises(Crash):
            await worker(engine, clock, handle).work_once()
        clock.time += timedelta(minutes=1)
        assert await worker(engine, clock, handle).work_once()

        assert (await look(engine, job_id)).state == DONE
        assert await count_effects(engine) == 3


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_job_that_kills_its_workers_is_given_up(kind: str, tmp_path: Path) -> None:
    class Killed(BaseException):
        """The process ends here."""

    clock, begun = FrozenClock(), 0
    told: list[tuple[Any, str]] = []
    async with database(kind, tmp_path, metadata) as engine:
        job_id = await ask(engine)

        async def handle(work: Work) -> None:
            nonlocal begun
            begun += 1
            await work.save({"begun": begun})
            raise Killed

        async def given_up(job: Job, why: str) -> None:
            assert (await look(engine, job.id)).state == RUNNING
            told.append((job.id, why))

        for attempt in range(1, MOST_ATTEMPTS + 1):
            with pytest.raises(Killed):
                await worker(engine, clock, handle).work_once()
            assert (await look(engine, job_id)).attempts == attempt
            assert not await worker(engine, clock, handle).work_once()
            clock.time += timedelta(minutes=1)
        last = worker(engine, clock, handle, given_up={"sum": given_up})
        assert await last.work_once()
        assert not await last.work_once()

        job = await look(engine, job_id)
        assert (begun, job.state, job.attempts) == (MOST_ATTEMPTS, FAILED, MOST_ATTEMPTS)
        assert job.error is not None
        assert job.error.startswith("worker_lost: ")
        assert told == [(job_id, job.error)]


@pytest.mark.parametrize("kind", DATABASES)
async def test_who_gives_a_job_up_may_die_too(kind: str, tmp_path: Path) -> None:
    class Killed(BaseException):
        """The process ends here."""

    clock = FrozenClock()
    async with database(kind, tmp_path, metadata) as engine:
        job_id = await ask(engine)
        ends: list[BaseException] = [Unavailable("away"), Killed(), KeyError("a bug")]

        async def handle(_: Work) -> None:
            raise Killed

        async def given_up(_: Job, why: str) -> None:
            assert why.startswith("worker_lost: ")
            raise ends.pop(0)

        last = worker(engine, clock, handle, attempts=1, given_up={"sum": given_up})
        with pytest.raises(Killed):
            await last.work_once()
        for error in (Unavailable, Killed):
            clock.time += timedelta(minutes=1)
            with pytest.raises(error):
                await last.work_once()
            assert (await look(engine, job_id)).state == RUNNING
        clock.time += timedelta(minutes=1)
        assert await last.work_once()
        assert (await look(engine, job_id)).state == FAILED


@pytest.mark.parametrize("kind", DATABASES)
async def test_workers_that_are_told_to_stop_do_not_use_a_job_up(kind: str, tmp_path: Path) -> None:
    async with database(kind, tmp_path, metadata) as engine:
        job_id, begun = await ask(engine), asyncio.Event()

        async def handle(_: Work) -> None:
            begun.set()
            await asyncio.Event().wait()

        for _ in range(MOST_ATTEMPTS + 1):
            begun.clear()
            task = asyncio.create_task(worker(engine, FrozenClock(), handle).work_once())
            await begun.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            job = await look(engine, job_id)
            assert (job.state, job.attempts) == (QUEUED, 0)
