"""Solves a B2BSP to the proven optimum, from two sides at once.

From above: an annealing in a thread of its own keeps the best answer. From below: CaDiCaL is asked
for an answer with as few breaks as the bound; each no raises the bound by one, and a yes is the
best answer. They are done when they meet. Bounds near the optimum are refuted quickly, while an
answer at the optimum is hard to find for either, for the one on other problems than for the other.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

from pysat.solvers import Solver

from techdock_matching.adapters.exact.model import Model, build
from techdock_matching.adapters.exact.neighbourhood import neighbourhood
from techdock_matching.adapters.exact.reduced import Reduced, reduce
from techdock_matching.adapters.exact.search import Search
from techdock_matching.domain.timetable.b2bsp import (
    B2bOutcome,
    B2bProblem,
    B2bProgress,
    B2bStatus,
    measure,
)

Slots = tuple[int, ...]

_SOLVER = "cadical195"
_SETTINGS: Sequence[Mapping[str, int]] = ({"target": 2, "restartint": 50}, {})
"""How the SAT solver searches, in turn: with seldom restarts, towards the best assignment so far,
which finds most answers two to five times as fast; and as usual."""

_PATIENCE = 100_000
"""Conflicts after which a hard bound is tried anew, in another way and then for longer. How long it
takes to find an answer is a matter of luck, by a factor of ten and more."""

_AT_ONCE = 20_000
"""Of them between two looks: each look breaks the walk towards the best assignment off. With 1,000
an answer that took 60,000 conflicts was not found in ten times as many."""

_NEAR = 2_000
"""Conflicts for one look near the best answer."""

_FREE = 0.5
"""Share of the meetings that may move, at first."""

_CONFLICTS = 1_000
"""Of the SAT solver between two looks at what the annealing found, and at the clock."""

_EASY = 4_000
"""Conflicts after which a bound is not easy to refute."""

_ALONE_S = 0.03
"""So long the annealing is alone; most answers that it finds at all are easy."""

_MORE_BREAKS = 12
"""How far above the bound the counter of breaks goes while there is no answer."""


def solve_b2bsp(
    problem: B2bProblem,
    *,
    seconds: float | None = None,
    seed: int = 0,
    progress: Callable[[B2bProgress], bool] | None = None,
    moves: int | None = None,
) -> B2bOutcome:
    """Find an answer with the fewest breaks and prove that there is no better one.

    Args:
        seconds: After so long the best so far is returned; none: when it is proven.
        seed: Of the annealing and of the SAT solver.
        progress: Told now and then; an answer of False cancels, and the best so far is returned.
        moves: Of the annealing, which then comes first and not beside; with it, and without
            `seconds`, the same seed gives the same answer.
    """
    run = _Run(problem, seconds, progress)
    reduced = reduce(problem)
    if reduced.infeasible:
        return run.outcome(B2bStatus.INFEASIBLE)
    if not problem.meetings:
        run.take(())
        return run.outcome(B2bStatus.OPTIMAL)
    run.bound = sum(reduced.least)
    search = Search(reduced, seed, run.bound)
    if moves is not None:
        search.run(moves)
        return _raise_bound(run, reduced, search, seed)
    with search:
        search.wait(_ALONE_S)
        return _raise_bound(run, reduced, search, seed)


@dataclass(slots=True)
class _Run:
    """What is known so far, and when to stop."""

    problem: B2bProblem
    seconds: float | None
    progress: Callable[[B2bProgress], bool] | None
    began: float = field(default_factory=time.perf_counter)
    bound: int = 0
    slots: Slots | None = None
    breaks: int | None = None
    over: bool = False

    @property
    def spent(self) -> float:
        return time.perf_counter() - self.began

    def take(self, slots: Slots | None) -> None:
        """Keep an answer if it is better."""
        if slots is None or slots is self.slots:
            return
        measured = measure(self.problem, slots)
        if measured.violations:
            raise RuntimeError(f"an answer that is none: {measured.violations[0]}")
        breaks = measured.total
        if self.breaks is None or breaks < self.breaks:
            self.slots, self.breaks = slots, breaks

    def ended(self) -> bool:
        """Whether time is over, or nobody wants to know any more."""
        wanted = self.progress is None or self.progress(
            B2bProgress(self.breaks, self.bound, self.spent)
        )
        late = self.seconds is not None and self.spent >= self.seconds
        self.over = late or not wanted
        return self.over

    def proven(self) -> bool:
        return self.breaks is not None and self.breaks <= self.bound

    def outcome(self, status: B2bStatus) -> B2bOutcome:
        bound = None if status is B2bStatus.INFEASIBLE else self.bound
        return B2bOutcome(status, self.slots or (), self.breaks, bound, self.spent)


def _raise_bound(run: _Run, reduced: Reduced, search: Search, seed: int) -> B2bOutcome:
    """Refute one number of breaks after the other, until there is an answer with so few."""
    status = _climb(run, reduced, search, seed)
    tries = 0
    while status is None and not run.over:
        status = _ask_anew(run, reduced, search, seed, tries)
        tries += 1
        if status is None and run.slots is not None and not run.over:
            status = _look_near(run, reduced, search, seed + tries, _patience(tries))
    if status is None:
        status = B2bStatus.UNKNOWN if run.slots is None else B2bStatus.FEASIBLE
    return run.outcome(status)


def _climb(run: _Run, reduced: Reduced, search: Search, seed: int) -> B2bStatus | None:
    """Refute what is easy, in one solver that keeps what it learns.

    Returns:
        None if there is more to do.
    """
    run.take(search.best())
    if run.proven():
        return B2bStatus.OPTIMAL
    most = run.bound + _MORE_BREAKS if run.breaks is None else run.breaks
    model = build(reduced, most)
    with _solver(model, seed) as solver:
        while run.bound <= most:
            found = _decide(run, search, solver, model.at_most(run.bound), _EASY)
            if found:
                run.take(_answer(run, model, solver))
            if run.proven():
                return B2bStatus.OPTIMAL
            if found is None:
                return None
            if not solver.get_core() or not _possible(run, reduced, search, seed):
                return B2bStatus.INFEASIBLE
            solver.add_clause([model.breaks[run.bound]])
            run.bound += 1
            search.aim(run.bound)
    return None


def _ask_anew(
    run: _Run, reduced: Reduced, search: Search, seed: int, tries: int
) -> B2bStatus | None:
    """Decide one number of breaks in a solver of its own, if it takes not too long.

    What was learnt about smaller bounds is in the way of finding an answer: with it, one takes
    several times as long.
    """
    model = build(reduced, run.bound)
    bounded = model.at_most(run.bound)
    with _solver(model, seed + tries, tries) as solver:
        for literal in bounded:
            solver.add_clause([literal])
        found = _decide(run, search, solver, [], _patience(tries), _AT_ONCE)
        if found:
            run.take(_answer(run, model, solver))
    if run.proven():
        return B2bStatus.OPTIMAL
    if found is False:
        if not bounded or not _possible(run, reduced, search, seed):
            return B2bStatus.INFEASIBLE
        run.bound += 1
        search.aim(run.bound)
    return None


def _patience(tries: int) -> int:
    """Conflicts to spend; twice as many once every way was tried."""
    return _PATIENCE << (tries // len(_SETTINGS))


def _look_near(
    run: _Run, reduced: Reduced, search: Search, seed: int, patience: int
) -> B2bStatus | None:
    """Ask for better answers in which most meetings stay where they are in the best one.

    How many may move follows from how that goes: more when there is no better answer, fewer when
    it is not decided.
    """
    if run.breaks is None:
        return None
    chance = Random(seed)  # noqa: S311 - nothing here is secret
    share = _FREE
    model = build(reduced, run.breaks)
    with _solver(model, seed) as solver:
        while not run.over and run.slots is not None and run.breaks is not None:
            for literal in model.at_most(run.breaks - 1):
                solver.add_clause([literal])
            free = neighbourhood(reduced, run.slots, share, chance)
            kept = [model.held[at] for at in enumerate(run.slots) if at[0] not in free]
            asked = run.breaks
            found = _decide(run, search, solver, kept, _NEAR)
            if found:
                run.take(_answer(run, model, solver))
            elif found is None:
                share = max(0.2, share - 0.01)
            elif not solver.get_core():
                run.bound = asked
            else:
                share = min(1.0, share + 0.01)
            if run.proven():
                return B2bStatus.OPTIMAL
            if solver.accum_stats()["conflicts"] >= patience:
                return None
    return None


def _possible(run: _Run, reduced: Reduced, search: Search, seed: int) -> bool:
    """Whether there is an answer at all; asked once, and not when one is known."""
    if run.breaks is not None:
        return True
    model = build(reduced, 0)
    with _solver(model, seed) as solver:
        found = _decide(run, search, solver, [])
        if found:
            run.take(_answer(run, model, solver))
        return found is not False


def _decide(
    run: _Run,
    search: Search,
    solver: Solver,
    assumed: list[int],
    conflicts: int | None = None,
    at_once: int | None = None,
) -> bool | None:
    """Ask the SAT solver.

    Args:
        conflicts: After so many it gives up; none: never.
        at_once: Of them between two looks at what the annealing found, and at the clock; none:
            as few as for a bound that is easy.

    Returns:
        None if time or conflicts are used up, or the annealing found the best answer meanwhile.
    """
    spent, turn = 0, at_once or _CONFLICTS
    while conflicts is None or spent < conflicts:
        solver.conf_budget(turn)
        spent += turn
        found: bool | None = solver.solve_limited(assumptions=assumed)
        run.take(search.best())
        if found is not None:
            return found
        if run.proven() or run.ended():
            return None
    return None


def _answer(run: _Run, model: Model, solver: Solver) -> Slots:
    return tuple(model.slots_in(solver.get_model(), len(run.problem.meetings)))


@contextmanager
def _solver(model: Model, seed: int, tries: int = 0) -> Iterator[Solver]:
    with Solver(name=_SOLVER) as solver:
        solver.configure({**_SETTINGS[tries % len(_SETTINGS)], "seed": seed})
        solver.append_formula(model.clauses)
        yield solver
