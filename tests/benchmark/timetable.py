"""Measures the timetable engine.

`b2bsp --instances DIR [--reference CSV] --out DIR [--workers N]` solves every `.dzn` file of a folder
of the published B2BSP benchmark, and prints one JSON line for each (instance, status OPTIMAL,
INFEASIBLE, FEASIBLE or UNKNOWN, breaks, seconds) and one for all.

- `seconds` is wall time from opening the file to the proven answer. Importing, and compiling native
  code or loading it from the user's cache directory, happens once before, and is not counted: run
  it twice, if the first run had to compile.
- `cpu_seconds` is what all threads of the process took meanwhile; on a busy machine the wall time says
  more about the others. One worker uses two cores: an annealing, and a SAT solver beside.
- Every answer is judged by `measure`, which shares no code with the engine; what it finds stands
  under `violations`, and the program ends with 1.
- In `--out` there is one file for each instance, `<instance>.json`, with the slot of each meeting,
  counted from 1 as in the `.dzn` file.
- A file that cannot be read is UNKNOWN, and `refused` says why.
- `--reference` names a CSV file with the columns instance, optimum_total_breaks (a number or UNSAT) and
  best_published_seconds; instances that it does not name are not compared.
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from techdock_matching.adapters.exact import prepare, solve_b2bsp
from techdock_matching.domain.timetable.b2bsp import B2bStatus, measure
from techdock_matching.domain.timetable.b2bsp_file import read_b2bsp
from techdock_shared.errors import Invalid


def solve(path: Path, out: Path, limit_s: float, seed: int) -> dict[str, Any]:
    """Solve one file, judge the answer and write it."""
    began, began_cpu = time.perf_counter(), time.process_time()
    try:
        problem = read_b2bsp(path.read_text(encoding="utf-8"), path.stem)
    except Invalid as error:
        unread = {"instance": path.stem, "status": str(B2bStatus.UNKNOWN), "breaks": None}
        return {**unread, "seconds": 0.0, "cpu_seconds": 0.0, "refused": str(error)}
    outcome = solve_b2bsp(problem, seconds=limit_s, seed=seed)
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    found: dict[str, Any] = {
        "instance": path.stem,
        "status": str(outcome.status),
        "breaks": outcome.breaks,
        "seconds": round(seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "bound": outcome.bound,
    }
    if outcome.breaks is not None:
        measured = measure(problem, outcome.slots)
        found["violations"] = list(measured.violations)
        if measured.total != outcome.breaks:
            found["violations"].append(f"{measured.total} breaks, not {outcome.breaks}")
    slots = [slot + 1 for slot in outcome.slots]
    answer = json.dumps({**found, "slots": slots})
    (out / f"{path.stem}.json").write_text(answer + "\n", encoding="utf-8")
    return found


def solve_all(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    paths = sorted(options.instances.glob("*.dzn"))
    if not paths:
        sys.exit(f"no .dzn files in {options.instances}")
    if options.workers == 1:
        prepare()
        for path in paths:
            yield solve(path, options.out, options.limit, options.seed)
        return
    spawn = get_context("spawn")
    with ProcessPoolExecutor(options.workers, mp_context=spawn, initializer=prepare) as pool:
        running = [
            pool.submit(solve, path, options.out, options.limit, options.seed) for path in paths
        ]
        for future in running:
            yield future.result()


def is_as_published(found: Mapping[str, Any], optimum: str) -> bool:
    if optimum == "UNSAT":
        return found["status"] == B2bStatus.INFEASIBLE
    return found["status"] == B2bStatus.OPTIMAL and found["breaks"] == int(optimum)


def b2bsp(options: argparse.Namespace) -> int:
    options.out.mkdir(parents=True, exist_ok=True)
    published: dict[str, dict[str, str]] = {}
    if options.reference:
        with options.reference.open(encoding="utf-8", newline="") as lines:
            published = {row["instance"]: row for row in csv.DictReader(lines)}
    results = []
    for found in solve_all(options):
        print(json.dumps(found), flush=True)
        results.append(found)
    count = {status: sum(found["status"] == status for found in results) for status in B2bStatus}
    compared = [found for found in results if found["instance"] in published]
    best_s = sum(
        float(published[found["instance"]]["best_published_seconds"]) for found in compared
    )
    different = [
        found["instance"]
        for found in compared
        if not is_as_published(found, published[found["instance"]]["optimum_total_breaks"])
    ]
    invalid = [found["instance"] for found in results if found.get("violations")]
    summary = {
        "instances": len(results),
        "optimal": count[B2bStatus.OPTIMAL],
        "infeasible": count[B2bStatus.INFEASIBLE],
        "undecided": count[B2bStatus.FEASIBLE] + count[B2bStatus.UNKNOWN],
        "seconds": round(sum(found["seconds"] for found in results), 1),
        "cpu_seconds": round(sum(found["cpu_seconds"] for found in results), 1),
        "invalid": invalid,
    }
    if published:
        summary |= {
            "compared": len(compared),
            "best_published_seconds": round(best_s, 1),
            "as_published": not different,
            "different": different,
        }
    print(json.dumps(summary), flush=True)
    return 1 if invalid or different else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = parser.add_subparsers(required=True)
    part = parts.add_parser("b2bsp", help="the published B2BSP benchmark")
    part.add_argument("--instances", type=Path, required=True, help="folder of .dzn files")
    part.add_argument("--reference", type=Path, help="CSV file of what is published")
    part.add_argument("--out", type=Path, required=True, help="folder for the slots")
    part.add_argument("--workers", type=int, default=1, help="instances at once")
    part.add_argument("--limit", type=float, default=600.0, help="seconds for one instance")
    part.add_argument("--seed", type=int, default=1)
    part.set_defaults(run=b2bsp)
    options = parser.parse_args()
    return int(options.run(options))


if __name__ == "__main__":
    sys.exit(main())
