"""Compiled: the steps of the search, each of which can be taken back."""

import numpy as np

from techdock_matching.adapters.search.arrays import (
    AT,
    BEGIN,
    FIXED,
    GAPS,
    HELPER,
    KIND,
    MEETINGS,
    MOST,
    NONE,
    START,
    STOP,
    VENUE,
    WORDS,
    Given,
    State,
)
from techdock_matching.adapters.search.compiled import (
    ONE,
    Array,
    Number,
    below,
    compiled,
    has,
    lowest,
    ones,
)
from techdock_matching.adapters.search.seats import (
    begin_step,
    choose,
    cost_at,
    fits,
    gaps_after,
    in_the_way,
    is_possible,
    put,
    rise,
    shift_back,
    take,
    worth,
)


@compiled
def pick(chance: Array, row: Array) -> Number:
    """Return one of the bits of a row at random; NONE: there is none."""
    count = 0
    for w in range(row.shape[0]):
        count += ones(row[w])
    if count == 0:
        return NONE
    number = below(chance, count)
    for w in range(row.shape[0]):
        here = ones(row[w])
        if number < here:
            x = row[w]
            for _ in range(number):
                x &= x - ONE
            return 64 * w + lowest(x)
        number -= here
    return NONE


@compiled
def anybody(g: Given, s: State, m: Number) -> Number:
    """Return one of the persons of a request, at random."""
    first, end = g.sitting_of[m], g.sitting_of[m + 1]
    return g.sitting[first + below(s.chance, end - first)]


@compiled
def near(g: Given, s: State, m: Number, p: Number, row: Array) -> Number:
    """Return a stretch for a request beside another meeting of a person in it; NONE: none."""
    own = s.seat[m, AT]
    words = row.shape[0]
    for w in range(words):
        row[w] = s.taken[p, w]
    if own >= 0:
        row[own >> 6] &= ~(ONE << np.uint64(own & 63))
    low = np.uint64(0)
    for w in range(words):
        here = row[w]
        high = row[w + 1] << np.uint64(63) if w + 1 < words else np.uint64(0)
        row[w] = ((here << ONE) | low | (here >> ONE) | high) & g.open[m, w]
        low = here >> np.uint64(63)
    if own >= 0:
        row[own >> 6] &= ~(ONE << np.uint64(own & 63))
    return pick(s.chance, row)


@compiled
def _add(s: State, n: Number, m: Number, to: Number, stamp: Number) -> None:
    s.chain[n, 0] = m
    s.chain[n, 1] = s.seat[m, AT]
    s.chain[n, 2] = s.seat[m, KIND]
    s.chain[n, 3] = s.seat[m, HELPER]
    s.chain[n, 4] = to
    s.mark[m] = stamp


@compiled
def _new_stamp(s: State) -> Number:
    last = s.mark.shape[0] - 1
    s.mark[last] += 1
    return s.mark[last]


@compiled
def _join(g: Given, s: State, n: Number, i: Number, stamp: Number) -> Number:
    """Add to a chain who is in the way of its link `i`; returns its length, 0: it fails."""
    m, own, goal = s.chain[i, 0], s.chain[i, 1], s.chain[i, 4]
    for j in range(g.sitting_of[m], g.sitting_of[m + 1]):
        p = g.sitting[j]
        home = g.person[p, 0]
        for w in range(g.apart.shape[2]):
            x = s.taken[p, w] & g.apart[home, goal, w]
            if own >> 6 == w:
                x &= ~(ONE << np.uint64(own & 63))
            while x:
                u = 64 * w + lowest(x)
                x &= x - ONE
                other = s.by[p, u]
                if s.mark[other] == stamp:
                    continue
                if u != goal or g.request[other, FIXED] or not has(g.open[other], own):
                    return 0
                if n == s.chain.shape[0]:
                    return 0
                _add(s, n, other, own, stamp)
                n += 1
    return n


@compiled
def _relieve(g: Given, s: State, n: Number, full: Number, to: Number, stamp: Number) -> Number:
    """Let somebody else leave a stretch with too few tables; the length of the chain, 0: nobody."""
    if n == s.chain.shape[0] or s.seated[full] == 0:
        return 0
    for _ in range(4):
        other = s.there[full, below(s.chance, s.seated[full])]
        if s.mark[other] != stamp and not g.request[other, FIXED] and has(g.open[other], to):
            _add(s, n, other, to, stamp)
            return n + 1
    return 0


@compiled
def _excess(g: Given, s: State, t: Number, more: Number) -> Number:
    venue = g.stretch[t, VENUE]
    a = g.stretch[t, BEGIN]
    return not g.online[venue] and s.venue_full[venue, a] + more > g.venue_room[venue, a]


@compiled
def grow(g: Given, s: State, m: Number, b: Number) -> Number:
    """Collect a Kempe chain that lets a request change to a stretch; its length, 0: there is none.

    Who is in the way there comes here, who is in the way of that goes there, and so on; so does
    somebody at random for each table that would lack.
    """
    a = s.seat[m, AT]
    stamp = _new_stamp(s)
    _add(s, np.int64(0), m, b, stamp)
    n, i, more = np.int64(1), np.int64(0), np.int64(0)
    apart = g.stretch[a, VENUE] != g.stretch[b, VENUE] or g.stretch[a, BEGIN] != g.stretch[b, BEGIN]
    while True:
        while i < n:
            more += 1 if s.chain[i, 4] == b else -1
            n = _join(g, s, n, i, stamp)
            if n == 0:
                return 0
            i += 1
        if apart and more > 0 and _excess(g, s, b, more):
            n = _relieve(g, s, n, b, a, stamp)
        elif apart and more < 0 and _excess(g, s, a, -more):
            n = _relieve(g, s, n, a, b, stamp)
        else:
            return n
        if n == 0:
            return 0


@compiled
def chain_rise(g: Given, s: State, n: Number) -> Number:
    """Return by how much the lesser costs rise with a chain."""
    cost = 0
    for i in range(n):
        m, at, to = s.chain[i, 0], s.chain[i, 1], s.chain[i, 4]
        cost += cost_at(g, m, to) - cost_at(g, m, at)
        for j in range(g.sitting_of[m], g.sitting_of[m + 1]):
            p = g.sitting[j]
            # Who is in both stretches stays in both.
            if s.by[p, to] == NONE:
                cost += worth(gaps_after(g, s, p, at, to)) - worth(s.day[p, GAPS])
    return cost


@compiled
def swing(g: Given, s: State, n: Number) -> Number:
    """Carry a chain out; False: tables or interpreters do not allow it, and nothing changed."""
    begin_step(s)
    for i in range(n):
        take(g, s, s.chain[i, 0])
    for i in range(n):
        m, to = s.chain[i, 0], s.chain[i, 4]
        if not choose(g, s, m, to):
            take_back(g, s, n)
            return False
        put(g, s, m, to, s.found[0], s.found[1])
    return True


@compiled
def take_back(g: Given, s: State, n: Number) -> None:
    """Put everybody in a chain back to where they were."""
    for i in range(n):
        if s.seat[s.chain[i, 0], AT] != NONE:
            take(g, s, s.chain[i, 0])
    shift_back(g, s)
    for i in range(n):
        if s.chain[i, 1] != NONE:
            put(g, s, s.chain[i, 0], s.chain[i, 1], s.chain[i, 2], s.chain[i, 3])


@compiled
def bar(g: Given, s: State, m: Number, t: Number, most: Number) -> Number:
    """Collect in a chain, after the request itself, who has to go so that it can have a stretch.

    Returns:
        The length of the chain; 0: more than `most` would have to go, or somebody who is fixed.
    """
    stamp = _new_stamp(s)
    _add(s, np.int64(0), m, t, stamp)
    n = np.int64(1)
    own = s.seat[m, AT]
    for j in range(g.sitting_of[m], g.sitting_of[m + 1]):
        p = g.sitting[j]
        home = g.person[p, 0]
        for w in range(g.apart.shape[2]):
            x = s.taken[p, w] & g.apart[home, t, w]
            if own >= 0 and own >> 6 == w:
                x &= ~(ONE << np.uint64(own & 63))
            while x:
                other = s.by[p, 64 * w + lowest(x)]
                x &= x - ONE
                if s.mark[other] == stamp:
                    continue
                if n > most or g.request[other, FIXED]:
                    return 0
                _add(s, n, other, NONE, stamp)
                n += 1
    return _bar_disordered(g, s, m, t, n, most, stamp)


@compiled
def _bar_disordered(
    g: Given, s: State, m: Number, t: Number, n: Number, most: Number, stamp: Number
) -> Number:
    """Add those who would have to come before or after; the length of the chain, 0: too long."""
    for side in range(2):
        begins, others = (g.before_of, g.before) if side == 0 else (g.after_of, g.after)
        for i in range(begins[m], begins[m + 1]):
            other = others[i]
            at = s.seat[other, AT]
            if at == NONE or s.mark[other] == stamp:
                continue
            first, second = (at, t) if side == 0 else (t, at)
            if g.stretch[first, STOP] <= g.stretch[second, START]:
                continue
            if n > most or g.request[other, FIXED]:
                return 0
            _add(s, n, other, NONE, stamp)
            n += 1
    return n


@compiled
def _bar_full(g: Given, s: State, m: Number, n: Number, most: Number, stamp: Number) -> Number:
    """Add a meeting of each person who would have too many; the length of the chain, 0: none."""
    for j in range(g.sitting_of[m], g.sitting_of[m + 1]):
        p = g.sitting[j]
        left = s.day[p, MEETINGS]
        for i in range(1, n):
            other = s.chain[i, 0]
            for k in range(g.sitting_of[other], g.sitting_of[other + 1]):
                left -= g.sitting[k] == p
        if left < g.person[p, MOST]:
            continue
        first, end = g.asked_of[p], g.asked_of[p + 1]
        done = False
        for _ in range(6):
            other = g.asked[first + below(s.chance, end - first)]
            if s.seat[other, AT] == NONE or g.request[other, FIXED] or s.mark[other] == stamp:
                continue
            if n > most:
                return 0
            _add(s, n, other, NONE, stamp)
            n += 1
            done = True
            break
        if not done:
            return 0
    return n


@compiled
def _was_shifted(s: State, m: Number) -> Number:
    found = False
    for note in range(1, s.shifted[0, 0] + 1):
        found = found or s.shifted[note, 0] == m
    return found


@compiled
def _somebody(g: Given, s: State, m: Number, t: Number, helper: Number) -> Number:
    """Return a request at random that has an interpreter or a table which another one lacks."""
    if not helper:
        first = g.beside_of[t]
        u = g.beside[first + below(s.chance, g.beside_of[t + 1] - first)]
        return s.there[u, below(s.chance, s.seated[u])] if s.seated[u] > 0 else NONE
    first, end = g.helpers_of[g.request[m, WORDS]], g.helpers_of[g.request[m, WORDS] + 1]
    if first == end:
        return NONE
    one = g.helpers[first + below(s.chance, end - first)]
    who = g.interpreter[one, 0]
    if not has(g.free[one], t):
        return NONE
    u = in_the_way(g, s, who, t, NONE)
    return s.by[who, u] if u != NONE else NONE


@compiled
def _make_room(g: Given, s: State, m: Number, t: Number, most: Number, stamp: Number) -> Number:
    """Take others out, at random, until there are a table and an interpreter."""
    words = g.request[m, WORDS]
    for turn in range(8):
        if fits(g, s, m, t):
            return True
        n = s.found[2]
        if n > most:
            return False
        other = _somebody(g, s, m, t, g.spoken[words] and (turn & 1) == 0)
        if other == NONE or g.request[other, FIXED] or s.mark[other] == stamp:
            continue
        if not _was_shifted(s, other):
            _add(s, n, other, NONE, stamp)
            s.found[2] = n + 1
            take(g, s, other)
    return fits(g, s, m, t)


@compiled
def settle(g: Given, s: State, m: Number, tries: Number, row: Array) -> Number:
    """Give a request without a place the cheapest of some free ones."""
    best, where = 0, NONE
    for turn in range(tries):
        t = near(g, s, m, anybody(g, s, m), row) if (turn & 1) == 0 else pick(s.chance, g.open[m])
        if t == NONE or not choose(g, s, m, t):
            continue
        cost = rise(g, s, m, t)
        if where == NONE or cost < best:
            best, where = cost, t
    if where == NONE or not choose(g, s, m, where):
        return False
    put(g, s, m, where, s.found[0], s.found[1])
    return True


@compiled
def eject(g: Given, s: State, m: Number, t: Number, most: Number, row: Array) -> Number:
    """Give a request a stretch; who is in the way goes elsewhere, or has no place any more.

    Returns:
        The length of the chain that `take_back` takes back; 0: it cannot be, nothing changed.
    """
    n = bar(g, s, m, t, most)
    if n == 0:
        return 0
    stamp = s.mark[m]
    if s.seat[m, AT] == NONE:
        n = _bar_full(g, s, m, n, most, stamp)
        if n == 0:
            return 0
    begin_step(s)
    for i in range(n):
        if s.seat[s.chain[i, 0], AT] != NONE:
            take(g, s, s.chain[i, 0])
    s.found[2] = n
    if not is_possible(g, s, m, t) or not _make_room(g, s, m, t, most, stamp):
        take_back(g, s, s.found[2])
        return 0
    n = s.found[2]
    put(g, s, m, t, s.found[0], s.found[1])
    old = s.chain[0, 1]
    for i in range(1, n):
        other = s.chain[i, 0]
        if old != NONE and choose(g, s, other, old):
            put(g, s, other, old, s.found[0], s.found[1])
        else:
            settle(g, s, other, 4, row)
    return n
