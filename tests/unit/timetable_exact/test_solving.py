"""What is said to be optimal is optimal, and what is said to be infeasible is infeasible."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.b2b_problems import (
    b2b_problem,
    b2b_problems,
    busy_problem,
    every_valid_answer,
    gappy_problems,
)
from techdock_matching.adapters.exact import portfolio, prepare, solve_b2bsp
from techdock_matching.adapters.exact.reduced import first_slots, reduce
from techdock_matching.adapters.exact.search import Search
from techdock_matching.domain.timetable.b2bsp import B2bProblem, B2bProgress, B2bStatus, measure

thorough = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.differing_executors]
)


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    prepare()


def least(problem: B2bProblem) -> int | None:
    return min(every_valid_answer(problem), default=None)


@thorough
@given(b2b_problems() | gappy_problems())
def test_the_answer_is_that_of_trying_everything(problem: B2bProblem) -> None:
    expected = least(problem)

    outcome = solve_b2bsp(problem)

    assert outcome.breaks == expected
    if expected is None:
        assert outcome.status is B2bStatus.INFEASIBLE
        assert outcome.bound is None
    else:
        assert outcome.status is B2bStatus.OPTIMAL
        assert outcome.bound == expected
        assert measure(problem, outcome.slots).violations == ()


@thorough
@given(b2b_problems() | gappy_problems())
def test_sat_alone_finds_the_same(problem: B2bProblem) -> None:
    outcome = solve_b2bsp(problem, moves=0)

    assert outcome.breaks == least(problem)
    assert outcome.breaks is None or not measure(problem, outcome.slots).violations


@thorough
@given(b2b_problems())
def test_what_follows_at_once_is_true_of_every_answer(problem: B2bProblem) -> None:
    reduced = reduce(problem)
    expected = least(problem)

    if reduced.infeasible:
        assert expected is None
    elif expected is not None:
        assert sum(reduced.least) <= expected
        assert all(
            not reduced.domains[m] & ~first_slots(problem, m) for m in range(len(problem.meetings))
        )


@thorough
@given(b2b_problems(), st.integers(0, 9))
def test_the_annealing_keeps_only_valid_answers(problem: B2bProblem, seed: int) -> None:
    reduced = reduce(problem)
    if reduced.infeasible or not problem.meetings:
        return
    search = Search(reduced, seed, target=0)

    search.run(20_000)

    slots, expected = search.best(), least(problem)
    assert (slots is None) == (expected is None)
    if slots is not None:
        assert measure(problem, slots).violations == ()


@pytest.mark.parametrize(
    ("partners", "status", "breaks"),
    [
        # Both have three breaks, or one has three and the other none.
        (((0, 1),) * 4, B2bStatus.OPTIMAL, 6),
        (((0, 1), (0, 1), (0, 1), (0, 2)), B2bStatus.INFEASIBLE, None),
    ],
)
def test_many_breaks_need_many_breaks_of_everybody(
    partners: tuple[tuple[int, int], ...], status: B2bStatus, breaks: int | None
) -> None:
    problem = b2b_problem(
        partners,
        participants=max(map(max, partners)) + 1,
        slots=7,
        fixed={0: 0, 1: 2, 2: 4, 3: 6},
    )

    for outcome in (solve_b2bsp(problem), solve_b2bsp(problem, moves=0)):
        assert (outcome.status, outcome.breaks) == (status, breaks)


def test_no_meetings_and_no_tables() -> None:
    assert solve_b2bsp(b2b_problem(())).status is B2bStatus.OPTIMAL
    assert solve_b2bsp(b2b_problem(((0, 1),), tables=0)).status is B2bStatus.INFEASIBLE


@pytest.mark.parametrize("moves", [0, 5_000])
def test_the_same_seed_and_moves_give_the_same_answer(moves: int) -> None:
    problem = busy_problem(seed=3)

    one, other = (solve_b2bsp(problem, seed=5, moves=moves) for _ in range(2))

    assert one.status is B2bStatus.OPTIMAL
    assert (one.slots, one.bound) == (other.slots, other.bound)
    assert one.breaks == solve_b2bsp(problem, seed=6).breaks


def test_progress_never_gets_worse_and_ends_at_the_answer() -> None:
    told: list[B2bProgress] = []

    def hear(progress: B2bProgress) -> bool:
        told.append(progress)
        return True

    outcome = solve_b2bsp(busy_problem(seed=3), moves=0, progress=hear)

    assert outcome.status is B2bStatus.OPTIMAL
    assert [one.bound for one in told] == sorted(one.bound for one in told)
    found = [one.breaks for one in told if one.breaks is not None]
    assert found == sorted(found, reverse=True)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look up after each conflict, so that a small problem is interrupted as well."""
    monkeypatch.setattr(portfolio, "_CONFLICTS", 1)


@pytest.mark.usefixtures("often")
def test_no_is_an_end_at_once_and_what_was_found_is_kept() -> None:
    problem = busy_problem(seed=3)
    asked: list[B2bProgress] = []

    def refuse(progress: B2bProgress) -> bool:
        asked.append(progress)
        return False

    outcome = solve_b2bsp(problem, moves=20_000, progress=refuse)

    assert len(asked) == 1
    assert outcome.status is B2bStatus.FEASIBLE
    assert outcome.breaks is not None
    assert outcome.bound is not None
    assert outcome.bound < outcome.breaks == measure(problem, outcome.slots).total
    assert measure(problem, outcome.slots).violations == ()


@pytest.mark.usefixtures("often")
def test_time_is_kept() -> None:
    began = time.monotonic()

    outcome = solve_b2bsp(busy_problem(seed=3), seconds=0.0, moves=0)

    assert outcome.status is B2bStatus.UNKNOWN
    assert outcome.slots == ()
    assert time.monotonic() - began < 60


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every bound for hard, so that a small problem is tried in all ways."""
    turns = {"_CONFLICTS": 10, "_EASY": 10, "_PATIENCE": 60, "_AT_ONCE": 20, "_NEAR": 20}
    for name, conflicts in turns.items():
        monkeypatch.setattr(portfolio, name, conflicts)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("seed", "moves"), [(2, 0), (3, 0), (2, 50), (3, 50), (4, 500)])
def test_a_hard_bound_is_tried_anew_until_it_is_decided(seed: int, moves: int) -> None:
    problem = busy_problem(seed)

    outcome = solve_b2bsp(problem, moves=moves)

    assert outcome.status is B2bStatus.OPTIMAL
    assert outcome.bound == outcome.breaks == {2: 2, 3: 4, 4: 4}[seed]
    assert measure(problem, outcome.slots).violations == ()


@pytest.mark.usefixtures("impatient")
@settings(
    thorough,
    suppress_health_check=[
        HealthCheck.differing_executors,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(b2b_problems() | gappy_problems(), st.integers(0, 9))
def test_all_ways_together_find_the_same(problem: B2bProblem, seed: int) -> None:
    assert solve_b2bsp(problem, moves=20, seed=seed).breaks == least(problem)
