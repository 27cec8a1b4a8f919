"""The hard rules of a timetable: each has one function that yields what breaks it.

Written apart from every solver, so that they can judge them all. A rule looks at sound placements
only: those whose request, session, slots and table exist (`unsound` tells of the others).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations, pairwise
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from typing_extensions import override

from techdock_matching.domain.spans import Span, joined, tick_start, ticks
from techdock_matching.domain.timetable.problem import (
    VIDEO_LINK,
    Interpreter,
    Person,
    Placement,
    Problem,
    Request,
    Timetable,
)

NIGHT_ENDS_AT = 5
"""Local hour; from 00:00 to then a meeting needs everybody's own yes."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a timetable breaks.

    Attributes:
        rule: Its name.
        requests: Whose meetings break it.
        what: In words, for the log and the organizer; names ids only.
    """

    rule: str
    requests: tuple[UUID, ...]
    what: str

    @override
    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.rule}: {self.what}"


Rule: TypeAlias = Callable[[Problem, Timetable], Iterator[Violation]]


def unsound(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """Each request has at most one place, and what a placement names exists."""
    seen: set[UUID] = set()
    for placement in timetable.placements:
        fault = _fault(problem, placement)
        if placement.request_id in seen:
            fault = "it has a place already"
        seen.add(placement.request_id)
        if fault:
            yield Violation("sound", (placement.request_id,), f"{placement.request_id}: {fault}")


def accepted(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """Only accepted requests have a place."""
    for placement in timetable.placements:
        if not problem.request[placement.request_id].accepted:
            what = f"request {placement.request_id} is not accepted"
            yield Violation("accepted", (placement.request_id,), what)


def one_place_at_a_time(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """A person, a table and an interpreter are in one meeting at a time."""
    occupied: dict[tuple[str, UUID], dict[int, UUID]] = defaultdict(dict)
    for placement in timetable.placements:
        span = problem.span(placement)
        for what in _occupies(problem, placement):
            others = {
                occupied[what].setdefault(tick, placement.request_id)
                for tick in ticks(span.start, span.end)
            } - {placement.request_id}
            for other in sorted(others):
                told = f"{what[0]} {what[1]} is twice in use at {span.start:%Y-%m-%dT%H:%MZ}"
                yield Violation("one_place_at_a_time", (other, placement.request_id), told)


def available(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """Everybody is free: within the own hours, and not busy otherwise; so is the table."""
    for placement in timetable.placements:
        span = problem.span(placement)
        table = None if placement.table_id is None else problem.table[placement.table_id]
        if table is not None and any(busy.overlaps(span) for busy in table.busy):
            what = f"table {table.id} cannot be used {span.start:%Y-%m-%dT%H:%MZ}"
            yield Violation("available", (placement.request_id,), what)
        for somebody in _people(problem, placement):
            within = not somebody.hours or any(h.contains(span) for h in joined(somebody.hours))
            if not within or any(busy.overlaps(span) for busy in somebody.busy):
                what = f"{somebody.id} is not free {span.start:%Y-%m-%dT%H:%MZ}"
                yield Violation("available", (placement.request_id,), what)


def session(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """A meeting is in a session that its request allows."""
    for placement in timetable.placements:
        allowed = problem.request[placement.request_id].sessions
        if allowed and placement.session_id not in allowed:
            what = f"{placement.request_id} may not be in session {placement.session_id}"
            yield Violation("session", (placement.request_id,), what)


def place(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """A meeting at a venue has a table there that suits it; one by link has none and needs none."""
    for placement in timetable.placements:
        for what in _unfit_place(problem, placement):
            yield Violation("place", (placement.request_id,), what)


def fixed(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """What is fixed stays as it is."""
    held = timetable.by_request
    for placement in problem.fixed:
        if held.get(placement.request_id) != placement:
            what = f"{placement.request_id} is fixed and was moved or dropped"
            yield Violation("fixed", (placement.request_id,), what)


def language(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """Every two parties share a language, or one interpreter speaks one of each.

    A party speaks what any of its persons who sit in speaks; who stated none fits everybody.
    """
    for placement in timetable.placements:
        request = problem.request[placement.request_id]
        spoken = _spoken(problem, request)
        helper = placement.interpreter_id
        also = frozenset[str]() if helper is None else problem.interpreter[helper].languages
        for (a, first), (b, second) in combinations(sorted(spoken.items()), 2):
            if first and second and not first & second and not (first & also and second & also):
                what = f"parties {a} and {b} share no language"
                yield Violation("language", (request.id,), what)


def travel(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """Between meetings at two venues a person has the time to get there."""
    days: dict[UUID, list[tuple[Span, UUID, UUID]]] = defaultdict(list)
    for placement in timetable.placements:
        span = problem.span(placement)
        for person in _persons(problem, placement):
            where = problem.where(person, placement.venue_id)
            if where is not None:
                days[person.id].append((span, where, placement.request_id))
    for person_id, day in sorted(days.items()):
        for (before, a, one), (after, b, other) in pairwise(sorted(day)):
            if a != b:
                minutes = problem.travel_minutes.get((a, b), 0) + problem.buffer_minutes
                if before.end + timedelta(minutes=minutes) > after.start:
                    what = f"{person_id} cannot get from venue {a} to {b} in time"
                    yield Violation("travel", (one, other), what)


def maximum(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """Nobody meets more often than wanted: neither a person nor a participation."""
    persons: dict[UUID, list[UUID]] = defaultdict(list)
    parties: dict[UUID, list[UUID]] = defaultdict(list)
    for placement in timetable.placements:
        request = problem.request[placement.request_id]
        for person in request.persons:
            persons[person].append(request.id)
        for party in request.parties:
            parties[party].append(request.id)
    most_of = {
        **{person.id: person.most for person in problem.persons},
        **{party.id: party.most for party in problem.participations},
    }
    for taken in (persons, parties):
        for who, requests in sorted(taken.items()):
            most = most_of[who]
            if most is not None and len(requests) > most:
                what = f"{who} takes {len(requests)} meetings, at most {most}"
                yield Violation("maximum", tuple(requests), what)


def precedence(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """What has to come before has ended when the other starts."""
    held = timetable.by_request
    for first, second in problem.precedences:
        if not (first in held and second in held):
            continue
        if problem.span(held[first]).end > problem.span(held[second]).start:
            yield Violation("precedence", (first, second), f"{first} is not before {second}")


def night(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """Nobody meets between 00:00 and 05:00 at home without having agreed to it."""
    for placement in timetable.placements:
        span = problem.span(placement)
        for person in _persons(problem, placement):
            zone = ZoneInfo(person.zone)
            hours = (tick_start(t).astimezone(zone).hour for t in ticks(span.start, span.end))
            if not person.night and any(hour < NIGHT_ENDS_AT for hour in hours):
                what = f"{person.id} would meet at night {span.start:%Y-%m-%dT%H:%MZ}"
                yield Violation("night", (placement.request_id,), what)


RULES: Mapping[str, Rule] = {
    "accepted": accepted,
    "one_place_at_a_time": one_place_at_a_time,
    "available": available,
    "session": session,
    "place": place,
    "fixed": fixed,
    "language": language,
    "travel": travel,
    "maximum": maximum,
    "precedence": precedence,
    "night": night,
}
"""Every rule but `unsound`, by name."""


def _fault(problem: Problem, placement: Placement) -> str | None:
    return next(_faults(problem, placement), None)


def _faults(problem: Problem, placement: Placement) -> Iterator[str]:
    request = problem.request.get(placement.request_id)
    held = problem.session.get(placement.session_id)
    venue = problem.venue.get(placement.venue_id)
    if request is None or held is None or venue is None:
        yield "its request, session or venue does not exist"
        return
    if any(person not in problem.person for person in request.persons):
        yield "one of its persons does not take part"
    if any(party not in problem.participation for party in request.parties):
        yield "one of its parties does not take part"
    slots = len(problem.slots[held.id])
    if placement.first_slot < 0 or placement.first_slot + placement.slots > slots:
        yield "its session has no such slots"
    if placement.slots != request.slots:
        yield f"it takes {placement.slots} slots, {request.slots} are wished"
    if held.venue_id != placement.venue_id:
        yield "its session is at another venue"
    if placement.interpreter_id is not None and placement.interpreter_id not in problem.interpreter:
        yield "its interpreter does not exist"
    if placement.table_id is not None and placement.table_id not in {t.id for t in venue.tables}:
        yield "its table is not at the venue"


def _occupies(problem: Problem, placement: Placement) -> Iterator[tuple[str, UUID]]:
    yield from (("person", who) for who in problem.request[placement.request_id].persons)
    if placement.table_id is not None:
        yield "table", placement.table_id
    if placement.interpreter_id is not None:
        # An interpreter may sit in elsewhere as a person: the same counting id.
        yield "person", placement.interpreter_id


def _persons(problem: Problem, placement: Placement) -> list[Person]:
    return [problem.person[who] for who in problem.request[placement.request_id].persons]


def _people(problem: Problem, placement: Placement) -> list[Person | Interpreter]:
    helper = placement.interpreter_id
    more = [] if helper is None else [problem.interpreter[helper]]
    return [*_persons(problem, placement), *more]


def _spoken(problem: Problem, request: Request) -> dict[UUID, frozenset[str]]:
    spoken: dict[UUID, frozenset[str]] = {}
    for party in request.parties:
        sitting = [problem.person[who] for who in request.persons]
        own = [person.languages for person in sitting if person.participation_id == party]
        spoken[party] = frozenset[str]().union(*own) if all(own) else frozenset()
    return spoken


def _unfit_place(problem: Problem, placement: Placement) -> Iterator[str]:
    request = problem.request[placement.request_id]
    venue = problem.venue[placement.venue_id]
    persons = _persons(problem, placement)
    if venue.online:
        sites = {person.venue_id for person in persons}
        if placement.table_id is not None:
            yield f"{request.id} is online and has a table"
        if len(sites) == 1 and None not in sites:
            yield f"all persons of {request.id} are at one venue and meet online"
        return
    if placement.table_id is None:
        yield f"{request.id} is at venue {venue.id} and has no table"
        return
    table = problem.table[placement.table_id]
    here = [problem.where(person, venue.id) == venue.id for person in persons]
    helper = placement.interpreter_id
    if helper is not None:
        here.append(problem.interpreter[helper].venue_id == venue.id)
    if not any(here[: len(persons)]):
        yield f"nobody of {request.id} is at venue {venue.id}"
    if not all(here) and VIDEO_LINK not in table.equipment:
        yield f"{request.id} needs a table with a video link, {table.id} has none"
    owners = {problem.participation[party].organization_id for party in request.parties}
    if table.owner_id is not None and table.owner_id not in owners:
        yield f"table {table.id} is the booth of another organization than those of {request.id}"
