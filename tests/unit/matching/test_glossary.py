"""The glossary: ours is whole and right, and what is wrong with a file is said with its place."""

# ruff: noqa: RUF001 - terms in six languages, some with letters of the wrong script

from pathlib import Path

import pytest
from techdock_matching.adapters.glossary import BrokenFile, our_files, rows
from techdock_matching.domain.glossary.check import check, per_field
from techdock_matching.domain.glossary.concept import COLUMNS, FIELDS, LANGUAGES, Concept, Row

RIGHT = {
    "concept": "drip-irrigation",
    "field": "29",
    "isic": "01",
    "en": "drip irrigation|trickle irrigation",
    "zh": "滴灌",
    "ru": "капельное орошение",
    "ar": "ري بالتنقيط",
    "es": "riego por goteo",
    "fr": "goutte-à-goutte",
}
HEAD = ",".join(COLUMNS)


def row(number: int = 2, **cells: str) -> Row:
    return Row("own.csv", number, RIGHT | cells)


def said(*given: Row) -> list[tuple[int, str | None, str]]:
    return [(found.row, found.column, found.what) for found in check(given)]


def test_ours_is_right_and_covers_every_field() -> None:
    read = [each for file in our_files() for each in rows(file)]
    assert list(check(read)) == []
    counts = per_field(map(Concept.of, read))
    assert sorted(counts) == list(FIELDS)
    assert sum(found["concepts"] for found in counts.values()) >= 2_000
    assert min(found["concepts"] for found in counts.values()) >= 40
    for found in counts.values():
        assert all(found[language] >= found["concepts"] for language in LANGUAGES)


def test_a_right_row_is_a_concept() -> None:
    assert said(row()) == []
    concept = Concept.of(row())
    assert (concept.id, concept.field, concept.isic) == ("drip-irrigation", 29, "01")
    assert concept.terms["en"] == ("drip irrigation", "trickle irrigation")


@pytest.mark.parametrize(
    ("cells", "column", "part"),
    [
        ({"concept": "Drip irrigation"}, "concept", "expected an id like"),
        ({"field": "36"}, "field", "1 to 35, found '36'"),
        ({"isic": "agriculture"}, "isic", "found 'agriculture'"),
        ({"fr": " "}, "fr", "expected at least one term, found none"),
        ({"en": "drip irrigation|Drip-irrigation"}, "en", "'drip irrigation' stands there twice"),
        ({"en": "drip  irrigation"}, "en", "blanks at the wrong place"),
        ({"es": "riego|"}, "es", "blanks at the wrong place in ''"),
        ({"ru": "кaпельное орошение"}, "ru", "letters of CYRILLIC and LATIN in one word"),
        ({"ru": "drip irrigation system"}, "ru", "expected letters of Cyrillic"),
        ({"en": "капельное орошение"}, "en", "expected letters of Latin"),
        ({"fr": "goutte-a\u0300-goutte"}, "fr", "composed form of Unicode"),
        ({"en": "|".join(f"drip {n}" for n in range(9))}, "en", "at most 8 terms, found 9"),
    ],
)
def test_what_is_wrong_in_a_row(cells: dict[str, str], column: str, part: str) -> None:
    found = said(row(**cells))
    assert [(number, where) for number, where, _ in found] == [(2, column)]
    assert part in found[0][2]


@pytest.mark.parametrize(
    "cells", [{"ru": "МРТ|MRI"}, {"zh": "X射线"}, {"ru": "CNC-станок"}, {"ar": "CO2"}]
)
def test_names_in_latin_letters_are_no_mistake(cells: dict[str, str]) -> None:
    assert said(row(**cells)) == []


def test_a_term_or_an_id_stands_once() -> None:
    other = row(3, concept="micro-irrigation", en="Trickle-irrigation", zh="微灌", ru="микроорошение",
                ar="ري دقيق", es="microrriego", fr="micro-irrigation")  # fmt: skip
    assert said(row(), other) == [
        (3, "en", "'Trickle-irrigation' is a term of drip-irrigation (own.csv, row 2) already")
    ]
    assert said(row(), row(3)) == [
        (3, "concept", "drip-irrigation stands in own.csv, row 2 already")
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name,field\n", "own.csv, row 1: expected the header concept,field,isic,en"),
        (b"", "found ''"),
        (f"{HEAD}\na,1\n".encode(), "own.csv, row 2: expected 9 cells, found 2"),
        (f"{HEAD}\n".encode() + b"\xff\xfe", "expected UTF-8, found byte 0xff"),
        (f'{HEAD}\n"a" b,1\n'.encode(), "own.csv: "),
    ],
)
def test_a_broken_file_is_told_with_its_place(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "own.csv"
    file.write_bytes(content)
    with pytest.raises(BrokenFile) as raised:
        list(rows(file))
    assert message in str(raised.value)
