"""How fast and how good is the planner, on generated docking events?

    python tests/benchmark/planner_speed.py

Prints one JSON line for each size and limit: placed, cost by level, seconds until the first usable timetable, and
how long the explanations of the unplaced requests take.
"""

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.timetables import random_problem
from techdock_matching.adapters.search.planner import LocalSearchPlanner
from techdock_matching.app.ports import Limits
from techdock_matching.domain.timetable.costs import LEVELS
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.reasons import explain

SIZES = {
    "104 persons, 110 requests": {"persons": 104, "requests": 110, "slots": 16, "tables": 12},
    "300 persons, 1311 requests": {"persons": 300, "requests": 1311, "slots": 16, "tables": 90},
}


def main() -> None:
    for name, size in SIZES.items():
        problem = random_problem(1, odd=False, **size)
        for seconds in (2, 10):
            outcome = LocalSearchPlanner().solve(problem, None, Limits(seconds=seconds, seed=1))
            begun = time.perf_counter()
            unplaced = explain(problem, outcome.timetable)
            told = {
                "problem": name,
                "limit_s": seconds,
                "seconds": round(outcome.seconds, 2),
                "first_s": round(outcome.trail[0].seconds, 2),
                "placed": len(outcome.timetable.placements),
                **dict(zip((level.code for level in LEVELS), outcome.cost, strict=True)),
                "iterations": outcome.iterations,
                "explain_s": round(time.perf_counter() - begun, 2),
                "explained": len(unplaced),
                "violations": len(list(violations(problem, outcome.timetable))),
            }
            print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
