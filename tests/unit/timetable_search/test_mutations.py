"""Whatever is broken in a valid timetable, the judge finds it."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.timetables import random_problem, uid
from techdock_matching.adapters.search.planner import LocalSearchPlanner
from techdock_matching.app.ports import Limits
from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Placement, Problem, Timetable

Placements = list[Placement]


def _twice(_: Problem, placements: Placements, n: int) -> None:
    placements.append(replace(placements[n], first_slot=placements[n].first_slot))


def _no_table(problem: Problem, placements: Placements, n: int) -> None:
    assume(not problem.venue[placements[n].venue_id].online)
    placements[n] = replace(placements[n], table_id=None)


def _strange_table(_: Problem, placements: Placements, n: int) -> None:
    placements[n] = replace(placements[n], table_id=uid(987654))


def _taken_table(problem: Problem, placements: Placements, n: int) -> None:
    mine = placements[n]
    assume(mine.table_id is not None)
    others = [
        k
        for k, other in enumerate(placements)
        if k != n
        and other.venue_id == mine.venue_id
        and problem.span(other).overlaps(problem.span(mine))
    ]
    assume(others)
    placements[others[0]] = replace(placements[others[0]], table_id=mine.table_id)


def _two_at_once(problem: Problem, placements: Placements, n: int) -> None:
    mine = placements[n]
    people = set(problem.request[mine.request_id].persons)
    others = [
        k
        for k, other in enumerate(placements)
        if k != n
        and other.slots == mine.slots
        and people & set(problem.request[other.request_id].persons)
    ]
    assume(others)
    other = placements[others[0]]
    placements[others[0]] = replace(mine, request_id=other.request_id)


def _no_slot(problem: Problem, placements: Placements, n: int) -> None:
    count = len(problem.slots[placements[n].session_id])
    placements[n] = replace(placements[n], first_slot=count - placements[n].slots + 1)


def _too_long(_: Problem, placements: Placements, n: int) -> None:
    placements[n] = replace(placements[n], slots=placements[n].slots + 1)


def _no_interpreter(problem: Problem, placements: Placements, n: int) -> None:
    assume(c.language_gaps(problem, problem.request[placements[n].request_id]))
    placements[n] = replace(placements[n], interpreter_id=None)


def _elsewhere(problem: Problem, placements: Placements, n: int) -> None:
    other = next(v for v in problem.venues if v.id != placements[n].venue_id)
    placements[n] = replace(placements[n], venue_id=other.id)


def _not_accepted(problem: Problem, placements: Placements, n: int) -> None:
    refused = [r for r in problem.requests if not r.accepted]
    assume(refused)
    placements[n] = replace(placements[n], request_id=refused[0].id, slots=refused[0].slots)


MUTATIONS: list[Callable[[Problem, Placements, int], None]] = [
    _twice,
    _no_table,
    _strange_table,
    _taken_table,
    _two_at_once,
    _no_slot,
    _too_long,
    _no_interpreter,
    _elsewhere,
    _not_accepted,
]


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda one: one.__name__.strip("_"))
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**5))
def test_a_mutation_of_a_valid_timetable_is_found(
    mutate: Callable[[Problem, Placements, int], None], seed: int
) -> None:
    problem = random_problem(seed, 14, 40)
    outcome = LocalSearchPlanner().solve(problem, None, Limits(iterations=500, seed=seed))
    placements = list(outcome.timetable.placements)
    assume(placements)
    assert list(violations(problem, Timetable(tuple(placements)))) == []
    mutate(problem, placements, random.Random(seed).randrange(len(placements)))
    assert list(violations(problem, Timetable(tuple(placements))))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**5))
def test_a_fixed_meeting_that_is_missing_or_moved_is_found(seed: int) -> None:
    problem = random_problem(seed, 14, 40)
    outcome = LocalSearchPlanner().solve(problem, None, Limits(iterations=500, seed=seed))
    placements = outcome.timetable.placements
    assume(placements)
    fixed = replace(problem, fixed=(placements[seed % len(placements)],))
    rest = tuple(p for p in placements if p != fixed.fixed[0])
    assert [v.rule for v in violations(fixed, Timetable(rest))] == ["fixed"]
