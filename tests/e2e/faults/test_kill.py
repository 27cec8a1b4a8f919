"""R2: the program and its children are killed at random under load, again and again.

Nothing that was acknowledged is missing, nothing happened twice, nothing that was refused is there,
no slot is booked twice, and all services agree.
"""

import asyncio
import os
import random
from pathlib import Path

import pytest
from support.caches import gone
from support.load import at_work
from support.programs import CACHE, WORKER, Embedded
from support.waiting import until

SEED = int(os.environ.get("TECHDOCK_TEST_SEED", "0")) or random.SystemRandom().randint(1, 10**6)
KILLS = int(os.environ.get("TECHDOCK_TEST_KILLS", "20"))
VICTIMS = ("program", "program", "program", WORKER, CACHE)


# A busy machine may take ten times as long to start a program.
@pytest.mark.timeout(900)
async def test_kills_under_load(tmp_path: Path) -> None:
    print(f"TECHDOCK_TEST_SEED={SEED}")
    rng, program = random.Random(SEED), Embedded(tmp_path / "data")
    token = program.token()
    program.start()
    ready_s = []
    try:
        async with at_work(program.url, token, SEED, planning=True, pause_s=0.03) as scene:
            victims = [VICTIMS[n % len(VICTIMS)] for n in range(KILLS)]
            for victim in rng.sample(victims, KILLS):
                await scene.done(rng.randint(1, 20))
                if victim == "program":
                    await _kill(program)
                    await asyncio.to_thread(program.start)
                    ready_s.append(program.ready_s)
                else:
                    await _kill_child(program, victim)
            await scene.done(20)
    finally:
        program.stop()
        print("ready again after", *(f"{each:.1f}" for each in sorted(ready_s)), "s")
    assert "Nothing is wrong" in program.command("check", "--data", str(program.data))


async def _kill(program: Embedded) -> None:
    """Kill the program; its worker and its cache do not outlive it."""
    children = program.children()
    program.kill()

    async def are_gone() -> bool:
        return all(gone(each.pid) for each in children)

    await until(f"{children} are gone", are_gone)


async def _kill_child(program: Embedded, what: str) -> None:
    async def found() -> bool:
        return program.child(what) is not None

    await until(f"{what} runs", found, within_s=30)
    child = program.child(what)
    assert child is not None
    child.kill()
