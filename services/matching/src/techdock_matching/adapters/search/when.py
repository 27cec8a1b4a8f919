"""When things could be: stretches of slots, who is free in them, and which exclude each other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from techdock_matching.adapters.search.compiled import Array
from techdock_matching.domain.spans import Span, joined
from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable import costs
from techdock_matching.domain.timetable.problem import Interpreter, Person, Problem, Venue

_MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some consecutive slots of a session."""

    session: int
    venue: int
    first: int
    length: int
    span: Span


def stretches(problem: Problem, lengths: Iterable[int]) -> list[Stretch]:
    """Return every stretch of some lengths; neighbours in a session follow each other."""
    venues = {venue.id: number for number, venue in enumerate(problem.venues)}
    found: list[Stretch] = []
    for length in sorted(lengths):
        for number, session in enumerate(problem.sessions):
            slots = problem.slots[session.id]
            for first in range(len(slots) - length + 1):
                span = Span(slots[first].start, slots[first + length - 1].end)
                found.append(Stretch(number, venues[session.venue_id], first, length, span))
    return found


def bounds(spans: Sequence[Span]) -> Array:
    """Return starts and ends in seconds, one row each."""
    flat = [edge for span in spans for edge in (span.start.timestamp(), span.end.timestamp())]
    return np.array(flat, np.float64).reshape(-1, 2)


def free_times(people: Sequence[Person | Interpreter], times: Array) -> Array:
    """Return for each one and stretch whether it lies in the hours and outside what is busy.

    Args:
        times: Starts and ends of the stretches, in seconds.
    """
    free = np.ones((len(people), len(times)), bool)
    with_hours = [number for number, one in enumerate(people) if one.hours]
    inside = _by_spans(
        [joined(people[number].hours) for number in with_hours],
        lambda start, end: (start <= times[:, 0]) & (times[:, 1] <= end),
        len(times),
    )
    free[with_hours] &= inside
    with_busy = [number for number, one in enumerate(people) if one.busy]
    free[with_busy] &= ~_by_spans(
        [people[number].busy for number in with_busy],
        lambda start, end: (start < times[:, 1]) & (times[:, 0] < end),
        len(times),
    )
    return free


def _by_spans(
    spans: Sequence[Sequence[Span]], holds: Callable[[Array, Array], Array], count: int
) -> Array:
    """Return for each list of spans and each stretch whether it holds for any of them."""
    if not spans:
        return np.zeros((0, count), bool)
    edges = bounds([span for some in spans for span in some])
    each = holds(edges[:, :1], edges[:, 1:])
    begins = np.cumsum([0, *(len(some) for some in spans[:-1])])
    return np.asarray(np.logical_or.reduceat(each, begins, axis=0))


def zones(people: Sequence[Person]) -> dict[str, Person]:
    """Return somebody of each zone who does not meet at night."""
    return {person.zone: replace(person, night=False) for person in people}


def nights(of_zone: Mapping[str, Person], spans: Sequence[Span]) -> dict[str, Array]:
    """Return for each zone which stretches touch the night."""
    return {
        zone: np.array([c.is_night(somebody, span) for span in spans], bool)
        for zone, somebody in of_zone.items()
    }


def hours_off(of_zone: Mapping[str, Person], spans: Sequence[Span]) -> dict[str, Array]:
    """Return for each zone by how many hours each stretch leaves the day."""
    return {
        zone: np.array([costs.hours_off(somebody, span) for span in spans], np.int64)
        for zone, somebody in of_zone.items()
    }


def location(problem: Problem, home: UUID | None, venue: Venue) -> UUID | None:
    """Return where somebody of a home is during a meeting at a venue; none: on the line."""
    if home is None or venue.online:
        return home
    return venue.id if (home, venue.id) in problem.travel_minutes else home


def apart(problem: Problem, home: UUID | None, found: Sequence[Stretch], times: Array) -> Array:
    """Return which stretches exclude each other for somebody of a home: overlap, or the way."""
    starts, ends = times[:, 0], times[:, 1]
    overlap = (starts[:, None] < ends[None, :]) & (starts[None, :] < ends[:, None])
    places = [location(problem, home, venue) for venue in problem.venues]
    if home is None:
        return np.asarray(overlap)
    way = np.zeros((len(places), len(places)))
    for a, one in enumerate(places):
        for b, other in enumerate(places):
            if one is not None and other is not None and one != other:
                minutes = problem.travel_minutes.get((one, other), 0) + problem.buffer_minutes
                way[a, b] = minutes * _MINUTE_S
    venues = np.array([stretch.venue for stretch in found], np.int64)
    late = ends[:, None] + way[venues[:, None], venues[None, :]] > starts[None, :]
    first = ends[:, None] <= starts[None, :]
    hurried = first & late
    return np.asarray(overlap | hurried | hurried.T)


def packed(rows: Array) -> Array:
    """Return rows of truth values as rows of 64-bit words."""
    words = max(1, -(-rows.shape[-1] // 64))
    wide = np.zeros((*rows.shape[:-1], 64 * words), bool)
    wide[..., : rows.shape[-1]] = rows
    eight = np.packbits(wide, axis=-1, bitorder="little")
    return np.ascontiguousarray(eight).view("<u8").astype(np.uint64)
