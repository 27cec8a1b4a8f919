"""How long until the embedded program is ready on a folder that has data?

    python tests/benchmark/start_up.py [--data FOLDER] [--starts 5]

FOLDER is one that real_import.py has kept; without it, a folder of an earlier start. Prints one JSON
line with the median of some starts, from the command to its line "ready", how long it took to stop,
and how long commands take that need no services.
"""

import argparse
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.measuring import goal, tell
from support.programs import Embedded

MOST_S = 3.0


def children_s() -> float:
    """Processor seconds of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def took(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    asking = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asking.add_argument("--data", type=Path)
    asking.add_argument("--starts", type=int, default=5)
    asked = asking.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        program = Embedded(asked.data or Path(folder) / "data")
        program.start()
        program.stop()
        ready, stopping, used = [], [], children_s()
        for _ in range(asked.starts):
            program.start()
            ready.append(program.ready_s)
            stopping.append(program.stop())
        cpu_s = (children_s() - used) / asked.starts
        help_s = statistics.median(took(lambda: program.command("--help")) for _ in range(3))
    size = "19,784 profiles" if asked.data else "an empty Techdock"
    goals = [
        goal(f"embedded program ready on {size}", statistics.median(ready), MOST_S, "s"),
        goal("Ctrl-C until it has stopped", max(stopping), 2.0, "s"),
    ]
    tell(
        "start_up",
        goals,
        ready_s=[round(one, 2) for one in ready],
        cpu_s_per_start=round(cpu_s, 2),
        help_s=round(help_s, 2),
    )


if __name__ == "__main__":
    main()
