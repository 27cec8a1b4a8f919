"""Cuts a long file into pieces that an upload takes, without reading it whole."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

MOST_BYTES = 8 * 1024 * 1024
"""Of one piece; an upload takes 10 MiB."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file that is a file of the same kind.

    Attributes:
        name: For the upload; its ending tells the kind.
        first: How many lines of the file come before the piece's first row, so that a person
            finds the row that an error names.
    """

    name: str
    content: bytes
    first: int


def pieces(file: Path, most_bytes: int = MOST_BYTES) -> Iterator[Piece]:
    """Yield a file in pieces: JSON Lines and CSV of any size, also gzipped; other kinds whole.

    Raises:
        ValueError: A single row, or a file that cannot be cut, is larger than a piece.
    """
    name = file.name.removesuffix(".gz")
    with _open(file) as content:
        if name.endswith((".jsonl", ".ndjson")):
            yield from _cut(name, content, b"", 0, most_bytes)
        elif name.endswith((".csv", ".tsv", ".txt")):
            head = _record(content)
            yield from _cut(name, content, head, head.count(b"\n"), most_bytes)
        else:
            whole = content.read(most_bytes + 1)
            if len(whole) > most_bytes:
                raise ValueError(f"{file} is too large: save it as CSV, which can be cut")
            yield Piece(name, whole, 0)


def _open(file: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(file)) if file.suffix == ".gz" else file.open("rb")


def _cut(
    name: str, content: IO[bytes], head: bytes, lines: int, most_bytes: int
) -> Iterator[Piece]:
    part, size, first = [head], len(head), 0
    passed = 0
    while record := _record(content) if head else content.readline():
        if len(head) + len(record) > most_bytes:
            raise ValueError(f"row {lines + passed + 1} has more than {most_bytes} bytes")
        if size + len(record) > most_bytes:
            yield Piece(name, b"".join(part), first)
            part, size, first = [head], len(head), passed
        part.append(record)
        size += len(record)
        passed += record.count(b"\n") or 1
    if len(part) > 1:
        yield Piece(name, b"".join(part), first)


def _record(content: IO[bytes]) -> bytes:
    """Return the next row of a CSV file: lines, until no quotation mark is open.

    In every encoding that we take (UTF-8, GB18030, Windows-1251) the byte of a quotation mark
    stands for nothing else.
    """
    record = content.readline()
    while record.count(b'"') % 2:
        more = content.readline()
        if not more:
            break
        record += more
    return record
