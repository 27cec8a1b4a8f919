"""From the cells of a row to values: every fault is noted with its row and column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from techdock_shared.errors import FieldError, Invalid
from techdock_shared.sheets.lines import Line

T = TypeVar("T")

SEPARATOR = ";"
WIDE = {0xFF1B: SEPARATOR}
"""Chinese keyboards write a semicolon of full width."""
MOST_FOUND_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class RowError:
    """A fault in a file, as a person finds it there.

    Attributes:
        row: Counted from 1, the row of column names included; 0 for the file as a whole.
        column: As it is named in the templates.
    """

    sheet: str
    row: int
    column: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class RowWarning:
    """A place in a file that a person should look at; the row is taken nevertheless.

    Attributes:
        row: As in `RowError`.
        found: What stands there.
        code: Why, as a stable code; `why` is the same in English.
    """

    sheet: str
    row: int
    column: str
    found: str
    code: str
    why: str


class Cells:
    """The cells of one row, read column by column.

    Attributes:
        errors: The faults noted so far.
    """

    def __init__(self, line: Line) -> None:
        self.line = line
        self.errors: list[RowError] = []

    def fault(self, column: str, expected: str, found: object = None) -> None:
        """Note a fault; `found` is the cell itself unless given."""
        stood = self.line.cells.get(column, "") if found is None else str(found)
        self.errors.append(
            RowError(
                self.line.sheet, self.line.number, column, stood[:MOST_FOUND_CHARACTERS], expected
            )
        )

    def text(self, column: str) -> str | None:
        """Return a text; None when the cell is empty."""
        return self.line.cells.get(column)

    def needed(self, column: str, expected: str = "a value") -> str:
        """Return a text that must be there."""
        text = self.line.cells.get(column)
        if text is None:
            self.fault(column, expected)
            return ""
        return text

    def listed(self, column: str) -> tuple[str, ...]:
        """Return the parts of a cell, separated by semicolons."""
        cell = self.line.cells.get(column, "")
        parts = (part.strip() for part in cell.translate(WIDE).split(SEPARATOR))
        return tuple(dict.fromkeys(part for part in parts if part))

    def number(self, column: str) -> int | None:
        """Return a whole number; None when the cell is empty."""
        cell = self.line.cells.get(column)
        if cell is None:
            return None
        if cell.isascii() and cell.isdigit():
            return int(cell)
        self.fault(column, "a whole number")
        return None

    def numbers(self, column: str) -> tuple[int, ...]:
        """Return whole numbers, separated by semicolons."""
        parts = self.listed(column)
        if all(part.isascii() and part.isdigit() for part in parts):
            return tuple(map(int, parts))
        self.fault(column, "whole numbers, separated by ;")
        return ()

    def day(self, column: str) -> date | None:
        """Return a date; None when the cell is empty."""
        cell = self.line.cells.get(column)
        if cell is None:
            return None
        try:
            return date.fromisoformat(cell[:10])
        except ValueError:
            self.fault(column, "a date such as 2030-05-31")
            return None

    def make(
        self,
        build: Callable[[], T],
        columns: Mapping[str, str] | None = None,
        column: str | None = None,
    ) -> T | None:
        """Build a value of the domain; what it refuses is noted under the columns.

        Args:
            columns: Our column by the field that the domain names, where they differ.
            column: The one column that everything wrong is about.
        """
        try:
            return build()
        except Invalid as error:
            faults: Sequence[FieldError] = error.errors or (
                FieldError(column or "", str(error), ""),
            )
            for each in faults:
                where = each.where
                name = column or (columns or {}).get(where) or where.rpartition(".")[2]
                self.fault(name, each.expected, each.found)
            return None
