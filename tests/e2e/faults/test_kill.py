"""R2: the program and its children are killed at random under load, again and again.

Nothing that was acknowledged is missing, nothing happened twice, nothing that was refused is there,
no slot is booked twice, and all services agree.
"""

import asyncio
import os
import random
from pathlib import Path

import pytest
from support.history import History
from support.judging import judge
from support.load import crowd, using
from support.programs import CACHE, WORKER, Embedded
from support.stage import stage
from support.waiting import until

SEED = int(os.environ.get("TECHDOCK_TEST_SEED", "0")) or random.SystemRandom().randint(1, 10**6)
KILLS = int(os.environ.get("TECHDOCK_TEST_KILLS", "20"))
VICTIMS = ("program", "program", "program", WORKER, CACHE)


# A busy machine may take ten times as long to start a program.
@pytest.mark.timeout(900)
async def test_kills_under_load(tmp_path: Path) -> None:
    print(f"TECHDOCK_TEST_SEED={SEED}")
    rng, history = random.Random(SEED), History()
    program = Embedded(tmp_path / "data")
    token = program.token()
    program.start()
    ready_s = []
    try:
        async with stage(program.url, token) as prepared:
            async with using(await crowd(prepared, history, SEED)):
                victims = [VICTIMS[n % len(VICTIMS)] for n in range(KILLS)]
                for victim in rng.sample(victims, KILLS):
                    await _something_is_done(history, rng.randint(1, 20))
                    if victim == "program":
                        program.kill()
                        await asyncio.to_thread(program.start)
                        ready_s.append(program.ready_s)
                    else:
                        await _kill_child(program, victim)
                await _something_is_done(history, 20)
            await prepared.story.publish_timetable()
            wrong = await judge(prepared, history)
    finally:
        program.stop()
        print(history.summary(), *history.errors, sep="\n")
        print("ready again after", *(f"{each:.1f}" for each in sorted(ready_s)), "s")
    assert wrong == []
    assert "Nothing is wrong" in program.command("check", "--data", str(program.data))


async def _something_is_done(history: History, more: int) -> None:
    """Wait until so many more commands were acknowledged: the load is on, and it is any moment."""
    wanted = history.acknowledged() + more

    async def done() -> bool:
        return history.acknowledged() >= wanted

    await until(f"{more} more commands are done", done, within_s=60)


async def _kill(program: Embedded) -> None:
    """Kill the program; its worker and its cache do not outlive it."""
    children = program.children()
    program.kill()

    async def are_gone() -> bool:
        return not any(each.is_running() and each.status() != "zombie" for each in children)

    await until(f"{children} are gone", are_gone)


async def _kill_child(program: Embedded, what: str) -> None:
    async def found() -> bool:
        return program.child(what) is not None

    await until(f"{what} runs", found, within_s=30)
    child = program.child(what)
    assert child is not None
    child.kill()
