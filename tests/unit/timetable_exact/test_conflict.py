"""Of a problem without an answer, what is named is to blame, and all of it is needed."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from support.b2b_problems import NOBODY, b2b_problem, b2b_problems, every_valid_answer
from techdock_matching.adapters.exact import conflict
from techdock_matching.domain.timetable.b2bsp import B2bConflict, B2bProblem, HalfDay


def only(problem: B2bProblem, kept: B2bConflict) -> B2bProblem:
    """Return the problem with none of its rules but these."""
    count = range(len(problem.meetings))
    return replace(
        problem,
        fixed=tuple(problem.fixed[m] if m in kept.fixed else None for m in count),
        before=tuple(
            frozenset(a for a in problem.before[m] if (a, m) in kept.precedences) for m in count
        ),
        forbidden=tuple(
            problem.forbidden[p] if p in kept.away else NOBODY for p in range(problem.participants)
        ),
    )


def without_one(found: B2bConflict) -> list[B2bConflict]:
    return [
        *(replace(found, fixed=tuple(set(found.fixed) - {m})) for m in found.fixed),
        *(
            replace(found, precedences=tuple(set(found.precedences) - {p}))
            for p in found.precedences
        ),
        *(replace(found, away=tuple(set(found.away) - {p})) for p in found.away),
    ]


def solvable(problem: B2bProblem) -> bool:
    return any(True for _ in every_valid_answer(problem))


@settings(max_examples=80, deadline=None)
@given(b2b_problems())
def test_what_is_named_cannot_be_kept_and_all_of_it_is_needed(problem: B2bProblem) -> None:
    found = conflict(problem)

    if found is None:
        assert solvable(problem)
        return
    assert not solvable(only(problem, found))
    for less in without_one(found):
        assert solvable(only(problem, less))


PAIRS = ((0, 1), (1, 2), (2, 3))


@pytest.mark.parametrize(
    ("problem", "expected"),
    [
        (b2b_problem(PAIRS, fixed={0: 1, 1: 1, 2: 2}), B2bConflict(fixed=(0, 1))),
        (
            b2b_problem(PAIRS, before={0: {1}, 1: {0}, 2: {1}}),
            B2bConflict(precedences=((1, 0), (0, 1))),
        ),
        (
            b2b_problem(PAIRS, fixed={1: 0}, before={1: {2}}),
            B2bConflict(precedences=((2, 1),), fixed=(1,)),
        ),
        (
            b2b_problem(PAIRS, fixed={2: 1}, forbidden={3: {1}}),
            B2bConflict(away=(3,), fixed=(2,)),
        ),
        (
            b2b_problem(PAIRS, fixed={0: 3}, half_days={0: HalfDay.MORNING}),
            B2bConflict(fixed=(0,)),
        ),
        (b2b_problem(PAIRS, tables=0), B2bConflict()),
        (b2b_problem(((0, 1),) * 5), B2bConflict()),
    ],
)
def test_the_things_in_conflict_are_named(problem: B2bProblem, expected: B2bConflict) -> None:
    assert conflict(problem) == expected


def test_a_conflict_is_said_counting_from_one() -> None:
    said = B2bConflict(fixed=(0,), precedences=((1, 2),), away=(3,)).sentence()

    assert said == (
        "these cannot all be kept: meeting 1 is fixed; meeting 2 is before meeting 3; "
        "participant 4 is away at times"
    )
    assert "too few" in B2bConflict().sentence()
