"""When people and tables can be had, as a bit for each tick: quick to ask again and again."""

from zoneinfo import ZoneInfo

from techdock_matching.domain.spans import Span, joined, tick, tick_start, ticks
from techdock_matching.domain.timetable.problem import Interpreter, Person, Problem, Table
from techdock_matching.domain.timetable.rules import NIGHT_ENDS_AT


class Hours:
    """The ticks of a problem, from the start of its first session to the end of its last."""

    def __init__(self, problem: Problem) -> None:
        self._zero = min((tick(session.start) for session in problem.sessions), default=0)
        ends = (ticks(session.start, session.end).stop for session in problem.sessions)
        self._count = max(ends, default=self._zero) - self._zero
        self._all = (1 << self._count) - 1
        self._known: dict[Span, int] = {}
        self._absent: dict[tuple[object, ...], int] = {}
        self._nights: dict[str, int] = {}

    def bits(self, span: Span) -> int:
        """Return a bit for each tick that a span touches."""
        found = self._known.get(span)
        if found is None:
            found = self._known[span] = self._touched(span)
        return found

    def bit(self, number: int) -> int:
        """Return the bit of a tick, by its number."""
        return self._between(number, number + 1)

    def absence(self, somebody: Person | Interpreter | Table) -> int:
        """Return the ticks in which somebody is not free, or a table cannot be used."""
        key = (type(somebody), somebody.id)
        found = self._absent.get(key)
        if found is None:
            found = 0
            for busy in somebody.busy:
                found |= self._touched(busy)
            hours = () if isinstance(somebody, Table) else joined(somebody.hours)
            if hours:
                within = 0
                for span in hours:
                    within |= self._filled(span)
                found |= self._all & ~within
            self._absent[key] = found
        return found

    def night(self, person: Person) -> int:
        """Return the ticks in which a person does not meet, unless the person agreed to."""
        if person.night:
            return 0
        if person.zone not in self._nights:
            zone = ZoneInfo(person.zone)
            numbers = range(self._count)
            local = (tick_start(self._zero + n).astimezone(zone).hour for n in numbers)
            found = (1 << n for n, hour in zip(numbers, local, strict=True) if hour < NIGHT_ENDS_AT)
            self._nights[person.zone] = sum(found)
        return self._nights[person.zone]

    def _touched(self, span: Span) -> int:
        found = ticks(span.start, span.end)
        return self._between(found.start, found.stop)

    def _filled(self, span: Span) -> int:
        """Return the ticks that lie in a span from their start to their end."""
        start, end = tick(span.start), tick(span.end)
        return self._between(start + (tick_start(start) < span.start), end)

    def _between(self, start: int, stop: int) -> int:
        first, last = max(0, start - self._zero), min(self._count, stop - self._zero)
        return ((1 << (last - first)) - 1) << first if last > first else 0
