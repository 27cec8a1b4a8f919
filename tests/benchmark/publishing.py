"""How long from publishing 6,000 meetings until every personal timetable is served?

    python tests/benchmark/publishing.py [--people 1000] [--meetings 6000]

In one process, matching's app on SQLite: a timetable is planted (pairs in turn, so that nobody is in two
meetings at once) and handed in as a file, published over HTTP, then each participant asks for the
own timetable. Prints one JSON line: seconds of each step. The bare baseline is the same number of
meetings written to the same database with one INSERT each statement, nothing beside.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import text
from support.matching import NOON, World, at, named
from support.matching_app import Matching, matching
from support.measuring import goal, tell
from techdock_matching.domain.meeting_request import MeetingRequest
from techdock_shared.ids import uuid7

SLOTS = 24
SLOT_MINUTES = 20
AT_ONCE = 16


def pairs(people: int, slots: int) -> Iterator[tuple[int, int, int]]:
    """Yield slot and pair, the circle method: in each slot everybody is in one pair at most."""
    for slot in range(slots):
        ring = [0, *((n + slot) % (people - 1) + 1 for n in range(people - 1))]
        for n in range(people // 2):
            yield slot, ring[n], ring[people - 1 - n]


async def run(app: Matching, people: int, meetings: int) -> dict[str, float]:
    per_slot = -(-meetings // SLOTS)
    world = World(tables=per_slot)
    end = at(6) + timedelta(minutes=SLOTS * SLOT_MINUTES)
    await app.hear(
        world.announced(), world.opened(), world.session_planned(end=end, slot_minutes=SLOT_MINUTES)
    )
    for begin in range(0, people, 200):
        names = range(begin, min(begin + 200, people))
        await app.hear(*(world.participant(f"p{n}") for n in names))
    by_slot: dict[int, list[tuple[int, int]]] = {slot: [] for slot in range(SLOTS)}
    for slot, one, other in pairs(people, SLOTS):
        by_slot[slot].append((one, other))
    chosen = [
        (slot, table, *pair)
        for slot, found in by_slot.items()
        for table, pair in enumerate(islice(found, per_slot), 1)
    ][:meetings]
    requests = [
        MeetingRequest.agree(
            uuid7(),
            id=uuid7(),
            tenant_id=world.tenant,
            docking_event_id=world.docking_event,
            zone="Asia/Tashkent",
            asking_id=world.participation(f"p{one}"),
            asked_id=world.participation(f"p{other}"),
            asking_persons=(named(f"p{one}.person"),),
            asked_persons=(named(f"p{other}.person"),),
            at=NOON,
            expires_at=NOON + timedelta(days=10),
        )
        for _, _, one, other in chosen
    ]
    async with app.begin() as transaction:
        await transaction.requests.save_all(requests)
    rows = ["request,start,table"]
    for request, (slot, table, _, _) in zip(requests, chosen, strict=True):
        start = at(6) + timedelta(minutes=slot * SLOT_MINUTES)
        rows.append(f"{request.id},{start.isoformat()},T{table:02}")
    organizer = app.organizer(world)
    begun = time.perf_counter()
    path = f"/docking-events/{world.docking_event}/timetables"
    made = await organizer.upload(path, "plan.csv", "\n".join(rows).encode())
    handed_in = time.perf_counter()
    await organizer.post(f"/timetables/{made['id']}/publish", None, version=1)
    published = time.perf_counter()
    callers = [app.participant(world, f"p{n}") for n in range(people)]
    mine = f"/docking-events/{world.docking_event}/my-timetable"
    served = 0
    for begin in range(0, people, AT_ONCE):
        answers = await asyncio.gather(*(c.get(mine) for c in callers[begin : begin + AT_ONCE]))
        served += sum(len(answer["meetings"]) for answer in answers)
    done = time.perf_counter()
    assert served == 2 * len(chosen), (served, len(chosen))
    return {
        "hand_in_s": round(handed_in - begun, 2),
        "publish_s": round(published - handed_in, 2),
        "serve_s": round(done - published, 2),
        "published_and_served_s": round(done - handed_in, 2),
        "bare_s": round(await bare(app, len(chosen)), 2),
    }


async def bare(app: Matching, rows: int) -> float:
    """Return the seconds of as many plain rows of the same size in one transaction."""
    begun = time.perf_counter()
    async with app.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE bare (id INTEGER PRIMARY KEY, content TEXT)"))
        for number in range(rows):
            await connection.execute(
                text("INSERT INTO bare VALUES (:id, :content)"),
                {"id": number, "content": "x" * 1200},
            )
    return time.perf_counter() - begun


async def measure(people: int, meetings: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with matching("sqlite", Path(folder)) as app:
            found = await run(app, people, meetings)
    took = found["published_and_served_s"]
    name = f"publish {meetings:,} meetings -> every personal timetable served, embedded"
    tell("publishing", [goal(name, took, 5.0, "s")], people=people, meetings=meetings, **found)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--meetings", type=int, default=6_000)
    asked = parser.parse_args()
    asyncio.run(measure(asked.people, asked.meetings))


if __name__ == "__main__":
    main()
