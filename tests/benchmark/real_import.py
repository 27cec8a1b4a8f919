"""How long until 19,784 real needs and offers are imported and each has its match list?

    python tests/benchmark/real_import.py [--distributed] [--data DIR] [--keep FOLDER]

Starts Techdock, opens a docking event, and runs `techdock import` for the needs and for the offers.
Prints one JSON line: profiles, seconds from the first command until every list is there, events,
processor time and peak memory of each process. "There" means stored, and the top 20 of 200 sampled
profiles equal a brute-force twin over all profiles. The twin works after the clock has stopped.

--distributed starts the servers of deploy/local in a folder of their own (needs Java 17 and Maven).
--keep leaves the data of the embedded program in a folder, for page_speed.py and start_up.py.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx
from support import needs_offers
from support.measuring import Watched, goal, tell
from support.programs import Embedded
from support.ranking_twin import WideTwin
from support.servers import LOCAL, Distributed
from support.story import Story
from techdock_embedded.client import Client, Json
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.ranking import SqlRankingStore
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import STANDARD
from techdock_shared.clock import SystemClock
from techdock_shared.sql.engine import open_engine

HERE = Path(__file__).parent
KINDS = {"needs": 3_769, "offers": 16_015}
SAMPLED = 200
TOP = 20
PATIENCE_S = 1_200.0
LOOK_S = 0.25
GOALS = {"embedded": 90.0, "distributed": 120.0}
EMBEDDED_MB = 700.0


@dataclass
class Program:
    """A running Techdock.

    Attributes:
        processes: Ids by name.
        matching_url: Matching's database, which the twin reads.
    """

    url: str
    token: str
    processes: dict[str, int]
    matching_url: str


@contextmanager
def embedded(data: Path) -> Iterator[Program]:
    program = Embedded(data)
    token = program.command("token", "admin@story.example", "--administrator", "--data", str(data))
    program.start()
    assert program.process
    try:
        database = f"sqlite+aiosqlite:///{data / 'matching.db'}"
        yield Program(program.url, token.strip(), {"techdock": program.process.pid}, database)
    finally:
        program.stop()


@contextmanager
def distributed(folder: Path) -> Iterator[Program]:
    sys.path.insert(0, str(LOCAL))
    import processes  # noqa: PLC0415 - deploy/local is no package

    local = [sys.executable, str(LOCAL)]
    where = ["--dir", str(folder)]
    subprocess.run([*local, "start", *where], check=True, stdout=sys.stderr)
    try:
        told = subprocess.run(
            [*local, "env", *where], check=True, capture_output=True, text=True
        ).stdout
        url = next(
            line.partition("=")[2].strip("'\"") for line in told.splitlines() if "TEST_URL" in line
        )
        running = {
            file.stem: process.pid
            for file in sorted(folder.glob("*/*.pid"))
            if (process := processes.running(file.parent, file.stem)) is not None
        }
        secret = (folder / "secrets" / "matching" / "database_url").read_text().strip()
        yield Program(url, Distributed(folder, url).token(), running, secret)
    finally:
        subprocess.run([*local, "stop", "--wipe", *where], check=False, stdout=sys.stderr)


@asynccontextmanager
async def docking_event(program: Program) -> AsyncIterator[Story]:
    async with httpx.AsyncClient(base_url=program.url, timeout=60) as http:
        story = Story(Client(http, program.token))
        await story.open_tenant()
        await story.open_docking_event()
        yield story


async def take(program: Program, story: Story, place: Path, kind: str) -> None:
    """Run the command that an organizer runs."""
    assert story.organizer
    body = {"name": "import", "scopes": ["read", "write"]}
    token = (await story.organizer.post("registration/v1/tokens", body))["token"]
    words = ["import", kind, str(place / f"{kind}.jsonl.gz")]
    words += ["--docking-event", story.docking_event["id"], "--url", program.url]
    words += ["--mapping", str(HERE / f"mapping_{kind}.json")]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "techdock_embedded",
        *words,
        env=os.environ | {"TECHDOCK_TOKEN": token},
        stdout=sys.stderr,
    )
    assert await process.wait() == 0, f"techdock {' '.join(words)} failed"


async def all_listed(story: Story, profiles: int) -> Json:
    """Wait until every profile has its list and none waits for another."""
    assert story.organizer
    ends = time.monotonic() + PATIENCE_S
    while True:
        found = await story.organizer.get(f"{story.matching_path}/ranking")
        if found == {"profiles": profiles, "listed": profiles, "waiting": 0}:
            return found
        assert time.monotonic() < ends, found
        await asyncio.sleep(LOOK_S)


async def stored(url: str) -> list[Profile]:
    """Return all profiles as matching has them."""
    engine = open_engine(url)
    store = SqlRankingStore(engine, SystemClock(), STANDARD)
    try:
        return [one.profile async for part in store.everything() for one in part]
    finally:
        await engine.dispose()


def words_of(place: Path) -> Counter[tuple[str, str]]:
    """Return the texts of the files, each as often as it stands there."""
    needs, offers = needs_offers.profiles(place)
    return Counter(
        (str(profile.kind), " ".join(profile.texts["description"].versions["en"].split()))
        for profile in (*needs.values(), *offers.values())
    )


async def verify(program: Program, story: Story, place: Path) -> None:
    """Compare what is stored with the files, and lists with those of the twin."""
    assert story.organizer
    profiles = await stored(program.matching_url)
    texts = Counter(
        (str(profile.kind), " ".join(profile.texts["description"].versions["en"].split()))
        for profile in profiles
    )
    assert texts == words_of(place), "matching has other texts than the files"
    twin, event = WideTwin(profiles, lexicon()), UUID(story.docking_event["id"])
    today = datetime.now(UTC).date()
    sampled = random.Random(1).sample(sorted(profiles, key=lambda p: p.id), SAMPLED)
    for profile in sampled:
        answer = await story.organizer.get(
            f"matching/v1/profiles/{profile.id}/matches", docking_event_id=event, limit=TOP
        )
        shown = [UUID(item["profile_id"]) for item in answer["items"]]
        right = [one.profile_id for one in twin.ranked(profile, today, event, TOP)]
        assert shown == right, f"profile {profile.id}: {shown} is not {right}"


async def measure(program: Program, place: Path, kind: str) -> None:
    profiles = sum(KINDS.values())
    async with docking_event(program) as story:
        watched = Watched(program.processes)
        parts: dict[str, float] = {}
        begun = time.perf_counter()
        for each in KINDS:
            await take(program, story, place, each)
            parts[each] = round(time.perf_counter() - begun, 1)
        await all_listed(story, profiles)
        seconds = time.perf_counter() - begun
        cpu, peak = watched.cpu_s(), watched.peak_mb()
        await verify(program, story, place)
        head = await story.administrator.get("reporting/v1/journal/head")
    goals = [goal(f"import of {profiles:,} profiles, {kind}", seconds, GOALS[kind], "s")]
    if kind == "embedded":
        # The server, and the worker that ranks and plans: each is a process of its own.
        most = max(peak.values())
        goals.append(goal("memory of the largest embedded process", most, EMBEDDED_MB, "MB"))
    tell(
        "real_import",
        goals,
        program=kind,
        profiles=profiles,
        seconds=round(seconds, 1),
        imported_after_s=parts,
        events=head["position"],
        verified=f"top {TOP} of {SAMPLED} profiles equal the twin's",
        cpu_s=cpu,
        peak_mb=peak,
    )


def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("--distributed", action="store_true")
    asking.add_argument("--data", type=Path, help=f"else {needs_offers.VARIABLE}")
    asking.add_argument("--keep", type=Path, help="a new folder for the program's data")
    asked = asking.parse_args()
    place = needs_offers.folder(asked.data)
    if place is None:
        sys.exit(f"skipped: real_import needs --data DIR or {needs_offers.VARIABLE}")
    with tempfile.TemporaryDirectory() as folder:
        if asked.distributed:
            with distributed(Path(folder) / "local") as program:
                asyncio.run(measure(program, place, "distributed"))
            return
        with embedded(asked.keep or Path(folder) / "data") as program:
            asyncio.run(measure(program, place, "embedded"))


if __name__ == "__main__":
    main()
