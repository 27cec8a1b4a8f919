"""What every index promises: the one in memory, and the one in PostgreSQL with pgvector."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy.engine import make_url
from support.databases import NEEDS_POSTGRES, database_url
from support.embedding import LetterEncoder
from support.profiles import EVENT, TODAY, many, need, offer, texts, uid
from support.ranking_twin import Twin
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.adapters.index_pgvector import PgvectorIndex
from techdock_matching.adapters.index_space import Sizes
from techdock_matching.app.ports import Filter, Index
from techdock_matching.domain.ranking import meaning
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.meaning import Meaning, pieces_of
from techdock_matching.domain.ranking.profile import Profile
from techdock_matching.domain.ranking.weights import STANDARD

FILTER = Filter(TODAY, EVENT)
EVERYWHERE = Filter(TODAY)
ENCODER = LetterEncoder()


def meanings_of(profiles: Iterable[Profile]) -> dict[UUID, Meaning]:
    read = ((one.id, pieces_of(one)) for one in profiles)
    return {
        one: Meaning(meaning.meaning(pieces, ENCODER), pieces.language, pieces.words)
        for one, pieces in read
        if pieces is not None
    }


class Rig:
    """Opens indexes of one kind, each on a database of its own."""

    def __init__(self, kind: str, urls: Iterator[str]) -> None:
        self._kind = kind
        self._urls = urls
        self._opened: list[PgvectorIndex] = []

    def open(self, sizes: Sizes | None = None, url: str | None = None) -> Index:
        if self._kind == "memory":
            return InProcessIndex(embedder=ENCODER, sizes=sizes)
        index = PgvectorIndex(url or next(self._urls), embedder=ENCODER, sizes=sizes)
        self._opened.append(index)
        return index

    def filled(self, profiles: Iterable[Profile], sizes: Sizes | None = None) -> Index:
        every, index = list(profiles), self.open(sizes)
        index.add(every)
        index.add_meanings(meanings_of(every))
        index.refresh()
        return index

    def close(self) -> None:
        for index in self._opened:
            index.close()


@pytest.fixture(params=["memory", pytest.param("postgresql", marks=NEEDS_POSTGRES)])
async def rig(request: pytest.FixtureRequest, tmp_path) -> Iterator[Rig]:
    if request.param == "memory":
        yield Rig("memory", iter(()))
        return
    async with (
        database_url("postgresql", tmp_path) as one,
        database_url("postgresql", tmp_path) as two,
    ):
        opened = Rig("postgresql", iter((one, two)))
        yield opened
        opened.close()


def lists_of(index: Index, filter: Filter = EVERYWHERE) -> dict[UUID, list[Candidate]]:
    found = index.lists(filter, 10)
    return {one: list(found[one]) for one in found}


def distinct(count: int, seed: int) -> list[Profile]:
    return list({one.id: one for one in many(count, seed)}.values())


def ids(some: Iterable[Candidate]) -> list[UUID]:
    return [one.profile_id for one in some]


def test_every_list_is_that_of_the_twin(rig: Rig) -> None:
    profiles = distinct(60, 3)
    index, twin = rig.filled(profiles), Twin(profiles, meanings=meanings_of(profiles))
    lists = lists_of(index, FILTER)
    for profile in profiles:
        expected = twin.ranked(profile, TODAY, EVENT, 10)
        assert index.search(profile, FILTER, 10) == expected
        if profile.id in lists:
            assert lists[profile.id] == expected


def test_what_is_added_changed_or_removed_counts_at_once(rig: Rig) -> None:
    index = rig.filled([need(1, "drip irrigation"), offer(2, "drip lines")])
    asked = need(1, "drip irrigation")
    index.add([offer(3, "drip irrigation with brackish water")])
    assert set(ids(index.search(asked, FILTER, 5))) == {uid(2), uid(3)}
    index.add([offer(2, "solar pumps", revision=2), offer(3, "drip irrigation tape", revision=2)])
    assert ids(index.search(asked, FILTER, 5)) == [uid(3)]
    index.remove([uid(3), uid(99)])
    assert index.search(asked, FILTER, 5) == []
    assert index.statistics.profiles == 2


def test_a_withdrawn_profile_is_never_shown(rig: Rig) -> None:
    profiles = distinct(50, 9)
    index = rig.filled(profiles)
    gone = {one.id for one in profiles[::3]}
    index.remove(gone)
    for _ in range(2):
        for profile in profiles:
            assert not gone & set(ids(index.search(profile, EVERYWHERE, 50)))
            placed = index.place(profile, EVERYWHERE, 50)
            assert not gone & {*ids(placed.list), *ids(placed.entering)}
        lists = lists_of(index)
        assert not gone & lists.keys()
        assert not gone & {one for some in lists.values() for one in ids(some)}
        index.refresh()


def test_the_filter_holds(rig: Rig) -> None:
    text = "drip irrigation with brackish water"
    offers = [
        offer(2, text),
        offer(3, text, valid_until=TODAY.replace(year=2020)),
        offer(4, text, docking_events=frozenset({uid(8)})),
        offer(5, text, excluded_countries=("KZ",)),
        offer(6, text, organization_id=uid(10_001)),
    ]
    index = rig.filled([need(1, text), *offers])
    assert ids(index.search(need(1, text), FILTER, 9)) == [uid(2)]
    everywhere = need(1, text, docking_events=frozenset({EVENT, uid(8)}))
    assert ids(index.search(everywhere, EVERYWHERE, 9)) == [uid(2), uid(4)]
    excluding = replace(FILTER, excluded=frozenset({uid(2), uid(77)}))
    assert index.search(need(1, text), excluding, 9) == []
    assert index.lists(replace(FILTER, on=TODAY.replace(year=2040)), 9) == {}


def test_equal_scores_stand_in_the_order_of_ids(rig: Rig) -> None:
    index = rig.filled([need(1, "drip irrigation"), *(offer(n, "drip lines") for n in (9, 3, 7))])
    found = index.search(need(1, "drip irrigation"), FILTER, 2)
    assert ids(found) == [uid(3), uid(7)]


def test_what_means_the_same_is_found_though_no_word_is_shared(rig: Rig) -> None:
    asked = need(1, texts=texts({"ru": "опреснение солоноватой воды"}))
    right = offer(2, texts=texts({"kk": "опреснение солоноватой воды!"}))
    index = rig.filled([asked, right, offer(3, "laser welding of aluminium")])
    assert ids(index.search(asked, FILTER, 1)) == [right.id]
    told = index.explain([(asked, right)], STANDARD)[0]
    assert "meaning" in {reason.code for reason in told.reasons}


def test_a_vector_goes_with_the_text_that_it_was_made_of(rig: Rig) -> None:
    profiles = distinct(20, 5)
    index = rig.filled(profiles)
    index.add(profiles)
    index.refresh()
    plain = rig.open()
    plain.add(profiles)
    plain.refresh()
    assert lists_of(index) == lists_of(plain)
    index.add_meanings({uid(123_456): next(iter(meanings_of(profiles).values()))})
    assert index.statistics.profiles == len(profiles)


def test_any_order_of_arrival_gives_the_same_lists_once_refreshed(rig: Rig) -> None:
    profiles = distinct(40, 12)
    meanings = meanings_of(profiles)
    other = rig.open()
    for number, profile in enumerate(random.Random(2).sample(profiles, len(profiles))):
        other.add([profile])
        other.add_meanings({k: v for k, v in meanings.items() if k == profile.id})
        if number % 15 == 7:
            other.refresh()
    other.refresh()
    assert lists_of(other) == lists_of(rig.filled(profiles))


def test_built_anew_or_bit_by_bit_the_lists_are_the_same(rig: Rig) -> None:
    profiles = distinct(50, 21)
    index = rig.filled(profiles[:30])
    index.add(profiles[30:])
    index.add_meanings(meanings_of(profiles[30:]))
    index.remove([one.id for one in profiles[:12]])
    again = [replace(one, revision=2, country="FR") for one in profiles[12:15]]
    index.add(again)
    index.add_meanings(meanings_of(again))
    index.refresh()
    assert lists_of(index) == lists_of(rig.filled([*again, *profiles[15:]]))


def test_a_newcomer_enters_lists_that_it_beats_and_those_with_room(rig: Rig) -> None:
    newcomer = offer(50, "drip irrigation with brackish water")
    needs = [need(n, f"drip irrigation with brackish water {'and pumps ' * n}") for n in (1, 2, 3)]
    index = rig.filled([*needs, offer(60, "solar pumps")])
    index.add([newcomer])
    score = {c.profile_id: c.score for c in index.search(newcomer, FILTER, 9)}
    assert set(score) == {uid(1), uid(2), uid(3)}
    ends = {
        uid(1): Candidate(uid(60), score[uid(1)] + 1),
        uid(2): Candidate(uid(60), score[uid(2)]),
    }
    index.note_ends(EVENT, ends)
    placed = index.place(newcomer, FILTER, 9)
    assert set(ids(placed.entering)) == {uid(2), uid(3)}
    index.note_ends(EVENT, {uid(1): None})
    assert set(ids(index.place(newcomer, FILTER, 9).entering)) == {uid(1), uid(2), uid(3)}


LONG = "drip lines for orchards on saline soil with pressure compensation and cleaning emitters"


def test_who_says_the_same_is_told_on_each_side(rig: Rig) -> None:
    other = "membrane bioreactor for dairy waste water with little sludge and back washing"
    index = rig.filled([offer(9, LONG), offer(5, LONG), offer(7, other), need(6, LONG)])
    assert index.alike() == {uid(9): uid(5), uid(5): uid(5)}


def test_a_leaning_counts_on_both_sides_alike_and_only_there(rig: Rig) -> None:
    offers, sought = [offer(number, LONG) for number in (2, 3, 4)], need(1, LONG)
    index = rig.filled([sought, *offers])
    plain = {one.profile_id: one.score for one in index.search(sought, FILTER, 9)}
    willing = {offers[0].organization_id: 1_000, offers[1].organization_id: -500, uid(77): 900}
    index.note_leanings(EVENT, willing)
    found = {one.profile_id: one.score for one in index.search(sought, FILTER, 9)}
    assert {one: found[one] - plain[one] for one in plain} == {
        uid(2): 100, uid(3): -50, uid(4): 0}  # fmt: skip
    for profile in offers:
        (back,) = index.place(profile, FILTER, 9).list
        assert back.score == found[profile.id]
        assert list(index.lists(FILTER, 9)[profile.id]) == [back]
    everywhere = index.search(sought, EVERYWHERE, 9)
    assert {one.profile_id: one.score for one in everywhere} == plain
    index.note_leanings(EVENT, {})
    assert {one.profile_id: one.score for one in index.search(sought, FILTER, 9)} == plain


def test_statistics_tell_when_the_collection_has_outgrown_them(rig: Rig) -> None:
    index = rig.filled([need(n, "pumps") for n in range(1, 9)])
    assert (index.statistics.version, index.statistics.profiles) == (1, 8)
    assert not index.statistics.stale
    index.add([offer(21, "drip"), offer(22, "drip"), offer(23, "drip")])
    assert index.statistics.stale
    index.refresh()
    assert index.statistics.version == 2
    assert not index.statistics.stale
    assert index.statistics.languages == {"en": 11}


def test_of_many_the_candidates_have_the_scores_of_all(rig: Rig) -> None:
    profiles = distinct(160, 5)
    whole = InProcessIndex(embedder=ENCODER)
    whole.add(profiles)
    whole.add_meanings(meanings_of(profiles))
    whole.refresh()
    few = rig.filled(profiles, Sizes(compact=4, exact=40, candidates=24))
    found = wanted = 0
    for profile in profiles[:60]:
        every = {c.profile_id: c.score for c in whole.search(profile, EVERYWHERE, 1_000)}
        near = few.search(profile, EVERYWHERE, 1_000)
        assert all(every[c.profile_id] == c.score for c in near)
        best = whole.search(profile, EVERYWHERE, 3)
        wanted += len(best)
        found += len(set(best) & set(near))
    assert found >= 0.8 * wanted


@pytest.fixture
async def kept_url(tmp_path):
    async with database_url("postgresql", tmp_path) as url:
        yield url


@NEEDS_POSTGRES
async def test_what_is_kept_in_postgresql_survives_a_restart(kept_url: str) -> None:
    profiles = distinct(30, 4)
    rig = Rig("postgresql", iter((kept_url,)))
    before = rig.filled(profiles)
    lists = lists_of(before)
    rig.close()
    again = Rig("postgresql", iter((kept_url,)))
    index = again.open()
    # One was withdrawn while it was away, one changed; nobody tells of the former.
    changed = replace(profiles[1], revision=2, country="FR")
    index.add([changed, *profiles[2:]])
    connection = await asyncpg.connect(
        make_url(kept_url).render_as_string(hide_password=False).replace("+asyncpg", "")
    )
    meant = await connection.fetchval("SELECT count(*) FROM index_profiles WHERE codes IS NOT NULL")
    await connection.close()
    assert meant >= len(meanings_of(profiles[2:])), "what did not change keeps its vector"
    index.add_meanings(meanings_of([changed]))
    index.refresh()
    fresh = InProcessIndex(embedder=ENCODER)
    fresh.add([changed, *profiles[2:]])
    fresh.add_meanings(meanings_of([changed, *profiles[2:]]))
    fresh.refresh()
    assert lists_of(index) == lists_of(fresh)
    assert profiles[0].id in lists or profiles[0].valid_until < TODAY
    again.close()
