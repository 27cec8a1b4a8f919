"""How long does the server take for a page of the story, with 20,000 profiles there?

    python tests/benchmark/page_speed.py --data FOLDER [--times 40]

FOLDER is one that real_import.py has kept. A participant of the organization with the most offers
and an organizer look at their pages, one after the other; the time is that which the program writes
in its own log, from the first byte of a request to the last of its answer. Prints one JSON line.
"""

import argparse
import asyncio
import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx
from support.measuring import goal, tell
from support.programs import Embedded
from support.story import Story
from support.waiting import until
from techdock_embedded.client import Client, Json, Refused

ADMINISTRATOR = "admin@story.example"
FIRMS = ("PHYSICAL OPTICS CORPORATION", "CREARE LLC", "Physical Sciences Inc.")
"""Those with the most offers; a folder that was measured before has the first ones already."""
MOST_MS = 100.0
PAUSE_S = 0.1
"""Between two pages, as a person reads; keeps below the limit of requests per account."""


async def enter(story: Story, person: Json) -> Json:
    """Let the first of the firms that is not there yet take part."""
    assert story.organizer
    for name in FIRMS:
        found = await story.organizer.get("registration/v1/organizations", q=name)
        firm = next(one for one in found["items"] if one["names"]["native"] == name)
        entry = {"organization_id": firm["id"], "persons": [person], "contact": 0}
        try:
            return await story.organizer.post(f"{story.event_path}/participations", entry)
        except Refused as refused:
            if refused.code != "already_applied":
                raise
    raise AssertionError("all of the firms take part already: import into a new folder")


async def people(story: Story) -> tuple[str, str]:
    """Let a participant of the firm in, and an organizer; return the sessions of both."""
    tenants = [tenant async for tenant in story.administrator.every("registration/v1/tenants")]
    story.tenant, story.organizer = tenants[0], story.administrator
    roles = f"registration/v1/tenants/{story.tenant['id']}/roles"
    await story.administrator.post(roles, {"email": ADMINISTRATOR, "role": "organizer"})
    story.docking_event = (await story.organizer.get("registration/v1/docking-events"))["items"][0]
    email = story.mail_of("reader")
    person = {
        "email": email,
        "names": {"native": "Reader", "latin": "Reader"},
        "role": "head",
        "mode": "remote",
        "zone": "America/New_York",
        "languages": ["en"],
    }
    part = await enter(story, person)
    for state in ("vetted", "confirmed"):
        path = f"registration/v1/participations/{part['id']}"
        part = await story.organizer.move(path, part, state)
    reader = await story.sign_in(email)
    organizer = await story.sign_in(ADMINISTRATOR)

    async def known() -> bool:
        try:
            await reader.get(f"{story.matching_path}/requests", mine="out")
        except Refused:
            return False
        return True

    await until("matching knows the reader", known)
    return session_of(reader), session_of(organizer)


def session_of(client: Client) -> str:
    token = client._token  # noqa: SLF001 - a browser would have it as its cookie
    assert token
    return token


async def look(url: str, pages: dict[str, tuple[str, str]], times: int) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        for _ in range(times):
            for path, session in pages.values():
                cookies = {"Cookie": f"techdock_session={session}"}
                answer = await http.get(path, headers=cookies)
                assert answer.status_code == 200, f"{path}: {answer.status_code}"
                await asyncio.sleep(PAUSE_S)


def logged(program: Embedded, after: int) -> list[float]:
    """Return the milliseconds of the portal's answers that were logged after so many bytes."""
    lines = program.logged()[after:].splitlines()
    told = [json.loads(line) for line in lines if '"service":"portal"' in line]
    return [one["ms"] for one in told if one["event"] == "request"]


async def measure(program: Embedded, token: str, times: int) -> dict[str, list[float]]:
    async with httpx.AsyncClient(base_url=program.url, timeout=60) as http:
        story = Story(Client(http, token))
        reader, organizer = await people(story)
    event = story.docking_event["id"]
    pages = {
        "my matches": (f"/docking-events/{event}/matches", reader),
        "my profiles": (f"/docking-events/{event}/profiles", reader),
        "my timetable": (f"/docking-events/{event}/my-timetable", reader),
        "docking event": (f"/docking-events/{event}", reader),
        "organizer's page": (f"/organize/{event}", organizer),
        "timetable workspace": (f"/organize/{event}/timetable", organizer),
    }
    await look(program.url, pages, 3)
    before = len(program.logged())
    await look(program.url, pages, times)
    ms = logged(program, before)
    assert len(ms) == times * len(pages), f"{len(ms)} answers in the log"
    return {name: ms[number :: len(pages)] for number, name in enumerate(pages)}


def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("--data", type=Path)
    asking.add_argument("--times", type=int, default=40)
    asked = asking.parse_args()
    if asked.data is None or not (asked.data / "registration.db").exists():
        sys.exit("skipped: page_speed needs --data FOLDER that real_import.py --keep has filled")
    program = Embedded(asked.data)
    token = program.command("token", ADMINISTRATOR, "--administrator", "--data", str(asked.data))
    program.start()
    try:
        found = asyncio.run(measure(program, token.strip(), asked.times))
    finally:
        program.stop()
    p95 = {name: statistics.quantiles(ms, n=20)[-1] for name, ms in found.items()}
    goals = [goal(f"server time p95, {name}", ms, MOST_MS, "ms") for name, ms in p95.items()]
    p50 = {name: round(statistics.median(ms), 1) for name, ms in found.items()}
    tell("page_speed", goals, times=asked.times, p50_ms=p50)


if __name__ == "__main__":
    main()
