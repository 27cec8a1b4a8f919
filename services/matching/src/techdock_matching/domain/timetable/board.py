"""The board: who and what is occupied when, in a timetable that is being changed."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from uuid import UUID

from techdock_matching.domain.spans import Span, ticks
from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable.chances import Chance, Way
from techdock_matching.domain.timetable.problem import (
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


class Board:
    """A timetable in the making."""

    def __init__(self, problem: Problem, timetable: Timetable) -> None:
        self.problem = problem
        self.placed: dict[UUID, Placement] = {}
        self._occupied: dict[tuple[UUID, int], UUID] = {}
        self._days: dict[UUID, dict[UUID, tuple[Span, UUID | None]]] = defaultdict(dict)
        self._ways: dict[tuple[UUID, UUID, bool], tuple[Way, ...]] = {}
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
        for who in self.problem.request[placement.request_id].persons:
            where = self.problem.where(self.problem.person[who], placement.venue_id)
            self._days[who][placement.request_id] = (span, where)

    def take_down(self, request_id: UUID) -> Placement:
        """Take a placement off and return it."""
        placement = self.placed.pop(request_id)
        for key in self._keys(placement, self.problem.span(placement)):
            self._occupied.pop(key, None)
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
        free = (i.id for i in able if self._can_interpret(i.id, request, chance.span))
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
        reach = timedelta(minutes=self._longest_way)
        for who in request.persons:
            person = self.problem.person[who]
            if not c.is_free(person, span):
                yield Obstacle("hours", who)
            if c.is_night(person, span):
                yield Obstacle("night", who)
            by = self._occupant(who, span)
            if by is not None:
                yield Obstacle("busy", who, by)
            if reach:
                yield from self._of_travel(who, chance)
        yield from self._of_precedence(request, span)

    def _of_precedence(self, request: Request, span: Span) -> Iterator[Obstacle]:
        for first, second in self.problem.precedences:
            other = first if second == request.id else second
            if request.id not in {first, second} or other not in self.placed:
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
        venue: Venue = self.problem.venue[chance.venue_id]
        if not c.meets_at(self.problem, request, venue):
            yield Obstacle("place")
            return
        link = c.joins_by_link(self.problem, request, venue)
        tables = c.tables_for(self.problem, request, venue, link=link)
        if not venue.online and not any(self.has_room(t, chance.span) for t in tables):
            yield Obstacle("tables")
        gaps = c.language_gaps(self.problem, request)
        helpers = c.interpreters_for(self.problem, gaps, venue, link=True)
        if gaps and not any(self._can_interpret(i.id, request, chance.span) for i in helpers):
            yield Obstacle("interpreter")
        elif gaps and (venue.online or any(self.has_room(t, chance.span) for t in tables)):
            # Somebody could interpret, and there is a table, but not for one another.
            yield Obstacle("tables")

    def _free(self, request: Request, chance: Chance) -> Iterator[tuple[UUID | None, UUID | None]]:
        """Yield free pairs of table and interpreter for a stretch of slots, the best first."""
        online = self.problem.venue[chance.venue_id].online
        for way in self.ways(request, chance.venue_id):
            helper: UUID | None = None
            if way.interpreters:
                able = (i.id for i in way.interpreters)
                helper = next(
                    (i for i in able if self._can_interpret(i, request, chance.span)), None
                )
                if helper is None:
                    continue
            if online:
                yield None, helper
            for table in way.tables:
                if self.has_room(table, chance.span):
                    yield table.id, helper

    def _can_interpret(self, interpreter_id: UUID, request: Request, span: Span) -> bool:
        free = c.is_free(self.problem.interpreter[interpreter_id], span)
        return (
            free and interpreter_id not in request.persons and self._is_free(interpreter_id, span)
        )

    def has_room(self, table: Table, span: Span) -> bool:
        """Whether a table can be used and nobody sits at it."""
        return not any(busy.overlaps(span) for busy in table.busy) and self._is_free(table.id, span)

    def _is_free(self, what: UUID, span: Span) -> bool:
        return self._occupant(what, span) is None

    def _occupant(self, what: UUID, span: Span) -> UUID | None:
        at = (self._occupied.get((what, tick)) for tick in ticks(span.start, span.end))
        return next((by for by in at if by is not None), None)

    def _taken(self, party: UUID) -> int:
        requests = self.problem.request
        return sum(party in requests[request_id].parties for request_id in self.placed)

    def _keys(self, placement: Placement, span: Span) -> Iterator[tuple[UUID, int]]:
        things = [*self.problem.request[placement.request_id].persons]
        things.extend(t for t in (placement.table_id, placement.interpreter_id) if t is not None)
        for thing in things:
            for tick in ticks(span.start, span.end):
                yield thing, tick

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
