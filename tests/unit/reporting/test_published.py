"""What leaves: rounded, hidden, or in the words of a bulletin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from techdock_reporting.domain.dictionary import dictionary
from techdock_reporting.domain.published import phrase, rounded_down, safe

LANGUAGES = {"zh-Hans", "en", "ru", "ar"}


@pytest.mark.parametrize(
    ("language", "unit", "said"),
    [("zh-Hans", "场", "300余场"), ("en", "", "more than 300"), ("ru", "", "более 300")],
)
def test_a_bulletin_rounds_down_and_says_so(language: str, unit: str, said: str) -> None:
    assert phrase(317, language, unit) == said


def test_an_exact_hundred_is_not_more_than_itself() -> None:
    assert phrase(300, "en") == "300"


@given(st.integers(0, 10**7))
def test_a_bulletin_never_claims_more_than_there_is(count: int) -> None:
    published, more = rounded_down(count)
    assert published <= count
    assert more == (published < count)


@given(st.integers(0, 9))
def test_below_ten_is_hidden_and_tells_nothing(count: int) -> None:
    assert safe(count) == safe(0)
    assert (safe(count).value, safe(count).flag) == (None, "[c]")


@given(st.integers(10, 10**6))
def test_from_ten_on_a_multiple_of_five_at_most_two_away(count: int) -> None:
    value = safe(count).value
    assert value is not None
    assert value % 5 == 0
    assert abs(value - count) <= 2


def test_the_dictionary_speaks_four_languages() -> None:
    for indicator in dictionary().values():
        for words in (indicator.names, indicator.definitions, indicator.units):
            assert set(words) == LANGUAGES, indicator.code
            assert all(words.values())


def test_only_events_held_is_a_public_fact() -> None:
    assert [i.code for i in dictionary().values() if i.disclosure == "P"] == ["EVENTS_HELD"]
