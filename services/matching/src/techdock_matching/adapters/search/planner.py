"""The planner: a first timetable at once, then simulated annealing, in native code."""

import time
from collections.abc import Callable
from functools import cache

import numpy as np
from techdock_shared.errors import Invalid
from typing_extensions import override

from techdock_matching.adapters.search import annealing, repairing, seats
from techdock_matching.adapters.search.arrays import (
    BEST_BELOW,
    BEST_SOFT,
    BEST_UNPLACED,
    GAP,
)
from techdock_matching.adapters.search.daytime import Daytime
from techdock_matching.adapters.search.model import Model
from techdock_matching.adapters.search.repairer import hands
from techdock_matching.app.ports import Limits, Outcome, Progress, Solver
from techdock_matching.domain.timetable.costs import evaluate
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Problem, Timetable

TOLD_S = 0.5
"""How often progress is told, in seconds."""

_CHUNK_S = 0.05
"""How long the native code searches before it is looked at, about."""

_HOT = 0.4 * GAP
_COLD = 0.03 * GAP
_CHEAP = 8.0 * GAP
_DEAR = 60.0 * GAP
"""What a request without a place costs at first, and in the end where all hours are fine."""

_EJECTING = 12
_CYCLE = 1500
"""Steps for each request from hot to cold, at least."""

_MOST_CYCLES = 6


@cache
def prepare() -> None:
    """Compile what the search needs, or load it: most of a minute the first time, once for all."""
    model = Model(Problem((), (), (), (), ()))
    g, s = model.given, model.state(0)
    none = np.zeros(0, np.int64)
    seats.hold(g, s, np.zeros((0, 4), np.int64))
    seats.put_all(g, s, np.zeros((0, 4), np.int64))
    annealing.construct(g, s, none)
    annealing.save(s)
    annealing.anneal(g, s, 0, 1.0, 1.0, 1)
    annealing.restore(g, s)
    model.timetable(s.best, none)
    olds = np.zeros((0, 3), np.int64)
    repairing.mend(g, s, hands(model), none, olds, 0)
    repairing.put_back(g, s, none, olds)


class LocalSearchPlanner(Solver):
    """Places the hardest first, then improves: relocation, Kempe chains, ejection.

    With a limit of iterations alone the answer depends on the seed only.
    """

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
        if limits.seconds is None and limits.iterations is None:
            raise Invalid("a solver needs a limit of seconds or of iterations")
        if prepare.cache_info().currsize == 0 and progress is not None:
            nothing = evaluate(problem, Timetable(), held)
            progress(Progress(0, sum(r.accepted for r in problem.requests), nothing, 0.0, 0))
        prepare()
        begun = time.monotonic()
        fault = next(violations(problem, Timetable(problem.fixed)), None)
        if fault is not None:
            raise Invalid(f"what is fixed breaks a rule: {fault}")
        measure = start if held is None else held
        return _Search(problem, start, limits, progress, measure, begun).run()


class _Search:
    """One run."""

    def __init__(
        self,
        problem: Problem,
        start: Timetable | None,
        limits: Limits,
        progress: Callable[[Progress], bool] | None,
        measure: Timetable | None,
        begun: float,
    ) -> None:
        self._begun = begun
        self._problem = problem
        self._limits = limits
        self._progress = progress
        self._start = start
        self._measure = measure
        self._model = Model(problem, measure)
        fixed = Timetable(problem.fixed)
        self._wanted = self._model.wanted(start or Timetable(), measure or Timetable(), fixed)
        self._given = self._model.given
        self._state = self._model.state(limits.seed)
        # No hour is so bad that a request would rather have no place.
        self._dear = _DEAR + 2.0 * int(self._given.off.max(initial=0))
        self._daytime = Daytime(self._given, self._state)
        self._enough = 200_000 + 20_000 * len(self._model.requests)
        self._iterations = 0
        self._trail: list[Progress] = []
        self._told = self._begun
        self._noted: tuple[int, ...] | None = None
        self._newest: Timetable = Timetable()
        self._stopped = False

    def run(self) -> Outcome:
        """Search until the limits are reached."""
        self._begin()
        self._note()
        chunk, cycle, heat_of_cycle = 200, 0, 1.0
        turned = 0.0
        while not self._is_over():
            share = self._share()
            self._daytime.look(share)
            cycles = self._cycles()
            if share * cycles >= cycle + 1:
                cycle += 1
                annealing.restore(self._given, self._state)
                heat_of_cycle = 0.4
            within = min(1.0, share * cycles - cycle)
            heat = _COLD * (_HOT * heat_of_cycle / _COLD) ** (1.0 - within)
            price = _CHEAP * (self._dear / _CHEAP) ** (within if cycle == 0 else 1.0)
            steps = self._steps(chunk)
            at = time.monotonic()
            annealing.anneal(self._given, self._state, steps, heat, price, _EJECTING)
            turned = time.monotonic() - at
            self._iterations += steps
            if turned > 0 and self._limits.seconds is not None:
                chunk = int(max(100, min(200_000, chunk * _CHUNK_S / turned)))
            if time.monotonic() - self._told >= TOLD_S:
                self._note()
        self._note()
        answer = self._better()
        found = evaluate(self._problem, answer, self._measure)
        return Outcome(
            answer,
            found,
            proven=not any(found),
            iterations=self._iterations,
            seconds=time.monotonic() - self._begun,
            trail=tuple(self._trail),
        )

    def _begin(self) -> None:
        """Place what is fixed, what the start has, and then as much as goes."""
        model, g, s = self._model, self._given, self._state
        seats.put_all(g, s, model.seats(self._problem.fixed))
        if self._start is not None:
            seats.hold(g, s, model.seats(self._start.placements))
        free = np.array([int(n) for n in np.bitwise_count(g.open).sum(axis=1)], np.int64)
        load = np.diff(g.asked_of)
        busiest = np.zeros(len(free), np.int64)
        if len(free):
            np.maximum.at(
                busiest, np.repeat(np.arange(len(free)), np.diff(g.sitting_of)), load[g.sitting]
            )
        order = np.lexsort(
            (np.random.default_rng(self._limits.seed).random(len(free)), free - busiest)
        )
        annealing.construct(g, s, order)
        annealing.save(s)

    def _steps(self, chunk: int) -> int:
        most = self._limits.iterations
        if most is None:
            return chunk
        if self._limits.seconds is None:
            chunk = max(100, min(most, self._enough) // 100)
        return min(chunk, most - self._iterations)

    def _share(self) -> float:
        share = self._iterations / min(self._limits.iterations or self._enough, self._enough)
        if self._limits.seconds is not None:
            share = max(share, (time.monotonic() - self._begun) / self._limits.seconds)
        return share

    def _cycles(self) -> int:
        """Return how often there is time to cool down."""
        share = self._share()
        requests = max(1, len(self._model.requests))
        steps = self._iterations / share if share > 0.02 else 0  # noqa: PLR2004 - by then it is known
        return max(1, min(_MOST_CYCLES, int(steps / (_CYCLE * requests))))

    def _is_over(self) -> bool:
        most = min(self._enough, self._limits.iterations or self._enough)
        best = self._state.total
        ideal = not (best[BEST_BELOW] or best[BEST_UNPLACED] or best[BEST_SOFT])
        return self._stopped or ideal or self._iterations >= most or self._out_of_time()

    def _out_of_time(self) -> bool:
        seconds = self._limits.seconds
        return seconds is not None and time.monotonic() - self._begun >= seconds

    def _note(self) -> None:
        """Tell how far it is; a timetable is made only when the best is another one."""
        figures = tuple(int(n) for n in self._state.total[BEST_UNPLACED:])
        if figures != self._noted:
            self._noted = figures
            self._newest = self._model.timetable(self._state.best, self._wanted)
            cost = evaluate(self._problem, self._newest, self._measure)
        else:
            cost = self._trail[-1].cost if self._trail else ()
        self._told = time.monotonic()
        noted = Progress(
            len(self._newest.placements),
            len(self._model.requests),
            cost,
            self._told - self._begun,
            self._iterations,
            self._newest,
        )
        if not self._trail or cost < self._trail[-1].cost:
            self._trail.append(noted)
        if self._progress is not None and not self._progress(noted):
            self._stopped = True

    def _better(self) -> Timetable:
        """Return the best by level: the sum that the search minimises only stands for it."""
        found = [self._newest]
        if self._trail and self._trail[-1].best is not None:
            found.append(self._trail[-1].best)
        if self._start is not None and next(violations(self._problem, self._start), None) is None:
            found.append(self._start)
        return min(found, key=lambda one: evaluate(self._problem, one, self._measure))
