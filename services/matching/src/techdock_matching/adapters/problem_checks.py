"""What is wrong with a timetable problem: which field, and which things are in conflict."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from itertools import chain
from uuid import UUID
from zoneinfo import ZoneInfo

from techdock_contracts import planning as w

from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Placement, Problem, Timetable

_TWO = 2


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one field.

    Attributes:
        where: Its path.
        expected: What would have been right.
        found: What stands there, with the things in conflict.
    """

    where: str
    expected: str
    found: str


def faults(document: w.TimetableProblem) -> Iterator[Wrong]:
    """Yield what is wrong with single things, and with what they refer to."""
    yield from _twice(document)
    yield from _unknown(document)
    yield from _zones(document)
    yield from _venues(document)
    yield from _requests(document)
    yield from _cycles(document)
    for n, one in enumerate(document.interpreters):
        if not one.languages:
            where = f"interpreters.{n}.languages"
            yield Wrong(where, "two languages or more", f"none for interpreter {one.id}")


def _twice(document: w.TimetableProblem) -> Iterator[Wrong]:
    groups: dict[str, Iterable[str]] = {
        "venues": (venue.id for venue in document.venues),
        "tables": (table.id for venue in document.venues for table in venue.tables),
        "sessions": (session.id for session in document.sessions),
        "persons": (person.id for person in document.persons),
        "participations": (side.id for side in document.participations),
        "interpreters": (one.id for one in document.interpreters),
        "requests": (request.id for request in document.requests),
        "fixed": (place.request for place in document.fixed),
    }
    for group, ids in groups.items():
        for one, count in Counter(ids).items():
            if count > 1:
                yield Wrong(group, "each one once", f"{one} {count} times")


def _unknown(document: w.TimetableProblem) -> Iterator[Wrong]:
    """Yield what refers to nothing."""
    parties = {p.participation or p.id for p in document.persons}
    known = {
        "venue": {venue.id for venue in document.venues},
        "session": {session.id for session in document.sessions},
        "table": {table.id for venue in document.venues for table in venue.tables},
        "person": {person.id for person in document.persons},
        "participation": parties | {side.id for side in document.participations},
        "interpreter": {one.id for one in document.interpreters},
        "request": {request.id for request in document.requests},
    }
    for where, kind, named in chain(_placed_references(document), _asked_references(document)):
        if named is not None and named not in known[kind]:
            yield Wrong(where, f"a {kind} of this file", f"{named}, which is none")


_Reference = tuple[str, str, str | None]
"""Path, kind, and what is named."""


def _placed_references(document: w.TimetableProblem) -> Iterator[_Reference]:
    for n, session in enumerate(document.sessions):
        yield f"sessions.{n}.venue", "venue", session.venue
    for n, person in enumerate(document.persons):
        yield f"persons.{n}.venue", "venue", person.venue
    for n, one in enumerate(document.interpreters):
        yield f"interpreters.{n}.venue", "venue", one.venue
    for n, way in enumerate(document.travel):
        yield f"travel.{n}.one", "venue", way.one
        yield f"travel.{n}.other", "venue", way.other
    for n, place in enumerate(document.fixed):
        yield f"fixed.{n}.request", "request", place.request
        yield f"fixed.{n}.session", "session", place.session
        yield f"fixed.{n}.table", "table", place.table
        yield f"fixed.{n}.interpreter", "interpreter", place.interpreter


def _asked_references(document: w.TimetableProblem) -> Iterator[_Reference]:
    for n, request in enumerate(document.requests):
        yield from ((f"requests.{n}.persons", "person", who) for who in request.persons)
        yield from ((f"requests.{n}.parties", "participation", one) for one in request.parties)
        yield from ((f"requests.{n}.sessions", "session", one) for one in request.sessions)
    for n, order in enumerate(document.precedences):
        yield f"precedences.{n}.first", "request", order.first
        yield f"precedences.{n}.second", "request", order.second


def _zones(document: w.TimetableProblem) -> Iterator[Wrong]:
    known: dict[str, bool] = {}
    named = chain(
        ((f"venues.{n}.zone", v.zone) for n, v in enumerate(document.venues)),
        ((f"persons.{n}.zone", p.zone) for n, p in enumerate(document.persons)),
    )
    for where, zone in named:
        if zone not in known:
            known[zone] = _exists(zone)
        if not known[zone]:
            yield Wrong(where, "a zone of the IANA database, such as Asia/Shanghai", zone)


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _venues(document: w.TimetableProblem) -> Iterator[Wrong]:
    sessions: dict[str, list[str]] = defaultdict(list)
    for session in document.sessions:
        sessions[session.venue].append(session.id)
    for n, venue in enumerate(document.venues):
        held = ", ".join(sessions[venue.id])
        if held and venue.closed:
            found = f"session {held} at venue {venue.id}, which is closed"
            yield Wrong(f"venues.{n}.closed", "no sessions at a closed venue", found)
        if held and not venue.online and not venue.tables:
            found = f"none at venue {venue.id}, where session {held} is held"
            yield Wrong(f"venues.{n}.tables", "a table, or online: true", found)


def _requests(document: w.TimetableProblem) -> Iterator[Wrong]:
    if not document.requests:
        yield Wrong("requests", "a request or more", "none, so that there is nothing to plan")
    party = {person.id: person.participation or person.id for person in document.persons}
    for n, request in enumerate(document.requests):
        again = [who for who, count in Counter(request.persons).items() if count > 1]
        if again:
            found = f"{', '.join(again)} twice in request {request.id}"
            yield Wrong(f"requests.{n}.persons", "each person once", found)
        sides = set(request.parties) or {party.get(who, who) for who in request.persons}
        if len(sides) < _TWO:
            found = f"request {request.id} of {', '.join(sorted(sides))} with itself"
            yield Wrong(f"requests.{n}", "two parties or more", found)


def _cycles(document: w.TimetableProblem) -> Iterator[Wrong]:
    before: dict[str, set[str]] = defaultdict(set)
    for order in document.precedences:
        before[order.second].add(order.first)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        yield Wrong("precedences", "no circle", " before ".join(error.args[1]))


def contradictions(
    document: w.TimetableProblem, problem: Problem, told: Callable[[str], str]
) -> Iterator[Wrong]:
    """Yield which fixed meetings cannot all be; each time as few as contradict each other.

    Args:
        told: Puts names in place of ids.
    """
    position = {place.request: n for n, place in enumerate(document.fixed)}
    fixed = {placement.request_id: placement for placement in problem.fixed}
    yield from _too_many(problem, told)
    known: set[frozenset[UUID]] = set()
    for fault in violations(problem, Timetable(problem.fixed)):
        few = _smallest(problem, [fixed[it] for it in fault.requests if it in fixed], fault.rule)
        key = frozenset(placement.request_id for placement in few)
        if key in known:
            continue
        known.add(key)
        requests = [told(str(placement.request_id)) for placement in few]
        where = ", ".join(f"fixed.{position[request]}" for request in requests)
        found = f"requests {', '.join(requests)}: {told(str(fault))}"
        yield Wrong(where, "fixed meetings that keep the rules together", found)


def _too_many(problem: Problem, told: Callable[[str], str]) -> Iterator[Wrong]:
    """Yield persons with more fixed meetings than there are slots."""
    starts = len({slot.start for slots in problem.slots.values() for slot in slots})
    held: dict[UUID, list[UUID]] = defaultdict(list)
    for placement in problem.fixed:
        for who in problem.request[placement.request_id].persons:
            held[who].append(placement.request_id)
    for who, requests in held.items():
        if len(requests) > starts:
            names = ", ".join(map(str, requests))
            found = told(f"{len(requests)} for person {who}: {names}")
            yield Wrong("fixed", f"{starts} meetings of a person at most, one a slot", found)


def _smallest(problem: Problem, placements: Sequence[Placement], rule: str) -> list[Placement]:
    """Return as few of some placements as still break a rule: none can be left out."""
    kept = list(placements)
    for placement in placements:
        rest = [one for one in kept if one is not placement]
        local = replace(problem, fixed=())
        found = violations(local, Timetable(tuple(rest)))
        if rest and any(fault.rule == rule for fault in found):
            kept = rest
    return kept
