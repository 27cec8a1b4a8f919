"""What the compiled functions work on: the problem and a state, as arrays.

Things are known by their number. A *stretch* is a number of consecutive slots of a session; an
*atom* is a time between two neighbouring borders of stretches. Sets of stretches are rows of bits.
Lists of different length stand one after the other, `*_of[n] : *_of[n + 1]`.
"""

from typing import NamedTuple

import numpy as np

from techdock_matching.adapters.search.compiled import Array, Number

SESSION, VENUE, FIRST, LENGTH, BEGIN, END, START, STOP = range(8)
"""Columns of `stretch`; BEGIN and END are atoms, START and STOP are ticks."""

PLACES, HOURS, WORDS, WEIGHT, FIXED, HELD = range(6)
"""Columns of `request`: classes by place, zones and languages; the stretch that people hold."""

HOME, MOST, WISH = range(3)
"""Columns of `person`."""

PLAIN, PLAIN_END, LINKED, LINKED_END = range(4)
"""Columns of `place`: kinds of tables as they are, and if somebody more joins by link."""

AT, KIND, HELPER, SPOT = range(4)
"""Columns of `seat`."""

MEETINGS, GAPS, WHERE = range(3)
"""Columns of `day`; WHERE a person with gaps stands in `idle`."""

WAITING, UNPLACED, BELOW, SOFT, BEST_UNPLACED, BEST_BELOW, BEST_SOFT, IDLE = range(8)
"""Of `total`: requests without a place, their weight, persons below their wish, lesser costs; and
how many persons have gaps."""

NONE: Number = np.int64(-1)
"""No number; typed, since numba compiles a function anew for a bare constant."""

GAP = 100
UNEVEN = 10
HOUR = 4000
MOVED = 20
"""What the search minimises beside requests and wishes is one sum, in which the levels of the
cost are so far apart that a lower one seldom outweighs a higher one."""


class Given(NamedTuple):
    """A problem; nothing in it changes while it is searched."""

    stretch: Array
    """(stretches, 8)"""
    cells: Array
    """(stretches, words): its slots, bits within the session."""
    apart: Array
    """(homes, stretches, words): stretches in which a person of a home cannot be as well."""
    beside_of: Array
    beside: Array
    """Stretches at the same venue that overlap, the stretch itself included."""
    request: Array
    """(requests, 6)"""
    open: Array
    """(requests, words): stretches in which a request may be, whoever is elsewhere."""
    sitting_of: Array
    sitting: Array
    """Persons of each request."""
    sides_of: Array
    sides: Array
    """Parties of each request."""
    before_of: Array
    before: Array
    """Requests that have to end before a request starts."""
    after_of: Array
    after: Array
    person: Array
    """(persons and interpreters, 3)"""
    asked_of: Array
    asked: Array
    """Requests in which each person sits."""
    party_most: Array
    off: Array
    """(classes of zones, stretches): cost of the hours."""
    place: Array
    """(classes of places, venues, 4): parts of `kinds`."""
    kinds: Array
    room: Array
    """(kinds, atoms): tables that can be used."""
    venue_room: Array
    """(venues, atoms): the same of all kinds."""
    online: Array
    """(venues): 1 where meetings need no table."""
    helpers_of: Array
    helpers: Array
    """Interpreters for each class of languages; none where nobody is needed."""
    spoken: Array
    """(classes of languages): 1 where an interpreter is needed."""
    interpreter: Array
    """(interpreters, 2): number among the persons, venue."""
    free: Array
    """(interpreters, words): stretches in which they could work."""


class State(NamedTuple):
    """Which request is where, and what follows from that."""

    seat: Array
    """(requests, 4)"""
    day: Array
    """(persons, 3)"""
    idle: Array
    """Persons who have gaps."""
    taken: Array
    """(persons, words): their stretches."""
    by: Array
    """(persons, stretches): the request that takes it."""
    used: Array
    """(persons, sessions, words): slots in which they sit."""
    party: Array
    """Meetings of each party."""
    full: Array
    """(kinds, atoms): tables in use."""
    venue_full: Array
    """(venues, atoms): tables in use."""
    there: Array
    """(stretches, tables): requests at tables in it."""
    seated: Array
    """How many those are."""
    pool: Array
    """Requests without a place."""
    total: Array
    chance: Array
    """The state of the random numbers."""
    mark: Array
    """(requests): the last chain that each was in; one more for the number of chains."""
    chain: Array
    """(longest, 5): request, where it was (stretch, kind, interpreter), where it goes."""
    shifted: Array
    """Requests that were given another kind of table in this step, and the earlier kind."""
    found: Array
    """Kind and interpreter that `fits` found."""
    row: Array
    """Room for a set of stretches."""
    best: Array
    """(requests, 3): the best seats so far."""
