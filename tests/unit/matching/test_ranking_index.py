"""The index against its twin, which looks at every pair in plain code."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.profiles import EVENT, TODAY, many, need, offer, texts, uid
from support.ranking_twin import Twin, WideTwin
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import STANDARD, Weights

FILTER = Filter(TODAY, EVENT)
EVERYWHERE = Filter(TODAY)


def index_of(profiles: list[Profile]) -> InProcessIndex:
    index = InProcessIndex()
    index.add(profiles)
    index.refresh()
    return index


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("filter", [FILTER, EVERYWHERE])
def test_every_list_equals_that_of_the_twin(seed: int, filter: Filter) -> None:
    profiles = many(90, seed)
    twin, index = Twin(profiles), index_of(profiles)

    lists = index.lists(filter, 20)

    event = filter.docking_event_id
    for profile in profiles:
        expected = twin.ranked(profile, TODAY, event)
        assert index.search(profile, filter, 20) == expected
        eligible = profile.valid_until >= TODAY and (
            event is None or event in profile.docking_events
        )
        assert (profile.id in lists) == eligible
        if eligible:
            assert lists[profile.id] == expected


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.integers(0, 30), weights=st.integers(0, 2))
def test_added_removed_and_changed_profiles_rank_as_in_the_twin(
    seed: int, size: int, weights: int
) -> None:
    chance = random.Random(seed)
    first, later = many(size, seed), many(20, seed + 1)
    taken = {profile.id for profile in first}
    later = [profile for profile in later if profile.id not in taken]
    index = index_of(first)
    for profile in later:
        index.add([profile])
    gone = set(chance.sample(sorted(p.id for p in first), len(first) // 4))
    index.remove(gone)
    kept = [p for p in first if p.id not in gone]
    changed = [replace(p, revision=2, country="FR") for p in (*later[:3], *kept[:3])]
    changed.extend(replace(p, revision=2, texts=later[0].texts) for p in kept[3:6])
    index.add(changed)
    now = {p.id: p for p in (*first, *later, *changed) if p.id not in gone}
    twin = Twin(first, now.values())
    for profile_id in gone:
        del twin.profiles[profile_id]
    given_weights = [STANDARD, Weights(text=0.5, trl=2.0), Weights(codes=0.0, possible=-100_000)]
    asked = replace(EVERYWHERE, weights=given_weights[weights])

    for profile in now.values():
        expected = twin.ranked(profile, TODAY, None, 7, asked.weights)
        assert index.search(profile, asked, 7) == expected
    for profile_id, listed in index.lists(asked, 7).items():
        assert listed == twin.ranked(now[profile_id], TODAY, None, 7, asked.weights)


def test_the_wide_twin_agrees_with_the_plain_one() -> None:
    profiles = many(80, 3)
    plain, wide = Twin(profiles), WideTwin(profiles)
    for profile in profiles:
        assert wide.ranked(profile, TODAY, EVENT) == plain.ranked(profile, TODAY, EVENT)


def test_two_indexes_built_in_another_order_say_the_same() -> None:
    profiles = many(60, 11)
    one, other = index_of(profiles), InProcessIndex()
    for profile in reversed(profiles):
        other.add([profile])
    other.refresh()
    assert dict(one.lists(FILTER, 5)) == dict(other.lists(FILTER, 5))


def test_equal_scores_stand_in_the_order_of_ids() -> None:
    offers = [offer(number, "drip irrigation for orchards") for number in (9, 3, 7, 5)]
    index = index_of([need(1, "drip irrigation"), *offers])
    found = index.search(need(1, "drip irrigation"), FILTER, 3)
    assert [c.profile_id for c in found] == [uid(3), uid(5), uid(7)]
    assert len({c.score for c in found}) == 1


def test_one_need_and_one_offer_find_each_other() -> None:
    a, b = need(1, "brackish water drip irrigation"), offer(2, "drip lines for brackish water")
    index = index_of([])
    index.add([a])
    index.add([b])
    for _ in range(2):
        assert [c.profile_id for c in index.search(a, FILTER, 5)] == [b.id]
        assert [c.profile_id for c in index.search(b, FILTER, 5)] == [a.id]
        index.refresh()


def test_a_profile_enters_lists_that_it_beats_and_those_with_room() -> None:
    newcomer = offer(50, "drip irrigation with brackish water")
    needs = [need(n, f"drip irrigation with brackish water {'and pumps ' * n}") for n in (1, 2, 3)]
    index = index_of([*needs, offer(60, "solar pumps")])
    index.add([newcomer])
    score = {c.profile_id: c.score for c in index.search(newcomer, FILTER, 9)}
    assert set(score) == {uid(1), uid(2), uid(3)}

    ends = {
        uid(1): Candidate(uid(60), score[uid(1)] + 1),
        uid(2): Candidate(uid(60), score[uid(2)]),
    }
    index.note_ends(EVENT, ends)
    placed = index.place(newcomer, FILTER, 9)
    entered = placed.entering

    assert placed.list == index.search(newcomer, FILTER, 9)
    assert {c.profile_id for c in entered} == {uid(2), uid(3)}
    assert all(c.score == score[c.profile_id] for c in entered)
    index.note_ends(EVENT, {uid(1): None, uid(2): Candidate(uid(40), score[uid(2)])})
    entered = index.place(newcomer, FILTER, 9).entering
    assert {c.profile_id for c in entered} == {uid(1), uid(3)}


def test_excluded_profiles_do_not_appear_and_unknown_ones_do_no_harm() -> None:
    index = index_of([need(1, "drip irrigation"), offer(2, "drip lines"), offer(3, "drip tape")])
    asked = replace(FILTER, excluded=frozenset({uid(2), uid(99)}))
    found = index.search(need(1, "drip irrigation"), asked, 5)
    assert [c.profile_id for c in found] == [uid(3)]
    index.remove([uid(3), uid(98)])
    assert index.search(need(1, "drip irrigation"), asked, 5) == []


def test_statistics_tell_when_the_collection_has_outgrown_them() -> None:
    index = index_of([need(n, "pumps") for n in range(1, 9)])
    assert (index.statistics.version, index.statistics.profiles) == (1, 8)
    assert not index.statistics.stale
    index.add([offer(20, "pumps")])
    assert not index.statistics.stale
    index.add([offer(21, "насосы"), offer(22, "")])
    assert index.statistics.stale
    assert index.statistics.changes == 3
    index.refresh()
    assert not index.statistics.stale
    assert index.statistics.languages == {"en": 9, "und": 1} or "ru" in index.statistics.languages


def test_a_language_version_finds_what_the_original_cannot() -> None:
    russian = texts({"ru": "капельный полив солоноватой водой"})
    both = texts({"ru": "капельный полив", "en": "drip irrigation with brackish water"})
    english = [offer(n, t) for n, t in ((5, "drip irrigation brackish water"), (6, "solar pump"))]
    index = index_of([need(1, texts=russian), need(2, texts=both), *english])
    assert index.search(need(1, texts=russian), FILTER, 5) == []
    assert [c.profile_id for c in index.search(need(2, texts=both), FILTER, 5)] == [uid(5)]


def test_codes_join_what_no_language_joins() -> None:
    chinese = texts({"zh": "微咸水滴灌技术"})
    codes = {"ipc": ("A01G 25/02",), "technology_field": 29, "sdg": (6,)}
    offers = [offer(5, texts=chinese, **codes), offer(6, texts=chinese, technology_field=24)]
    more = [offer(n, texts=chinese, technology_field=n % 35 + 1) for n in range(10, 40)]
    asking = need(1, "drip irrigation", **codes)
    found = index_of([asking, *offers, *more]).search(asking, FILTER, 3)
    assert found[0].profile_id == uid(5)


def test_the_index_says_why() -> None:
    a = need(1, "We seek drip lines that do not clog in brackish water.", trl_least=7)
    b = offer(2, "Our emitter runs with brackish water. It does not clog.", trl=8)
    explanation = index_of([a, b]).explain([(a, b)], STANDARD)[0]
    assert explanation.reasons[0].code == "text"
    assert "brackish water" in explanation.reasons[0].params["terms"]
    assert any(reason.code == "trl" and reason.fits for reason in explanation.reasons_there)
    assert explanation.quotes[0].language == "en"


def test_progress_ends_at_one() -> None:
    told: list[float] = []
    index_of(many(200, 1)).lists(EVERYWHERE, 3, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
