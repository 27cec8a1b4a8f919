"""A timetable within a second also where the native search is still being compiled.

Compiling takes most of a minute on an empty machine. It is done by a process of its own, with low
priority, as soon as the worker starts; until then runs get what a plain greedy placing finds.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from threading import Event, Thread
from uuid import UUID

import structlog
from typing_extensions import override

from techdock_matching.adapters.search.planner import LocalSearchPlanner, prepare
from techdock_matching.app.ports import Limits, Outcome, Progress, Solver
from techdock_matching.domain.timetable.costs import evaluate
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Problem, Request, Timetable
from techdock_matching.domain.timetable.refill import refill

log = structlog.get_logger(__name__)

LOOK_S = 0.2
WITH_PARENT = "--with-parent"
_LOW = 10
"""Niceness of the process that compiles."""


class QuickStart(Solver):
    """Solves by the native search once that is ready, and until then by placing greedily."""

    def __init__(self, native: Solver | None = None) -> None:
        self._native = native or LocalSearchPlanner()
        self._ready = Event()

    def warm(self) -> None:
        """Let the search be compiled, or loaded, beside; the program may end meanwhile."""
        Thread(target=self._warm, name="prepare-search", daemon=True).start()

    def _warm(self) -> None:
        begun = time.monotonic()
        # In a process of its own: compiling holds the interpreter, and others would wait.
        command = [sys.executable, "-m", __name__, WITH_PARENT]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as beside:  # noqa: S603 - our own
            failed = beside.wait()
        if failed:
            log.warning("the timetable search could not be compiled beside", status=failed)
            prepare()
        # Loading it takes .3 s and 70 MB: the first run does, and who never plans never needs it.
        self._ready.set()
        log.info("timetable search ready", seconds=round(time.monotonic() - begun, 1))

    @override
    def solve(
        self,
        problem: Problem,
        start: Timetable | None,
        limits: Limits,
        progress: Callable[[Progress], bool] | None = None,
        *,
        held: Timetable | None = None,
    ) -> Outcome:
        if self._ready.is_set() or limits.seconds is None:
            return self._native.solve(problem, start, limits, progress, held=held)
        begun = time.monotonic()
        until = begun + limits.seconds
        measure = start if held is None else held
        first = greedy(problem, start, until)
        cost = evaluate(problem, first, measure)
        total = sum(request.accepted for request in problem.requests)
        told = Progress(len(first.placements), total, cost, time.monotonic() - begun, 0, first)
        while not self._ready.wait(LOOK_S) and time.monotonic() < until:
            if progress is not None and not progress(told):
                until = begun
        left = until - time.monotonic()
        if left <= 0 or not self._ready.is_set():
            return Outcome(first, cost, not any(cost), 0, time.monotonic() - begun, (told,))
        rest = Limits(left, limits.iterations, limits.seed)
        return self._native.solve(problem, first, rest, progress, held=measure)


def greedy(problem: Problem, start: Timetable | None, until: float) -> Timetable:
    """Return the start with as many more requests placed as the time allows, the busiest first.

    Args:
        start: Taken over where it keeps the rules with what is fixed.
        until: By the monotonic clock.
    """
    fixed = {placement.request_id for placement in problem.fixed}
    kept = tuple(p for p in (start or Timetable()).placements if p.request_id not in fixed)
    begun = Timetable((*problem.fixed, *kept))
    if next(violations(problem, begun), None) is not None:
        begun = Timetable(problem.fixed)
    load = Counter(who for request in problem.requests for who in request.persons)

    def busiest_first(request: Request) -> int:
        return -max((load[who] for who in request.persons), default=0)

    def in_time() -> Iterator[UUID]:
        for request in sorted(problem.requests, key=busiest_first):
            if time.monotonic() >= until:
                return
            yield request.id

    placed = (*begun.placements, *refill(problem, begun, in_time()))
    return Timetable(tuple(sorted(placed, key=lambda placement: placement.request_id)))


def main() -> None:
    """Compile the native search into the user's cache; at once when it is there already."""
    if WITH_PARENT in sys.argv:
        os.nice(_LOW)
        # The standard input ends when whoever started this does.
        Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
    prepare()
    os._exit(0)


if __name__ == "__main__":
    main()
