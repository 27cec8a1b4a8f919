"""The problem in the planner's own terms: small numbers for things, bits for ticks and slots."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from techdock_matching.domain.spans import Span, tick, ticks
from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable import costs
from techdock_matching.domain.timetable.problem import Placement, Problem, Request

NONE = -1
"""Stands for no table and no interpreter."""

_CANNOT = 99
"""Stands for hours at which a person does not meet."""


@dataclass(frozen=True, slots=True)
class Option:
    """A time and a way to place a request, as far as that does not depend on others.

    Attributes:
        session: Number of the session.
        slots: A bit for each slot of the session that it takes.
        bits: A bit for each tick that it takes.
        span: First and last tick, the last one excluded.
        tables: Numbers, the best first; only `NONE` online.
        helpers: Numbers of interpreters; only `NONE` when nobody needs one.
        off: Hours by which it leaves the day of somebody.
    """

    session: int
    first_slot: int
    slots: int
    bits: int
    span: tuple[int, int]
    tables: tuple[int, ...]
    helpers: tuple[int, ...]
    off: int


@dataclass(frozen=True, slots=True)
class Seat:
    """An option with its table and interpreter chosen: what a placement is to the planner."""

    option: Option
    table: int = NONE
    helper: int = NONE


class Model:
    """Everything that stays the same while the planner searches."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        starts = [tick(session.start) for session in problem.sessions]
        self._zero = min(starts, default=0)
        # A person who also interprets is one: both are known by the counting id.
        people = (*(p.id for p in problem.persons), *(i.id for i in problem.interpreters))
        self.persons = _numbered(people)
        self.person_ids = list(self.persons)
        self.sessions = _numbered(problem.session)
        self.tables = _numbered(problem.table)
        self.table_ids = list(self.tables)
        self.parties = _numbered(problem.participation)
        self.requests = [request for request in problem.requests if request.accepted]
        self.number = {request.id: number for number, request in enumerate(self.requests)}
        self.sitting = [tuple(self.persons[who] for who in r.persons) for r in self.requests]
        self.sides = [tuple(self.parties[party] for party in r.parties) for r in self.requests]
        self.most = {self.persons[p.id]: p.most for p in problem.persons if p.most is not None}
        self.most_of_party = {
            self.parties[p.id]: p.most for p in problem.participations if p.most is not None
        }
        self.wish = self._wishes()
        self._stretches: dict[tuple[UUID, int], tuple[c.Chance, ...]] = {}
        self._days: dict[tuple[UUID, UUID, int], tuple[int, ...]] = {}
        self.options = [self._options(request) for request in self.requests]
        self.before = self._neighbours(0)
        self.after = self._neighbours(1)
        self.travels = bool(problem.travel_minutes)

    def seat(self, placement: Placement) -> Seat:
        """Return a placement in the planner's terms, whether or not it is one of the options."""
        number = self.number[placement.request_id]
        table = NONE if placement.table_id is None else self.tables[placement.table_id]
        who = placement.interpreter_id
        helper = NONE if who is None else self.persons[who]
        for option in self.options[number]:
            same_time = (
                option.session == self.sessions[placement.session_id]
                and option.first_slot == placement.first_slot
                and option.slots.bit_count() == placement.slots
            )
            if same_time and table in option.tables and helper in option.helpers:
                return Seat(option, table, helper)
        span = self.problem.span(placement)
        chance = c.Chance(placement.session_id, placement.venue_id, placement.first_slot, span)
        persons = self.problem.request[placement.request_id].persons
        off = max(costs.hours_off(self.problem.person[who], span) for who in persons)
        option = self._option(chance, placement.slots, (table,), (helper,), off)
        return Seat(option, table, helper)

    def placement(self, number: int, seat: Seat) -> Placement:
        """Return the placement that a seat stands for."""
        request = self.requests[number]
        session = self.problem.sessions[seat.option.session]
        return Placement(
            request.id,
            session.id,
            seat.option.first_slot,
            request.slots,
            session.venue_id,
            None if seat.table == NONE else self.table_ids[seat.table],
            None if seat.helper == NONE else self.person_ids[seat.helper],
        )

    def where(self, person: int, option: Option) -> UUID | None:
        """Return where a person is during an option."""
        somebody = self.problem.person.get(self.person_ids[person])
        if somebody is None:
            return None
        return self.problem.where(somebody, self.problem.sessions[option.session].venue_id)

    def way(self, a: UUID, b: UUID) -> int:
        """Return the ticks between two places, begun ones counted."""
        minutes = self.problem.travel_minutes.get((a, b), 0) + self.problem.buffer_minutes
        return -(-minutes // 5)

    def _wishes(self) -> list[int]:
        asked = Counter(person for sitting in self.sitting for person in sitting)
        wishes = [0] * len(self.persons)
        for person in self.problem.persons:
            number = self.persons[person.id]
            wishes[number] = min(costs.wish(self.problem, person.id), asked[number])
        return wishes

    def _options(self, request: Request) -> list[Option]:
        found: list[Option] = []
        venues = self.problem.venues
        ways = {venue.id: c.ways(self.problem, request, venue) for venue in venues}
        for session in self.problem.sessions:
            if not ways[session.venue_id] or (
                request.sessions and session.id not in request.sessions
            ):
                continue
            chances = self._chances(session.id, request.slots)
            days = [self._day(who, session.id, request.slots) for who in request.persons]
            for chance, offs in zip(chances, zip(*days, strict=True), strict=True):
                if _CANNOT not in offs:
                    for way in ways[session.venue_id]:
                        found.extend(self._by_way(request, chance, way, max(offs)))
        return found

    def _by_way(self, request: Request, chance: c.Chance, way: c.Way, off: int) -> Iterator[Option]:
        tables = tuple(
            self.tables[table.id]
            for table in way.tables
            if not any(busy.overlaps(chance.span) for busy in table.busy)
        )
        if way.tables and not tables:
            return
        helpers = tuple(
            self.persons[one.id]
            for one in way.interpreters
            if c.is_free(one, chance.span) and one.id not in request.persons
        )
        if helpers or not way.interpreters:
            yield self._option(chance, request.slots, tables or (NONE,), helpers or (NONE,), off)

    def _chances(self, session_id: UUID, slots: int) -> tuple[c.Chance, ...]:
        """Return the stretches of so many slots of a session; the same for every request."""
        key = (session_id, slots)
        if key not in self._stretches:
            anybody = Request(session_id, (), (), slots, sessions=frozenset({session_id}))
            self._stretches[key] = tuple(c.chances(self.problem, anybody))
        return self._stretches[key]

    def _day(self, who: UUID, session_id: UUID, slots: int) -> tuple[int, ...]:
        """Return for each stretch by how many hours it leaves a person's day; or `_CANNOT`."""
        key = (who, session_id, slots)
        if key not in self._days:
            person = self.problem.person[who]
            self._days[key] = tuple(
                costs.hours_off(person, chance.span)
                if c.is_free(person, chance.span) and not c.is_night(person, chance.span)
                else _CANNOT
                for chance in self._chances(session_id, slots)
            )
        return self._days[key]

    def _option(
        self,
        chance: c.Chance,
        slots: int,
        tables: tuple[int, ...],
        helpers: tuple[int, ...],
        off: int,
    ) -> Option:
        held = self._ticks(chance.span)
        return Option(
            self.sessions[chance.session_id],
            chance.first_slot,
            ((1 << slots) - 1) << chance.first_slot,
            ((1 << len(held)) - 1) << held.start,
            (held.start, held.stop),
            tables,
            helpers,
            off,
        )

    def _ticks(self, span: Span) -> range:
        held = ticks(span.start, span.end)
        return range(held.start - self._zero, held.stop - self._zero)

    def _neighbours(self, side: int) -> dict[int, list[int]]:
        """Return for each request those that have to be before it (0) or after it (1)."""
        found: dict[int, list[int]] = {}
        for pair in self.problem.precedences:
            if pair[0] in self.number and pair[1] in self.number:
                found.setdefault(self.number[pair[1 - side]], []).append(self.number[pair[side]])
        return found


def _numbered(ids: Iterable[UUID]) -> dict[UUID, int]:
    return {one: number for number, one in enumerate(dict.fromkeys(ids))}
