"""What a timetable costs, level by level; a lower level never outweighs a higher one."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from techdock_matching.domain.spans import Span, tick_start, ticks
from techdock_matching.domain.timetable.problem import Person, Placement, Problem, Timetable

Cost: TypeAlias = tuple[int, ...]
"""One figure per level, most important first; compared from the left, lower is better."""

DAY_BEGINS_AT = 7
DAY_ENDS_AT = 21
"""Local hours between which a meeting costs nobody anything."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level of the cost.

    Attributes:
        code: What is counted: a key of `FIGURES`.
        weight: Multiplies the figure; 0 switches the level off.
    """

    code: str
    weight: int = 1


LEVELS = (
    Level("below_wish"),
    Level("unplaced"),
    Level("worst_hour"),
    Level("gaps"),
    Level("gap_spread"),
    Level("changes"),
    Level("moved"),
)
"""The order of the levels, unless a docking event has its own."""


def evaluate(
    problem: Problem,
    timetable: Timetable,
    held: Timetable | None = None,
    levels: Sequence[Level] = LEVELS,
) -> Cost:
    """Return what a valid timetable costs.

    Args:
        held: The timetable that people already hold; none: nobody holds one.
    """
    before = held or Timetable()
    return tuple(
        level.weight * FIGURES[level.code](problem, timetable, before) if level.weight else 0
        for level in levels
    )


def below_wish(problem: Problem, timetable: Timetable, _: Timetable) -> int:
    """Count the persons who meet less often than wished, though enough was accepted."""
    asked = Counter(who for r in problem.requests if r.accepted for who in r.persons)
    met = Counter(
        who for p in timetable.placements for who in problem.request[p.request_id].persons
    )
    return sum(met[who] < min(wish(problem, who), count) for who, count in asked.items())


def wish(problem: Problem, person_id: UUID) -> int:
    """Return how many meetings a person wishes at least."""
    return problem.participation[problem.person[person_id].participation_id].least


def unplaced(problem: Problem, timetable: Timetable, _: Timetable) -> int:
    """Return the weight of accepted requests without a place."""
    placed = timetable.by_request
    return sum(r.weight for r in problem.requests if r.accepted and r.id not in placed)


def worst_hour(problem: Problem, timetable: Timetable, _: Timetable) -> int:
    """Return by how many hours anybody has to leave the day (07:00 to 21:00 at home) at worst."""
    return max(
        (
            hours_off(person, problem.span(placement))
            for placement in timetable.placements
            for person in map(problem.person.__getitem__, _persons(problem, placement))
        ),
        default=0,
    )


def hours_off(person: Person, span: Span) -> int:
    """Return by how many hours, begun ones counted, a span leaves the day of a person."""
    return _hours_off(person.zone, span)


@lru_cache(maxsize=8192)
def _hours_off(zone: str, span: Span) -> int:
    local = ZoneInfo(zone)
    hours = {tick_start(tick).astimezone(local).hour for tick in ticks(span.start, span.end)}
    return max(_off(hour) for hour in hours)


def gaps(problem: Problem, timetable: Timetable, _: Timetable) -> int:
    """Count the idle gaps of all persons: runs of free slots between two meetings of a session."""
    return sum(gaps_of_each(problem, timetable).values())


def gap_spread(problem: Problem, timetable: Timetable, _: Timetable) -> int:
    """Return the difference between the most and the fewest gaps of a person."""
    each = gaps_of_each(problem, timetable).values()
    return max(each, default=0) - min(each, default=0)


def gaps_of_each(problem: Problem, timetable: Timetable) -> dict[UUID, int]:
    """Count the gaps of everybody who meets at all; the breaks between sessions are none."""
    days: dict[tuple[UUID, UUID], list[tuple[int, int]]] = defaultdict(list)
    for placement in timetable.placements:
        for person in _persons(problem, placement):
            slots = (placement.first_slot, placement.first_slot + placement.slots)
            days[person, placement.session_id].append(slots)
    found: Counter[UUID] = Counter({person: 0 for person, _ in days})
    for (person, _), day in days.items():
        found[person] += sum(end < start for (_, end), (start, _) in pairwise(sorted(day)))
    return found


def changes(problem: Problem, timetable: Timetable, _: Timetable) -> int:
    """Count the changes of table and interpreter between meetings, and booths left alone."""
    days: dict[tuple[UUID, UUID], list[Placement]] = defaultdict(list)
    for placement in timetable.placements:
        for person in _persons(problem, placement):
            days[person, placement.session_id].append(placement)
    count = sum(_away_from_booth(problem, timetable))
    for day in days.values():
        for one, other in pairwise(sorted(day, key=lambda placement: placement.first_slot)):
            count += one.table_id != other.table_id
            helpers = one.interpreter_id, other.interpreter_id
            count += helpers[0] != helpers[1] and None not in helpers
    return count


def moved(_: Problem, timetable: Timetable, held: Timetable) -> int:
    """Count the meetings that people hold and that are not where they were."""
    now = timetable.by_request
    return sum(now.get(placement.request_id) != placement for placement in held.placements)


FIGURES: Mapping[str, Callable[[Problem, Timetable, Timetable], int]] = {
    "below_wish": below_wish,
    "unplaced": unplaced,
    "worst_hour": worst_hour,
    "gaps": gaps,
    "gap_spread": gap_spread,
    "changes": changes,
    "moved": moved,
}


def _off(hour: int) -> int:
    if DAY_BEGINS_AT <= hour < DAY_ENDS_AT:
        return 0
    return min((DAY_BEGINS_AT - hour) % 24, (hour - DAY_ENDS_AT) % 24 + 1)


def _persons(problem: Problem, placement: Placement) -> tuple[UUID, ...]:
    return problem.request[placement.request_id].persons


def _away_from_booth(problem: Problem, timetable: Timetable) -> Iterator[bool]:
    booths: dict[UUID, dict[UUID, UUID]] = defaultdict(dict)
    for venue in problem.venues:
        for table in venue.tables:
            if table.owner_id is not None:
                booths[venue.id][table.owner_id] = table.id
    for placement in timetable.placements:
        own = booths.get(placement.venue_id, {})
        parties = problem.request[placement.request_id].parties
        owners = {problem.participation[party].organization_id for party in parties}
        mine = {own[owner] for owner in owners if owner in own}
        yield bool(mine) and placement.table_id not in mine
