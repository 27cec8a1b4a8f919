"""The `.dzn` files are read as they are published, and what is wrong is named by line and field."""

import re

import pytest
from hypothesis import given
from support.b2b_problems import as_dzn, b2b_problem, b2b_problems
from techdock_matching.domain.timetable.b2bsp import B2bProblem, HalfDay
from techdock_matching.domain.timetable.b2bsp_file import MOST_SLOTS, read_b2bsp
from techdock_shared.errors import Invalid

GOOD = """\
% two meetings
nBusiness = 3;
nMeetings = 2;
nTables = 1;
nTotalSlots = 4;
nMorningSlots = 2;
requested = [|1, 2,1,
|2, 3,3,
|];
meetingsxBusiness = [{1}, {1,2}, {2}];
forbidden = [{0},
{1,3},
2..3];
fixat = [0,
4];
precedences = [{},
{1}];
"""


def test_every_field_is_read() -> None:
    assert read_b2bsp(GOOD, "good") == B2bProblem(
        name="good",
        participants=3,
        tables=1,
        slots=4,
        morning_slots=2,
        meetings=((0, 1), (1, 2)),
        half_days=(HalfDay.MORNING, HalfDay.ANY),
        forbidden=(frozenset(), frozenset({0, 2}), frozenset({1, 2})),
        fixed=(None, 3),
        before=(frozenset(), frozenset({0})),
    )


def test_what_restricts_nobody_may_be_missing() -> None:
    short = GOOD[: GOOD.index("meetingsxBusiness")]

    assert read_b2bsp(short, "small") == b2b_problem(
        ((0, 1), (1, 2)), participants=3, tables=1, half_days={0: HalfDay.MORNING}
    )


@given(b2b_problems())
def test_what_is_written_is_read_again(problem: B2bProblem) -> None:
    assert read_b2bsp(as_dzn(problem), problem.name) == problem


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("nTables = 1;", "", "nTables: expected a whole number, found no such field"),
        ("nTables = 1;", "nTables = -1;", "nTables, line 4: expected 0 or more, found -1"),
        ("nTables = 1;", "nTables = [1];", "nTables, line 4: expected a whole number, found an array"),
        ("nTables = 1;", "nTables = one;", "nTables, line 4: expected a number or an array, found one"),
        ("nTables = 1;", "nTables = 1", "nTables, line 5: expected `;`, found nTotalSlots"),
        ("nTables = 1;", "nTables = 1; nTables = 1;", "nTables, line 4: expected nTables once"),
        ("nTables = 1;", "nTables = 99999999999999999999999;", "nTables, line 4: expected a number up"),
        ("nTables = 1;", "nTables # 1;", "nTables, line 4: expected `=`, found #"),
        ("nTables = 1;", "= 1;", "file, line 4: expected the name of a field, found ="),
        ("nTotalSlots = 4;", "nTotalSlots = 61;", f"nTotalSlots, line 5: expected at most {MOST_SLOTS}"),
        ("nMorningSlots = 2;", "nMorningSlots = 5;", "nMorningSlots, line 6: expected at most the 4"),
        ("nMeetings = 2;", "nMeetings = 3;", "requested, line 7: expected 9 numbers"),
        ("|2, 3,3,", "|2, 4,3,", "requested, line 8: expected a participant from 1 to 3, found 4"),
        ("|2, 3,3,", "|2, 2,3,", "requested, line 8: expected two different participants, found 2"),
        ("|2, 3,3,", "|2, 3,4,", "requested, line 8: expected 1 (morning), 2 (afternoon) or 3 (any)"),
        ("|2, 3,3,", "|2, 3,", "requested, line 7: expected 6 numbers, three for each meeting, found 5"),
        ("|2, 3,3,", "|2, {3},3,", "requested, line 8: expected a whole number, found a set"),
        ("{1,3},", "{1,5},", "forbidden, line 12: expected a slot from 1 to 4, found 5"),
        ("{1,3},", "", "forbidden, line 11: expected 3 sets, found 2"),
        ("{1,3},", "1,", "forbidden, line 12: expected a set, found 1"),
        ("{1,3},", "{1 3},", "forbidden, line 12: expected `,`, found 3"),
        ("{1,3},", "{1,x},", "forbidden, line 12: expected a whole number, found x"),
        ("\n4];", "\n5];", "fixat, line 15: expected a slot from 1 to 4, or 0, found 5"),
        ("\n4];", "\n4,1];", "fixat, line 14: expected 2 slots, one for each meeting, found 3"),
        ("{1}];\n", "{3}];\n", "precedences, line 17: expected a meeting from 1 to 2, found 3"),
        ("{1}];\n", "{1}", "precedences, line 17: expected a whole number, found the end of the file"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_line_and_field(right: str, wrong: str, where: str) -> None:
    assert right in GOOD

    with pytest.raises(Invalid, match=re.escape(f"odd: {where}")) as refused:
        head, tail = GOOD.rsplit(right, 1)
        read_b2bsp(head + wrong + tail, "odd")

    (error,) = refused.value.errors
    assert where.startswith(error.where)


def test_a_requested_field_must_be_there() -> None:
    head, tail = GOOD.index("requested"), GOOD.index("meetingsxBusiness")

    with pytest.raises(Invalid, match="requested: expected 2 rows, found no such field"):
        read_b2bsp(GOOD[:head] + GOOD[tail:], "odd")


@given(b2b_problems())
def test_no_cut_file_is_read_as_something_else(problem: B2bProblem) -> None:
    text = as_dzn(problem)
    for end in range(0, text.index("forbidden"), 7):
        with pytest.raises(Invalid):
            read_b2bsp(text[:end], "cut")
