"""Several people who use one docking event at the same time.

Half of them are stubborn. `history` knows what may be there afterwards; `judging` looks.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from support.history import History
from support.judging import judge
from support.people import Door, Participant, Planner
from support.stage import SIDES, Stage, stage
from support.waiting import until

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


@dataclass
class Scene:
    """People at work on a program, and what they were told."""

    stage: Stage
    history: History = field(default_factory=History)

    async def done(self, more: int, within_s: float = 60) -> None:
        """Wait until so many more commands were acknowledged: the load is on."""
        wanted = self.history.acknowledged() + more

        async def reached() -> bool:
            return self.history.acknowledged() >= wanted

        await until(f"{more} more commands are done", reached, within_s=within_s)


@asynccontextmanager
async def at_work(
    url: str, token: str, seed: int, *, planning: bool = False, pause_s: float = 0.15
) -> AsyncIterator[Scene]:
    """Let people work during the block; afterwards all that they were told must be so."""
    async with stage(url, token) as prepared:
        scene = Scene(prepared)
        people = await crowd(prepared, scene.history, seed)
        try:
            async with using(
                [each for each in people if planning or not isinstance(each, Planner)], pause_s
            ):
                yield scene
            if planning:
                await prepared.story.publish_timetable()
            wrong = await judge(prepared, scene.history)
        finally:
            print(scene.history.summary(), *scene.history.errors, sep="\n")
    assert not wrong, "\n".join(wrong)
