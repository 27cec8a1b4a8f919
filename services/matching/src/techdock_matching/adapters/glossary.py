"""Glossary files: ours, which come with the program, and those of an organizer."""

import csv
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from techdock_matching.domain.glossary.concept import COLUMNS, Row

CONCEPTS = files("techdock_matching.domain.glossary") / "concepts"


class BrokenFile(ValueError):  # noqa: N818 - the state of a file
    """A file is no glossary: its encoding, its header or its number of cells is wrong."""


def our_files() -> list[Path]:
    """Return the files that come with the program, one per technology field."""
    return sorted(Path(str(one)) for one in CONCEPTS.iterdir() if one.name.endswith(".csv"))


def rows(file: Path) -> Iterator[Row]:
    """Read a file row by row; what stands in the cells is for `check` to judge.

    Raises:
        BrokenFile: It cannot be read as a table; says where, what was expected and found.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True)
            header = next(reader, [])
            if tuple(header) != COLUMNS:
                expected, found = ",".join(COLUMNS), ",".join(header)[:200]
                message = f"{file.name}, row 1: expected the header {expected}, found {found!r}"
                raise BrokenFile(message)
            for number, cells in enumerate(reader, 2):
                if len(cells) != len(COLUMNS):
                    message = (
                        f"{file.name}, row {number}: expected {len(COLUMNS)} cells, "
                        f"found {len(cells)}"
                    )
                    raise BrokenFile(message)
                yield Row(file.name, number, dict(zip(COLUMNS, cells, strict=True)))
    except UnicodeDecodeError as error:
        message = f"{file.name}: expected UTF-8, found byte {error.object[error.start]:#04x}"
        raise BrokenFile(f"{message} at {error.start}") from error
    except csv.Error as error:
        raise BrokenFile(f"{file.name}: {error}") from error
