"""Where a request could be met at all, before anybody else is looked at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from uuid import UUID
from zoneinfo import ZoneInfo

from techdock_matching.domain.spans import Span, joined, tick_start, ticks
from techdock_matching.domain.timetable.problem import (
    VIDEO_LINK,
    Interpreter,
    Person,
    Problem,
    Request,
    Table,
    Venue,
)
from techdock_matching.domain.timetable.rules import NIGHT_ENDS_AT

Gap = tuple[frozenset[str], frozenset[str]]
"""The languages of two parties that share none."""


@dataclass(frozen=True, slots=True)
class Chance:
    """A stretch of slots in a session.

    Attributes:
        first_slot: From 0.
    """

    session_id: UUID
    venue_id: UUID
    first_slot: int
    span: Span


def chances(problem: Problem, request: Request) -> Iterator[Chance]:
    """Yield every stretch of slots that is long enough, in sessions that the request allows."""
    for session in problem.sessions:
        if request.sessions and session.id not in request.sessions:
            continue
        slots = problem.slots[session.id]
        for first in range(len(slots) - request.slots + 1):
            span = Span(slots[first].start, slots[first + request.slots - 1].end)
            yield Chance(session.id, session.venue_id, first, span)


@dataclass(frozen=True, slots=True)
class Way:
    """A way to hold a meeting at a venue: one of the tables, and one of the interpreters.

    Attributes:
        tables: The best first; empty: online, without one.
        interpreters: Those who close the language gaps; empty: none is needed.
    """

    tables: tuple[Table, ...]
    interpreters: tuple[Interpreter, ...]


def ways(
    problem: Problem, request: Request, venue: Venue, *, interpreted: bool = False
) -> tuple[Way, ...]:
    """Return every way to hold a meeting at a venue, the plainest first; none: it cannot be.

    Args:
        interpreted: As if an interpreter were there.
    """
    if not meets_at(problem, request, venue):
        return ()
    gaps = () if interpreted else language_gaps(problem, request)
    needed = joins_by_link(problem, request, venue)
    found: list[Way] = []
    # With a video link also an interpreter from elsewhere can join.
    for link in (needed,) if needed or not gaps else (False, True):
        tables = () if venue.online else tables_for(problem, request, venue, link=link)
        interpreters = interpreters_for(problem, gaps, venue, link=link)
        if (venue.online or tables) and (interpreters or not gaps):
            found.append(Way(tables, interpreters))
    return tuple(found)


def meets_at(problem: Problem, request: Request, venue: Venue) -> bool:
    """Whether the persons can meet there: somebody is present, or it is online and has a point."""
    persons = [problem.person[who] for who in request.persons]
    if venue.online:
        sites = {person.venue_id for person in persons}
        return len(sites) > 1 or None in sites
    return any(problem.where(person, venue.id) == venue.id for person in persons)


def joins_by_link(problem: Problem, request: Request, venue: Venue) -> bool:
    """Whether somebody is not at a venue, so that the table needs a video link."""
    if venue.online:
        return False
    persons = (problem.person[who] for who in request.persons)
    return any(problem.where(person, venue.id) != venue.id for person in persons)


def tables_for(
    problem: Problem, request: Request, venue: Venue, *, link: bool
) -> tuple[Table, ...]:
    """Return the tables that suit: the own booth first, those with a link last unless needed."""
    owners = {problem.participation[party].organization_id for party in request.parties}
    suiting = [
        table
        for table in venue.tables
        if (table.owner_id is None or table.owner_id in owners)
        and (not link or VIDEO_LINK in table.equipment)
    ]
    return tuple(
        sorted(suiting, key=lambda t: (t.owner_id is None, VIDEO_LINK in t.equipment, t.id))
    )


def language_gaps(problem: Problem, request: Request) -> tuple[Gap, ...]:
    """Return the pairs of parties that share no language."""
    spoken: list[frozenset[str]] = []
    for party in request.parties:
        persons = (problem.person[who] for who in request.persons)
        own = [person.languages for person in persons if person.participation_id == party]
        spoken.append(frozenset[str]().union(*own) if all(own) else frozenset())
    return tuple((a, b) for a, b in combinations(spoken, 2) if a and b and not a & b)


def covers(languages: frozenset[str], gaps: Sequence[Gap]) -> bool:
    """Whether one interpreter with these languages closes all gaps."""
    return all(a & languages and b & languages for a, b in gaps)


def interpreters_for(
    problem: Problem, gaps: Sequence[Gap], venue: Venue, *, link: bool
) -> tuple[Interpreter, ...]:
    """Return who could interpret at a venue; one from elsewhere needs a video link."""
    if not gaps:
        return ()
    here = (one for one in problem.interpreters if venue.online or link or one.venue_id == venue.id)
    return tuple(sorted((i for i in here if covers(i.languages, gaps)), key=lambda i: i.id))


def is_free(somebody: Person | Interpreter, span: Span) -> bool:
    """Whether a span lies in the hours of somebody who is not busy elsewhere then."""
    hours = _joined(somebody.hours)
    within = not hours or any(own.contains(span) for own in hours)
    return within and not any(busy.overlaps(span) for busy in somebody.busy)


def is_night(person: Person, span: Span) -> bool:
    """Whether a span touches the hours in which the person does not meet."""
    return not person.night and _touches_night(person.zone, span)


@lru_cache(maxsize=4096)
def _touches_night(zone: str, span: Span) -> bool:
    local = ZoneInfo(zone)
    return any(
        tick_start(tick).astimezone(local).hour < NIGHT_ENDS_AT
        for tick in ticks(span.start, span.end)
    )


@lru_cache(maxsize=4096)
def _joined(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    return joined(spans)
