"""Compiled: another place for a meeting, nearest first, with few others who give way."""

from typing import NamedTuple

import numpy as np

from techdock_matching.adapters.search.arrays import (
    AT,
    FIXED,
    HOME,
    HOURS,
    NONE,
    START,
    VENUE,
    WORDS,
    Given,
    State,
)
from techdock_matching.adapters.search.compiled import (
    ONE,
    Array,
    Number,
    compiled,
    has,
    lowest,
)
from techdock_matching.adapters.search.seats import (
    fits,
    in_the_way,
    is_full,
    is_in_order,
    is_possible,
    put,
    suits,
    take,
)

FAR = 1 << 60
SKIP: Number = np.int64(-2)
"""Stands for a place, or somebody, that is of no use here."""

TRIES = 600
"""How many others are tried for a meeting, at each length of the chain."""


class Hands(NamedTuple):
    """What a repair works with.

    Attributes:
        later: The stretches that are still to come.
        row: Room for a set of stretches.
        bans: 1 for each request that must not give way.
        olds: For each depth, where the one that gives way was.
        orders: For each depth, the order of the stretches.
        budget: How many more may be tried.
    """

    later: Array
    row: Array
    bans: Array
    olds: Array
    orders: Array
    budget: Array


@compiled
def _order(g: Given, m: Number, t: Number, was: Number) -> Number:
    """Return a number by which the kindest hours come first, then the nearest time, and venue."""
    cost = g.off[g.request[m, HOURS], t] * 100_000
    if was == NONE:
        return cost + 2 * (g.stretch[t, START] - g.stretch[0, START])
    away = abs(g.stretch[t, START] - g.stretch[was, START])
    return cost + 2 * away + (g.stretch[t, VENUE] != g.stretch[was, VENUE])


@compiled
def _free(g: Given, s: State, m: Number, later: Array, row: Array) -> None:
    """Find the stretches in which everybody of a request is free."""
    words = row.shape[0]
    for w in range(words):
        row[w] = g.open[m, w] & later[w]
    for i in range(g.sitting_of[m], g.sitting_of[m + 1]):
        p = g.sitting[i]
        for v in range(words):
            x = s.taken[p, v]
            while x:
                u = 64 * v + lowest(x)
                x &= x - ONE
                for w in range(words):
                    row[w] &= ~g.apart[g.person[p, HOME], u, w]


@compiled
def _has_place(g: Given, s: State, m: Number, t: Number, old: Array) -> Number:
    """Whether there are a table and an interpreter: those of before if they can be had."""
    if suits(g, s, m, t, old[1], old[2]):
        s.found[0] = old[1]
        s.found[1] = old[2]
        return True
    return fits(g, s, m, t)


@compiled
def _directly(g: Given, s: State, m: Number, old: Array, later: Array, row: Array) -> Number:
    """Give a request the nearest free place; others stay where they are."""
    if is_full(g, s, m):
        return False
    _free(g, s, m, later, row)
    best, where, kind, helper = FAR, NONE, NONE, NONE
    for w in range(row.shape[0]):
        x = row[w]
        while x:
            t = 64 * w + lowest(x)
            x &= x - ONE
            order = _order(g, m, t, old[0])
            if order < best and is_in_order(g, s, m, t) and _has_place(g, s, m, t, old):
                best, where, kind, helper = order, t, s.found[0], s.found[1]
    if where == NONE:
        return False
    put(g, s, m, where, kind, helper)
    return True


@compiled
def _may_go(g: Given, s: State, m: Number, later: Array, bans: Array) -> Number:
    return not bans[m] and not g.request[m, FIXED] and has(later, s.seat[m, AT])


@compiled
def _only_one(g: Given, s: State, m: Number, t: Number) -> Number:
    """Return the only request in the way of the persons; NONE: there is none, SKIP: some."""
    found = NONE
    for i in range(g.sitting_of[m], g.sitting_of[m + 1]):
        p = g.sitting[i]
        for w in range(g.apart.shape[2]):
            x = s.taken[p, w] & g.apart[g.person[p, HOME], t, w]
            while x:
                other = s.by[p, 64 * w + lowest(x)]
                x &= x - ONE
                if found not in (NONE, other):
                    return SKIP
                found = other
    return found


@compiled
def _candidate(g: Given, s: State, m: Number, t: Number, number: Number) -> Number:
    """Return one of those who have a table or an interpreter that a request lacks; NONE: no more.

    They are counted from the end, so that one who is taken out and put back is met only once.
    """
    left = number
    for j in range(g.beside_of[t], g.beside_of[t + 1]):
        u = g.beside[j]
        if left < s.seated[u]:
            return s.there[u, s.seated[u] - 1 - left]
        left -= s.seated[u]
    words = g.request[m, WORDS]
    if left < g.helpers_of[words + 1] - g.helpers_of[words]:
        helper = g.helpers[g.helpers_of[words] + left]
        u = in_the_way(g, s, g.interpreter[helper, 0], t, NONE)
        return s.by[g.interpreter[helper, 0], u] if u != NONE else SKIP
    return NONE


@compiled
def _rank(g: Given, s: State, k: Hands, m: Number, was: Number, depth: Number) -> None:
    """Note in which order the stretches of a request are tried."""
    for t in range(g.stretch.shape[0]):
        k.orders[depth, t] = FAR
        if has(g.open[m], t) and has(k.later, t) and is_in_order(g, s, m, t):
            k.orders[depth, t] = _order(g, m, t, was)


@compiled
def settle(  # noqa: C901 - one walk over places and those in the way; numba wants it in one piece
    g: Given, s: State, k: Hands, m: Number, old: Array, depth: Number
) -> Number:
    """Give a request without a place one; others give way along a chain of at most `depth`."""
    if _directly(g, s, m, old, k.later, k.row):
        return True
    if depth == 0 or is_full(g, s, m):
        return False
    _rank(g, s, k, m, old[0], depth)
    k.bans[m] = 1
    done = False
    while not done and k.budget[0] > 0:
        t = np.argmin(k.orders[depth])
        if k.orders[depth, t] == FAR:
            break
        k.orders[depth, t] = FAR
        only = _only_one(g, s, m, t)
        number = 0
        while not done and k.budget[0] > 0:
            other = _candidate(g, s, m, t, number) if only == NONE else only
            if other == NONE or only == SKIP or (only != NONE and number > 0):
                break
            number += 1
            if other == SKIP or not _may_go(g, s, other, k.later, k.bans):
                continue
            k.budget[0] -= 1
            for column in range(3):
                k.olds[depth, column] = s.seat[other, column]
            take(g, s, other)
            if is_possible(g, s, m, t) and _has_place(g, s, m, t, old):
                put(g, s, m, t, s.found[0], s.found[1])
                done = settle(g, s, k, other, k.olds[depth], depth - 1)
                if not done:
                    take(g, s, m)
            if not done:
                put(g, s, other, k.olds[depth, 0], k.olds[depth, 1], k.olds[depth, 2])
    k.bans[m] = 0
    return done


@compiled
def mend(g: Given, s: State, k: Hands, hit: Array, olds: Array, deepest: Number) -> None:
    """Take some requests out of their places and give them others, one after the other.

    Args:
        olds: Stretch, kind of table and interpreter of before, of each.
    """
    # Nobody else changes tables, which people would have to be told.
    s.shifted[0, 0] = s.shifted.shape[0] - 1
    for i in range(hit.shape[0]):
        if s.seat[hit[i], AT] != NONE:
            take(g, s, hit[i])
    for i in range(hit.shape[0]):
        for depth in range(deepest + 1):
            k.budget[0] = TRIES
            if settle(g, s, k, hit[i], olds[i], depth):
                break


@compiled
def put_back(g: Given, s: State, changed: Array, olds: Array) -> None:
    """Give requests the places back that they had."""
    for i in range(changed.shape[0]):
        if s.seat[changed[i], AT] != NONE:
            take(g, s, changed[i])
    for i in range(changed.shape[0]):
        if olds[i, 0] != NONE:
            put(g, s, changed[i], olds[i, 0], olds[i, 1], olds[i, 2])
