"""Simulated annealing over answers of a B2BSP, compiled.

A state holds a slot for each meeting or none: the meeting is in the pool. Two kinds of moves:
- A swing: a meeting changes its slot for another, and whatever is in the way there changes back
  (a Kempe chain), so that nobody is in two places; no meeting gets into the pool.
- An insertion: a meeting is put into a slot, from the pool or from its own slot, and what is in
  the way goes to the pool, at a price.

A search is a sequence of coolings, each longer than the one before. Each ends with a stretch at a
low temperature in which participants that keep having breaks weigh more and more.

The slots of a participant are bits of a word, so that breaks are counted in a few instructions.
Nothing here takes memory; what is needed stands in the state. All of it is one file, because the
cache of compiled code does not notice that a function in another file has changed.
"""

from typing import Any, NamedTuple

import numpy as np

from techdock_matching.adapters.search.compiled import Array, below, compiled, lowest, ones, share

POOL = -1

VERSION, POOLED, BREAKS, STOP, TARGET, CAP = range(6)
"""Places in `told`: what the search and its caller tell each other while it runs.

VERSION: of the best. POOLED, BREAKS: of the best. STOP: the caller wants no more. TARGET: so few
breaks are enough. CAP: breaks that one participant may have.
"""

POOL_SIZE, TOTAL = range(2)
"""Places in `tally`."""

LONGEST = 60
"""Meetings in a swing at most."""

THROWN = 6
"""Meetings that an insertion puts into the pool at most."""

_ONE = np.uint64(1)
_NONE = np.uint64(0)
_OVER_CAP = 100.0
_TOO_DEAR = 12.0
_LOOK = 255


class Given(NamedTuple):
    """The problem as arrays: participants of each meeting, its slots as bits, and its order."""

    sides: Array
    domains: Array
    before_at: Array
    before: Array
    after_at: Array
    after: Array
    ordered: bool
    participants: int
    slots: int
    tables: int


class State(NamedTuple):
    """Where everything is, and room to work in."""

    slot: Array
    busy: Array
    at: Array
    load: Array
    inside: Array
    spot: Array
    pool: Array
    pool_spot: Array
    tally: Array
    weight: Array
    chain: Array
    goal: Array
    thrown: Array
    touched: Array
    key: Array
    rank: Array
    chance: Array


class Settings(NamedTuple):
    """How to search; temperatures and prices in breaks.

    Attributes:
        first: Moves of the first cooling.
        growth: How much longer each next one is.
        hot: Temperature at the beginning of a cooling.
        cold: At its end.
        low: After it.
        price: Of a meeting in the pool.
        cooled: Share of the moves that cool.
        inserted: Of 128 moves, how many are insertions although the pool is empty.
        step: Added to the weight of a participant with a break.
        period: Moves between two changes of weights.
        decay: What is left of an added weight at each change.
    """

    first: int = 100_000
    growth: float = 1.5
    hot: float = 0.4
    cold: float = 0.05
    low: float = 0.12
    price: float = 1.5
    cooled: float = 0.4
    inserted: int = 4
    step: float = 0.1
    period: int = 20_000
    decay: float = 0.95


@compiled
def breaks_of(busy: Any) -> Any:
    """Count the runs of slots, less one."""
    if busy == _NONE:
        return 0
    return ones(busy & ~(busy << _ONE)) - 1


@compiled
def cost_of(busy: Any, cap: int) -> Any:
    """Count the breaks of a participant, those over the cap a hundred times."""
    breaks = breaks_of(busy)
    return breaks + _OVER_CAP * max(0, breaks - cap)


@compiled
def put(g: Given, s: State, meeting: int, slot: int) -> None:
    """Give a meeting a slot in which its participants are free."""
    s.slot[meeting] = slot
    for side in range(2):
        participant = g.sides[meeting, side]
        s.busy[participant] |= _ONE << np.uint64(slot)
        s.at[participant, slot] = meeting
    s.spot[meeting] = s.load[slot]
    s.inside[slot, s.load[slot]] = meeting
    s.load[slot] += 1


@compiled
def take(g: Given, s: State, meeting: int) -> None:
    """Take a meeting out of its slot."""
    slot = s.slot[meeting]
    s.slot[meeting] = POOL
    for side in range(2):
        participant = g.sides[meeting, side]
        s.busy[participant] &= ~(_ONE << np.uint64(slot))
        s.at[participant, slot] = POOL
    s.load[slot] -= 1
    last = s.inside[slot, s.load[slot]]
    s.inside[slot, s.spot[meeting]] = last
    s.spot[last] = s.spot[meeting]


@compiled
def to_pool(s: State, meeting: int) -> None:
    """List a meeting as having no slot."""
    s.pool_spot[meeting] = s.tally[POOL_SIZE]
    s.pool[s.tally[POOL_SIZE]] = meeting
    s.tally[POOL_SIZE] += 1


@compiled
def from_pool(s: State, meeting: int) -> None:
    """Take a meeting off the list of those without a slot."""
    s.tally[POOL_SIZE] -= 1
    last = s.pool[s.tally[POOL_SIZE]]
    s.pool[s.pool_spot[meeting]] = last
    s.pool_spot[last] = s.pool_spot[meeting]


@compiled
def in_order(g: Given, s: State, meeting: int, slot: int) -> bool:
    """Whether a slot is after those of the meetings before, and before those of the others."""
    for k in range(g.before_at[meeting], g.before_at[meeting + 1]):
        if s.slot[g.before[k]] >= slot:
            return False
    for k in range(g.after_at[meeting], g.after_at[meeting + 1]):
        other = s.slot[g.after[k]]
        if other != POOL and other <= slot:
            return False
    return True


@compiled
def follow(g: Given, s: State, side: int, slot: int, to: int, length: int) -> tuple[int, int]:
    """Follow what must change between two slots on one side of the first meeting of the chain.

    Returns:
        The length of the chain, 0 if it cannot be, and the participant at its end: the only one
        of this side whose slots change; -1 if the chain comes back to its first meeting, so that
        everybody keeps both slots.
    """
    participant = g.sides[s.chain[0], side]
    look = to
    while True:
        other = s.at[participant, look]
        if other == POOL:
            return length, participant
        if other == s.chain[0]:
            return length, -1
        look = slot if look == to else to
        if (g.domains[other] >> np.uint64(look)) & _ONE == _NONE or length == LONGEST:
            return 0, -1
        s.chain[length] = other
        s.goal[length] = look
        length += 1
        participant = g.sides[other, 0] + g.sides[other, 1] - participant


@compiled
def room(g: Given, s: State, length: int, slot: int, to: int) -> bool:
    """Whether the slots have tables for what the chain brings, and the order is kept."""
    there = 0
    for k in range(length):
        there += 1 if s.goal[k] == to else -1
    if s.load[to] + there > g.tables or s.load[slot] - there > g.tables:
        return False
    if not g.ordered:
        return True
    for k in range(length):
        s.slot[s.chain[k]] = s.goal[k]
    fine = True
    for k in range(length):
        fine = fine and in_order(g, s, s.chain[k], s.goal[k])
    for k in range(length):
        s.slot[s.chain[k]] = slot + to - s.goal[k]
    return fine


@compiled
def accepted(s: State, change: float, temperature: float) -> bool:
    """Whether a move is made: always if it costs nothing, else by chance."""
    return change <= 0 or share(s.chance) < np.exp(-change / temperature)


@compiled
def swing(g: Given, s: State, meeting: Any, to: int, temperature: float, cap: int) -> None:
    """Change the slot of a meeting for another, and what is in the way back, if accepted."""
    slot = s.slot[meeting]
    s.chain[0] = meeting
    s.goal[0] = to
    length, one = follow(g, s, 0, slot, to, 1)
    other = -1
    if length > 0 and one >= 0:
        length, other = follow(g, s, 1, slot, to, length)
    if length == 0 or not room(g, s, length, slot, to):
        return
    exact = 0.0
    if one >= 0:
        both = (_ONE << np.uint64(slot)) | (_ONE << np.uint64(to))
        first = cost_of(s.busy[one] ^ both, cap) - cost_of(s.busy[one], cap)
        second = cost_of(s.busy[other] ^ both, cap) - cost_of(s.busy[other], cap)
        exact = first + second
        change = first * s.weight[one] + second * s.weight[other]
        if not accepted(s, change, temperature):
            return
    for k in range(length):
        take(g, s, s.chain[k])
    for k in range(length):
        put(g, s, s.chain[k], s.goal[k])
    s.tally[TOTAL] += np.int64(exact)


@compiled
def add_once(row: Array, count: int, number: int) -> int:
    """Add a number to a list unless it is there or the list is full; return the new length.

    A list that was full is one longer than its row.
    """
    for k in range(min(count, len(row))):
        if row[k] == number:
            return count
    if count < len(row):
        row[count] = number
    return min(count, len(row)) + 1


@compiled
def out_of_order(g: Given, s: State, meeting: int, slot: int, count: int) -> int:
    """List also what must come before or after the meeting and would not."""
    for k in range(g.before_at[meeting], g.before_at[meeting + 1]):
        if s.slot[g.before[k]] >= slot:
            count = add_once(s.thrown, count, g.before[k])
    for k in range(g.after_at[meeting], g.after_at[meeting + 1]):
        other = g.after[k]
        if s.slot[other] != POOL and s.slot[other] <= slot:
            count = add_once(s.thrown, count, other)
    return count


@compiled
def in_the_way(g: Given, s: State, meeting: int, slot: int) -> int:
    """List what has to leave for the meeting to have the slot; -1: too much."""
    count = 0
    for side in range(2):
        other = s.at[g.sides[meeting, side], slot]
        if other != POOL:
            count = add_once(s.thrown, count, other)
    if g.ordered:
        count = out_of_order(g, s, meeting, slot, count)
        if count > THROWN:
            return -1
    left = s.load[slot]
    for k in range(count):
        if s.slot[s.thrown[k]] == slot:
            left -= 1
    if left >= g.tables:
        known = count
        count = add_once(s.thrown, count, s.inside[slot, below(s.chance, s.load[slot])])
        if count == known or count > THROWN:
            return -1
    return count


@compiled
def cost_of_touched(s: State, count: int, cap: int, weighted: bool) -> float:
    """Add up what the touched participants cost."""
    found = 0.0
    for k in range(count):
        participant = s.touched[k]
        cost = cost_of(s.busy[participant], cap)
        found += cost * s.weight[participant] if weighted else cost
    return found


@compiled
def touch(g: Given, s: State, meeting: int, count: int) -> int:
    """List the participants of a meeting and of what is in its way."""
    people = 0
    for side in range(2):
        people = add_once(s.touched, people, g.sides[meeting, side])
        for k in range(count):
            people = add_once(s.touched, people, g.sides[s.thrown[k], side])
    return people


@compiled
def insert(
    g: Given, s: State, meeting: Any, to: int, temperature: float, price: float, cap: int
) -> None:
    """Put a meeting into a slot and what is in the way into the pool, if accepted."""
    count = in_the_way(g, s, meeting, to)
    slot = s.slot[meeting]
    change = price * count - (price if slot == POOL else 0.0)
    if count < 0 or change > _TOO_DEAR * temperature:
        return
    people = touch(g, s, meeting, count)
    exact = -cost_of_touched(s, people, cap, False)
    change -= cost_of_touched(s, people, cap, True)
    if slot != POOL:
        take(g, s, meeting)
    for k in range(count):
        s.goal[k] = s.slot[s.thrown[k]]
        take(g, s, s.thrown[k])
    put(g, s, meeting, to)
    exact += cost_of_touched(s, people, cap, False)
    change += cost_of_touched(s, people, cap, True)
    if accepted(s, change, temperature):
        if slot == POOL:
            from_pool(s, meeting)
        for k in range(count):
            to_pool(s, s.thrown[k])
        s.tally[TOTAL] += np.int64(exact)
        return
    take(g, s, meeting)
    for k in range(count):
        put(g, s, s.thrown[k], s.goal[k])
    if slot != POOL:
        put(g, s, meeting, slot)


@compiled
def pick(s: State, domain: Any) -> Any:
    """Return one of the slots by chance."""
    for _ in range(below(s.chance, ones(domain))):
        domain &= domain - _ONE
    return lowest(domain)


@compiled
def near(g: Given, s: State, meeting: Any, domain: Any) -> Any:
    """Of the slots, keep those next to another meeting of one participant, if there are any."""
    participant = g.sides[meeting, below(s.chance, 2)]
    busy = s.busy[participant] & ~(_ONE << np.uint64(s.slot[meeting]))
    beside = ((busy << _ONE) | (busy >> _ONE)) & domain
    return beside if beside != _NONE else domain


@compiled
def step(g: Given, s: State, t: Settings, temperature: float, cap: int) -> None:
    """Try one move."""
    pooled = s.tally[POOL_SIZE]
    inserting = below(s.chance, 128) < t.inserted or (pooled > 0 and below(s.chance, 4) == 0)
    if inserting and pooled > 0 and below(s.chance, 4) > 0:
        meeting = s.pool[below(s.chance, pooled)]
    else:
        meeting = below(s.chance, len(s.slot))
    slot = s.slot[meeting]
    domain = g.domains[meeting]
    if slot != POOL:
        domain &= ~(_ONE << np.uint64(slot))
        if domain != _NONE and below(s.chance, 4) > 0:
            domain = near(g, s, meeting, domain)
    elif not inserting:
        return
    if domain == _NONE:
        return
    if inserting:
        insert(g, s, meeting, pick(s, domain), temperature, t.price, cap)
    else:
        swing(g, s, meeting, pick(s, domain), temperature, cap)


@compiled
def rank(g: Given, s: State) -> None:
    """Order the meetings: first what comes before others, then what has few slots."""
    s.weight[:] = 0
    for meeting in range(len(s.slot)):
        s.weight[g.sides[meeting, 0]] += 1
        s.weight[g.sides[meeting, 1]] += 1
    for meeting in range(len(s.slot)):
        key = ones(g.domains[meeting]) + share(s.chance)
        key -= max(s.weight[g.sides[meeting, 0]], s.weight[g.sides[meeting, 1]])
        key += 100.0 * (g.before_at[meeting + 1] - g.before_at[meeting])
        key -= 100.0 * (g.after_at[meeting + 1] - g.after_at[meeting])
        at = meeting
        while at > 0 and s.key[at - 1] > key:
            s.key[at] = s.key[at - 1]
            s.rank[at] = s.rank[at - 1]
            at -= 1
        s.key[at] = key
        s.rank[at] = meeting
    s.weight[:] = 1.0


@compiled
def cheapest(g: Given, s: State, meeting: int) -> int:
    """Return the free slot in which a meeting makes fewest breaks; POOL: there is none."""
    one, other = g.sides[meeting, 0], g.sides[meeting, 1]
    free = g.domains[meeting] & ~s.busy[one] & ~s.busy[other]
    found, least = POOL, 1e18
    while free != _NONE:
        slot = lowest(free)
        free &= free - _ONE
        if s.load[slot] >= g.tables or not in_order(g, s, meeting, slot):
            continue
        bit = _ONE << np.uint64(slot)
        cost = breaks_of(s.busy[one] | bit) + breaks_of(s.busy[other] | bit)
        cost += 0.05 * s.load[slot] / g.tables + 0.001 * share(s.chance)
        if cost < least:
            found, least = slot, cost
    return found


@compiled
def begin(g: Given, s: State, cap: int) -> None:
    """Put each meeting where it costs least."""
    rank(g, s)
    s.slot[:] = POOL
    s.busy[:] = 0
    s.at[:] = POOL
    s.load[:] = 0
    s.tally[:] = 0
    for k in range(len(s.rank)):
        slot = cheapest(g, s, s.rank[k])
        if slot == POOL:
            to_pool(s, s.rank[k])
        else:
            put(g, s, s.rank[k], slot)
    for participant in range(g.participants):
        s.tally[TOTAL] += np.int64(cost_of(s.busy[participant], cap))


@compiled
def keep(s: State, told: Array, best: Array) -> None:
    """Remember the state as the best."""
    for meeting in range(len(best)):
        best[meeting] = s.slot[meeting]
    told[POOLED] = s.tally[POOL_SIZE]
    told[BREAKS] = s.tally[TOTAL]
    told[VERSION] += 1


@compiled
def is_better(s: State, told: Array) -> bool:
    """Whether the state is better than the best."""
    if s.tally[POOL_SIZE] != told[POOLED]:
        return bool(s.tally[POOL_SIZE] < told[POOLED])
    return bool(s.tally[TOTAL] < told[BREAKS])


@compiled
def weigh(g: Given, s: State, t: Settings) -> None:
    """Let participants with breaks weigh more, and others less again."""
    for participant in range(g.participants):
        more = (s.weight[participant] - 1.0) * t.decay
        s.weight[participant] = 1.0 + more + (t.step if breaks_of(s.busy[participant]) else 0.0)


@compiled
def anneal(g: Given, s: State, told: Array, best: Array, moves: int, t: Settings) -> int:
    """Search until told to stop, until the target is reached, or for so many moves.

    Returns:
        Moves made.
    """
    done = 0
    length = float(t.first)
    cap = told[CAP]
    while done < moves:
        begin(g, s, cap)
        cooling = length * t.cooled
        temperature = t.hot
        for move in range(int(min(length, moves - done))):
            if move & _LOOK == 0:
                if told[STOP] or (told[POOLED] == 0 and told[BREAKS] <= told[TARGET]):
                    return done
                temperature = t.low
                if move < cooling:
                    temperature = t.hot * (t.cold / t.hot) ** (move / cooling)
            step(g, s, t, temperature, cap)
            done += 1
            if is_better(s, told):
                keep(s, told, best)
            if move >= cooling and move % t.period == 0:
                weigh(g, s, t)
        length *= t.growth
    return done
