"""R1 in real processes: the program ends itself, exit 137, at every named point of every path.

People go on using it meanwhile; it is started again with the next point, and in the end everything
is judged as after any other fault.
"""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from support.history import History
from support.judging import judge
from support.load import crowd, using
from support.people import Planner
from support.programs import Embedded
from support.stage import Stage, stage
from support.waiting import until
from techdock_embedded.client import Client, Json
from techdock_shared.crash import EXIT_CODE

PATHS = {
    "command": ("command.before_commit", "command.after_commit"),
    "relay": ("relay.before_send", "relay.before_mark", "relay.after_mark"),
    "batch": (
        "consumer.before_claim",
        "consumer.after_claim",
        "consumer.before_commit",
        "consumer.after_commit",
        "consumer.before_ack",
        "offsets.before_commit",
        "offsets.after_commit",
    ),
    "mail": ("mail.after_take", "mail.before_save", "mail.after_save"),
    "job": (
        "job.after_claim",
        "job.before_save",
        "job.after_save",
        "job.before_finish",
        "job.after_finish",
    ),
}
LATER = {"command": 3, "relay": 2, "batch": 4, "mail": 1, "job": 1}
"""At which passing of the point: not the first one after the start, where that can be had."""


# A busy machine may take ten times as long to start a program.
@pytest.mark.timeout(900)
async def test_the_program_ends_at_every_point(tmp_path: Path) -> None:
    history, program = History(), Embedded(tmp_path / "data")
    token = program.token()
    program.start()
    try:
        async with stage(program.url, token) as prepared:
            everybody = await crowd(prepared, history, 5, all_stubborn=True)
            people = [each for each in everybody if not isinstance(each, Planner)]
            rebuilds: list[asyncio.Task[Json]] = []
            program.stop()
            async with using(people):
                for path, points in PATHS.items():
                    for point in points:
                        await asyncio.to_thread(program.start, f"{point}:{LATER[path]}")
                        if path == "job":
                            rebuilds.append(asyncio.create_task(_rebuild(prepared)))
                        code = await asyncio.to_thread(program.ended)
                        assert code == EXIT_CODE, f"{point}: {code}"
                await asyncio.to_thread(program.start)
            for asked in rebuilds:
                await _done(prepared.story.administrator, await asked)
            await prepared.story.publish_timetable()
            wrong = await judge(prepared, history)
    finally:
        program.stop()
        print(history.summary())
    assert wrong == []


async def _rebuild(prepared: Stage) -> Json:
    """Ask for a job, again and again with the same key, whatever becomes of the program."""
    while True:
        with suppress(Exception):
            return await prepared.story.administrator.post(
                "reporting/v1/rebuild", key=f"rebuild of {id(asyncio.current_task())}"
            )


async def _done(client: Client, asked: Json) -> None:
    async def done() -> bool:
        job = await client.get(f"reporting/v1/jobs/{asked['id']}")
        return bool(job["state"] == "done")

    # A worker that died holds its job for ten seconds.
    await until(f"job {asked['id']}", done, within_s=40)


async def test_the_worker_ends_while_it_plans(tmp_path: Path) -> None:
    program = Embedded(tmp_path / "data")
    token = program.token()
    program.start(crash_at="job.after_claim")
    try:
        async with stage(program.url, token) as prepared:
            organizer, path = prepared.story.organizer, prepared.story.matching_path
            assert organizer
            run = await organizer.post(f"{path}/timetable-runs", {"seconds": 1, "seed": 1})
            await _worker_died(program, times=1)
            # The next one makes the draft, and dies before it says that the job is done.
            program.kill()
            await asyncio.to_thread(program.start, "job.before_finish")
            await _worker_died(program, times=2)
            program.kill()
            await asyncio.to_thread(program.start)
            await _planned(organizer, run["id"])
            drafts = (await organizer.get(f"{path}/timetables"))["items"]
            assert len(drafts) == 1
    finally:
        program.stop()


async def _worker_died(program: Embedded, times: int) -> None:
    async def died() -> bool:
        return program.logged().count(f'"code":{EXIT_CODE}') >= times

    await until("the worker has died", died, within_s=60)
    assert program.process
    assert program.process.poll() is None, "the program goes on without it"


async def _planned(organizer: Client, run_id: str) -> None:
    async def done() -> bool:
        return bool(
            (await organizer.get(f"matching/v1/timetable-runs/{run_id}"))["state"] == "done"
        )

    await until("the run is done by the next worker", done, within_s=60)
