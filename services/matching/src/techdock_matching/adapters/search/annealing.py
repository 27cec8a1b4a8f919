"""Compiled: the first timetable, and simulated annealing from there."""

import math

from techdock_matching.adapters.search.arrays import (
    AT,
    BEGIN,
    BELOW,
    BEST_BELOW,
    BEST_SOFT,
    BEST_UNPLACED,
    FIXED,
    IDLE,
    NONE,
    SOFT,
    UNPLACED,
    VENUE,
    WAITING,
    Given,
    State,
)
from techdock_matching.adapters.search.compiled import (
    ONE,
    Array,
    Number,
    below,
    compiled,
    lowest,
    share,
)
from techdock_matching.adapters.search.seats import begin_step, choose, is_full, put, rise, take
from techdock_matching.adapters.search.steps import (
    anybody,
    chain_rise,
    eject,
    grow,
    near,
    pick,
    swing,
    take_back,
)

MOST_OUT = 3
"""How many others a request may drive out at once."""

WISHES = 20
"""A person below the wish costs as much as so many requests without a place."""


@compiled
def construct(g: Given, s: State, order: Array) -> None:
    """Give each request without a place the cheapest that is free, in an order."""
    for i in range(order.shape[0]):
        m = order[i]
        if s.seat[m, AT] != NONE or is_full(g, s, m):
            continue
        begin_step(s)
        best, where = 0, NONE
        for w in range(g.open.shape[1]):
            x = g.open[m, w]
            while x:
                t = 64 * w + lowest(x)
                x &= x - ONE
                if not choose(g, s, m, t):
                    continue
                cost = 10 * rise(g, s, m, t) + below(s.chance, 10)
                venue = g.stretch[t, VENUE]
                if not g.online[venue]:
                    a = g.stretch[t, BEGIN]
                    cost += 500 * s.venue_full[venue, a] // g.venue_room[venue, a]
                if where == NONE or cost < best:
                    best, where = cost, t
        if where != NONE and choose(g, s, m, where):
            put(g, s, m, where, s.found[0], s.found[1])


@compiled
def is_best(s: State) -> Number:
    """Whether a state is better, level by level, than the best that was saved."""
    if s.total[BELOW] != s.total[BEST_BELOW]:
        return s.total[BELOW] < s.total[BEST_BELOW]
    if s.total[UNPLACED] != s.total[BEST_UNPLACED]:
        return s.total[UNPLACED] < s.total[BEST_UNPLACED]
    return s.total[SOFT] < s.total[BEST_SOFT]


@compiled
def save(s: State) -> None:
    """Keep a state as the best."""
    s.total[BEST_BELOW] = s.total[BELOW]
    s.total[BEST_UNPLACED] = s.total[UNPLACED]
    s.total[BEST_SOFT] = s.total[SOFT]
    for m in range(s.best.shape[0]):
        for column in range(3):
            s.best[m, column] = s.seat[m, column]


@compiled
def restore(g: Given, s: State) -> None:
    """Go back to the best."""
    for m in range(s.best.shape[0]):
        if s.seat[m, AT] != NONE:
            take(g, s, m)
    for m in range(s.best.shape[0]):
        if s.best[m, AT] != NONE:
            put(g, s, m, s.best[m, 0], s.best[m, 1], s.best[m, 2])


@compiled
def _cost(s: State, price: Number) -> Number:
    return s.total[SOFT] + price * (s.total[UNPLACED] + WISHES * s.total[BELOW])


@compiled
def _easiest(g: Given, s: State, m: Number) -> Number:
    """Return a stretch for a request in which few others stand in the way, of some at random."""
    best, where = 1 << 30, NONE
    for _ in range(6):
        t = pick(s.chance, g.open[m])
        if t == NONE:
            return NONE
        hard = 0
        for j in range(g.sitting_of[m], g.sitting_of[m + 1]):
            p = g.sitting[j]
            home = g.person[p, 0]
            for w in range(g.apart.shape[2]):
                x = s.taken[p, w] & g.apart[home, t, w]
                while x:
                    x &= x - ONE
                    hard += 2
        venue = g.stretch[t, VENUE]
        a = g.stretch[t, BEGIN]
        if not g.online[venue] and s.venue_full[venue, a] >= g.venue_room[venue, a]:
            hard += 1
        if hard < best:
            best, where = hard, t
    return where


@compiled
def _try_eject(g: Given, s: State, m: Number, t: Number, heat: Number, price: Number) -> None:
    if is_best(s):
        save(s)
    before = _cost(s, price)
    n = eject(g, s, m, t, MOST_OUT, s.row)
    if n > 0:
        more = _cost(s, price) - before
        if more > 0 and share(s.chance) >= math.exp(-more / heat):
            take_back(g, s, n)


@compiled
def _try_chain(g: Given, s: State, m: Number, t: Number, heat: Number) -> None:
    n = grow(g, s, m, t)
    if n == 0:
        return
    more = chain_rise(g, s, n)
    if more > 0:
        if share(s.chance) >= math.exp(-more / heat):
            return
        if is_best(s):
            save(s)
    swing(g, s, n)


@compiled
def anneal(  # noqa: C901 - the loop that all the time goes into
    g: Given, s: State, steps: Number, heat: Number, price: Number, ejecting: Number
) -> None:
    """Do some steps of simulated annealing at one temperature.

    Args:
        price: Of a request without a place, for each unit of its weight.
        ejecting: Of 128 steps, how many drive others out; of those that wait for a place as many
            again and 16 more are tried.
    """
    requests = s.seat.shape[0]
    row = s.row
    for _ in range(steps):
        dice = below(s.chance, 128)
        if s.total[WAITING] > 0 and dice < 16 + ejecting:
            m = s.pool[below(s.chance, s.total[WAITING])]
            t = _easiest(g, s, m)
            if t != NONE:
                _try_eject(g, s, m, t, heat, price)
            continue
        p = NONE
        if s.total[IDLE] > 0 and (dice & 4) == 0:
            # Somebody who has gaps: one of the meetings, to be moved beside another.
            p = s.idle[below(s.chance, s.total[IDLE])]
            m = g.asked[g.asked_of[p] + below(s.chance, g.asked_of[p + 1] - g.asked_of[p])]
        else:
            m = below(s.chance, requests)
        a = s.seat[m, AT]
        if a == NONE or g.request[m, FIXED]:
            continue
        t = NONE
        if (dice & 3) != 0:
            t = near(g, s, m, p if p != NONE else anybody(g, s, m), row)
        if t == NONE:
            t = pick(s.chance, g.open[m])
        if t in (NONE, a):
            continue
        if dice >= 128 - ejecting:
            _try_eject(g, s, m, t, heat, price)
        else:
            _try_chain(g, s, m, t, heat)
    if is_best(s):
        save(s)
