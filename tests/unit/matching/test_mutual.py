"""The plan of mutual matches: nobody has more than their time, and nobody is left out in vain."""

from itertools import combinations
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from techdock_matching.domain.ranking.mutual import Pair, plan


@st.composite
def markets(draw: st.DrawFn) -> tuple[list[Pair], dict[UUID, int]]:
    parties = [UUID(int=n) for n in range(1, draw(st.integers(2, 9)) + 1)]
    every = list(combinations(parties, 2))
    known = draw(st.lists(st.sampled_from(every), unique=True, max_size=len(every)))
    worth = st.floats(-1.0, 12.0, allow_nan=False)
    pairs = [Pair(low, high, draw(worth)) for low, high in known]
    most = {party: draw(st.integers(0, 4)) for party in parties}
    return pairs, most


TEMPERATURES = st.sampled_from((0.05, 0.1, 0.5, 2.0))


def of(party: UUID, pairs: list[Pair]) -> list[Pair]:
    return [pair for pair in pairs if party in (pair.low, pair.high)]


@given(markets(), TEMPERATURES)
def test_nobody_meets_more_often_than_he_has_time_for(
    market: tuple[list[Pair], dict[UUID, int]], temperature: float
) -> None:
    pairs, most = market
    found = plan(pairs, most, temperature)
    assert len(set(found)) == len(found)
    assert set(found) <= {pair for pair in pairs if pair.worth > 0}
    for party, many in most.items():
        assert len(of(party, found)) <= many


@given(markets(), TEMPERATURES, st.integers(0, 2**32))
def test_the_order_in_which_pairs_come_changes_nothing(
    market: tuple[list[Pair], dict[UUID, int]], temperature: float, seed: int
) -> None:
    pairs, most = market
    shuffled = Random(seed).sample(pairs, len(pairs))
    others = dict(Random(seed).sample(list(most.items()), len(most)))
    assert plan(shuffled, others, temperature) == plan(pairs, most, temperature)


@given(markets(), TEMPERATURES)
def test_no_pair_is_left_out_for_which_both_have_time(
    market: tuple[list[Pair], dict[UUID, int]], temperature: float
) -> None:
    pairs, most = market
    found = plan(pairs, most, temperature)
    for pair in pairs:
        if pair.worth > 0 and pair not in found:
            full = [p for p in (pair.low, pair.high) if len(of(p, found)) >= most[p]]
            assert full


@given(markets(), TEMPERATURES)
def test_nobody_is_left_out_while_another_could_give_a_meeting_up(
    market: tuple[list[Pair], dict[UUID, int]], temperature: float
) -> None:
    pairs, most = market
    found = plan(pairs, most, temperature)
    for party, many in most.items():
        if many == 0 or of(party, found):
            continue
        for pair in of(party, [p for p in pairs if p.worth > 0]):
            host = pair.high if party == pair.low else pair.low
            for held in of(host, found):
                guest = held.high if held.low == host else held.low
                assert len(of(guest, found)) == 1


@settings(max_examples=30)
@given(markets(), TEMPERATURES, st.integers(0, 2**32))
def test_other_ids_give_the_same_meetings(
    market: tuple[list[Pair], dict[UUID, int]], temperature: float, seed: int
) -> None:
    pairs, most = market
    # With worths that differ, so that no tie is decided by an id.
    pairs = [Pair(p.low, p.high, 1.0 + 0.37 * n) for n, p in enumerate(pairs)]
    draw = Random(seed)
    other = {party: UUID(int=draw.getrandbits(128)) for party in most}

    def renamed(pair: Pair) -> Pair:
        low, high = sorted((other[pair.low], other[pair.high]))
        return Pair(low, high, pair.worth)

    again = plan([renamed(p) for p in pairs], {other[p]: n for p, n in most.items()}, temperature)
    ours = [renamed(p) for p in plan(pairs, most, temperature)]
    assert sum(p.worth for p in again) >= 0.8 * sum(p.worth for p in ours)


def test_together_they_gain_more_than_when_the_best_pair_takes_all() -> None:
    a, b, c, d = (UUID(int=n) for n in range(1, 5))
    pairs = [Pair(a, b, 3.0), Pair(a, c, 2.9), Pair(b, d, 2.9)]
    found = plan(pairs, dict.fromkeys((a, b, c, d), 1), 0.1)
    assert {(p.low, p.high) for p in found} == {(a, c), (b, d)}
