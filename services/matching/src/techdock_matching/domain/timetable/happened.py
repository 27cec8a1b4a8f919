"""What happens on the day: a person, a table or an interpreter is away, a request wants a place."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from techdock_matching.domain.spans import Span
from techdock_matching.domain.timetable.problem import Problem


class What(StrEnum):
    """What something happened to."""

    PERSON = "person"
    TABLE = "table"
    INTERPRETER = "interpreter"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened.

    Attributes:
        id: Of the person, table or interpreter that is away, or of the request that wants a place.
        span: How long; none for a request.
    """

    what: What
    id: UUID
    span: Span | None = None

    def applied(self, problem: Problem) -> Problem:
        """Return the problem as it is afterwards."""
        if self.span is None:
            return problem
        away = (self.span,)
        if self.what is What.PERSON:
            persons = tuple(
                replace(p, busy=p.busy + away) if p.id == self.id else p for p in problem.persons
            )
            return replace(problem, persons=persons)
        if self.what is What.INTERPRETER:
            interpreters = tuple(
                replace(i, busy=i.busy + away) if i.id == self.id else i
                for i in problem.interpreters
            )
            return replace(problem, interpreters=interpreters)
        venues = tuple(
            replace(
                venue,
                tables=tuple(
                    replace(t, busy=t.busy + away) if t.id == self.id else t for t in venue.tables
                ),
            )
            for venue in problem.venues
        )
        return replace(problem, venues=venues)
