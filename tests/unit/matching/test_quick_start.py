"""Runs before the native search is ready: a valid timetable at once, and the search takes over."""

import threading
import time
from collections.abc import Callable

import pytest
from support.timetables import person, placed, problem, random_problem, request, timetable
from techdock_matching.adapters import quick_start
from techdock_matching.adapters.quick_start import QuickStart, greedy
from techdock_matching.app.ports import Limits, Outcome, Progress
from techdock_matching.domain.timetable.costs import evaluate
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Problem, Timetable


class Native:
    """Stands for the search; keeps how it was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[Timetable | None, Limits, Timetable | None]] = []

    def solve(
        self,
        problem: Problem,
        start: Timetable | None,
        limits: Limits,
        progress: Callable[[Progress], bool] | None = None,
        *,
        held: Timetable | None = None,
    ) -> Outcome:
        self.calls.append((start, limits, held))
        given = start or Timetable()
        return Outcome(given, evaluate(problem, given), proven=False, iterations=1, seconds=0.0,
                       trail=())  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_what_is_placed_greedily_keeps_the_rules(seed: int) -> None:
    given = random_problem(seed)
    found = greedy(given, None, time.monotonic() + 60)
    assert list(violations(given, found)) == []
    assert greedy(given, found, time.monotonic() + 60) == found
    assert greedy(given, None, time.monotonic()).placements == tuple(sorted(given.fixed))


def test_until_the_search_is_ready_a_run_gets_what_is_found_at_once() -> None:
    native = Native()
    solver = QuickStart(native)
    given = problem([person(1), person(2)], [request(1, 1, 2)])
    told: list[Progress] = []

    def stop(progress: Progress) -> bool:
        told.append(progress)
        return False

    outcome = solver.solve(given, None, Limits(seconds=600.0), stop)
    assert [p.request_id for p in outcome.timetable.placements] == [given.requests[0].id]
    assert native.calls == []
    assert (told[0].placed, told[0].best) == (1, outcome.timetable)


def test_a_run_that_waits_for_the_search_hands_over_what_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    native = Native()
    solver = QuickStart(native)
    loaded: list[bool] = []
    monkeypatch.setattr(quick_start, "prepare", lambda: loaded.append(True))
    monkeypatch.setattr(quick_start.sys, "executable", "true")
    given = problem([person(1), person(2)], [request(1, 1, 2)])
    held = timetable(placed(1, 3))

    def ready(progress: Progress) -> bool:
        solver.warm()
        return True

    outcome = solver.solve(given, held, Limits(seconds=60.0, seed=3), ready)
    ((start, limits, measure),) = native.calls
    assert (start, measure) == (held, held)
    assert limits.seed == 3
    assert limits.seconds is not None
    assert 0 < limits.seconds < 60
    assert outcome.timetable == held
    solver.solve(given, None, Limits(seconds=1.0))
    assert not loaded, "it is loaded by the first run that needs it"
    assert len(native.calls) == 2, "once it is ready, it is asked at once"


def test_what_cannot_be_compiled_beside_is_compiled_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    native, compiled = Native(), threading.Event()
    solver = QuickStart(native)
    monkeypatch.setattr(quick_start, "prepare", compiled.set)
    monkeypatch.setattr(quick_start.sys, "executable", "false")
    solver.warm()
    assert compiled.wait(60)


def test_a_limit_of_steps_is_for_the_search_alone() -> None:
    native = Native()
    given = problem([person(1), person(2)], [request(1, 1, 2)])
    QuickStart(native).solve(given, None, Limits(iterations=5))
    assert len(native.calls) == 1
