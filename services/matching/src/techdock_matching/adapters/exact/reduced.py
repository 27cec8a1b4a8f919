"""What follows from a B2BSP problem at once, before any search.

Slots that a meeting may still have are bits of a word. Each step takes away slots that no answer
can use, so that search sees a smaller problem, and some problems are found infeasible here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from techdock_matching.domain.timetable.b2bsp import B2bProblem, HalfDay

Bits = int


@dataclass(frozen=True, slots=True)
class Reduced:
    """A problem with the slots that are left.

    Attributes:
        domains: Of each meeting, the slots it may have, as bits.
        of: Of each participant, the meetings.
        least: Of each participant, a number of breaks that it cannot go below.
        infeasible: Some meeting or participant has too few slots, or all have too few tables.
    """

    problem: B2bProblem
    domains: tuple[Bits, ...]
    of: tuple[tuple[int, ...], ...]
    least: tuple[int, ...]
    infeasible: bool

    def allowed(self, participant: int) -> Bits:
        """The slots in which the participant may have a meeting."""
        found = 0
        for meeting in self.of[participant]:
            found |= self.domains[meeting]
        return found


def reduce(problem: B2bProblem) -> Reduced:
    """Take away what cannot be, until nothing changes."""
    of = meetings_of(problem)
    domains = [first_slots(problem, meeting) for meeting in range(len(problem.meetings))]
    changed = True
    while changed and all(domains):
        before = list(domains)
        _order(problem, domains)
        for meetings in of:
            _keep_apart(meetings, domains)
        changed = domains != before
    least = tuple(_least_breaks([domains[meeting] for meeting in meetings]) for meetings in of)
    crowded = len(problem.meetings) > problem.tables * problem.slots
    infeasible = crowded or not all(domains) or None in least
    return Reduced(problem, tuple(domains), of, tuple(breaks or 0 for breaks in least), infeasible)


def meetings_of(problem: B2bProblem) -> tuple[tuple[int, ...], ...]:
    """The meetings of each participant."""
    found: list[list[int]] = [[] for _ in range(problem.participants)]
    for meeting, pair in enumerate(problem.meetings):
        for participant in pair:
            found[participant].append(meeting)
    return tuple(map(tuple, found))


def first_slots(problem: B2bProblem, meeting: int) -> Bits:
    """The slots that the meeting's own rules leave: half day, fixed slot, who is away."""
    morning = (1 << problem.morning_slots) - 1
    slots = (1 << problem.slots) - 1
    if problem.half_days[meeting] is HalfDay.MORNING:
        slots &= morning
    elif problem.half_days[meeting] is HalfDay.AFTERNOON:
        slots &= ~morning
    fixed = problem.fixed[meeting]
    if fixed is not None:
        slots &= 1 << fixed
    for participant in problem.meetings[meeting]:
        slots &= ~bits(problem.forbidden[participant])
    return slots


def bits(slots: Iterable[int]) -> Bits:
    """The slots as bits of a word."""
    return sum(1 << slot for slot in set(slots))


def slots_in(domain: Bits) -> list[int]:
    """The slots that are set, in order."""
    return [slot for slot in range(domain.bit_length()) if domain >> slot & 1]


def _order(problem: B2bProblem, domains: list[Bits]) -> None:
    """A meeting is after the first slot of each that comes before it, and the other way round."""
    for meeting, earlier in enumerate(problem.before):
        for first in earlier:
            if not domains[first] or not domains[meeting]:
                return
            lowest = domains[first] & -domains[first]
            domains[meeting] &= ~((lowest << 1) - 1)
            domains[first] &= (1 << max(0, domains[meeting].bit_length() - 1)) - 1


def _keep_apart(meetings: Sequence[int], domains: list[Bits]) -> None:
    """Meetings that together have as many slots as they are many leave these to nobody else.

    Looks at the meetings inside each meeting's slots; that finds most of what a matching would.
    """
    for inside in {domains[meeting] for meeting in meetings}:
        within = [meeting for meeting in meetings if not domains[meeting] & ~inside]
        free = inside.bit_count()
        if len(within) < free:
            continue
        if len(within) > free:
            domains[within[0]] = 0
            return
        for meeting in meetings:
            if domains[meeting] & ~inside:
                domains[meeting] &= ~inside


def _least_breaks(domains: Sequence[Bits]) -> int | None:
    """Breaks that a participant has at least, whatever the other participants do.

    The fewest runs that as many slots as there are meetings can form, all of them allowed, and
    with those among them that some meeting must have.

    Returns:
        None if the slots are too few.
    """
    allowed = must = 0
    for domain in domains:
        allowed |= domain
        must |= domain if domain.bit_count() == 1 else 0
    # Fewest runs by the number of slots taken, the last slot idle and the last slot taken.
    idle: dict[int, int] = {0: 0}
    taken: dict[int, int] = {}
    for slot in range(allowed.bit_length()):
        next_idle: dict[int, int] = {}
        next_taken: dict[int, int] = {}
        if not must >> slot & 1:
            next_idle = dict(idle)
            for count, runs in taken.items():
                next_idle[count] = min(runs, next_idle.get(count, runs))
        if allowed >> slot & 1:
            next_taken = {count + 1: runs for count, runs in taken.items()}
            for count, runs in idle.items():
                next_taken[count + 1] = min(runs + 1, next_taken.get(count + 1, runs + 1))
        idle, taken = next_idle, next_taken
    found = [runs[len(domains)] for runs in (idle, taken) if len(domains) in runs]
    return max(0, min(found) - 1) if found else None
