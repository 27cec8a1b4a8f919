"""Says what contradicts each other in a B2BSP that has no answer."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pysat.solvers import Solver

from techdock_matching.adapters.exact.model import Clause, Literal, Model, build
from techdock_matching.adapters.exact.reduced import Reduced, first_slots, meetings_of, reduce
from techdock_matching.domain.timetable.b2bsp import B2bConflict, B2bProblem

_NOBODY: frozenset[int] = frozenset()
_CONFLICTS = 20_000
"""Of the SAT solver for one question; what is not refuted by then counts as not refuted."""


def conflict(problem: B2bProblem) -> B2bConflict | None:
    """Find fixed slots, precedences and absences that cannot all be kept.

    What is named is needed: without any one of it the others can be kept (as far as the SAT solver
    can tell within its limit). Half days, tables, one place at a time and the difference of breaks
    are kept in any case.

    Returns:
        None if there is an answer. Empty if what is kept in any case contradicts itself.
    """
    count, people = len(problem.meetings), problem.participants
    bare = replace(
        problem,
        fixed=(None,) * count,
        before=(_NOBODY,) * count,
        forbidden=(_NOBODY,) * people,
    )
    if reduce(bare).infeasible:
        return B2bConflict()
    domains = tuple(first_slots(bare, meeting) for meeting in range(count))
    model = build(Reduced(bare, domains, meetings_of(bare), (0,) * people, False), 0)
    rules: dict[Literal, tuple[str, tuple[int, ...]]] = {}
    with Solver(name="cadical195", bootstrap_with=model.clauses) as solver:
        for kind, about, clauses in _rules(problem, model):
            literal = model.last + 1 + len(rules)
            rules[literal] = (kind, about)
            for clause in clauses:
                solver.add_clause([-literal, *clause])
        if solver.solve(assumptions=list(rules)):
            return None
        needed = _shrunk(solver, solver.get_core() or [])
    named = [rules[literal] for literal in needed]
    return B2bConflict(
        fixed=tuple(about[0] for kind, about in named if kind == "fixed"),
        precedences=tuple((about[0], about[1]) for kind, about in named if kind == "before"),
        away=tuple(about[0] for kind, about in named if kind == "away"),
    )


def _rules(
    problem: B2bProblem, model: Model
) -> Iterator[tuple[str, tuple[int, ...], list[Clause]]]:
    """What may be at fault, each with the clauses that keep it."""
    slots = range(problem.slots)
    held = model.held
    for participant, meetings in enumerate(meetings_of(problem)):
        times = [(m, t) for m in meetings for t in sorted(problem.forbidden[participant])]
        if times:
            yield "away", (participant,), [[-held[at]] for at in times if at in held]
    for meeting, earlier in enumerate(problem.before):
        for first in sorted(earlier):
            yield (
                "before",
                (first, meeting),
                [
                    [-held[meeting, t], *(held[first, s] for s in range(t) if (first, s) in held)]
                    for t in slots
                    if (meeting, t) in held
                ],
            )
    for meeting, slot in enumerate(problem.fixed):
        if slot is not None:
            # A slot that the half day excludes leaves nothing: an empty clause.
            yield "fixed", (meeting,), [[held[meeting, slot]] if (meeting, slot) in held else []]


def _shrunk(solver: Solver, core: Sequence[Literal]) -> list[Literal]:
    """Drop from a set that cannot hold whatever it does not need for that."""
    left, needed = sorted(core), list[Literal]()
    while left:
        tried = left.pop(0)
        solver.conf_budget(_CONFLICTS)
        if solver.solve_limited(assumptions=[*needed, *left]) is False:
            kept = set(solver.get_core() or [])
            left = [literal for literal in left if literal in kept]
            needed = [literal for literal in needed if literal in kept]
        else:
            needed.append(tried)
    return needed
