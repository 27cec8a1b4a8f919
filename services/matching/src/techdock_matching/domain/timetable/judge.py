"""The judge: every rule, on any timetable, whoever made it."""

from collections.abc import Iterator
from uuid import UUID

from techdock_matching.domain.timetable.problem import Problem, Timetable
from techdock_matching.domain.timetable.rules import RULES, Violation, unsound


def violations(problem: Problem, timetable: Timetable) -> Iterator[Violation]:
    """Yield each rule that a timetable breaks, and how; nothing means it is valid."""
    faulty: set[UUID] = set()
    for fault in unsound(problem, timetable):
        faulty.update(fault.requests)
        yield fault
    sound = Timetable(tuple(p for p in timetable.placements if p.request_id not in faulty))
    for rule in RULES.values():
        yield from rule(problem, sound)
