"""Compiled: putting requests in places, taking them out, and whether they fit."""

import numpy as np

from techdock_matching.adapters.search.arrays import (
    AT,
    BEGIN,
    BELOW,
    END,
    FIXED,
    GAP,
    GAPS,
    HELD,
    HELPER,
    HOME,
    HOURS,
    IDLE,
    KIND,
    LINKED,
    LINKED_END,
    MEETINGS,
    MOST,
    MOVED,
    NONE,
    PLACES,
    PLAIN,
    PLAIN_END,
    SESSION,
    SOFT,
    SPOT,
    START,
    STOP,
    UNEVEN,
    UNPLACED,
    VENUE,
    WAITING,
    WEIGHT,
    WHERE,
    WISH,
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
    ones,
)

NO_TABLE: Number = np.int64(-2)
"""Stands for a kind of table where there is no free one; NONE stands for none that is needed."""


@compiled
def worth(gaps: Number) -> Number:
    """Return what the gaps of a person cost."""
    return GAP * gaps + UNEVEN * gaps * gaps


@compiled
def gaps_in(g: Given, s: State, p: Number, session: Number, out: Number, into: Number) -> Number:
    """Count the gaps of a person in a session, as if a stretch were left and one taken."""
    runs = 0
    carry = np.uint64(0)
    for w in range(g.cells.shape[1]):
        x = s.used[p, session, w]
        if out >= 0:
            x &= ~g.cells[out, w]
        if into >= 0:
            x |= g.cells[into, w]
        runs += ones(x & ~((x << ONE) | carry))
        carry = x >> np.uint64(63)
    return runs - 1 if runs > 0 else 0


@compiled
def gaps_after(g: Given, s: State, p: Number, out: Number, into: Number) -> Number:
    """Count all gaps of a person, as if one stretch were left and one taken; NONE: none is."""
    gaps = s.day[p, GAPS]
    left = g.stretch[out, SESSION] if out >= 0 else NONE
    taken = g.stretch[into, SESSION] if into >= 0 else NONE
    if left >= 0:
        other = into if taken == left else NONE
        gaps += gaps_in(g, s, p, left, out, other) - gaps_in(g, s, p, left, NONE, NONE)
    if taken >= 0 and taken != left:
        gaps += gaps_in(g, s, p, taken, NONE, into) - gaps_in(g, s, p, taken, NONE, NONE)
    return gaps


@compiled
def cost_at(g: Given, m: Number, t: Number) -> Number:
    """Return what a stretch costs a request by itself."""
    cost = g.off[g.request[m, HOURS], t]
    held = g.request[m, HELD]
    if held not in (NONE, t):
        cost += MOVED
    return cost


@compiled
def _note_gaps(s: State, p: Number, gaps: Number) -> None:
    before = s.day[p, GAPS]
    s.total[SOFT] += worth(gaps) - worth(before)
    s.day[p, GAPS] = gaps
    if (before > 0) == (gaps > 0):
        return
    if gaps > 0:
        s.day[p, WHERE] = s.total[IDLE]
        s.idle[s.total[IDLE]] = p
        s.total[IDLE] += 1
    else:
        s.total[IDLE] -= 1
        last = s.idle[s.total[IDLE]]
        s.idle[s.day[p, WHERE]] = last
        s.day[last, WHERE] = s.day[p, WHERE]


@compiled
def _enter(g: Given, s: State, p: Number, m: Number, t: Number) -> None:
    gaps = gaps_after(g, s, p, NONE, t)
    _note_gaps(s, p, gaps)
    session = g.stretch[t, SESSION]
    for w in range(g.cells.shape[1]):
        s.used[p, session, w] |= g.cells[t, w]
    s.day[p, MEETINGS] += 1
    if s.day[p, MEETINGS] == g.person[p, WISH]:
        s.total[BELOW] -= 1
    s.taken[p, t >> 6] |= ONE << np.uint64(t & 63)
    s.by[p, t] = m


@compiled
def _exit(g: Given, s: State, p: Number, t: Number) -> None:
    gaps = gaps_after(g, s, p, t, NONE)
    _note_gaps(s, p, gaps)
    session = g.stretch[t, SESSION]
    for w in range(g.cells.shape[1]):
        s.used[p, session, w] &= ~g.cells[t, w]
    if s.day[p, MEETINGS] == g.person[p, WISH]:
        s.total[BELOW] += 1
    s.day[p, MEETINGS] -= 1
    s.taken[p, t >> 6] &= ~(ONE << np.uint64(t & 63))
    s.by[p, t] = NONE


@compiled
def _count_table(g: Given, s: State, t: Number, kind: Number, more: Number) -> None:
    venue = g.stretch[t, VENUE]
    for a in range(g.stretch[t, BEGIN], g.stretch[t, END]):
        s.full[kind, a] += more
        s.venue_full[venue, a] += more


@compiled
def put(g: Given, s: State, m: Number, t: Number, kind: Number, helper: Number) -> None:
    """Give a request without a place one that fits."""
    spot = s.seat[m, SPOT]
    last = s.total[WAITING] - 1
    s.pool[spot] = s.pool[last]
    s.seat[s.pool[spot], SPOT] = spot
    s.total[WAITING] = last
    s.total[UNPLACED] -= g.request[m, WEIGHT]
    s.total[SOFT] += cost_at(g, m, t)
    s.seat[m, AT] = t
    s.seat[m, KIND] = kind
    s.seat[m, HELPER] = helper
    if kind >= 0:
        _count_table(g, s, t, kind, 1)
        s.there[t, s.seated[t]] = m
        s.seat[m, SPOT] = s.seated[t]
        s.seated[t] += 1
    if helper >= 0:
        who = g.interpreter[helper, 0]
        s.taken[who, t >> 6] |= ONE << np.uint64(t & 63)
        s.by[who, t] = m
    for i in range(g.sitting_of[m], g.sitting_of[m + 1]):
        _enter(g, s, g.sitting[i], m, t)
    for i in range(g.sides_of[m], g.sides_of[m + 1]):
        s.party[g.sides[i]] += 1


@compiled
def take(g: Given, s: State, m: Number) -> None:
    """Take a request out of its place."""
    t, kind, helper = s.seat[m, AT], s.seat[m, KIND], s.seat[m, HELPER]
    for i in range(g.sitting_of[m], g.sitting_of[m + 1]):
        _exit(g, s, g.sitting[i], t)
    for i in range(g.sides_of[m], g.sides_of[m + 1]):
        s.party[g.sides[i]] -= 1
    if helper >= 0:
        who = g.interpreter[helper, 0]
        s.taken[who, t >> 6] &= ~(ONE << np.uint64(t & 63))
        s.by[who, t] = NONE
    if kind >= 0:
        _count_table(g, s, t, kind, -1)
        last = s.seated[t] - 1
        spot = s.seat[m, SPOT]
        s.there[t, spot] = s.there[t, last]
        s.seat[s.there[t, spot], SPOT] = spot
        s.seated[t] = last
    s.total[SOFT] -= cost_at(g, m, t)
    s.total[UNPLACED] += g.request[m, WEIGHT]
    s.seat[m, AT] = NONE
    s.seat[m, KIND] = NONE
    s.seat[m, HELPER] = NONE
    s.seat[m, SPOT] = s.total[WAITING]
    s.pool[s.total[WAITING]] = m
    s.total[WAITING] += 1


@compiled
def in_the_way(g: Given, s: State, p: Number, t: Number, own: Number) -> Number:
    """Return a stretch of a person, not the own one, that keeps from another; NONE: none does."""
    home = g.person[p, HOME]
    for w in range(g.apart.shape[2]):
        x = s.taken[p, w] & g.apart[home, t, w]
        if own >= 0 and own >> 6 == w:
            x &= ~(ONE << np.uint64(own & 63))
        if x:
            return 64 * w + lowest(x)
    return NONE


@compiled
def is_anybody_taken(g: Given, s: State, m: Number, t: Number) -> Number:
    """Whether somebody of a request cannot be in a stretch because of another request."""
    own = s.seat[m, AT]
    for i in range(g.sitting_of[m], g.sitting_of[m + 1]):
        if in_the_way(g, s, g.sitting[i], t, own) != NONE:
            return True
    return False


@compiled
def is_in_order(g: Given, s: State, m: Number, t: Number) -> Number:
    """Whether what has to be before and after a request is."""
    for i in range(g.before_of[m], g.before_of[m + 1]):
        other = s.seat[g.before[i], AT]
        if other >= 0 and g.stretch[other, STOP] > g.stretch[t, START]:
            return False
    for i in range(g.after_of[m], g.after_of[m + 1]):
        other = s.seat[g.after[i], AT]
        if other >= 0 and g.stretch[t, STOP] > g.stretch[other, START]:
            return False
    return True


@compiled
def is_full(g: Given, s: State, m: Number) -> Number:
    """Whether somebody of a request without a place takes no more meetings."""
    for i in range(g.sitting_of[m], g.sitting_of[m + 1]):
        p = g.sitting[i]
        if s.day[p, MEETINGS] >= g.person[p, MOST]:
            return True
    for i in range(g.sides_of[m], g.sides_of[m + 1]):
        if s.party[g.sides[i]] >= g.party_most[g.sides[i]]:
            return True
    return False


@compiled
def has_room(g: Given, s: State, kind: Number, t: Number) -> Number:
    """Whether a table of a kind is free all through a stretch."""
    for a in range(g.stretch[t, BEGIN], g.stretch[t, END]):
        if s.full[kind, a] >= g.room[kind, a]:
            return False
    return True


@compiled
def is_crowded(g: Given, s: State, t: Number) -> Number:
    """Whether all tables of the venue are in use at some time of a stretch."""
    venue = g.stretch[t, VENUE]
    if g.online[venue]:
        return False
    for a in range(g.stretch[t, BEGIN], g.stretch[t, END]):
        if s.venue_full[venue, a] >= g.venue_room[venue, a]:
            return True
    return False


@compiled
def _table(  # noqa: C901 - one walk over those who sit there
    g: Given, s: State, m: Number, t: Number, linked: Number
) -> Number:
    """Return a kind of table with room, making some by another's table; -2: there is none."""
    part = g.place[g.request[m, PLACES], g.stretch[t, VENUE]]
    first, end = (part[LINKED], part[LINKED_END]) if linked else (part[PLAIN], part[PLAIN_END])
    if first == end or is_crowded(g, s, t):
        return NO_TABLE
    for i in range(first, end):
        if has_room(g, s, g.kinds[i], t):
            return g.kinds[i]
    if s.shifted[0, 0] + 1 == s.shifted.shape[0]:
        return NO_TABLE
    # Somebody may sit at a table of a kind that only this request needs.
    for j in range(g.beside_of[t], g.beside_of[t + 1]):
        u = g.beside[j]
        for n in range(s.seated[u]):
            other = s.there[u, n]
            now = s.seat[other, KIND]
            suits = False
            for i in range(first, end):
                suits = suits or g.kinds[i] == now
            if not suits or g.request[other, FIXED]:
                continue
            theirs = g.place[g.request[other, PLACES], g.stretch[u, VENUE]]
            helper = s.seat[other, HELPER]
            remote = helper >= 0 and g.interpreter[helper, 1] != g.stretch[u, VENUE]
            a = theirs[LINKED] if remote else theirs[PLAIN]
            b = theirs[LINKED_END] if remote else theirs[PLAIN_END]
            for i in range(a, b):
                if g.kinds[i] != now and has_room(g, s, g.kinds[i], u):
                    _count_table(g, s, u, now, -1)
                    _count_table(g, s, u, g.kinds[i], 1)
                    s.seat[other, KIND] = g.kinds[i]
                    note = s.shifted[0, 0] + 1
                    s.shifted[note, 0] = other
                    s.shifted[note, 1] = now
                    s.shifted[0, 0] = note
                    break
            if s.seat[other, KIND] != now and has_room(g, s, now, t):
                return now
            if s.shifted[0, 0] + 1 == s.shifted.shape[0]:
                return NO_TABLE
    return NO_TABLE


@compiled
def _is_able(g: Given, s: State, helper: Number, m: Number, t: Number) -> Number:
    """Whether an interpreter is free for a request in a stretch."""
    if not has(g.free[helper], t):
        return False
    who = g.interpreter[helper, 0]
    for i in range(g.sitting_of[m], g.sitting_of[m + 1]):
        if g.sitting[i] == who:
            return False
    return in_the_way(g, s, who, t, NONE) == NONE


@compiled
def fits(g: Given, s: State, m: Number, t: Number) -> Number:
    """Whether there are a table and an interpreter; they are noted in `found`."""
    venue = g.stretch[t, VENUE]
    online = g.online[venue] != 0
    words = g.request[m, WORDS]
    s.found[1] = NONE
    if not g.spoken[words]:
        s.found[0] = NONE if online else _table(g, s, m, t, g.spoken[words] != 0)
        return s.found[0] != NO_TABLE
    for elsewhere in range(2):
        looked, kind = False, NONE
        for i in range(g.helpers_of[words], g.helpers_of[words + 1]):
            helper = g.helpers[i]
            here = online or g.interpreter[helper, 1] == venue
            if here == (elsewhere == 0) and _is_able(g, s, helper, m, t):
                if not looked:
                    looked = True
                    kind = NONE if online else _table(g, s, m, t, elsewhere == 1)
                if kind == NO_TABLE:
                    break
                s.found[0] = kind
                s.found[1] = helper
                return True
    return False


@compiled
def is_possible(g: Given, s: State, m: Number, t: Number) -> Number:
    """Whether persons and order allow a request without a place a stretch."""
    if not has(g.open[m], t) or is_full(g, s, m) or is_anybody_taken(g, s, m, t):
        return False
    return is_in_order(g, s, m, t)


@compiled
def choose(g: Given, s: State, m: Number, t: Number) -> Number:
    """Whether a request without a place can have a stretch, with what `found` names."""
    return is_possible(g, s, m, t) and fits(g, s, m, t)


@compiled
def rise(g: Given, s: State, m: Number, t: Number) -> Number:
    """Return by how much the lesser costs rise when a request without a place gets one."""
    cost = cost_at(g, m, t)
    for i in range(g.sitting_of[m], g.sitting_of[m + 1]):
        p = g.sitting[i]
        cost += worth(gaps_after(g, s, p, NONE, t)) - worth(s.day[p, GAPS])
    return cost


@compiled
def shift_back(g: Given, s: State) -> None:
    """Give those their tables back who changed them for others since the last `begin_step`."""
    while s.shifted[0, 0] > 0:
        note = s.shifted[0, 0]
        s.shifted[0, 0] = note - 1
        other, before = s.shifted[note, 0], s.shifted[note, 1]
        if s.seat[other, AT] == NONE:
            continue  # It is of the chain that is taken back, and gets its own table again.
        _count_table(g, s, s.seat[other, AT], s.seat[other, KIND], -1)
        _count_table(g, s, s.seat[other, AT], before, 1)
        s.seat[other, KIND] = before


@compiled
def begin_step(s: State) -> None:
    """Forget who changed tables for others."""
    s.shifted[0, 0] = 0


@compiled
def put_all(g: Given, s: State, fixed: Array) -> None:
    """Give requests places without a look whether they fit: request, stretch, kind, interpreter."""
    for n in range(fixed.shape[0]):
        put(g, s, fixed[n, 0], fixed[n, 1], fixed[n, 2], fixed[n, 3])


@compiled
def hold(g: Given, s: State, wanted: Array) -> None:
    """Give requests the places that a timetable has for them, as far as they fit.

    Args:
        wanted: Request, stretch, kind of table and interpreter of each.
    """
    for n in range(wanted.shape[0]):
        m, t, kind, helper = wanted[n, 0], wanted[n, 1], wanted[n, 2], wanted[n, 3]
        if s.seat[m, AT] != NONE or not is_possible(g, s, m, t):
            continue
        begin_step(s)
        if not suits(g, s, m, t, kind, helper):
            if not fits(g, s, m, t):
                continue
            kind, helper = s.found[0], s.found[1]
        put(g, s, m, t, kind, helper)


@compiled
def suits(g: Given, s: State, m: Number, t: Number, kind: Number, helper: Number) -> Number:
    """Whether a request can have just this kind of table and this interpreter."""
    venue = g.stretch[t, VENUE]
    online = g.online[venue] != 0
    words = g.request[m, WORDS]
    if (helper != NONE) != (g.spoken[words] != 0) or (kind == NONE) != online:
        return False
    if helper != NONE:
        known = False
        for i in range(g.helpers_of[words], g.helpers_of[words + 1]):
            known = known or g.helpers[i] == helper
        if not known or not _is_able(g, s, helper, m, t):
            return False
    if online:
        return True
    remote = helper != NONE and g.interpreter[helper, 1] != venue
    part = g.place[g.request[m, PLACES], venue]
    first, end = (part[LINKED], part[LINKED_END]) if remote else (part[PLAIN], part[PLAIN_END])
    known = False
    for i in range(first, end):
        known = known or g.kinds[i] == kind
    return known and has_room(g, s, kind, t)
