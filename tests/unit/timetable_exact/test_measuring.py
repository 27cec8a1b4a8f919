"""The judge of B2BSP answers finds each broken rule, and counts breaks as published."""

import pytest
from support.b2b_problems import b2b_problem
from techdock_matching.domain.timetable.b2bsp import B2bProblem, HalfDay, measure

PAIRS = ((0, 1), (2, 3))


@pytest.mark.parametrize(
    ("problem", "slots", "said"),
    [
        (b2b_problem(PAIRS), (0,), "1 slots for 2 meetings"),
        (b2b_problem(PAIRS), (0, 4), "meeting 2 is in slot 5; there are slots 1 to 4"),
        (b2b_problem(PAIRS), (-1, 0), "meeting 1 is in slot 0; there are slots 1 to 4"),
        (
            b2b_problem(PAIRS, forbidden={3: {1}}),
            (0, 1),
            "meeting 2 is in slot 2; participant 4 is away then",
        ),
        (
            b2b_problem(PAIRS, half_days={0: HalfDay.MORNING}),
            (2, 0),
            "meeting 1 is in slot 3; it belongs in the morning",
        ),
        (
            b2b_problem(PAIRS, half_days={1: HalfDay.AFTERNOON}),
            (2, 1),
            "meeting 2 is in slot 2; it belongs in the afternoon",
        ),
        (
            b2b_problem(PAIRS, fixed={1: 3}),
            (0, 2),
            "meeting 2 is in slot 3; it is fixed in slot 4",
        ),
        (b2b_problem(((0, 1), (1, 2))), (3, 3), "participant 2 has 2 meetings in slot 4"),
        (b2b_problem(PAIRS, tables=1), (1, 1), "slot 2 has 2 meetings and 1 tables"),
        (
            b2b_problem(PAIRS, before={1: {0}}),
            (1, 1),
            "meeting 1 in slot 2 must be before meeting 2 in slot 2",
        ),
        (
            b2b_problem(((0, 1),) * 4, participants=3, slots=7),
            (0, 2, 4, 6),
            "participant 1 has 3 breaks and participant 3 has 0; they may differ by 2",
        ),
    ],
)
def test_a_broken_rule_is_found_alone(
    problem: B2bProblem, slots: tuple[int, ...], said: str
) -> None:
    assert measure(problem, slots).violations == (said,)


def test_a_break_is_a_run_of_idle_slots_however_long_and_over_noon() -> None:
    problem = b2b_problem(((0, 1), (0, 2), (0, 3)), slots=8, morning_slots=4)

    measured = measure(problem, (0, 1, 6))

    assert measured.violations == ()
    assert measured.breaks == (1, 0, 0, 0)
    assert measured.total == 1


def test_a_difference_of_two_is_none_too_many() -> None:
    problem = b2b_problem(((0, 1), (0, 2), (0, 3)), slots=5)

    assert measure(problem, (0, 2, 4)).violations == ()


def test_nobody_meeting_nobody_is_valid() -> None:
    assert measure(b2b_problem((), participants=0), ()).total == 0
