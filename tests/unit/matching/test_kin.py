"""Who belongs together: found by what they say, and never all among somebody's first ten."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.profiles import uid
from techdock_matching.domain.ranking.capping import Kin, first_places, varied
from techdock_matching.domain.ranking.kin import families
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.quality import SHOWN
from techdock_matching.domain.ranking.words import Words

LINES = (
    "drip lines for orchards on saline soil with pressure compensation and self cleaning emitters",
    "membrane bioreactor for dairy waste water with low sludge and automatic back washing",
    "satellite images tell the moisture of fields every week at ten metres without any probe",
)


def told(*texts: str) -> list[int]:
    words = Words("en")
    columns = [np.unique(words.columns([text])) for text in texts]
    starts = np.cumsum([0, *map(len, columns)])
    return families(np.concatenate(columns), starts).tolist()


def test_texts_that_say_nearly_the_same_are_a_family() -> None:
    nearly = LINES[0].replace("orchards", "vineyards")
    assert told(*LINES, nearly, LINES[1]) == [0, 1, 2, 0, 1]


def test_short_texts_are_nobodys_kin() -> None:
    assert told("drip lines", "drip lines", LINES[0]) == [0, 1, 2]


def test_no_texts_make_no_families() -> None:
    assert families(np.zeros(0, np.int32), np.zeros(1, np.int64)).tolist() == []


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_families_do_not_depend_on_the_order_of_texts(seed: int) -> None:
    chance = random.Random(seed)
    vocabulary = [f"w{number}x" for number in range(60)]
    texts = []
    for _ in range(6):
        words = chance.sample(vocabulary, 20)
        texts.append(" ".join(words))
        for _ in range(chance.randrange(3)):
            words[chance.randrange(20)] = chance.choice(vocabulary)
            texts.append(" ".join(words))
    order = chance.sample(range(len(texts)), len(texts))
    here, there = told(*texts), told(*(texts[at] for at in order))
    together = {(a, b) for a in range(len(texts)) for b in range(a) if here[a] == here[b]}
    mixed = {
        (max(order[a], order[b]), min(order[a], order[b]))
        for a in range(len(texts))
        for b in range(a)
        if there[a] == there[b]
    }
    assert together == mixed


Lists = dict[int, list[tuple[int, int]]]


@st.composite
def crowded(draw: st.DrawFn) -> tuple[Lists, dict[int, int], int, int | None]:
    """Lists of counterparts, most of whom are of few families."""
    chance = random.Random(draw(st.integers(0, 10**6)))
    others = range(100, 100 + draw(st.integers(1, 40)))
    family = {one: chance.randrange(4) for one in others if chance.random() < 0.8}
    lists = {}
    for owner in range(draw(st.integers(1, 8))):
        some = chance.sample(others, chance.randrange(len(others) + 1))
        lists[owner] = sorted(
            ((one, chance.randrange(2_000, 6_000)) for one in some), key=lambda p: (-p[1], p[0])
        )
    return lists, family, draw(st.integers(1, 5)), draw(st.none() | st.integers(2, 6))


@settings(max_examples=150, deadline=None)
@given(crowd=crowded())
def test_no_family_has_more_than_its_share_of_first_places(crowd) -> None:
    lists, family, most, cap = crowd
    first = first_places(lists.items(), cap, Kin((family,), most))
    for owner, places in first.items():
        assert len(places) == len(set(places)) <= SHOWN
        assert set(places) <= {other for other, _ in lists[owner]}
        for name in set(family.values()):
            assert sum(family.get(one) == name for one in places) <= most
        if cap is None and len(places) < SHOWN:
            left = [one for one, _ in lists[owner] if one not in places]
            assert all(one in family for one in left)


def test_without_kin_nothing_changes() -> None:
    lists = {1: [(number, 5_000 - number) for number in range(30)]}
    alone = Kin(({number: number for number in range(30)},), 1)
    assert first_places(lists.items(), 5, alone) == first_places(lists.items(), 5)


def places(*families: int) -> tuple[list[Candidate], Kin]:
    found = [Candidate(uid(n), 6_000 - 10 * n) for n in range(len(families))]
    return found, Kin(({uid(n): family for n, family in enumerate(families)},), 3)


def test_one_family_gives_way_to_others_and_keeps_its_order() -> None:
    crowd, kin = places(*[1] * 9, *range(2, 12))
    found = varied(crowd, kin)
    assert [one.profile_id for one in found] == [
        uid(n) for n in (0, 1, 2, *range(9, 16), *range(3, 9), *range(16, 19))
    ]
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert varied(found, kin) == found


@pytest.mark.parametrize("crowd", [places(*[1] * 12), places(*[1, 1, 2] * 4), places(), places(1)])
def test_a_list_with_nobody_else_shows_the_whole_family(crowd) -> None:
    found = varied(*crowd)
    assert {one.profile_id for one in found} == {one.profile_id for one in crowd[0]}
    assert found == varied(found, crowd[1])
