"""What stands in a file: columns, and lines with the numbers by which a person finds them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file that was not made for us is read.

    Attributes:
        columns: Which field of the file stands for one of our columns.
        constants: What a column holds in every row, where the file has no field for it.
        organizations: When given, an organization that is not known is taken in under its
            name in the file, with these columns of an organization.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    organizations: Mapping[str, str] | None = None


AS_OURS = Reading()
"""How a file is read that follows our templates."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a file, by column; empty cells are missing.

    Attributes:
        number: As a person counts rows in the file, from 1.
        broken: Why the row cannot be read; None when it can.
    """

    sheet: str
    number: int
    cells: Mapping[str, str]
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as it is read: its columns, and its rows as they come."""

    name: str
    columns: tuple[str, ...]
    lines: Iterator[Line]
