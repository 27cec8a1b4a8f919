"""The index when it is large, long at work, disturbed, or built in another way."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from threading import Event as Signal
from threading import Thread
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.embedding import LetterEncoder
from support.profiles import EVENT, TODAY, many, need, offer, uid
from support.ranking_twin import Twin
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.adapters.index_facts import Facts, Numbers
from techdock_matching.adapters.index_meaning import MeaningSpace
from techdock_matching.adapters.index_space import IndexSpace, Sizes
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking import meaning
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.meaning import Meaning, pieces_of
from techdock_matching.domain.ranking.profile import Kind, Profile

FILTER = Filter(TODAY, EVENT)
ENCODER = LetterEncoder()
EVERYWHERE = Filter(TODAY)
COMPACT = Sizes(compact=4)
FEW = Sizes(compact=4, exact=8, candidates=24)


def meanings_of(profiles: Iterable[Profile]) -> dict[UUID, Meaning]:
    read = ((one.id, pieces_of(one)) for one in profiles)
    return {
        one: Meaning(meaning.meaning(pieces, ENCODER), pieces.language, pieces.words)
        for one, pieces in read
        if pieces is not None
    }


def index_of(
    profiles: Iterable[Profile], sizes: Sizes | None = None, *, meant: bool = False
) -> InProcessIndex:
    every = list(profiles)
    index = InProcessIndex(embedder=ENCODER if meant else None, sizes=sizes)
    index.add(every)
    if meant:
        index.add_meanings(meanings_of(every))
    index.refresh()
    return index


def lists_of(index: InProcessIndex) -> dict[UUID, list[Candidate]]:
    return dict(index.lists(EVERYWHERE, 10))


@pytest.mark.parametrize("seed", range(3))
def test_compact_segments_give_the_lists_of_the_twin(seed: int) -> None:
    profiles = many(120, seed)
    twin, index = Twin(profiles[:90]), index_of(profiles[:90], COMPACT)
    later = [p for p in profiles[90:] if p.id not in twin.profiles]
    index.add(later)
    twin.profiles |= {one.id: one for one in later}
    for profile in profiles:
        expected = twin.ranked(twin.profiles[profile.id], TODAY, EVENT)
        assert index.search(twin.profiles[profile.id], FILTER, 20) == expected


@pytest.mark.parametrize("meant", [False, True])
def test_candidates_have_the_scores_that_comparing_every_pair_gives(*, meant: bool) -> None:
    profiles = many(160, 5)
    whole, few = index_of(profiles, meant=meant), index_of(profiles, FEW, meant=meant)
    found = wanted = 0
    for profile in profiles:
        every = {c.profile_id: c.score for c in whole.search(profile, EVERYWHERE, 1_000)}
        best = whole.search(profile, EVERYWHERE, 3)
        near = few.search(profile, EVERYWHERE, 1_000)
        assert all(every[c.profile_id] == c.score for c in near)
        wanted += len(best)
        found += len(set(best) & set(near))
    assert found >= 0.9 * wanted


def test_candidates_are_chosen_among_those_that_the_filter_lets_in() -> None:
    offers = [offer(n, "drip irrigation with brackish water") for n in range(10, 40)]
    index = index_of([need(1, "drip irrigation"), *offers], FEW)
    asked = replace(FILTER, excluded=frozenset(one.id for one in offers[:28]))
    found = index.search(need(1, "drip irrigation"), asked, 5)
    assert [c.profile_id for c in found] == [uid(38), uid(39)]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), sizes=st.sampled_from([Sizes(), COMPACT]))
def test_built_anew_or_bit_by_bit_the_lists_are_the_same(seed: int, sizes: Sizes) -> None:
    chance, profiles = random.Random(seed), {one.id: one for one in many(60, seed)}
    index = InProcessIndex(embedder=ENCODER, sizes=sizes)
    present: dict[UUID, Profile] = {}
    for profile in chance.sample(list(profiles.values()), len(profiles)):
        index.add([profile])
        index.add_meanings(meanings_of([profile]))
        present[profile.id] = profile
        if chance.random() < 0.2:
            gone = chance.choice(list(present.values()))
            index.remove([gone.id])
            del present[gone.id]
        if chance.random() < 0.1:
            again = replace(chance.choice(list(present.values()) or [profile]), revision=9)
            index.add([again])
            index.add_meanings(meanings_of([again]))
            present[again.id] = again
        if chance.random() < 0.05:
            index.refresh()
    index.refresh()
    assert lists_of(index) == lists_of(index_of(present.values(), meant=True))


@pytest.mark.parametrize("at", ["figures", "rows", "meanings"])
def test_a_refresh_that_is_interrupted_leaves_the_index_as_it_was(
    at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles = list({one.id: one for one in many(80, 2)}.values())
    index = index_of(profiles, meant=True)
    # A quarter goes, so that rows are numbered anew.
    index.remove([one.id for one in profiles[:20]])
    index.add([replace(profiles[30], revision=2)])
    index.add_meanings(meanings_of([profiles[30]]))
    before, state = lists_of(index), index.statistics
    where = {
        "figures": (IndexSpace, "_take_in"),
        "rows": (Facts, "kept"),
        "meanings": (MeaningSpace, "renewed"),
    }[at]

    def crash(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(*where, crash)
        with pytest.raises(MemoryError):
            index.refresh()

    assert lists_of(index) == before
    assert index.statistics == state
    index.refresh()
    assert lists_of(index) == lists_of(index_of(profiles[20:], meant=True))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_filter_lets_in_what_a_plain_one_does(seed: int) -> None:
    chance = random.Random(seed)
    profiles = [
        replace(one, valid_until=TODAY + timedelta(chance.choice([-1, 0, 30])))
        for one in many(50, seed)
        if one.kind is Kind.OFFER
    ]
    facts = Facts(Numbers())
    rows = {one.id: facts.add(one) for one in profiles}
    gone = set(chance.sample(sorted(rows.values()), len(rows) // 4))
    for row in gone:
        facts.remove(row)
    events = {event for one in profiles for event in one.docking_events}
    excluded = set(chance.sample(sorted(rows.values()), len(rows) // 5))
    latest = dict(zip(rows.values(), rows, strict=True))
    by_id = {one.id: one for one in profiles}
    for event in (None, uid(77), *sorted(events)):
        plain = [
            row not in gone
            and row not in excluded
            and row in latest
            and by_id[latest[row]].valid_until >= TODAY
            and (event is None or event in by_id[latest[row]].docking_events)
            for row in range(len(facts))
        ]
        found = facts.eligible(TODAY, event, excluded)
        assert [found[row] for row in latest] == [plain[row] for row in latest]


def test_questions_are_answered_while_lists_are_computed() -> None:
    profiles = list({one.id: one for one in many(300, 4)}.values())
    index = index_of(profiles)
    answered: list[int] = []
    begun, done = Signal(), Signal()

    def ask() -> None:
        begun.wait(30)
        answered.append(len(index.search(profiles[0], EVERYWHERE, 5)))
        done.set()

    def progress(share: float) -> None:
        begun.set()
        # The first portion is done: a question comes through before the next one.
        assert done.wait(30)

    asking = Thread(target=ask)
    asking.start()
    index.lists(EVERYWHERE, 5, progress)
    asking.join()
    assert answered


def test_a_profile_withdrawn_while_lists_are_computed_is_in_none() -> None:
    profiles = list({one.id: one for one in many(300, 6)}.values())
    index = index_of(profiles)
    before = index.lists(EVERYWHERE, 300)
    popular = max(profiles, key=lambda one: sum(one.id in ids(some) for some in before.values()))
    told: list[float] = []

    def withdraw(share: float) -> None:
        if not told:
            index.remove([popular.id])
        told.append(share)

    after = index.lists(EVERYWHERE, 300, withdraw)

    assert any(popular.id in ids(some) for some in before.values())
    assert popular.id not in after
    assert not any(popular.id in ids(some) for some in after.values())


def test_lists_come_to_an_end_though_something_changes_all_the_time() -> None:
    profiles = list({one.id: one for one in many(200, 8)}.values())
    index = index_of(profiles)
    spare = [offer(n, "drip irrigation") for n in range(5_000, 5_400)]
    stopped = Signal()

    def change() -> None:
        for one in spare:
            if stopped.is_set():
                return
            index.add([one])

    changing = Thread(target=change)
    changing.start()
    found = index.lists(EVERYWHERE, 5)
    stopped.set()
    changing.join()
    assert {one.id for one in profiles if one.valid_until >= TODAY} <= found.keys()


def test_an_index_of_nothing_can_be_renewed() -> None:
    held = InProcessIndex(embedder=ENCODER)
    held.refresh()
    held.add([need(1, "pumps")])
    held.remove([uid(1)])
    held.refresh()
    assert held.statistics.profiles == 0
    assert held.search(need(1, "pumps"), EVERYWHERE, 5) == []


def ids(some: Iterable[Candidate]) -> set[UUID]:
    return {one.profile_id for one in some}
