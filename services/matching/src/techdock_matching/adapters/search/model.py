"""The problem in numbers: classes of requests, and placements there and back."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np

from techdock_matching.adapters.search import when
from techdock_matching.adapters.search.arrays import AT, BEGIN, FIXED, HELPER, NONE, Given, State
from techdock_matching.adapters.search.compiled import Array
from techdock_matching.adapters.search.given import given
from techdock_matching.adapters.search.kinds import Homes, Kinds, Owners
from techdock_matching.adapters.search.seating import seat_all
from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable.problem import Placement, Problem, Timetable

_LONGEST_CHAIN = 60
_MOST_SHIFTS = 64


class Model:
    """A problem in numbers.

    Args:
        held: What people hold; a request in it that is elsewhere counts as moved.
        pinned: Each table is a kind of its own, so that nobody changes tables unasked.
    """

    def __init__(
        self, problem: Problem, held: Timetable | None = None, *, pinned: bool = False
    ) -> None:
        self.problem = problem
        self.requests = [request for request in problem.requests if request.accepted]
        self.number = {request.id: number for number, request in enumerate(self.requests)}
        people = (*(p.id for p in problem.persons), *(i.id for i in problem.interpreters))
        self.people = {who: number for number, who in enumerate(dict.fromkeys(people))}
        self.sessions = {session.id: n for n, session in enumerate(problem.sessions)}
        lengths = {request.slots for request in self.requests} | {1}
        self.stretches = when.stretches(problem, lengths)
        self._stretch = {
            (one.session, one.first, one.length): n for n, one in enumerate(self.stretches)
        }
        self.kinds = Kinds(problem, self.stretches, alone=pinned)
        self.homes: dict[UUID | None, int] = {}
        for home in (None, *(person.venue_id for person in problem.persons)):
            self.homes.setdefault(home, len(self.homes))
        self.zones = when.zones(problem.persons)
        self.places: dict[tuple[Homes, Owners], int] = {}
        self.hours: dict[tuple[str, ...], int] = {}
        self.words: dict[tuple[c.Gap, ...], int] = {(): 0}
        self.sitting: list[list[int]] = []
        self.classes = self._classes()
        self.given: Given = given(self, held)

    def _classes(self) -> Array:
        """Sort requests by where, when and in which languages they can be met."""
        problem, person = self.problem, self.problem.person
        booths = {t.owner_id for v in problem.venues for t in v.tables if t.owner_id is not None}
        organization = {p.id: p.organization_id for p in problem.participations}
        known: dict[tuple[object, ...], int] = {}
        rows: list[tuple[int, int, int]] = []
        for request in self.requests:
            self.sitting.append([self.people[who] for who in dict.fromkeys(request.persons)])
            persons = [person[who] for who in request.persons]
            owners = {organization[party] for party in request.parties} & booths
            place = (frozenset(p.venue_id for p in persons), frozenset(owners))
            hours = tuple(sorted({p.zone for p in persons}))
            side = {party: number for number, party in enumerate(request.parties)}
            key = (len(side), *((side.get(p.participation_id), p.languages) for p in persons))
            words = known.get(key)
            if words is None:
                gaps = c.language_gaps(problem, request)
                words = self.words.setdefault(gaps, len(self.words))
                known[key] = words
            rows.append(
                (
                    self.places.setdefault(place, len(self.places)),
                    self.hours.setdefault(hours, len(self.hours)),
                    words,
                )
            )
        return np.array(rows, np.int64).reshape(-1, 3)

    def at(self, placement: Placement) -> int:
        """Return the stretch of a placement; NONE: there is no such one."""
        session = self.sessions.get(placement.session_id, -1)
        return self._stretch.get((session, placement.first_slot, placement.slots), -1)

    def seats(self, placements: Sequence[Placement]) -> Array:
        """Return request, stretch, kind of table and interpreter of placements that exist."""
        helpers = {one.id: n for n, one in enumerate(self.problem.interpreters)}
        rows: list[tuple[int, int, int, int]] = []
        for p in placements:
            m, t = self.number.get(p.request_id, -1), self.at(p)
            if m < 0 or t < 0 or (p.table_id is not None and p.table_id not in self.kinds.number):
                continue
            number = -1 if p.table_id is None else self.kinds.number[p.table_id]
            kind = -1 if number < 0 else int(self.kinds.of_table[number])
            helper = -1 if p.interpreter_id is None else helpers.get(p.interpreter_id, -1)
            rows.append((m, t, kind, helper))
        return np.array(rows, np.int64).reshape(-1, 4)

    def wanted(self, *timetables: Timetable) -> Array:
        """Return the table that each request should have, by the last timetable that names one."""
        found = np.full(len(self.requests), NONE, np.int64)
        for timetable in timetables:
            for p in timetable.placements:
                if p.request_id in self.number and p.table_id in self.kinds.number:
                    found[self.number[p.request_id]] = self.kinds.number[p.table_id]
        return found

    def timetable(self, seat: Array, wanted: Array) -> Timetable:
        """Return the timetable that seats stand for; each meeting gets a table of its kind."""
        problem, kinds = self.problem, self.kinds
        placed = np.flatnonzero(seat[:, AT] != NONE)
        begin = self.given.stretch[seat[placed, AT], BEGIN]
        order = placed[np.lexsort((placed, -self.given.request[placed, FIXED], begin))]
        tables = np.full(len(seat), NONE, np.int64)
        seat_all(
            self.given,
            seat,
            order,
            *kinds.listed(),
            kinds.of_table,
            wanted,
            np.zeros(len(kinds.tables), np.int64),
            np.full((len(self.people), len(self.sessions)), NONE, np.int64),
            tables,
        )
        # One more at the end is what NONE finds.
        table_ids = [*(table.id for table in kinds.tables), None]
        helper_ids = [*(one.id for one in problem.interpreters), None]
        where = [
            (problem.sessions[s.session].id, s.first, s.length, problem.venues[s.venue].id)
            for s in self.stretches
        ]
        columns = (placed, seat[placed, AT], tables[placed], seat[placed, HELPER])
        placements: list[Placement] = []
        for m, t, table, helper in zip(*(column.tolist() for column in columns), strict=True):
            session_id, first, slots, venue_id = where[t]
            seat_of = (venue_id, table_ids[table], helper_ids[helper])
            placements.append(Placement(self.requests[m].id, session_id, first, slots, *seat_of))
        return Timetable(tuple(sorted(placements, key=lambda placement: placement.request_id)))

    def state(self, seed: int) -> State:
        """Return a state in which nothing has a place."""
        g = self.given
        requests, people, count = len(self.requests), len(self.people), len(self.stretches)
        seat = np.full((requests, 4), NONE, np.int64)
        seat[:, 3] = np.arange(requests)
        total = np.zeros(8, np.int64)
        total[:3] = (requests, g.request[:, 3].sum(), (g.person[:, 2] > 0).sum())
        total[4:7] = np.iinfo(np.int64).max
        return State(
            seat=seat,
            day=np.zeros((people, 3), np.int64),
            idle=np.zeros(people, np.int64),
            taken=np.zeros((people, g.open.shape[1]), np.uint64),
            by=np.full((people, count), NONE, np.int64),
            used=np.zeros((people, len(self.sessions), g.cells.shape[1]), np.uint64),
            party=np.zeros(len(g.party_most), np.int64),
            full=np.zeros_like(g.room),
            venue_full=np.zeros_like(g.venue_room),
            there=np.full((count, max(1, int(g.venue_room.max(initial=1)))), NONE, np.int64),
            seated=np.zeros(count, np.int64),
            pool=np.arange(requests),
            total=total,
            chance=np.array([_scrambled(seed)], np.uint64),
            mark=np.zeros(requests + 1, np.int64),
            chain=np.zeros((_LONGEST_CHAIN, 5), np.int64),
            shifted=np.zeros((_MOST_SHIFTS, 2), np.int64),
            found=np.zeros(3, np.int64),
            row=np.zeros(g.open.shape[1], np.uint64),
            best=np.full((requests, 3), NONE, np.int64),
        )


def _scrambled(seed: int) -> int:
    """Return 64 random bits for a seed, never 0: splitmix64, Steele and others, 2014."""
    x = (seed + 0x9E3779B97F4A7C15) % 2**64
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) % 2**64
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) % 2**64
    return (x ^ (x >> 31)) or 1
