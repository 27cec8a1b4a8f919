"""The board: who and what is occupied when, in a timetable that is being changed."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from uuid import UUID

from techdock_matching.domain.spans import Span, ticks
from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable.chances import Chance, Way
from techdock_matching.domain.timetable.hours import Hours
from techdock_matching.domain.timetable.problem import (
    Interpreter,
    Placement,
    Problem,
    Request,
    Table,
    Timetable,
    Venue,
)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a request from a stretch of slots.

    Attributes:
        kind: hours, night, busy, travel, precedence, place, tables, interpreter.
        who: The person concerned, if one is.
        by: The request whose meeting is in the way, if one is.
    """

    kind: str
    who: UUID | None = None
    by: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Needs:
    """What a request needs at a venue, whoever else is there.

    Attributes:
        gaps: Whether it needs somebody to interpret.
    """

    meets: bool
    online: bool
    tables: tuple[Table, ...]
    gaps: bool
    interpreters: tuple[Interpreter, ...]


class Board:
    """A timetable in the making."""

    def __init__(self, problem: Problem, timetable: Timetable) -> None:
        self.problem = problem
        self.placed: dict[UUID, Placement] = {}
        self._hours = Hours(problem)
        self._occupied: dict[tuple[UUID, int], UUID] = {}
        self._used: dict[UUID, int] = {}
        self._crowd: Counter[tuple[UUID, int]] = Counter()
        self._crowded: dict[UUID, int] = defaultdict(int)
        self._travels = bool(self._longest_way)
        self._days: dict[UUID, dict[UUID, tuple[Span, UUID | None]]] = defaultdict(dict)
        self._ways: dict[tuple[UUID, UUID, bool], tuple[Way, ...]] = {}
        self._stretches: dict[tuple[int, frozenset[UUID]], tuple[Chance, ...]] = {}
        self._needs: dict[tuple[UUID, UUID], _Needs] = {}
        for placement in timetable.placements:
            self.place(placement)

    @property
    def timetable(self) -> Timetable:
        """What stands on the board."""
        return Timetable(tuple(sorted(self.placed.values(), key=lambda p: p.request_id)))

    def place(self, placement: Placement) -> None:
        """Put up a placement."""
        self.placed[placement.request_id] = placement
        span = self.problem.span(placement)
        for key in self._keys(placement, span):
            self._occupied[key] = placement.request_id
        self._count(placement, span, 1)
        for who in self.problem.request[placement.request_id].persons:
            where = self.problem.where(self.problem.person[who], placement.venue_id)
            self._days[who][placement.request_id] = (span, where)

    def take_down(self, request_id: UUID) -> Placement:
        """Take a placement off and return it."""
        placement = self.placed.pop(request_id)
        span = self.problem.span(placement)
        for key in self._keys(placement, span):
            self._occupied.pop(key, None)
        self._count(placement, span, -1)
        for who in self.problem.request[request_id].persons:
            del self._days[who][request_id]
        return placement

    def meetings(self, person_id: UUID) -> int:
        """Return how many meetings a person has."""
        return len(self._days[person_id])

    def full(self, request: Request) -> tuple[UUID, int] | None:
        """Return a person or participation that takes no more meetings, and its maximum."""
        for who in request.persons:
            most = self.problem.person[who].most
            if most is not None and self.meetings(who) >= most:
                return who, most
        for party in request.parties:
            most = self.problem.participation[party].most
            if most is not None and self._taken(party) >= most:
                return party, most
        return None

    def chances(self, request: Request) -> tuple[Chance, ...]:
        """Return every stretch of slots that is long enough, in sessions that are allowed."""
        key = (request.slots, request.sessions)
        if key not in self._stretches:
            self._stretches[key] = tuple(c.chances(self.problem, request))
        return self._stretches[key]

    def obstacles(self, request: Request, chance: Chance) -> list[Obstacle]:
        """Return all that keeps a request from a stretch of slots; nothing: it can be met there."""
        return [*self._of_persons(request, chance), *self._of_place(request, chance)]

    def placement(self, request: Request, chance: Chance) -> Placement:
        """Return the placement on a stretch of slots without obstacles."""
        return placed(request, chance, *next(self._free(request, chance)))

    def free_table(self, request: Request, chance: Chance) -> UUID | None:
        """Return a free table that suits, whoever interprets; none online and when all are full."""
        found = (
            table.id
            for way in self.ways(request, chance.venue_id, interpreted=True)
            for table in way.tables
            if self.has_room(table, chance.span)
        )
        return next(found, None)

    def free_interpreter(self, request: Request, chance: Chance) -> UUID | None:
        """Return an interpreter who is free and closes the language gaps; none without gaps."""
        venue = self.problem.venue[chance.venue_id]
        gaps = c.language_gaps(self.problem, request)
        able = c.interpreters_for(self.problem, gaps, venue, link=True)
        free = (i.id for i in able if self._can_interpret(i, request, chance.span))
        return next(free, None)

    def at(self, thing: UUID, span: Span) -> frozenset[UUID]:
        """Return the requests whose meetings a person, table or interpreter is in."""
        found = (self._occupied.get((thing, tick)) for tick in ticks(span.start, span.end))
        return frozenset(by for by in found if by is not None)

    def ways(
        self, request: Request, venue_id: UUID, *, interpreted: bool = False
    ) -> tuple[Way, ...]:
        """Return the ways to hold a meeting at a venue.

        Args:
            interpreted: As if an interpreter were there.
        """
        key = (request.id, venue_id, interpreted)
        if key not in self._ways:
            venue = self.problem.venue[venue_id]
            self._ways[key] = c.ways(self.problem, request, venue, interpreted=interpreted)
        return self._ways[key]

    def _of_persons(self, request: Request, chance: Chance) -> Iterator[Obstacle]:
        span = chance.span
        bits = self._hours.bits(span)
        for who in request.persons:
            person = self.problem.person[who]
            if self._hours.absence(person) & bits:
                yield Obstacle("hours", who)
            if self._hours.night(person) & bits:
                yield Obstacle("night", who)
            if self._used.get(who, 0) & bits:
                yield Obstacle("busy", who, self._occupant(who, span))
            if self._travels:
                yield from self._of_travel(who, chance)
        yield from self._of_precedence(request, span)

    def _of_precedence(self, request: Request, span: Span) -> Iterator[Obstacle]:
        for first, second in self._orders.get(request.id, ()):
            other = first if second == request.id else second
            if other not in self.placed:
                continue
            theirs = self.problem.span(self.placed[other])
            before, after = (theirs, span) if other == first else (span, theirs)
            if before.end > after.start:
                yield Obstacle("precedence", by=other)

    def _of_travel(self, who: UUID, chance: Chance) -> Iterator[Obstacle]:
        here = self.problem.where(self.problem.person[who], chance.venue_id)
        for other, (span, there) in self._days[who].items():
            if here is None or there in {None, here} or span.overlaps(chance.span):
                continue
            first, second = (there, here) if span < chance.span else (here, there)
            before, after = sorted((span, chance.span))
            minutes = self.problem.travel_minutes.get((first, second), 0)
            way = timedelta(minutes=minutes + self.problem.buffer_minutes)
            if before.end + way > after.start:
                yield Obstacle("travel", who, other)

    def _of_place(self, request: Request, chance: Chance) -> Iterator[Obstacle]:
        if next(self._free(request, chance), None) is not None:
            return
        needs = self._needed(request, self.problem.venue[chance.venue_id])
        if not needs.meets:
            yield Obstacle("place")
            return
        room = needs.online or self._has_any(needs.tables, chance)
        if not room:
            yield Obstacle("tables")
        able = needs.interpreters
        if needs.gaps and not any(self._can_interpret(i, request, chance.span) for i in able):
            yield Obstacle("interpreter")
        elif needs.gaps and room:
            # Somebody could interpret, and there is a table, but not for one another.
            yield Obstacle("tables")

    def _needed(self, request: Request, venue: Venue) -> "_Needs":
        key = (request.id, venue.id)
        if key not in self._needs:
            gaps = c.language_gaps(self.problem, request)
            link = c.joins_by_link(self.problem, request, venue)
            self._needs[key] = _Needs(
                c.meets_at(self.problem, request, venue),
                venue.online,
                c.tables_for(self.problem, request, venue, link=link),
                bool(gaps),
                c.interpreters_for(self.problem, gaps, venue, link=True),
            )
        return self._needs[key]

    def _has_any(self, tables: tuple[Table, ...], chance: Chance) -> bool:
        if self._is_crowded(chance):
            return False
        return any(self.has_room(table, chance.span) for table in tables)

    def _is_crowded(self, chance: Chance) -> bool:
        """Whether all tables of the venue are in use at some tick."""
        return bool(self._crowded[chance.venue_id] & self._hours.bits(chance.span))

    def _free(self, request: Request, chance: Chance) -> Iterator[tuple[UUID | None, UUID | None]]:
        """Yield free pairs of table and interpreter for a stretch of slots, the best first."""
        online = self.problem.venue[chance.venue_id].online
        if not online and self._is_crowded(chance):
            return
        for way in self.ways(request, chance.venue_id):
            helper: UUID | None = None
            if way.interpreters:
                able = way.interpreters
                helper = next(
                    (i.id for i in able if self._can_interpret(i, request, chance.span)), None
                )
                if helper is None:
                    continue
            if online:
                yield None, helper
            for table in way.tables:
                if self.has_room(table, chance.span):
                    yield table.id, helper

    def _can_interpret(self, interpreter: Interpreter, request: Request, span: Span) -> bool:
        taken = self._hours.absence(interpreter) | self._used.get(interpreter.id, 0)
        return not taken & self._hours.bits(span) and interpreter.id not in request.persons

    def has_room(self, table: Table, span: Span) -> bool:
        """Whether a table can be used and nobody sits at it."""
        taken = self._used.get(table.id, 0)
        if table.busy:
            taken |= self._hours.absence(table)
        return not taken & self._hours.bits(span)

    def _count(self, placement: Placement, span: Span, more: int) -> None:
        """Note what a placement takes, or gives free."""
        bits = self._hours.bits(span)
        for thing in self._things(placement):
            taken = self._used.get(thing, 0)
            self._used[thing] = taken | bits if more > 0 else taken & ~bits
        if placement.table_id is not None:
            limit = len(self.problem.venue[placement.venue_id].tables)
            for tick in ticks(span.start, span.end):
                key = (placement.venue_id, tick)
                self._crowd[key] += more
                bit = self._hours.bit(tick)
                self._crowded[placement.venue_id] &= ~bit
                if self._crowd[key] >= limit:
                    self._crowded[placement.venue_id] |= bit

    def _occupant(self, what: UUID, span: Span) -> UUID | None:
        at = (self._occupied.get((what, tick)) for tick in ticks(span.start, span.end))
        return next((by for by in at if by is not None), None)

    def _taken(self, party: UUID) -> int:
        requests = self.problem.request
        return sum(party in requests[request_id].parties for request_id in self.placed)

    def _things(self, placement: Placement) -> Iterator[UUID]:
        yield from self.problem.request[placement.request_id].persons
        yield from (t for t in (placement.table_id, placement.interpreter_id) if t is not None)

    def _keys(self, placement: Placement, span: Span) -> Iterator[tuple[UUID, int]]:
        for thing in self._things(placement):
            for tick in ticks(span.start, span.end):
                yield thing, tick

    @cached_property
    def _orders(self) -> dict[UUID, list[tuple[UUID, UUID]]]:
        """The precedences of each request that has one."""
        found: dict[UUID, list[tuple[UUID, UUID]]] = defaultdict(list)
        for pair in self.problem.precedences:
            for request_id in pair:
                found[request_id].append(pair)
        return found

    @cached_property
    def _longest_way(self) -> int:
        return max(self.problem.travel_minutes.values(), default=0) + self.problem.buffer_minutes


def placed(
    request: Request, chance: Chance, table_id: UUID | None, interpreter_id: UUID | None
) -> Placement:
    """Return the placement of a request on a stretch of slots."""
    return Placement(
        request.id,
        chance.session_id,
        chance.first_slot,
        request.slots,
        chance.venue_id,
        table_id,
        interpreter_id,
    )
