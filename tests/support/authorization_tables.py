"""The hand-written tables of permissions: commas between cells, spaces for the eye, # for words."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: what it is about, and a word for each role."""

    about: tuple[str, ...]
    cells: dict[str, str]


def read(path: Path, *, about: int) -> list[Row]:
    """Read a table whose first line has the names of the columns.

    Args:
        about: How many columns stand before those of the roles.
    """
    lines = [
        [cell.strip() for cell in line.split(",")]
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    head, *rows = lines
    for row in rows:
        assert len(row) == len(head), f"{path.name}: {row} has not the columns {head}"
    return [
        Row(tuple(row[:about]), dict(zip(head[about:], row[about:], strict=True))) for row in rows
    ]
