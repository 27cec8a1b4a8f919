"""The lists of the demo: golden places, and what must not change them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from statistics import mean
from uuid import UUID

import pytest
from support.demo_profiles import HERE, index_of, lists_of, meant_by, named, profiles
from support.profiles import EVENT, TODAY
from techdock_embedded.demo import files
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.app.ports import Filter
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.profile import Kind, Profile, Text
from techdock_matching.domain.ranking.weights import Weights

NOISE = 90
"""Thousandths by which a score may change when a profile is added that has nothing to do with it."""

EVERYTHING = Filter(TODAY, EVENT, weights=Weights(possible=-(10**6)))
"""Lists of full length, so that ten are compared with ten."""

SECOND = {("need-009", "offer-010"), ("need-033", "offer-032")}
"""Fits that stand second: offer-009 answers need-009 as well, and starters that are shipped dry
(offer-046, in English) stand a hair before those of another farm."""

Lists = Mapping[UUID, list[Candidate]]


@cache
def demo() -> InProcessIndex:
    return index_of(profiles())


@cache
def shown() -> Lists:
    return lists_of(demo())


def labelled(kind: str) -> list[tuple[str, str]]:
    return [(one["need"], one["offer"]) for one in files.one("fits.json") if one["kind"] == kind]


def rank(lists: Lists, mine: str, theirs: str) -> int:
    """Return the place of one in the list of the other; beyond its end 100."""
    places = [one.profile_id for one in lists[named(mine)]]
    return places.index(named(theirs)) + 1 if named(theirs) in places else 100


@pytest.mark.parametrize(("need", "offer"), labelled("fit"))
def test_the_offer_that_fits_stands_first(need: str, offer: str) -> None:
    assert rank(shown(), need, offer) == (2 if (need, offer) in SECOND else 1)
    assert rank(shown(), offer, need) <= 3  # An offer may answer several needs.


def test_what_only_looks_alike_stands_before_nothing_that_fits() -> None:
    fits = dict(labelled("fit"))
    for need, offer in labelled("near_miss"):
        if need in fits:
            assert rank(shown(), need, fits[need]) < rank(shown(), need, offer), (need, offer)


def unrelated(kind: Kind) -> Profile:
    texts = {
        "title": "Binding of medieval choir books",
        "description": "A monastery library restores parchment, wooden boards and brass clasps of"
        " choir books of the thirteenth century.",
    }
    return Profile(
        named("unrelated"),
        kind,
        organization_id=named("abbey"),
        group_id=named("abbey"),
        country="FR",
        valid_until=profiles()["need-001"].valid_until,
        docking_events=frozenset({EVENT}),
        texts={field: Text("en", {"en": text}) for field, text in texts.items()},
    )


@pytest.mark.parametrize("kind", Kind)
def test_an_unrelated_profile_changes_no_order_beyond_noise(kind: Kind) -> None:
    odd = unrelated(kind)
    before = demo().lists(HERE, 50)
    after = index_of({**profiles(), "unrelated": odd}).lists(HERE, 50)
    for owner, places in before.items():
        was = {one.profile_id: one.score for one in places}
        now = {one.profile_id: one.score for one in after[owner] if one.profile_id != odd.id}
        both = was.keys() & now.keys()
        assert all(abs(was[one] - now[one]) <= NOISE for one in both)
        # Only what stands on the very edge of a list comes or goes.
        edge = [{**was, **now}[one] for one in was.keys() ^ now.keys()]
        assert len(edge) <= 2
        ranked = [one for one in now if one in both]
        for at, one in enumerate(ranked):
            assert all(was[later] <= was[one] + NOISE for later in ranked[at + 1 :])


def test_other_ids_change_nothing() -> None:
    renamed = {
        name: replace(
            one,
            id=named(f"renamed {name}"),
            organization_id=named(f"renamed {one.organization_id}"),
            group_id=named(f"renamed {one.group_id}"),
        )
        for name, one in profiles().items()
    }
    before, after = demo().lists(HERE, 50), index_of(renamed).lists(HERE, 50)
    mine = {renamed[name].id: one.id for name, one in profiles().items()}
    for name, one in renamed.items():
        was = {c.profile_id: c.score for c in before[profiles()[name].id]}
        now = [(mine[c.profile_id], c.score) for c in after[one.id]]
        # Sums in another order may differ in the last digit, and ties stand in the order of ids.
        assert was.keys() == dict(now).keys()
        assert all(abs(was[other] - score) <= 1 for other, score in now)
        ranked = [was[other] for other, _ in now]
        assert all(later <= first + 1 for first, later in pairwise(ranked))


def in_one_language(profile: Profile, tag_of: Callable[[Text], str]) -> Profile:
    """Return a profile with title and summary only, in one of its languages."""
    texts = {name: profile.texts[name] for name in ("title", "summary")}
    return replace(
        profile,
        texts={
            name: Text(tag_of(text), {tag_of(text): text.versions[tag_of(text)]})
            for name, text in texts.items()
        },
    )


def translated(text: Text) -> str:
    return next(tag for tag in sorted(text.versions) if tag != text.original)


def test_a_translated_need_keeps_six_of_ten() -> None:
    index, kept, same = index_of(profiles()), [], []
    for need in profiles().values():
        if need.kind is Kind.NEED and len(need.texts["title"].versions) > 1:
            ten = []
            for tag_of in (lambda text: text.original, translated):
                told = in_one_language(need, tag_of)
                meant = meant_by(told)
                assert meant is not None
                index.add([told])
                index.add_meanings({told.id: meant})
                ten.append([one.profile_id for one in index.search(told, EVERYTHING, 10)])
            kept.append(len(set(ten[0]) & set(ten[1])))
            same.append(ten[0][0] == ten[1][0])
            index.add([need])
            index.add_meanings({need.id: meant_by(need) or meant})
    assert len(kept) > 30
    assert mean(kept) >= 6
    assert mean(same) >= 0.8
