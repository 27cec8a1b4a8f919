"""Reads the `.dzn` files of the B2BSP benchmark.

The files are MiniZinc data: `name = value;`, where a value is a number, an array, rows between
bars, or an array of sets. What is wrong is named by line and field.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from techdock_shared.errors import FieldError, Invalid

from techdock_matching.domain.timetable.b2bsp import B2bProblem, HalfDay

MOST_SLOTS = 60
"""A day is kept in the bits of one machine word."""

_MOST = 100_000
_ROW = 3
_ONE_NUMBER = ("nBusiness", "nMeetings", "nTables", "nTotalSlots", "nMorningSlots")
_TOKEN = re.compile(
    r"(?P<number>-?\d+)|(?P<range>\.\.)|(?P<name>[A-Za-z_]\w*)|(?P<mark>[=;\[\]{}|,])"
    r"|(?P<gap>\s+|%[^\n]*)|(?P<odd>.)"
)


@dataclass(frozen=True, slots=True)
class _Number:
    value: int
    line: int


@dataclass(frozen=True, slots=True)
class _Set:
    numbers: tuple[_Number, ...]
    line: int


@dataclass(frozen=True, slots=True)
class _Field:
    """What stands behind a name: one number, or the items of an array."""

    name: str
    line: int
    number: _Number | None
    items: tuple[_Number | _Set, ...]


def read_b2bsp(text: str, name: str) -> B2bProblem:
    """Read a problem.

    Fields: nBusiness, nMeetings, nTables, nTotalSlots, nMorningSlots, requested (participant,
    participant and half day of each meeting) and, where there are any, forbidden, fixed (or
    fixat; 0: free) and precedences. Other fields say nothing new and are passed over.

    Args:
        text: The whole file.
        name: What the problem is called.

    Raises:
        Invalid: A field is missing, twice there, or wrong; its `errors` name the field and line.
    """
    fields = _Reader(name, text).fields()
    return _Problem(name, fields).build()


def _refuse(file: str, field: str, line: int, expected: str, found: str) -> NoReturn:
    where = f"{field}, line {line}" if line else field
    raise Invalid(
        f"{file}: {where}: expected {expected}, found {found}",
        errors=(FieldError(where, expected, found[:80]),),
    )


class _Reader:
    """Cuts the text into fields."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._kinds: list[str] = []
        self._texts: list[str] = []
        self._lines: list[int] = []
        self._at = 0
        self._field = "file"
        line = 1
        for match in _TOKEN.finditer(text):
            kind, said = str(match.lastgroup), match.group()
            if kind != "gap":
                self._kinds.append(kind)
                self._texts.append(said)
                self._lines.append(line)
            line += said.count("\n")
        self._kinds.append("end")
        self._texts.append("the end of the file")
        self._lines.append(line)

    def fields(self) -> dict[str, _Field]:
        found: dict[str, _Field] = {}
        while self._kinds[self._at] != "end":
            self._field = "file"
            line = self._lines[self._at]
            name = self._take("name", "the name of a field")
            self._field = name
            if name in found:
                self._refuse(f"{name} once", f"it again after line {found[name].line}", line)
            self._mark("=")
            found[name] = self._value(name, line)
            self._mark(";")
        return found

    def _refuse(self, expected: str, found: str, line: int) -> NoReturn:
        _refuse(self._file, self._field, line, expected, found)

    def _take(self, kind: str, expected: str) -> str:
        if self._kinds[self._at] != kind:
            self._refuse(expected, self._texts[self._at], self._lines[self._at])
        self._at += 1
        return self._texts[self._at - 1]

    def _next_is(self, text: str) -> bool:
        return self._texts[self._at] == text

    def _mark(self, text: str) -> None:
        if not self._next_is(text):
            self._refuse(f"`{text}`", self._texts[self._at], self._lines[self._at])
        self._at += 1

    def _number(self) -> _Number:
        line = self._lines[self._at]
        said = self._take("number", "a whole number")
        if len(said) > len(str(_MOST)) or not -_MOST <= int(said) <= _MOST:
            self._refuse(f"a number up to {_MOST}", said, line)
        return _Number(int(said), line)

    def _value(self, name: str, line: int) -> _Field:
        if self._kinds[self._at] == "number":
            return _Field(name, line, self._number(), ())
        if not self._next_is("["):
            self._refuse("a number or an array", self._texts[self._at], self._lines[self._at])
        self._at += 1
        items: list[_Number | _Set] = []
        while not self._next_is("]"):
            if self._texts[self._at] in {"|", ","}:
                self._at += 1
            else:
                items.append(self._item())
        self._mark("]")
        return _Field(name, line, None, tuple(items))

    def _item(self) -> _Number | _Set:
        line = self._lines[self._at]
        if not self._next_is("{"):
            first = self._number()
            return _Set(self._rest(first), line) if self._next_is("..") else first
        self._at += 1
        numbers: list[_Number] = []
        while not self._next_is("}"):
            numbers.extend(self._rest(self._number()))
            if not self._next_is("}"):
                self._mark(",")
        self._mark("}")
        return _Set(tuple(numbers), line)

    def _rest(self, first: _Number) -> tuple[_Number, ...]:
        """The numbers from the first to the one behind the dots, or the first alone."""
        if not self._next_is(".."):
            return (first,)
        self._at += 1
        last = self._number()
        return tuple(_Number(value, first.line) for value in range(first.value, last.value + 1))


class _Problem:
    """Builds the problem from its fields, each number checked against what it counts."""

    def __init__(self, file: str, fields: Mapping[str, _Field]) -> None:
        self._file = file
        self._fields = fields

    def build(self) -> B2bProblem:
        people, meetings, tables, slots, morning = map(self._one, _ONE_NUMBER)
        if slots.value > MOST_SLOTS:
            self._refuse("nTotalSlots", slots, f"at most {MOST_SLOTS} slots")
        if morning.value > slots.value:
            self._refuse("nMorningSlots", morning, f"at most the {slots.value} slots of the day")
        pairs, half_days = self._requested(people.value, meetings.value)
        return B2bProblem(
            name=self._file,
            participants=people.value,
            tables=tables.value,
            slots=slots.value,
            morning_slots=morning.value,
            meetings=pairs,
            half_days=half_days,
            forbidden=self._sets("forbidden", people.value, "slot", slots.value),
            fixed=self._fixed(meetings.value, slots.value),
            before=self._sets("precedences", meetings.value, "meeting", meetings.value),
        )

    def _refuse(self, field: str, found: _Number, expected: str) -> NoReturn:
        _refuse(self._file, field, found.line, expected, str(found.value))

    def _one(self, name: str) -> _Number:
        field = self._fields.get(name)
        if field is None:
            _refuse(self._file, name, 0, "a whole number", "no such field")
        if field.number is None:
            _refuse(self._file, name, field.line, "a whole number", "an array")
        if field.number.value < 0:
            self._refuse(name, field.number, "0 or more")
        return field.number

    def _numbers(self, name: str) -> Sequence[_Number]:
        field = self._fields[name]
        found: list[_Number] = []
        for item in field.items:
            if isinstance(item, _Set):
                _refuse(self._file, name, item.line, "a whole number", "a set")
            found.append(item)
        return found

    def _count(self, name: str, found: int, expected: int, what: str) -> None:
        if found != expected:
            line = self._fields[name].line
            _refuse(self._file, name, line, f"{expected} {what}", str(found))

    def _requested(
        self, people: int, meetings: int
    ) -> tuple[tuple[tuple[int, int], ...], tuple[HalfDay, ...]]:
        if "requested" not in self._fields:
            _refuse(self._file, "requested", 0, f"{meetings} rows", "no such field")
        numbers = self._numbers("requested")
        self._count("requested", len(numbers), _ROW * meetings, "numbers, three for each meeting")
        pairs: list[tuple[int, int]] = []
        half_days: list[HalfDay] = []
        for one, other, half_day in zip(*(iter(numbers),) * _ROW, strict=True):
            for number in (one, other):
                if not 1 <= number.value <= people:
                    self._refuse("requested", number, f"a participant from 1 to {people}")
            if one.value == other.value:
                self._refuse("requested", other, "two different participants")
            if half_day.value not in tuple(HalfDay):
                expected = "1 (morning), 2 (afternoon) or 3 (any)"
                self._refuse("requested", half_day, expected)
            pairs.append((one.value - 1, other.value - 1))
            half_days.append(HalfDay(half_day.value))
        return tuple(pairs), tuple(half_days)

    def _sets(self, name: str, count: int, what: str, most: int) -> tuple[frozenset[int], ...]:
        """The sets of a field; 0 stands for none in the published files."""
        if name not in self._fields or not self._fields[name].items:
            return (frozenset(),) * count
        items = self._fields[name].items
        self._count(name, len(items), count, "sets")
        found: list[frozenset[int]] = []
        for item in items:
            if isinstance(item, _Number):
                self._refuse(name, item, "a set")
            for number in item.numbers:
                if not 0 <= number.value <= most:
                    self._refuse(name, number, f"a {what} from 1 to {most}")
            found.append(frozenset(n.value - 1 for n in item.numbers if n.value))
        return tuple(found)

    def _fixed(self, meetings: int, slots: int) -> tuple[int | None, ...]:
        name = "fixed" if "fixed" in self._fields else "fixat"
        if name not in self._fields or not self._fields[name].items:
            return (None,) * meetings
        numbers = self._numbers(name)
        self._count(name, len(numbers), meetings, "slots, one for each meeting")
        for number in numbers:
            if not 0 <= number.value <= slots:
                self._refuse(name, number, f"a slot from 1 to {slots}, or 0")
        return tuple(number.value - 1 if number.value else None for number in numbers)
