"""Every operation, asked by every role, about things of every side: answers as the tables say."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.authorization import ROLES, World
from support.authorization_requests import ask, was_let_in
from support.authorization_tables import Row, read

pytestmark = pytest.mark.asyncio(loop_scope="session")

HERE = Path(__file__).parent
SERVICES = ("registration", "matching", "reporting")
SEEN: defaultdict[str, list[str]] = defaultdict(list)
"""All that each role was told while the matrix was asked."""

FAULTS: dict[str, list[str]] = {}
"""What was not as the table says, by service; other workers ask for themselves."""


def operations(world: World, service: str) -> Iterator[str]:
    document = world.inside.techdock.services[service].http.openapi()
    for path, methods in document["paths"].items():
        yield from (f"{method.upper()} {path}" for method in methods)


def table(service: str) -> list[Row]:
    rows = read(HERE / f"{service}.csv", about=2)
    assert all(tuple(row.cells) == ROLES for row in rows)
    return rows


@pytest.mark.parametrize("service", SERVICES)
async def test_every_operation_has_a_row(world: World, service: str) -> None:
    written = {row.about[0] for row in table(service)}
    assert set(operations(world, service)) == written


@pytest.mark.parametrize("service", SERVICES)
async def test_answers_are_as_the_table_says(world: World, service: str) -> None:
    wrong = await faults(world, service)
    assert not wrong, "\n".join(wrong)


async def faults(world: World, service: str) -> list[str]:
    """Ask everything of a service, once in this process; return what is not as the table says."""
    if service in FAULTS:
        return FAULTS[service]
    wrong = FAULTS[service] = []
    for row in table(service):
        operation, target = row.about
        things = world.things["own" if target == "-" else target]
        asked = {role: cell for role, cell in row.cells.items() if cell != "-"}
        answers = await asyncio.gather(
            *(ask(world.inside.http, service, operation, things, world.tokens[r]) for r in asked)
        )
        for (role, expected), answer in zip(asked.items(), answers, strict=True):
            SEEN[role].append(answer.text)
            let_in = was_let_in(service, operation, answer.status_code)
            found = "ok" if let_in else str(answer.status_code)
            what = f"{operation} on {target} by {role}"
            if found != expected:
                wrong.append(f"{what}: expected {expected}, found {found}: {answer.text[:200]}")
            wrong += [f"{what}: {fault}" for fault in leaks(world, operation, answer)]
    return wrong


def leaks(world: World, operation: str, answer: httpx.Response) -> Iterator[str]:
    """Say what an answer gives away whoever asks."""
    if answer.is_error:
        for what, mark in world.marks.items():
            if mark in answer.text.replace(str(answer.url.path), ""):
                yield f"the refusal {answer.status_code} tells {what}"
    lists_people = operation.endswith("/directory") or operation == "POST /v1/names"
    if lists_people and "@" in answer.text:
        yield "a list of names tells mail addresses"


async def test_everybody_is_told_only_what_is_theirs_to_know(world: World) -> None:
    for service in SERVICES:
        await faults(world, service)
    wrong: list[str] = []
    for row in read(HERE / "told.csv", about=1):
        what = row.about[0]
        for role, expected in row.cells.items():
            told = any(world.marks[what] in text for text in SEEN[role])
            if told != (expected == "told"):
                wrong.append(f"{what}: {role} is {'told' if told else 'not told'}")
    assert not wrong, "\n".join(wrong)
