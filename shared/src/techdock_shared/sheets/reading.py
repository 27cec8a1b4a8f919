"""Files that organizers live in: CSV in any of their encodings, XLSX, JSON Lines."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

import orjson
from charset_normalizer import from_bytes

from techdock_shared.errors import Invalid
from techdock_shared.sheets.lines import AS_OURS, Line, Reading, Sheet
from techdock_shared.sheets.workbooks import is_workbook, rows_of

SEPARATORS = ",;\t|"
ENCODINGS = ("gb18030", "cp1251")
MOST_CELL_CHARACTERS = 70_000
COMMENT = "#"

csv.field_size_limit(1 << 20)


def read(content: bytes, reading: Reading = AS_OURS) -> Sheet:
    """Return what stands in a file.

    Raises:
        Invalid: It is neither CSV, XLSX nor JSON Lines, or too large once unpacked.
    """
    if not content.strip():
        raise Invalid("the file is empty")
    if is_workbook(content):
        title, rows = rows_of(content)
        return _table(title, rows, reading)
    text = decoded(content)
    if text.lstrip()[:1] == "{":
        return _json_lines(text, reading)
    return _table("", _csv_rows(text), reading)


def decoded(content: bytes) -> str:
    """Return the text of a file: UTF-8, else UTF-16 by its mark, else GB18030 or Windows-1251.

    Raises:
        Invalid: It is none of them.
    """
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise _unknown_encoding() from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    guess = from_bytes(content, cp_isolation=list(ENCODINGS)).best()
    order = sorted(ENCODINGS, key=lambda name: guess is None or guess.encoding != name)
    for encoding in order:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unknown_encoding()


def _unknown_encoding() -> Invalid:
    return Invalid("the file must be UTF-8, GB18030 or Windows-1251, or an XLSX workbook")


def _csv_rows(text: str) -> Iterator[tuple[int, Sequence[Any]]]:
    lines = text.splitlines(keepends=True)
    first = next((i for i, line in enumerate(lines) if not line.startswith(COMMENT)), 0)
    head = lines[first] if lines else ""
    separator = max(SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO("".join(lines[first:]), newline=""), delimiter=separator)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield first + reader.line_num, (Broken(str(error)),)
            continue
        # A cell may span lines; a row is named by its last one, as editors count.
        yield first + reader.line_num, row


class Broken(str):
    """In place of a cell: why its row cannot be read."""

    __slots__ = ()


def _table(title: str, rows: Iterator[tuple[int, Sequence[Any]]], reading: Reading) -> Sheet:
    """Return a table whose first row with something in it names the columns."""
    theirs: list[str] = []
    for _, row in rows:
        theirs = [_cell(value) for value in row]
        if any(theirs):
            break
    if reading.columns:
        ours = {their: our for our, their in reading.columns.items()}
        columns = [ours.get(name, "") for name in theirs]
        missing = sorted(set(reading.columns.values()) - set(theirs))
        if missing:
            raise Invalid(f"the mapping names {missing[0]}, which is no column of the file")
    else:
        columns = [name.strip().lower() if name.isupper() else name.strip() for name in theirs]
    return Sheet(
        title,
        tuple(name for name in columns if name),
        _lines(title, rows, columns, reading),
    )


def _lines(
    title: str, rows: Iterator[tuple[int, Sequence[Any]]], columns: list[str], reading: Reading
) -> Iterator[Line]:
    for number, row in rows:
        if row and isinstance(row[0], Broken):
            yield Line(title, number, {}, broken=str(row[0]))
            continue
        cells = {
            name: text
            for name, value in zip(columns, row, strict=False)
            if name and (text := _cell(value))
        }
        extra = [_cell(value) for value in row[len(columns) :]]
        if any(extra):
            yield Line(title, number, cells, broken="more cells than there are columns")
        elif cells:
            yield Line(title, number, {**reading.constants, **cells}, broken=_too_long(cells))


def _too_long(cells: dict[str, str]) -> str | None:
    for name, cell in cells.items():
        if len(cell) > MOST_CELL_CHARACTERS:
            return f"{len(cell)} characters in {name}; at most {MOST_CELL_CHARACTERS}"
    return None


def _cell(value: Any) -> str:
    """Return what a person sees in a cell, as text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return value.isoformat() if isinstance(value, date) else str(value)


def _json_lines(text: str, reading: Reading) -> Sheet:
    """Return JSON Lines: an object a line, with our columns, or those that the mapping names."""
    # Every line may name other fields; the first one stands for the columns of the file.
    columns = tuple(reading.columns) or _first_fields(text)
    return Sheet("", columns, _objects(text, reading))


def _first_fields(text: str) -> tuple[str, ...]:
    for line in io.StringIO(text):
        if line.strip():
            try:
                found = orjson.loads(line)
            except orjson.JSONDecodeError:
                return ()
            return tuple(found) if isinstance(found, dict) else ()
    return ()


def _objects(text: str, reading: Reading) -> Iterator[Line]:
    for number, written in enumerate(io.StringIO(text), 1):
        if not written.strip():
            continue
        try:
            found = orjson.loads(written)
        except orjson.JSONDecodeError as error:
            yield Line("", number, {}, broken=f"no JSON: {error}"[:120])
            continue
        if not isinstance(found, dict):
            yield Line("", number, {}, broken="no JSON object")
            continue
        fields = (
            {our: found.get(their) for our, their in reading.columns.items()}
            if reading.columns
            else found
        )
        cells = {key: cell for key, value in fields.items() if (cell := _json_cell(value))}
        yield Line("", number, {**reading.constants, **cells}, broken=_too_long(cells))


def _json_cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_cell(part) for part in value)
    return _cell(value)
