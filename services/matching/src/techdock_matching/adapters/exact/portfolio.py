"""Solves a B2BSP to the proven optimum: what follows at once, then clauses under a bound."""

import time
from collections.abc import Callable

from pysat.solvers import Solver

from techdock_matching.adapters.exact.model import build
from techdock_matching.adapters.exact.reduced import reduce
from techdock_matching.domain.timetable.b2bsp import (
    B2bOutcome,
    B2bProblem,
    B2bProgress,
    B2bStatus,
    measure,
)

_CONFLICTS = 2_000
"""Of the SAT solver between two looks at the clock."""


def solve_b2bsp(
    problem: B2bProblem,
    *,
    seconds: float | None = None,
    seed: int = 0,
    progress: Callable[[B2bProgress], bool] | None = None,
) -> B2bOutcome:
    """Find an answer with the fewest breaks and prove that there is no better one.

    Args:
        seconds: After so long the best so far is returned; none: when it is proven.
        progress: Told now and then; an answer of False cancels, and the best so far is returned.
    """
    began = time.perf_counter()

    def outcome(status: B2bStatus, slots: tuple[int, ...], bound: int | None) -> B2bOutcome:
        breaks = measure(problem, slots).total if slots else None
        if not problem.meetings:
            breaks = 0
        return B2bOutcome(status, slots, breaks, bound, time.perf_counter() - began)

    reduced = reduce(problem)
    if reduced.infeasible:
        return outcome(B2bStatus.INFEASIBLE, (), None)
    model = build(reduced, None)
    bound = sum(reduced.least)
    with Solver(name="cadical195", bootstrap_with=model.clauses) as solver:
        solver.configure({"seed": seed})
        while True:
            assumed = [-model.breaks[bound]] if bound < len(model.breaks) else []
            solver.conf_budget(_CONFLICTS)
            found = solver.solve_limited(assumptions=assumed)
            if found:
                slots = tuple(model.slots(solver.get_model(), len(problem.meetings)))
                return outcome(B2bStatus.OPTIMAL, slots, bound)
            if found is False:
                if not assumed or not solver.get_core():
                    return outcome(B2bStatus.INFEASIBLE, (), None)
                bound += 1
            spent = time.perf_counter() - began
            stop = progress is not None and not progress(B2bProgress(None, bound, spent))
            if stop or (seconds is not None and spent >= seconds):
                return outcome(B2bStatus.UNKNOWN, (), bound)
