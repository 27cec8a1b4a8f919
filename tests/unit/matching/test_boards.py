"""Boards of organizers: exposure, why somebody is never shown, and needs that nothing answers."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from techdock_matching.domain.fairness import Entered, Reason, fairness, gini
from techdock_matching.domain.ranking.match import Candidate, Strength
from techdock_matching.domain.ranking.profile import Kind, Profile
from techdock_matching.domain.ranking.weights import STANDARD
from techdock_matching.domain.unmet import Band, By, Need, board

EVENT, ON = UUID(int=99), date(2030, 5, 1)


def entered(number: int, kind: Kind, **changes: Any) -> Entered:
    about = {"characters": 300, "languages": frozenset({"en"}), "codes": frozenset()}
    about |= {name: changes.pop(name) for name in tuple(changes) if name in about}
    own = UUID(int=number)
    facts = {"organization_id": own, "group_id": own, "country": "KZ", "valid_until": ON}
    facts |= {"docking_events": frozenset({EVENT})} | changes
    return Entered(Profile(id=own, kind=kind, **facts), {}, **about)


def places(*numbers: int) -> list[Candidate]:
    return [Candidate(UUID(int=number), 9000 - at) for at, number in enumerate(numbers)]


def test_exposure_counts_first_places_and_finds_who_is_never_shown() -> None:
    needs = [entered(n, Kind.NEED) for n in range(1, 4)]
    offers = [entered(n, Kind.OFFER, country="CN") for n in range(101, 131)]
    lists = {UUID(int=n): places(*range(101, 101 + 25)) for n in range(1, 4)}
    lists |= {UUID(int=n): places(1, 2) for n in range(101, 130)}

    found = fairness([*needs, *offers], lists, ON, EVENT)

    of_needs, of_offers = found.sides
    assert (of_needs.profiles, of_needs.lists, of_offers.lists) == (3, 29, 3)
    assert (of_offers.shown, of_needs.shown) == ((10, 20), (2, 2))
    assert of_offers.gini[0] == pytest.approx(2 / 3, abs=0.001)
    assert of_offers.by_country == {"CN": (30, 20, 60)}
    by_id = {one.entered.profile.id.int: one for one in found.exposures}
    assert (by_id[101].first, by_id[111].first, by_id[111].next) == (3, 0, 3)
    assert (by_id[125].reason, by_id[125].params) == (Reason.OUTRANKED, {"best": 25})
    assert (by_id[129].reason, by_id[129].params) == (Reason.OUTRANKED, {})
    assert by_id[130].reason is Reason.WAITING
    assert {one.entered.profile.id.int for one in found.never} == {3, *range(121, 131)}
    assert [one.entered.profile.id.int for one in found.most(Kind.NEED)] == [1, 2]


@pytest.mark.parametrize(
    ("changes", "other", "reason"),
    [
        ({"characters": 0}, {}, Reason.NO_TEXT),
        ({"characters": 0, "codes": frozenset({"sdg:6"})}, {}, Reason.NOTHING_SHARED),
        ({"excluded_countries": ("CN",)}, {}, Reason.EXCLUDED),
        ({}, {"partner_countries": ("UZ",)}, Reason.EXCLUDED),
        ({"group_id": UUID(int=2)}, {}, Reason.EXCLUDED),
        ({"valid_until": date(2030, 4, 30)}, {}, Reason.EXCLUDED),
        ({"languages": frozenset({"ar"})}, {}, Reason.NO_SHARED_LANGUAGE),
        ({}, {}, Reason.NOTHING_SHARED),
    ],
)
def test_why_somebody_with_an_empty_list_is_never_shown(
    changes: dict[str, Any], other: dict[str, Any], reason: Reason
) -> None:
    need, offer = entered(1, Kind.NEED, **changes), entered(2, Kind.OFFER, country="CN", **other)

    found = fairness([need, offer], {UUID(int=1): [], UUID(int=2): []}, ON, EVENT)

    why = {one.entered.profile.id.int: one.reason for one in found.never}
    assert why[1] is reason


def test_without_another_side_nobody_can_be_shown() -> None:
    found = fairness([entered(1, Kind.NEED)], {UUID(int=1): []}, ON, EVENT)

    assert [one.reason for one in found.never] == [Reason.NO_COUNTERPART]
    assert fairness([], {}, ON, EVENT).exposures == ()


@given(st.lists(st.integers(0, 50), max_size=40), st.integers(1, 5))
def test_the_gini_lies_between_0_and_1_and_knows_no_scale(counts: list[int], times: int) -> None:
    assert 0 <= gini(counts) + 1e-9 <= 1 + 1e-9
    assert gini([times * count for count in counts]) == pytest.approx(gini(counts))
    assert gini([3] * len(counts)) == pytest.approx(0)


def need(number: int, **changes: Any) -> Need:
    facts: dict[str, Any] = {
        "organization_id": UUID(int=500 + number), "country": "UZ", "title": {}, "technology_field": 29,
        "trl_least": 7, "trl_most": 9, "keywords": ("Drip", "salt"), "cooperation": (),
    }  # fmt: skip
    return Need(id=UUID(int=number), **(facts | changes))


def test_unmet_needs_are_gathered_largest_first() -> None:
    needs = [
        need(1),
        need(2, keywords=("drip",)),
        need(3, trl_least=None, trl_most=None),
        need(4),
        need(5),
    ]
    good = [Candidate(UUID(int=9), STANDARD.good)]
    weak = [Candidate(UUID(int=9), STANDARD.good - 1)]
    lists = {UUID(int=1): [], UUID(int=2): weak, UUID(int=3): [], UUID(int=4): good}

    found = board(needs, lists, STANDARD)

    assert (found.needs, found.waiting, found.unmet) == (5, 1, 3)
    first, second = found.cells
    assert (first.country, first.technology_field, first.band) == ("UZ", 29, Band.READY)
    assert [(u.need.id.int, u.offers, u.best) for u in first.unmet] == [
        (1, 0, None),
        (2, 1, Strength.POSSIBLE),
    ]
    assert first.keywords == (("drip", 2), ("salt", 1))
    assert second.band is None

    wide = board([*needs, need(6, country="KZ")], {**lists, UUID(int=6): []}, STANDARD, By.STAGE)
    assert [(c.country, c.band, len(c.unmet)) for c in wide.cells] == [
        (None, Band.READY, 3),
        (None, None, 1),
    ]
    (whole,) = board(needs, lists, STANDARD, By.FIELD).cells
    assert (whole.band, len(whole.unmet)) == (None, 3)


@pytest.mark.parametrize(
    ("least", "most", "band"),
    [
        (1, 3, "1-3"),
        (3, 9, "1-3"),
        (4, None, "4-6"),
        (None, 6, "4-6"),
        (7, 9, "7-9"),
        (None, None, None),
    ],
)
def test_the_stage_is_the_least_that_is_sought(
    least: int | None, most: int | None, band: str | None
) -> None:
    assert need(1, trl_least=least, trl_most=most).band == band
