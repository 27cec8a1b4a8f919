"""What was saved, asked and dismissed moves a list: within bounds, for named reasons, and back."""

from datetime import date
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.taught import (
    ASKED,
    MOST,
    MOST_COUNTED,
    SAVED,
    TEACHES,
    Adjustment,
    Dismissal,
    Lesson,
    adjustments,
    bound,
    reordered,
)
from techdock_matching.domain.ranking.weights import STANDARD, Weights


def offer(number: int, **stated: Any) -> Profile:
    facts: dict[str, Any] = {"group_id": UUID(int=1000 + number), "country": "UZ"} | stated
    return Profile(
        id=UUID(int=number),
        kind=Kind.OFFER,
        organization_id=UUID(int=2000 + number),
        valid_until=date(2030, 1, 1),
        **facts,
    )


def taught(lesson: Lesson, candidate: Profile) -> list[tuple[str, int]]:
    """What a lesson does to a candidate beside one that shares nothing with it."""
    apart = offer(999, country="BR", trl=None)
    found = adjustments([lesson], [candidate, apart])
    return [(one.about, one.weight) for one in found[candidate.id]]


@pytest.mark.parametrize(
    ("reason", "judged", "lowered", "left"),
    [
        ("country", {"country": "CN"}, {"country": "CN"}, {"country": "KZ"}),
        ("field", {"technology_field": 7}, {"technology_field": 7}, {"technology_field": 8}),
        ("too_early", {"trl": 3}, {"trl": 2}, {"trl": 4}),
        ("too_late", {"trl": 8}, {"trl": 9}, {"trl": 7}),
        ("competitor", {"group_id": UUID(int=5)}, {"group_id": UUID(int=5)}, {}),
        ("known", {"group_id": UUID(int=5)}, {"group_id": UUID(int=5)}, {}),
        ("not_fitting", {"ipc": ("A01G 25/02",)}, {"ipc": ("A01G25/06",)}, {"ipc": ("B66C1/00",)}),
    ],
)
def test_a_dismissal_lowers_what_its_reason_names_and_nothing_else(
    reason: str, judged: dict[str, Any], lowered: dict[str, Any], left: dict[str, Any]
) -> None:
    lesson = Lesson(offer(1, **judged), reason)
    assert [weight < 0 for _, weight in taught(lesson, offer(2, **lowered))] == [True]
    assert taught(lesson, offer(3, **left)) == []


def test_who_was_saved_goes_up_with_their_kin_and_not_below_them() -> None:
    saved = offer(1, technology_field=7, trl=5)
    found = adjustments([Lesson(saved, SAVED)], [saved, offer(2, technology_field=7), offer(3)])
    told = {n: [(one.about, one.weight) for one in found[UUID(int=n)]] for n in (1, 2, 3)}
    # The country is that of all three, and not told.
    assert told[1] == [("self", 80 + 60 + 30)]
    assert told[2] == [("field", 80)]
    assert told[3] == []


def test_what_is_joined_to_ones_text_by_the_words_of_a_saved_one_goes_up() -> None:
    one, near, far = offer(1), offer(2), offer(3)
    joins = {one.id: ["saline soil", "Drip"], near.id: ["drip irrigation"], far.id: ["cotton"]}
    found = adjustments([Lesson(one, SAVED)], [near, far], joins)
    assert [(told.about, told.values, told.weight) for told in found[near.id]] == [
        ("words", ("drip",), 120)]  # fmt: skip
    assert found[far.id] == ()


def test_another_reason_teaches_nothing() -> None:
    assert taught(Lesson(offer(1, technology_field=7), "other"), offer(2, technology_field=7)) == []


def test_what_shares_keyword_and_field_with_a_saved_one_goes_up_and_says_so() -> None:
    saved = offer(1, technology_field=7, technology_keywords=("Drip Irrigation",))
    near = offer(2, technology_field=7, market_keywords=("drip  irrigation",), country="KZ")
    told = adjustments([Lesson(saved, SAVED)], [near, offer(3, country="BR")])[near.id]
    assert [(one.about, one.values) for one in told] == [
        ("topic", ("drip irrigation",)), ("field", ("7",))]  # fmt: skip


def test_more_lessons_of_a_kind_count_up_to_three() -> None:
    lessons = [Lesson(offer(n, technology_field=7), "field") for n in range(10, 20)]
    found = adjustments(lessons, [offer(1, technology_field=7), offer(2)])
    assert [(one.count, one.weight) for one in found[UUID(int=1)]] == [(10, -250 * MOST_COUNTED)]


def test_what_holds_for_every_candidate_is_not_told() -> None:
    lessons = [Lesson(offer(1, country="CN"), SAVED)]
    assert not any(adjustments(lessons, [offer(n, country="CN") for n in (2, 3)]).values())


def test_the_bound_is_less_than_a_step_of_strength_whatever_the_weights() -> None:
    narrow = Weights(strong=4_100, good=4_000, possible=3_700)
    assert bound(STANDARD) == MOST
    assert bound(narrow) == 99
    far = Adjustment("field", "field", 3, ("7",), -50_000)
    places = [Candidate(UUID(int=1), 4_500), Candidate(UUID(int=2), 3_599)]
    assert reordered(places, {UUID(int=1): [far]}, MOST) == places


KEYWORDS = ("drip", "solar", "fodder")
PROFILES = st.builds(
    offer,
    st.integers(1, 400),
    country=st.sampled_from(["UZ", "KZ", "CN"]),
    trl=st.none() | st.integers(1, 9),
    technology_field=st.none() | st.integers(1, 4),
    group_id=st.sampled_from([UUID(int=n) for n in (5, 6, 7)]),
    technology_keywords=st.sets(st.sampled_from(KEYWORDS)).map(lambda s: tuple(sorted(s))),
    cooperation=st.sets(st.sampled_from(["licence", "research"])).map(lambda s: tuple(sorted(s))),
)
LESSONS = st.lists(
    st.builds(Lesson, PROFILES, st.sampled_from([SAVED, ASKED, *map(str, Dismissal)])), max_size=8
)
LISTS = st.lists(PROFILES, max_size=12, unique_by=lambda one: one.id)


def ordered(profiles: list[Profile], lessons: list[Lesson]) -> list[Candidate]:
    places = [Candidate(one.id, 4_000 - 37 * n) for n, one in enumerate(profiles)]
    return reordered(places, adjustments(lessons, profiles), bound(STANDARD))


@given(LISTS, LESSONS, st.randoms(use_true_random=False))
def test_the_order_in_which_lessons_and_places_arrive_does_not_matter(
    profiles: list[Profile], lessons: list[Lesson], chance: Any
) -> None:
    places = [Candidate(one.id, 4_000 - 37 * n) for n, one in enumerate(profiles)]
    expected = ordered(profiles, lessons)
    chance.shuffle(lessons)
    chance.shuffle(places)
    shuffled = chance.sample(profiles, len(profiles))
    assert reordered(places, adjustments(lessons, shuffled), bound(STANDARD)) == expected


@given(LISTS, LESSONS, st.builds(Lesson, PROFILES, st.sampled_from(list(TEACHES)).map(str)))
def test_a_lesson_that_is_taken_back_leaves_no_trace(
    profiles: list[Profile], lessons: list[Lesson], one: Lesson
) -> None:
    before = adjustments(lessons, profiles), ordered(profiles, lessons)
    ordered(profiles, [*lessons, one])
    assert (adjustments(lessons, profiles), ordered(profiles, lessons)) == before
    assert ordered(profiles, []) == [
        Candidate(each.id, 4_000 - 37 * n) for n, each in enumerate(profiles)
    ]


@given(LISTS, LESSONS)
def test_nothing_moves_past_a_place_that_is_two_bounds_better(
    profiles: list[Profile], lessons: list[Lesson]
) -> None:
    found = ordered(profiles, lessons)
    for earlier, later in pairwise(found):
        assert earlier.score >= later.score - 2 * bound(STANDARD)
    assert sorted(place.profile_id for place in found) == sorted(one.id for one in profiles)
