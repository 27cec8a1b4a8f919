"""XLSX workbooks: read without ever computing anything, and not before their size is known."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from techdock_shared.errors import Invalid

MAGIC = b"PK\x03\x04"
MOST_UNPACKED_BYTES = 120 * 1024 * 1024
MOST_PARTS = 1_000
MOST_CELLS = 3_000_000
PIECE_BYTES = 1 << 20
CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,7})"')
OVERLAP_BYTES = 4096


def is_workbook(content: bytes) -> bool:
    """Whether a file is a ZIP archive, as every XLSX workbook is."""
    return content.startswith(MAGIC)


def rows_of(content: bytes) -> tuple[str, Iterator[tuple[int, Sequence[Any]]]]:
    """Return the name of the first sheet, and its rows with their numbers from 1.

    Cells of formulas hold what the program that saved the file computed.

    Raises:
        Invalid: It is no workbook, or it is too large once unpacked.
    """
    _insist_small(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        title = workbook.sheet_names[0]
        rows = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, IndexError, ValueError, OSError) as error:
        raise Invalid("the file looks like an XLSX workbook and cannot be read as one") from error
    return title, ((number, row) for number, row in enumerate(rows, 1))


def _insist_small(content: bytes) -> None:
    """Refuse a ZIP bomb: by what it says, by what really comes out, and by where cells lie.

    A workbook of a few bytes can name a cell in the last row and column; a reader that makes
    a table of it would need all the memory there is.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(p.file_size for p in parts) > MOST_UNPACKED_BYTES:
                raise _too_large()
            left = MOST_UNPACKED_BYTES
            for part in parts:
                sheet = part.filename.startswith("xl/worksheets/")
                left = _insist_part_small(archive, part, left, sheet=sheet)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise Invalid("the file looks like a ZIP archive and cannot be read as one") from error


def _insist_part_small(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int, *, sheet: bool
) -> int:
    columns = rows = 0
    tail = b""
    with archive.open(part) as stream:
        while piece := stream.read(PIECE_BYTES):
            left -= len(piece)
            if left < 0:
                raise _too_large()
            if not sheet:
                continue
            piece = tail + piece
            for column, row in CELL.findall(piece):
                columns, rows = max(columns, _number(column)), max(rows, int(row))
            rows = max((rows, *map(int, ROW.findall(piece))))
            if rows * max(columns, 1) > MOST_CELLS:
                raise _too_large()
            tail = piece[-OVERLAP_BYTES:]
    return left


def _number(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


def _too_large() -> Invalid:
    return Invalid("the workbook is too large once unpacked; send its rows in several files")
