"""Runs the benchmarks that can run here, and writes RESULTS.md.

    python tests/benchmark [--data DIR] [--distributed] [NAME ...]

DIR holds the public needs and offers; without it, or TECHDOCK_BENCHMARK_DATA, what needs them is
named and left out. --distributed also measures on the real servers (needs Java 17 and Maven). Goals
that are not reached are said to be so.
"""

import argparse
import json
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import needs_offers
from support.measuring import machine
from support.servers import LOCAL

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
TABLE = "<!-- what follows is written by `python tests/benchmark` -->"
HEAD = "| what | goal | measured | of the goal | reached | date |\n|---|---|---|---|---|---|\n"


DISTRIBUTED = ("event_flow_kafka", "event_flow_kafka_postgresql", "real_import_distributed")


@contextmanager
def servers(folder: Path) -> Iterator[tuple[str, str]]:
    """Run one Kafka node and PostgreSQL; gives their addresses."""
    local, where = [sys.executable, str(LOCAL)], ["--dir", str(folder)]
    names = ("kafka", "postgres")
    subprocess.run([*local, "start", *names, "--nodes", "1", *where], check=True, stdout=sys.stderr)
    try:
        told = subprocess.run([*local, "env", *where], check=True, capture_output=True, text=True)
        variables = dict(one.split("=", 1) for one in shlex.split(told.stdout) if "=" in one)
        yield variables["TECHDOCK_TEST_KAFKA"], variables["TECHDOCK_TEST_POSTGRES"]
    finally:
        subprocess.run([*local, "stop", "--wipe", *where], check=False, stdout=sys.stderr)


def plan(data: Path | None, kept: Path, *, kafka: str, postgres: str) -> dict[str, list[str]]:
    """Return the words of each benchmark, in their order."""
    place = [] if data is None else ["--data", str(data)]
    filled = [] if data is None else ["--data", str(kept)]
    every = {
        "http_cost": ["http_cost.py"],
        "rebuild_speed": ["rebuild_speed.py"],
        "event_flow": ["event_flow.py"],
        "real_import": ["real_import.py", *place, "--keep", str(kept)],
        "page_speed": ["page_speed.py", *filled],
        "start_up": ["start_up.py", *filled],
        "timetable_general": ["timetable_general.py", "speed"],
        "publishing": ["publishing.py"],
        "ranking_speed": ["ranking_speed.py", *place[1:]],
        "ranking_quality": ["ranking_quality.py", *place[1:]],
        "ranking_languages": ["ranking_languages.py", *place[1:]],
        "matching": ["matching.py", *place[1:]],
        "million": ["million.py", *place],
        "engines": ["engines.py", *place],
    }
    on_kafka = ["event_flow.py", "--kafka", kafka]
    words = (
        on_kafka,
        [*on_kafka, "--postgres", postgres],
        ["real_import.py", *place, "--distributed"],
    )
    return every | dict(zip(DISTRIBUTED, words, strict=True))


def run(words: list[str]) -> list[dict[str, Any]]:
    """Run a program; returns its lines, or what it says of why there are none."""
    print(f"# {' '.join(words)}", file=sys.stderr, flush=True)
    program = [sys.executable, str(HERE / words[0]), *words[1:]]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    print("\n".join(lines), flush=True)
    if done.returncode == 0:
        return [json.loads(line) for line in lines]
    said = done.stderr.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
    print(f"# {said[0]}", file=sys.stderr, flush=True)
    return [{"benchmark": words[0].removesuffix(".py"), "failed": said[0]}]


def written(found: list[dict[str, Any]]) -> str:
    """Return the table and the details."""
    rows, details, left_out = [], [], []
    for line in found:
        for one in line.pop("goals", ()):
            said = "yes" if one["reached"] else "**no**"
            rows.append(
                f"| {one['what']} | {one['goal']} | {one['measured']:g} {one['unit']} "
                f"| {one['ratio']:.0%} | {said} | {line['date'][:10]} |"
            )
        if "failed" in line:
            left_out.append(f"- {line['benchmark']}: {line['failed']}")
        else:
            line.pop("machine", None)
            details.append(json.dumps(line, ensure_ascii=False))
    parts = [f"Machine: {machine()}.\n", HEAD + "\n".join(rows) + "\n"]
    if left_out:
        parts.append("Not run:\n\n" + "\n".join(left_out) + "\n")
    parts.append("Details, as the programs print them:\n\n```\n" + "\n".join(details) + "\n```\n")
    return "\n".join(parts)


def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("names", nargs="*", metavar="NAME", help="only these")
    asking.add_argument("--data", type=Path, help=f"else {needs_offers.VARIABLE}")
    asking.add_argument("--distributed", action="store_true")
    asked = asking.parse_args()
    distributed = asked.distributed or bool(set(asked.names) & set(DISTRIBUTED))
    with tempfile.TemporaryDirectory() as folder:
        # PostgreSQL runs as another user, who must get through to its own folder.
        place = Path(folder)
        place.chmod(0o711)
        started = servers(place / "servers") if distributed else nullcontext(("", ""))
        with started as (kafka, postgres):
            data = needs_offers.folder(asked.data)
            every = plan(data, place / "kept", kafka=kafka, postgres=postgres)
            unknown = sorted(set(asked.names) - every.keys())
            if unknown:
                asking.error(f"there is no {unknown[0]}; there are {', '.join(every)}")
            usual = [name for name in every if distributed or name not in DISTRIBUTED]
            found = [line for name in asked.names or usual for line in run(every[name])]
    before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Results\n\n"
    head = before.partition(TABLE)[0]
    RESULTS.write_text(f"{head.rstrip()}\n\n{TABLE}\n\n{written(found)}", encoding="utf-8")


if __name__ == "__main__":
    main()
