"""Large timetable problems made around a timetable that is known to be possible."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from techdock_matching.domain.spans import Span
from techdock_matching.domain.timetable.problem import (
    VIDEO_LINK,
    Interpreter,
    Participation,
    Person,
    Placement,
    Problem,
    Request,
    Session,
    Table,
    Timetable,
    Venue,
)

ZONES = ("Asia/Shanghai", "Asia/Novosibirsk", "Asia/Almaty")
SHARES = (0.45, 0.2, 0.15, 0.1, 0.1)
"""Of the people at each of four venues, and of those who take part from afar."""

SAME = 0.72
"""Of the pairs, those with the same home."""

SLOTS, DAYS, SLOT_MINUTES = 24, 2, 30
START = datetime(2027, 4, 21, 1, 0, tzinfo=UTC)
EARLY = 2
"""Slots of a day in which it is before 07:00 in the westernmost zone."""


def _id(group: int, number: int) -> UUID:
    return UUID(int=(group << 64) + number + 1)


@dataclass
class _Somebody:
    number: int
    home: int
    zone: int
    english: bool
    demand: int
    slots: set[int]


def planted(
    people: int = 1000, requests: int = 6000, load: float = 0.85, seed: int = 1
) -> tuple[Problem, Timetable]:
    """Return a problem of 24 slots on two days at four venues and online, and an answer to it.

    Demand falls with the root of the rank; half of the people have a third of their hours
    blocked; one meeting in ten needs an interpreter.

    Args:
        load: Share of the tables that is in use in the answer; above 1 there is no such answer,
            and the one returned holds what fits.
    """
    chance = random.Random(seed)
    everybody = _everybody(chance, people, requests)
    meetings = _meetings(chance, everybody, requests)
    return _problem(everybody, meetings, load)


def _everybody(chance: random.Random, people: int, requests: int) -> list[_Somebody]:
    ranks = list(range(people))
    chance.shuffle(ranks)
    found: list[_Somebody] = []
    for number in range(people):
        home = chance.choices(range(5), SHARES)[0]
        zone = {0: 0, 1: 0, 2: 1, 3: 2}.get(home, chance.randrange(3))
        slots = set(range(SLOTS))
        if zone == 2:
            slots -= {day * SLOTS // DAYS + n for day in range(DAYS) for n in range(EARLY)}
        if chance.random() < 0.5:
            begin = chance.randrange(SLOTS)
            slots -= {(begin + n) % SLOTS for n in range(SLOTS // 3)}
        found.append(_Somebody(number, home, zone, chance.random() >= 0.055, 0, slots))
    weights = [(rank + 1) ** -0.5 for rank in ranks]
    scale = 2 * requests / sum(weights)
    most = [int(0.9 * len(one.slots)) for one in found]
    for _ in range(20):
        for one, weight, limit in zip(found, weights, most, strict=True):
            one.demand = min(limit, max(1, round(scale * weight)))
        scale *= 2 * requests / sum(one.demand for one in found)
    return found


def _meetings(
    chance: random.Random, everybody: Sequence[_Somebody], requests: int
) -> list[tuple[int, int, int]]:
    """Pair people slot by slot, evenly over the slots of each home: slot, and who."""
    met: set[tuple[int, int]] = set()
    left = [one.demand for one in everybody]
    found: list[tuple[int, int, int]] = []
    taken: dict[int, set[int]] = defaultdict(set)
    held: dict[tuple[int, bool, int], int] = defaultdict(int)
    per_slot = requests / SLOTS
    for turn in range(60):
        # Of each home and slot so many pairs of the same home, and so many of two homes.
        most = {
            (home, same): per_slot
            * share
            * (SAME if same else 1 - SAME)
            * (1 + 0.02 * (turn // 10))
            for home, share in enumerate(SHARES)
            for same in (False, True)
        }
        for slot in chance.sample(range(SLOTS), SLOTS):
            free = [
                one
                for one in everybody
                if slot in one.slots and one.number not in taken[slot] and left[one.number] > 0
            ]
            free.sort(key=lambda one: -left[one.number] - 6 * chance.random())
            while len(free) > 1 and len(found) < requests:
                one = free.pop(0)
                for other in free[:80]:
                    same = other.home == one.home
                    home = min(one.home, other.home)
                    full = held[home, same, slot] >= most[home, same]
                    if not full and _may(one, other, met):
                        break
                else:
                    continue
                free.remove(other)
                held[home, same, slot] += 1
                met.add((min(one.number, other.number), max(one.number, other.number)))
                taken[slot] |= {one.number, other.number}
                left[one.number] -= 1
                left[other.number] -= 1
                found.append((slot, one.number, other.number))
        if turn > 10:
            left = [n + 1 for n in left]
    return found


def _may(one: _Somebody, other: _Somebody, met: set[tuple[int, int]]) -> bool:
    pair = (min(one.number, other.number), max(one.number, other.number))
    return pair not in met and (one.english or other.english)


def _problem(
    everybody: Sequence[_Somebody],
    meetings: Sequence[tuple[int, int, int]],
    load: float,
) -> tuple[Problem, Timetable]:
    where: list[int] = []
    turn: dict[int, int] = defaultdict(int)
    for slot, a, b in meetings:
        homes = {everybody[a].home, everybody[b].home} - {4}
        same = everybody[a].home == everybody[b].home
        turn[slot] += not same
        online = not homes or (not same and turn[slot] % 2 == 0)
        where.append(4 if online else min(homes))
    seated = [sum(venue == n for venue in where) for n in range(4)]
    tables = [max(1, round(count / (SLOTS * load))) for count in seated]
    linked = [0] * 4
    used: dict[tuple[int, int], int] = defaultdict(int)
    links: dict[tuple[int, int], int] = defaultdict(int)
    helped: dict[tuple[int, int], int] = defaultdict(int)
    planned: list[tuple[int, int, bool, bool]] = []
    for (slot, a, b), venue in zip(meetings, where, strict=True):
        link = venue != 4 and any(everybody[n].home != venue for n in (a, b))
        spoken = not (everybody[a].english and everybody[b].english)
        used[slot, venue] += 1
        links[slot, venue] += link
        helped[slot, venue] += spoken
        planned.append((slot, venue, link, spoken))
    for venue in range(4):
        if load <= 1:
            tables[venue] = max(tables[venue], *(used[s, venue] for s in range(SLOTS)))
        linked[venue] = min(tables[venue], max(links[s, venue] for s in range(SLOTS)) + 1)
    helpers = [max(helped[s, venue] for s in range(SLOTS)) for venue in range(5)]
    problem = _frame(everybody, meetings, tables, linked, helpers)
    return problem, _answer(problem, planned, tables, linked)


def _frame(
    everybody: Sequence[_Somebody],
    meetings: Sequence[tuple[int, int, int]],
    tables: Sequence[int],
    linked: Sequence[int],
    helpers: Sequence[int],
) -> Problem:
    venues = tuple(
        Venue(
            _id(1, n),
            ZONES[(0, 0, 1, 2, 0)[n]],
            tuple(
                Table(_id(10 + n, t), frozenset({VIDEO_LINK} if t < linked[n] else ()))
                for t in range(tables[n] if n < 4 else 0)
            ),
            online=n == 4,
        )
        for n in range(5)
    )
    per_day = SLOTS // DAYS
    sessions = tuple(
        Session(
            _id(20 + n, day),
            venues[n].id,
            _at(day * per_day),
            _at(day * per_day) + timedelta(minutes=SLOT_MINUTES * per_day),
            SLOT_MINUTES,
        )
        for n in range(5)
        for day in range(DAYS)
    )
    persons = tuple(
        Person(
            _id(2, one.number),
            _id(3, one.number),
            frozenset({"en", "ru"} if one.english else {"zh"}),
            ZONES[one.zone],
            venues[one.home].id if one.home < 4 else None,
            busy=_blocked(one),
        )
        for one in everybody
    )
    return Problem(
        sessions=sessions,
        venues=venues,
        persons=persons,
        participations=tuple(
            Participation(_id(3, one.number), _id(4, one.number), least=2) for one in everybody
        ),
        requests=tuple(
            Request(_id(5, n), (_id(3, a), _id(3, b)), (_id(2, a), _id(2, b)))
            for n, (_, a, b) in enumerate(meetings)
        ),
        interpreters=tuple(
            Interpreter(_id(30 + n, i), frozenset({"en", "zh"}), venues[n].id if n < 4 else None)
            for n in range(5)
            for i in range(helpers[n])
        ),
    )


def _at(slot: int) -> datetime:
    day, number = divmod(slot, SLOTS // DAYS)
    return START + timedelta(days=day, minutes=SLOT_MINUTES * number)


def _blocked(one: _Somebody) -> tuple[Span, ...]:
    early = {d * SLOTS // DAYS + n for d in range(DAYS) for n in range(EARLY)}
    blocked = set(range(SLOTS)) - one.slots - (early if one.zone == 2 else set())
    return tuple(
        Span(_at(slot), _at(slot) + timedelta(minutes=SLOT_MINUTES)) for slot in sorted(blocked)
    )


def _answer(
    problem: Problem,
    planned: Sequence[tuple[int, int, bool, bool]],
    tables: Sequence[int],
    linked: Sequence[int],
) -> Timetable:
    """Give out tables with a link from the front, the others from the back."""
    front: dict[tuple[int, int], int] = defaultdict(int)
    back: dict[tuple[int, int], int] = defaultdict(int)
    helpers: dict[tuple[int, int], int] = defaultdict(int)
    placements: list[Placement] = []
    for request, (slot, venue, link, spoken) in zip(problem.requests, planned, strict=True):
        day, first = divmod(slot, SLOTS // DAYS)
        table = None
        if venue < 4:
            if front[slot, venue] + back[slot, venue] >= tables[venue]:
                continue
            if link:
                if front[slot, venue] >= linked[venue]:
                    continue
                number = front[slot, venue]
                front[slot, venue] += 1
            else:
                back[slot, venue] += 1
                number = tables[venue] - back[slot, venue]
            table = _id(10 + venue, number)
        helper = None
        if spoken:
            helper = _id(30 + venue, helpers[slot, venue])
            helpers[slot, venue] += 1
        placements.append(
            Placement(
                request.id,
                _id(20 + venue, day),
                first,
                1,
                problem.venues[venue].id,
                table,
                helper,
            )
        )
    return Timetable(tuple(placements))
