"""The plan of mutual matches: who should meet whom, so that all together gain the most.

Meetings are scarce, and everybody wants the same few counterparts. Taken as a market where what a
meeting is worth to both can be shared (transferable utility), each side gets a price, and the
pairs that are still worth their two prices are the plan. Prices are found as by Sinkhorn (1967),
in logarithms, in the model of Choo and Siow (Who marries whom and why, 2006) as Galichon and
Salanié compute it (Cupid's invisible hand, 2022): pairs p of worth w are met in shares of
exp(w / 2T) a b, and everybody's shares, and what is left unused (a squared), add up to the number
of meetings that they have time for. A share ends at 1: two parties meet once. Everybody may have
needs and offers, so there are not two sides but one, as in Chiappori, Galichon and Salanié (The
roommate problem is more stable than you think, 2014).

Then shares become meetings: the pairs are taken in the order of their shares while both have time,
and who would be left without any takes the place of somebody who has several.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

TEMPERATURE = 0.1
"""How much of the worth is chance, in standard deviations; measured in
`tests/benchmark/mutual_plan.py`."""

MOST_ROUNDS = 500
TOLERANCE = 1e-4
_DIGITS = 6
"""Shares are compared so finely, and not by what a processor makes of the last bits."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two parties that could meet.

    Attributes:
        low: The party with the smaller id.
        worth: What the meeting is worth to both, in standard deviations; 0: not worth the time.
    """

    low: UUID
    high: UUID
    worth: float


@dataclass(frozen=True, slots=True)
class Market:
    """Parties and pairs as numbers; the same however the pairs came.

    Attributes:
        most: How many meetings each party has time for, 1 or more.
        one: The party with the smaller id of each pair.
        other: The other one.
    """

    most: Numbers
    one: Numbers
    other: Numbers
    worth: Floats


def plan(
    pairs: Sequence[Pair], most: Mapping[UUID, int], temperature: float = TEMPERATURE
) -> list[Pair]:
    """Return the pairs that should meet, those that matter most first.

    Args:
        pairs: Each pair once, in any order.
        most: How many meetings each party has time for; who is left out has none.
        temperature: Above 0; small: the greatest worth of all together, large: more evenly spread.
    """
    usable = sorted(
        (p for p in pairs if p.worth > 0 and most.get(p.low, 0) > 0 and most.get(p.high, 0) > 0),
        key=lambda p: (p.low, p.high),
    )
    if not usable:
        return []
    parties = sorted({party for p in usable for party in (p.low, p.high)})
    number = {party: n for n, party in enumerate(parties)}
    market = Market(
        np.array([most[party] for party in parties], np.int64),
        np.array([number[p.low] for p in usable], np.int64),
        np.array([number[p.high] for p in usable], np.int64),
        np.array([p.worth for p in usable], np.float64),
    )
    return [usable[edge] for edge in chosen(market, pull(market, temperature))]


def pull(market: Market, temperature: float) -> Floats:
    """Return the logarithm of each pair's share, before it ends at 1."""
    heat = market.worth / (2 * temperature)
    size = len(market.most)
    most = market.most.astype(np.float64)
    price = 0.5 * np.log(most)
    for _ in range(MOST_ROUNDS):
        share = np.exp(np.minimum(heat + price[market.one] + price[market.other], 0.0))
        used = np.bincount(market.one, share, size) + np.bincount(market.other, share, size)
        # Half a step: one party's price moves its own sum, and those of all others the other half.
        step = 0.5 * np.log(most / (used + np.exp(2 * price)))
        price += step
        if np.abs(step).max() < TOLERANCE:
            break
    found: Floats = heat + price[market.one] + price[market.other]
    return found


def chosen(market: Market, pull: Floats) -> list[int]:
    """Return the pairs that are taken, strongest pull first, and nobody left out in vain."""
    order = np.lexsort((-market.worth, -np.round(pull, _DIGITS)))
    left = market.most.tolist()
    taken: dict[int, None] = {}
    one, other = market.one.tolist(), market.other.tolist()
    for edge in order.tolist():
        if left[one[edge]] and left[other[edge]]:
            left[one[edge]] -= 1
            left[other[edge]] -= 1
            taken[edge] = None
    return _Fair(market, order.tolist(), taken).served()


class _Fair:
    """Gives parties that got nothing the place of parties that got several."""

    def __init__(self, market: Market, order: Sequence[int], taken: dict[int, None]) -> None:
        self._one: list[int] = market.one.tolist()
        self._other: list[int] = market.other.tolist()
        self._most: list[int] = market.most.tolist()
        self._taken = taken
        self._rank = {edge: rank for rank, edge in enumerate(order)}
        self._known: list[list[int]] = [[] for _ in self._most]
        self._has: list[set[int]] = [set() for _ in self._most]
        for edge in order:
            for party in (self._one[edge], self._other[edge]):
                self._known[party].append(edge)
                if edge in taken:
                    self._has[party].add(edge)

    def served(self) -> list[int]:
        for party, has in enumerate(self._has):
            if not has:
                self._serve(party, {party})
        # Who gave a place away has time again, perhaps for somebody who has some too.
        for edge in self._rank:
            if edge not in self._taken and self._has_time(edge):
                self._take(edge)
        return sorted(self._taken, key=self._rank.__getitem__)

    def _serve(self, party: int, asked: set[int]) -> bool:
        """Find a meeting for a party: with who has time, or who can give one up."""
        for edge in self._known[party]:
            host = self._across(edge, party)
            if edge not in self._taken and len(self._has[host]) < self._most[host]:
                self._take(edge)
                return True
        for edge in self._known[party]:
            host = self._across(edge, party)
            if host in asked or edge in self._taken:
                continue
            asked.add(host)
            weakest = sorted(self._has[host], key=self._rank.__getitem__, reverse=True)
            for given in weakest:
                guest = self._across(given, host)
                if guest == party:
                    continue
                if len(self._has[guest]) > 1:
                    self._drop(given)
                    self._take(edge)
                    return True
            for given in weakest:
                guest = self._across(given, host)
                self._drop(given)
                self._take(edge)
                if self._serve(guest, asked):
                    return True
                self._drop(edge)
                self._take(given)
        return False

    def _has_time(self, edge: int) -> bool:
        sides = self._one[edge], self._other[edge]
        return all(len(self._has[side]) < self._most[side] for side in sides)

    def _across(self, edge: int, party: int) -> int:
        return self._other[edge] if self._one[edge] == party else self._one[edge]

    def _take(self, edge: int) -> None:
        self._taken[edge] = None
        self._has[self._one[edge]].add(edge)
        self._has[self._other[edge]].add(edge)

    def _drop(self, edge: int) -> None:
        del self._taken[edge]
        self._has[self._one[edge]].discard(edge)
        self._has[self._other[edge]].discard(edge)
