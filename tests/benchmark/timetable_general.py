"""How good and how fast are planner, repair and reasons on large generated docking events?

    python tests/benchmark/timetable_general.py speed   [--people 1000] [--requests 6000] [--seconds 10]
    python tests/benchmark/timetable_general.py cpsat   [--people 100] [--requests 500] [--seconds 30]
    python tests/benchmark/timetable_general.py repair  [--people 1000] [--requests 6000] [--events 1000]
    python tests/benchmark/timetable_general.py explain [--people 1000] [--requests 6000]

`support/planted.py` makes the problems around a timetable that is possible. Each prints JSON lines. `cpsat`
needs ortools, which Techdock itself does not.
"""

import argparse
import json
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.planted import planted
from techdock_matching.adapters.search.planner import LocalSearchPlanner, prepare
from techdock_matching.adapters.search.repairer import NativeRepairer
from techdock_matching.app.ports import Limits, Progress
from techdock_matching.domain.spans import Span
from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable.costs import LEVELS, Cost, evaluate
from techdock_matching.domain.timetable.happened import Happened, What
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import VIDEO_LINK, Problem, Request
from techdock_matching.domain.timetable.reasons import explain


def main() -> None:
    asked = _arguments()
    prepare()
    WHAT[asked.what](asked)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=sorted(WHAT))
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--requests", type=int, default=6000)
    parser.add_argument("--load", type=float, default=0.85, help="share of the tables in use")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--events", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


def by_level(cost: Cost) -> Mapping[str, int]:
    return dict(zip((level.code for level in LEVELS), cost, strict=True))


def speed(asked: argparse.Namespace) -> None:
    """The first usable timetable, and what becomes of it in so many seconds."""
    problem, answer = planted(asked.people, asked.requests, asked.load, asked.seed)
    tell(
        people=asked.people,
        requests=len(problem.requests),
        planted=by_level(evaluate(problem, answer)),
        planted_is_valid=next(violations(problem, answer), None) is None,
        tables=sum(len(venue.tables) for venue in problem.venues),
        interpreters=len(problem.interpreters),
    )

    def told(progress: Progress) -> bool:
        tell(
            at_s=round(progress.seconds, 2),
            placed=progress.placed,
            iterations=progress.iterations,
            **by_level(progress.cost),
        )
        return True

    limits = Limits(seconds=asked.seconds, seed=asked.seed)
    outcome = LocalSearchPlanner().solve(problem, None, limits, told)
    tell(
        limit_s=asked.seconds,
        seconds=round(outcome.seconds, 2),
        first_s=round(outcome.trail[0].seconds, 2),
        placed=len(outcome.timetable.placements),
        share=round(len(outcome.timetable.placements) / len(problem.requests), 5),
        **by_level(outcome.cost),
        iterations=outcome.iterations,
        violations=len(list(violations(problem, outcome.timetable))),
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def cpsat(asked: argparse.Namespace) -> None:
    """The same seconds for the planner and for a plain model in CP-SAT."""
    problem, _ = planted(asked.people, asked.requests, asked.load, asked.seed)
    limits = Limits(seconds=asked.seconds, seed=asked.seed)
    outcome = LocalSearchPlanner().solve(problem, None, limits)
    ours = by_level(outcome.cost)
    placed, gaps, status, seconds = _cpsat(problem, asked.seconds)
    tell(
        people=asked.people,
        requests=len(problem.requests),
        limit_s=asked.seconds,
        planner={"placed": len(outcome.timetable.placements), "gaps": ours["gaps"]},
        cpsat={"placed": placed, "gaps": gaps, "status": status, "seconds": round(seconds, 1)},
    )


def _cpsat(problem: Problem, seconds: float) -> tuple[int, int, str, float]:
    """Solve with a variable for each request and slot, and one for each person and slot."""
    from ortools.sat.python import cp_model  # noqa: PLC0415 - this comparison alone needs it

    begun = time.perf_counter()
    model = cp_model.CpModel()
    placed: list[Any] = []
    at_table: dict[tuple[Any, int], list[tuple[Any, bool, bool]]] = defaultdict(list)
    in_time: dict[tuple[Any, Any], list[Any]] = defaultdict(list)
    in_session: dict[tuple[Any, Any], dict[int, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for request in problem.requests:
        people = [problem.person[who] for who in request.persons]
        ways = {venue.id: c.ways(problem, request, venue) for venue in problem.venues}
        spoken = bool(c.language_gaps(problem, request))
        mine = []
        for chance in c.chances(problem, request):
            if not ways[chance.venue_id] or not all(
                c.is_free(p, chance.span) and not c.is_night(p, chance.span) for p in people
            ):
                continue
            one = model.new_bool_var("")
            mine.append(one)
            link = c.joins_by_link(problem, request, problem.venue[chance.venue_id])
            at_table[chance.session_id, chance.first_slot].append((one, link, spoken))
            for person in people:
                in_time[person.id, chance.span.start].append(one)
                in_session[person.id, chance.session_id][chance.first_slot].append(one)
        model.add_at_most_one(mine)
        placed += mine
    for some in in_time.values():
        model.add_at_most_one(some)
    for (session_id, _), here in at_table.items():
        venue = problem.venue[problem.session[session_id].venue_id]
        helpers = [
            i for i in problem.interpreters if i.venue_id == (None if venue.online else venue.id)
        ]
        model.add(sum(one for one, _, spoken in here if spoken) <= len(helpers))
        if not venue.online:
            linked = [table for table in venue.tables if VIDEO_LINK in table.equipment]
            model.add(sum(one for one, _, _ in here) <= len(venue.tables))
            model.add(sum(one for one, link, _ in here if link) <= len(linked))
    gaps: list[Any] = []
    for slots in in_session.values():
        runs: list[Any] = []
        before: Any = 0
        for slot in range(max(slots) + 1):
            used = sum(slots[slot]) if slot in slots else 0
            begins = model.new_bool_var("")
            model.add(begins >= used - before)
            runs.append(begins)
            before = used
        met = model.new_bool_var("")
        model.add(met <= sum(one for some in slots.values() for one in some))
        gaps.append(sum(runs) - met)
    model.maximize(1000 * sum(placed) - sum(gaps))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.1, seconds - (time.perf_counter() - begun))
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return 0, 0, solver.status_name(status), time.perf_counter() - begun
    return (
        sum(solver.value(one) for one in placed),
        sum(solver.value(some) for some in gaps),
        solver.status_name(status),
        time.perf_counter() - begun,
    )


def repairs(asked: argparse.Namespace) -> None:
    """Persons who cannot come for three slots, tables and interpreters lost, new requests."""
    problem, _ = planted(asked.people, asked.requests, asked.load, asked.seed)
    outcome = LocalSearchPlanner().solve(
        problem, None, Limits(seconds=asked.seconds, seed=asked.seed)
    )
    chance = random.Random(asked.seed)
    wider = replace(problem, requests=(*problem.requests, *_new_requests(problem, chance)))
    repairer, timetable = NativeRepairer(), outcome.timetable
    new = [request.id for request in wider.requests[len(problem.requests) :]]
    slots = sorted({slot.start for found in wider.slots.values() for slot in found})
    of: Mapping[What, list[UUID]] = {
        What.PERSON: list(wider.person),
        What.TABLE: list(wider.table),
        What.INTERPRETER: list(wider.interpreter),
        What.REQUEST: new,
    }
    for what in What:
        seconds: list[float] = []
        cpu: list[float] = []
        figures: dict[str, int] = defaultdict(int)
        for number in range(asked.events):
            first = chance.randrange(len(slots) - 3)
            span = Span(slots[first], slots[first] + timedelta(minutes=90))
            whom = chance.choice(of[what])
            happened = Happened(what, whom, None if what is What.REQUEST else span)
            if number == 0:
                repairer.repair(wider, timetable, happened, slots[0])
            begun, worked = time.perf_counter(), time.process_time()
            change = repairer.repair(wider, timetable, happened, slots[first])
            seconds.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - worked)
            if number % 50 == 0:
                after = change.applied(timetable)
                figures["violations"] += len(list(violations(happened.applied(wider), after)))
                figures["judged"] += 1
            hits = [move for move in change.moves if move.hit]
            figures["hit"] += len(hits) if what is not What.REQUEST else 1
            figures["placed_again"] += sum(move.after is not None for move in hits)
            figures["gave_way"] += len(change.gave_way)
            if len(hits) == 1 and hits[0].after is not None:
                figures["alone_with_place"] += 1
                figures["alone_with_at_most_one_other"] += len(change.gave_way) <= 1
        seconds.sort()
        cpu.sort()
        tell(
            what=what.value,
            events=asked.events,
            **figures,
            mean_ms=round(1000 * sum(seconds) / len(seconds), 3),
            p50_ms=round(1000 * seconds[len(seconds) // 2], 3),
            p99_ms=round(1000 * seconds[len(seconds) * 99 // 100], 3),
            most_ms=round(1000 * seconds[-1], 3),
            cpu_p99_ms=round(1000 * cpu[len(cpu) * 99 // 100], 3),
        )


def _new_requests(problem: Problem, chance: random.Random, count: int = 500) -> list[Request]:
    """Return requests between people at the same place who do not meet yet."""
    met = {frozenset(request.persons) for request in problem.requests}
    found: list[Request] = []
    while len(found) < count:
        one, other = chance.sample(problem.persons, 2)
        pair = frozenset({one.id, other.id})
        if one.venue_id == other.venue_id and pair not in met and one.languages & other.languages:
            met.add(pair)
            sides = (one.participation_id, other.participation_id)
            found.append(Request(UUID(int=(99 << 64) + len(found)), sides, (one.id, other.id)))
    return found


def reasons(asked: argparse.Namespace) -> None:
    """Why requests of a docking event that is asked for 1.2 times over have no place."""
    problem, _ = planted(asked.people, asked.requests, max(asked.load, OVERFULL), asked.seed)
    outcome = LocalSearchPlanner().solve(
        problem, None, Limits(seconds=asked.seconds, seed=asked.seed)
    )
    begun, worked = time.perf_counter(), time.process_time()
    found = explain(problem, outcome.timetable)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    wrong = 0
    codes: dict[str, int] = defaultdict(int)
    for one in found:
        codes["none" if one.change is None else one.change.code] += 1
        if one.proposal is not None:
            changed, after = one.proposal.applied(problem, outcome.timetable)
            held = one.request_id in after.by_request
            wrong += not held or next(violations(changed, after), None) is not None
    tell(
        requests=len(problem.requests),
        placed=len(outcome.timetable.placements),
        explained=len(found),
        seconds=round(seconds, 2),
        cpu_s=round(cpu, 2),
        wrong=wrong,
        changes=codes,
    )


OVERFULL = 1.6
"""Meetings for each place at a table; some of them can be held online as well."""

WHAT = {"speed": speed, "cpsat": cpsat, "repair": repairs, "explain": reasons}


if __name__ == "__main__":
    main()
