"""Files of needs, offers and known pairs, as an organizer has them from last year."""

import csv
import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_FIELDS = "id, title, text or texts, language, country, fields"
_SHOWN = 60


class BrokenLineError(ValueError):
    """A line that cannot be used; says which, what was expected and what stands there."""

    def __init__(self, file: Path, line: int, where: str, expected: str, found: object) -> None:
        super().__init__(
            f"{file.name}, line {line}, {where}: expected {expected}, found {_short(found)}"
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A need or an offer.

    Attributes:
        documents: Its texts; several are the documents of one organization.
        language: BCP 47 tag, or empty when nobody said.
        fields: WIPO technology fields.
    """

    id: str
    title: str
    documents: tuple[str, ...]
    language: str
    country: str
    fields: tuple[int, ...]


def rows(file: Path) -> dict[str, Row]:
    """Return the rows of a file of JSON Lines, plain or gzipped, by their ids.

    Raises:
        BrokenLineError: A line is no row, or its id came before.
        OSError: The file cannot be read.
    """
    found: dict[str, Row] = {}
    for number, line in _lines(file):
        row = _row(file, number, line)
        if row.id in found:
            raise BrokenLineError(file, number, "id", "an id that has not come before", row.id)
        found[row.id] = row
    if not found:
        raise BrokenLineError(file, 1, "file", f"one JSON object a line: {_FIELDS}", "nothing")
    return found


def pairs(
    file: Path, needs: Mapping[str, Row], offers: Mapping[str, Row]
) -> Iterator[tuple[str, str]]:
    """Yield known pairs of need and offer: two columns, a heading may stand above them.

    Raises:
        BrokenLineError: A line has fewer columns, or names an id that is in neither file.
        OSError: The file cannot be read.
    """
    for number, line in _lines(file):
        cells = next(csv.reader([line], delimiter="\t"))
        if len(cells) < 2:  # noqa: PLR2004 - need and offer
            raise BrokenLineError(
                file, number, "columns", "need and offer with a tab between", line
            )
        need, offer = cells[0].strip(), cells[1].strip()
        if number == 1 and need not in needs and offer not in offers:
            continue
        for name, one, known in (("need", need, needs), ("offer", offer, offers)):
            if one not in known:
                raise BrokenLineError(file, number, name, f"the id of one of the {name}s", one)
        yield need, offer


def _row(file: Path, number: int, line: str) -> Row:
    try:
        told = json.loads(line)
    except json.JSONDecodeError as error:
        raise BrokenLineError(file, number, f"column {error.colno}", "JSON", line) from error
    if not isinstance(told, dict):
        raise BrokenLineError(file, number, "line", "a JSON object", line)
    ident = told.get("id")
    if not isinstance(ident, str | int) or isinstance(ident, bool) or str(ident) == "":
        raise BrokenLineError(file, number, "id", "a text or a number", ident)
    documents = _documents(file, number, told)
    fields = told.get("fields") or ()
    if not isinstance(fields, list | tuple) or not all(isinstance(one, int) for one in fields):
        raise BrokenLineError(file, number, "fields", "a list of WIPO technology fields", fields)
    title, language, country = (
        _text(file, number, told, name) for name in ("title", "language", "country")
    )
    return Row(str(ident), title, documents, language, country, tuple(fields))


def _documents(file: Path, number: int, told: Mapping[str, Any]) -> tuple[str, ...]:
    texts = told.get("texts")
    if texts is None:
        if "text" not in told and "title" not in told:
            raise BrokenLineError(
                file, number, "text", "a text, or texts (a list)", ", ".join(told)
            )
        return (_text(file, number, told, "text"),)
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise BrokenLineError(file, number, "texts", "a list of texts", texts)
    return tuple(texts)


def _text(file: Path, number: int, told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BrokenLineError(file, number, name, "a text", value)
    return value


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    with _opened(file) as lines:
        number = 0
        try:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
        except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as error:
            raise BrokenLineError(file, number + 1, "bytes", "text in UTF-8", error) from error


@contextmanager
def _opened(file: Path) -> Iterator[IO[str]]:
    if file.suffix == ".gz":
        with gzip.open(file, "rt", encoding="utf-8-sig", newline="\n") as lines:
            yield lines
    else:
        with file.open(encoding="utf-8-sig", newline="\n") as lines:
            yield lines


def _short(found: object) -> str:
    text = str(found)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
