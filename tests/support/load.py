"""Several people who use one docking event at the same time.

Half of them are stubborn. `history` knows what may be there afterwards; `judging` looks.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from support.history import History
from support.people import Door, Participant, Planner
from support.stage import SIDES, Stage

Somebody = Participant | Door | Planner


async def crowd(
    prepared: Stage, history: History, seed: int, *, all_stubborn: bool = False
) -> list[Somebody]:
    """Everybody who uses the docking event: a head for each side, two doors, a planner."""
    rng, story = random.Random(seed), prepared.story
    assert story.organizer
    found = story.organizer.every(f"{story.event_path}/sessions")
    places = [None, *[session["id"] async for session in found]]
    people: list[Somebody] = []
    for number, who in enumerate([*SIDES, "door", "door", "planner"]):
        facts: dict[str, Any] = {
            "number": number,
            "who": who if who in SIDES else "organizer",
            "stage": prepared,
            "stubborn": all_stubborn or number % 2 == 0,
            "history": history,
            "rng": random.Random(rng.random()),
        }
        if who in SIDES:
            people.append(Participant(**facts))
        elif who == "door":
            people.append(Door(**facts, places=places))
        else:
            people.append(Planner(**facts))
    return people


@asynccontextmanager
async def using(people: Sequence[Somebody], pause_s: float = 0.03) -> AsyncIterator[None]:
    """Let them all act until the block ends; then each finishes what it has begun."""
    over = asyncio.Event()

    async def act(person: Somebody) -> None:
        while not over.is_set():
            await person.step()
            await asyncio.sleep(person.rng.uniform(0, 2 * pause_s))

    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(act(person))
        try:
            yield
        finally:
            over.set()
