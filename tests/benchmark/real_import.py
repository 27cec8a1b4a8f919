"""How long until 19,784 real needs and offers are imported and each has its match list?

    python tests/benchmark/real_import.py [--distributed] [--data DIR] [--keep FOLDER]

Starts Techdock, opens a docking event, and runs `techdock import` for the needs and for the offers.
Prints one JSON line: profiles, seconds from the first command until every list is there, events,
processor time and peak memory of each process. "There" means stored, and the 50 places of 200 sampled
profiles are those of a brute-force twin over all profiles, with its scores (less for who gave way to
others). The twin works after the clock has stopped. Then waits until every text has its vector.

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
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

import httpx
from sqlalchemy import func, select
from support import needs_offers
from support.measuring import Watched, goal, tell
from support.programs import Embedded
from support.ranking_twin import WideTwin
from support.servers import LOCAL, Distributed
from support.story import Story
from techdock_embedded.client import Client, Json
from techdock_matching.adapters import tables
from techdock_matching.adapters.glossary import lexicon
from techdock_matching.adapters.ranking import SqlRankingStore
from techdock_matching.app.ranking_store import LENGTH
from techdock_matching.domain.ranking.meaning import pieces_of
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import STANDARD
from techdock_shared.clock import SystemClock
from techdock_shared.sql.engine import open_engine

HERE = Path(__file__).parent
KINDS = {"needs": 3_769, "offers": 16_015}
SAMPLED = 200
PATIENCE_S = 1_200.0
LOOK_S = 0.25
GOALS = {"embedded": 90.0, "distributed": 120.0}
EMBEDDED_MB = 700.0
MEANT_S = 600.0


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


async def lists_of(url: str, event: UUID, some: Sequence[UUID]) -> Mapping[UUID, dict[UUID, int]]:
    """Return the stored lists of some profiles, as scores by counterpart."""
    engine = open_engine(url)
    store = SqlRankingStore(engine, SystemClock(), STANDARD)
    try:
        found = await store.lists_of([(one, event) for one in some])
        return {
            key[0]: {place.profile_id: place.score for place in places}
            for key, places in found.items()
        }
    finally:
        await engine.dispose()


async def all_meant(url: str, profiles: Sequence[Profile]) -> None:
    """Wait until every text has its vector."""
    read = [found for one in profiles if (found := pieces_of(one)) is not None]
    wanted = len({one.content_hash() for one in read})
    engine = open_engine(url)
    ends = time.monotonic() + PATIENCE_S
    try:
        while True:
            async with engine.connect() as connection:
                count = select(func.count()).select_from(tables.vectors)
                have = (await connection.execute(count)).scalar_one()
            if have >= wanted:
                return
            assert time.monotonic() < ends, f"{have} of {wanted} texts have a vector"
            await asyncio.sleep(LOOK_S)
    finally:
        await engine.dispose()


async def verify(
    profiles: Sequence[Profile],
    lists: Mapping[UUID, Mapping[UUID, int]],
    story: Story,
    place: Path,
) -> None:
    """Compare what is stored with the files, and lists with those of the twin."""
    texts = Counter(
        (str(profile.kind), " ".join(profile.texts["description"].versions["en"].split()))
        for profile in profiles
    )
    assert texts == words_of(place), "matching has other texts than the files"
    twin, event = WideTwin(profiles, lexicon()), UUID(story.docking_event["id"])
    today = datetime.now(UTC).date()
    by_id = {profile.id: profile for profile in profiles}
    for profile_id, shown in lists.items():
        ranked = twin.ranked(by_id[profile_id], today, event, LENGTH)
        right = {one.profile_id: one.score for one in ranked}
        assert shown.keys() == right.keys(), f"profile {profile_id}: {shown} is not {right}"
        assert all(score <= right[one] for one, score in shown.items()), (profile_id, shown, right)


def sampled(profiles: Sequence[Profile]) -> list[UUID]:
    return random.Random(1).sample(sorted(profile.id for profile in profiles), SAMPLED)


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
        cpu = watched.cpu_s()
        everything = await stored(program.matching_url)
        event = UUID(story.docking_event["id"])
        lists = await lists_of(program.matching_url, event, sampled(everything))
        await all_meant(program.matching_url, everything)
        meant_s = time.perf_counter() - begun
        peak = watched.peak_mb()
        await verify(everything, lists, story, place)
        head = await story.administrator.get("reporting/v1/journal/head")
    goals = [goal(f"import of {profiles:,} profiles, {kind}", seconds, GOALS[kind], "s")]
    goals.append(goal(f"all vectors of that set, {kind}", meant_s, MEANT_S, "s"))
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
        verified=f"{LENGTH} places of {SAMPLED} profiles are the twin's",
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
