"""How willing a party is to meet, from what it answered: bounded, and fair to newcomers."""

from hypothesis import given
from hypothesis import strategies as st
from techdock_matching.domain.ranking.acceptance import (
    OFTEN,
    SELDOM,
    WHOLE,
    Answers,
    Leaning,
    leanings,
    thousandths,
)
from techdock_matching.domain.ranking.weights import STANDARD

COUNTS = st.integers(0, 200)
ANSWERS = st.dictionaries(
    st.integers(0, 20), st.builds(Answers, COUNTS, COUNTS), min_size=1, max_size=20
)


@given(ANSWERS)
def test_leanings_are_bounded_and_who_answered_nothing_has_none(answers) -> None:
    found = leanings(answers)
    assert found.keys() == {party for party, one in answers.items() if one.count}
    assert all(-WHOLE <= one.value <= WHOLE for one in found.values())


@given(ANSWERS)
def test_who_accepts_more_of_as_many_leans_no_less(answers) -> None:
    found = leanings(answers)
    for party, leaning in found.items():
        for other, another in found.items():
            mine, theirs = answers[party], answers[other]
            if mine.count == theirs.count and mine.accepted >= theirs.accepted:
                assert leaning.value >= another.value


def test_a_newcomer_stands_on_the_average_however_willing_the_others_are() -> None:
    eager = leanings({"a": Answers(30, 0), "b": Answers(27, 3), "new": Answers()})
    assert "new" not in eager
    assert eager["b"].value < 0 < eager["a"].value
    # One refusal weighs little against what is known of all.
    first = leanings({"others": Answers(80, 20), "new": Answers(0, 1)})["new"]
    assert -150 < first.value < 0
    assert first.told is None


def test_it_is_said_only_of_those_who_answered_enough_and_stand_far_off() -> None:
    found = leanings(
        {"a": Answers(9, 1), "b": Answers(1, 9), "few": Answers(0, 4), "c": Answers(5, 5)}
    )
    assert [found[one].told for one in "abc"] == [OFTEN, SELDOM, None]
    assert found["few"].told is None


def test_where_all_accept_or_nobody_does_nobody_leans() -> None:
    assert set(leanings({"a": Answers(9, 0), "b": Answers(1, 0)}).values()) == {Leaning(0)}
    assert set(leanings({"a": Answers(0, 9), "b": Answers(0, 1)}).values()) == {Leaning(0)}


def test_each_side_counts_half_and_the_order_of_sides_nothing() -> None:
    assert thousandths(WHOLE, WHOLE, STANDARD) == round(1_000 * STANDARD.acceptance)
    assert thousandths(300, -700, STANDARD) == thousandths(-700, 300, STANDARD)
