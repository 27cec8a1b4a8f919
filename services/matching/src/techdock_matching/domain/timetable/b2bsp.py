"""The published business-to-business meeting scheduling problem (B2BSP), as plain data.

The benchmark that timetable engines are compared on: who meets whom is given, every meeting must
be held, and participants should wait little. `measure` judges an answer from the published rules
alone and shares no code with any solver.

Inside, participants, meetings and slots count from 0; files and messages count from 1.

Source: M. Bofill, J. Coll, M. Garcia, J. Giraldez-Cru, G. Pesant, J. Suy, M. Villaret, "Constraint
Solving Approaches to the Business-to-Business Meeting Scheduling Problem", Journal of Artificial
Intelligence Research 74, 2022.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from itertools import pairwise

MOST_DIFFERENCE = 2
"""By how much the numbers of breaks of two participants may differ."""


class HalfDay(IntEnum):
    """When a meeting may be held; the values are those of the files."""

    MORNING = 1
    AFTERNOON = 2
    ANY = 3


@dataclass(frozen=True, slots=True)
class B2bProblem:
    """One docking event of the benchmark.

    Attributes:
        participants: How many there are.
        tables: Meetings that may be held in one slot.
        slots: How many there are; the first `morning_slots` of them are the morning.
        meetings: The two participants of each.
        half_days: When each meeting may be held.
        forbidden: Slots in which each participant is away.
        fixed: The slot a meeting must have; none: free.
        before: Meetings that must be over before each meeting.
    """

    name: str
    participants: int
    tables: int
    slots: int
    morning_slots: int
    meetings: tuple[tuple[int, int], ...]
    half_days: tuple[HalfDay, ...]
    forbidden: tuple[frozenset[int], ...]
    fixed: tuple[int | None, ...]
    before: tuple[frozenset[int], ...]


class B2bStatus(StrEnum):
    """What is known of a problem in the end."""

    OPTIMAL = "OPTIMAL"
    INFEASIBLE = "INFEASIBLE"
    FEASIBLE = "FEASIBLE"
    """There is an answer; a better one was neither found nor excluded."""
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class B2bProgress:
    """How far a solver is.

    Attributes:
        breaks: Of the best answer so far; none: there is no answer yet.
        bound: No answer has fewer breaks.
        seconds: Since the solver began.
    """

    breaks: int | None
    bound: int
    seconds: float


@dataclass(frozen=True, slots=True)
class B2bOutcome:
    """What a solver found.

    Attributes:
        slots: The slot of each meeting; empty: there is no answer.
        breaks: Of all participants; none: there is no answer.
        bound: No answer has fewer breaks; none: there is no answer, proven.
    """

    status: B2bStatus
    slots: tuple[int, ...]
    breaks: int | None
    bound: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class B2bConflict:
    """Rules that cannot all be kept.

    Attributes:
        fixed: Meetings whose fixed slots are among them.
        precedences: Pairs of meetings of which the first must be before the second.
        away: Participants whose absences are among them.
    """

    fixed: tuple[int, ...] = ()
    precedences: tuple[tuple[int, int], ...] = ()
    away: tuple[int, ...] = ()

    def sentence(self) -> str:
        """Say it in one sentence, counting from 1."""
        said = [f"meeting {m + 1} is fixed" for m in self.fixed]
        said += [f"meeting {a + 1} is before meeting {b + 1}" for a, b in self.precedences]
        said += [f"participant {p + 1} is away at times" for p in self.away]
        if not said:
            return "there are too few slots or tables for the meetings of somebody"
        return f"these cannot all be kept: {'; '.join(said)}"


@dataclass(frozen=True, slots=True)
class Measured:
    """What an answer is worth.

    Attributes:
        breaks: Of each participant.
        violations: One sentence for each broken rule; an answer without any is valid.
    """

    breaks: tuple[int, ...]
    violations: tuple[str, ...]

    @property
    def total(self) -> int:
        """Breaks of all participants: what is to be least."""
        return sum(self.breaks)


def measure(problem: B2bProblem, slots: Sequence[int]) -> Measured:
    """Judge an answer by the published rules.

    A break is a run of idle slots, however long, between two meetings of a participant; the change
    from morning to afternoon does not end one.

    Args:
        slots: The slot of each meeting.
    """
    if len(slots) != len(problem.meetings):
        sentence = f"{len(slots)} slots for {len(problem.meetings)} meetings"
        return Measured((0,) * problem.participants, (sentence,))
    busy: list[set[int]] = [set() for _ in range(problem.participants)]
    for pair, slot in zip(problem.meetings, slots, strict=True):
        for participant in pair:
            busy[participant].add(slot)
    breaks = tuple(
        sum(after - slot > 1 for slot, after in pairwise(times)) for times in map(sorted, busy)
    )
    found = [*_misplaced(problem, slots), *_crowded(problem, slots), *_disordered(problem, slots)]
    if breaks and max(breaks) - min(breaks) > MOST_DIFFERENCE:
        least, most = breaks.index(min(breaks)), breaks.index(max(breaks))
        found.append(
            f"participant {most + 1} has {breaks[most]} breaks and participant {least + 1} has "
            f"{breaks[least]}; they may differ by {MOST_DIFFERENCE}"
        )
    return Measured(breaks, tuple(found))


def _misplaced(problem: B2bProblem, slots: Sequence[int]) -> Iterator[str]:
    """Meetings in a slot that they, or their participants, do not allow."""
    for meeting, slot in enumerate(slots):
        said = f"meeting {meeting + 1} is in slot {slot + 1}"
        if not 0 <= slot < problem.slots:
            yield f"{said}; there are slots 1 to {problem.slots}"
            continue
        for participant in problem.meetings[meeting]:
            if slot in problem.forbidden[participant]:
                yield f"{said}; participant {participant + 1} is away then"
        half_day = problem.half_days[meeting]
        if half_day is HalfDay.MORNING and slot >= problem.morning_slots:
            yield f"{said}; it belongs in the morning"
        if half_day is HalfDay.AFTERNOON and slot < problem.morning_slots:
            yield f"{said}; it belongs in the afternoon"
        fixed = problem.fixed[meeting]
        if fixed is not None and slot != fixed:
            yield f"{said}; it is fixed in slot {fixed + 1}"


def _crowded(problem: B2bProblem, slots: Sequence[int]) -> Iterator[str]:
    """Participants in two meetings at once, and slots with more meetings than tables."""
    seats = Counter(
        (participant, slot)
        for pair, slot in zip(problem.meetings, slots, strict=True)
        for participant in pair
    )
    for (participant, slot), count in seats.items():
        if count > 1:
            yield f"participant {participant + 1} has {count} meetings in slot {slot + 1}"
    for slot, count in Counter(slots).items():
        if count > problem.tables:
            yield f"slot {slot + 1} has {count} meetings and {problem.tables} tables"


def _disordered(problem: B2bProblem, slots: Sequence[int]) -> Iterator[str]:
    """Meetings that are not after those that must come before them."""
    for meeting, earlier in enumerate(problem.before):
        for first in sorted(earlier):
            if slots[first] >= slots[meeting]:
                yield (
                    f"meeting {first + 1} in slot {slots[first] + 1} must be before "
                    f"meeting {meeting + 1} in slot {slots[meeting] + 1}"
                )
