"""Long files are cut between rows, and nowhere else."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from techdock_embedded.pieces import pieces

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=30)


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@given(rows=ROWS)
def test_the_rows_of_all_pieces_are_the_rows_of_the_file(
    rows: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["a", "b"], *rows])
    file = tmp_path_factory.mktemp("csv") / "needs.csv"
    file.write_bytes(text.getvalue().encode())
    found = [rows_of(piece.content) for piece in pieces(file, 150)]
    assert all(part[0] == ["a", "b"] for part in found)
    assert [row for part in found for row in part[1:]] == rows_of(file.read_bytes())[1:]


def test_a_piece_knows_how_many_lines_come_before_it(tmp_path: Path) -> None:
    file = tmp_path / "needs.csv"
    file.write_text("a,b\n" + "".join(f"{n},x\n" for n in range(10)))
    cut = list(pieces(file, 12))
    assert [piece.first for piece in cut] == [0, 2, 4, 6, 8]
    assert all(piece.name == "needs.csv" for piece in cut)


def test_json_lines_may_be_gzipped(tmp_path: Path) -> None:
    file = tmp_path / "needs.jsonl.gz"
    with gzip.open(file, "wb") as content:
        content.write(b'{"a": 1}\n{"a": 2}\n{"a": 3}')
    cut = list(pieces(file, 20))
    assert [piece.content for piece in cut] == [b'{"a": 1}\n{"a": 2}\n', b'{"a": 3}']
    assert {piece.name for piece in cut} == {"needs.jsonl"}


def test_a_row_that_does_not_fit_is_named(tmp_path: Path) -> None:
    file = tmp_path / "needs.jsonl"
    file.write_text('{"a": 1}\n{"a": "much too long for a piece"}\n')
    with pytest.raises(ValueError, match="row 2 has more than 20 bytes"):
        list(pieces(file, 20))
