"""A technology concept: one meaning, and the terms for it in each language."""

from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("en", "zh", "ru", "ar", "es", "fr")
COLUMNS = ("concept", "field", "isic", *LANGUAGES)
FIELDS = range(1, 36)
"""WIPO technology fields."""

SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a glossary file as it stands there.

    Attributes:
        file: Name of the file.
        number: Of the row, from 1 with the header, as a spreadsheet counts.
        cells: By column.
    """

    file: str
    number: int
    cells: Mapping[str, str]

    def terms(self, language: str) -> tuple[str, ...]:
        """Return the terms of a language, the preferred one first."""
        cell = self.cells[language]
        return tuple(cell.split(SEPARATOR)) if cell.strip() else ()


@dataclass(frozen=True, slots=True)
class Concept:
    """One meaning.

    Attributes:
        id: Stable, kebab case, English.
        field: WIPO technology field.
        isic: ISIC Rev. 4 division or section; None where none is clear.
        terms: By language, the preferred one first.
    """

    id: str
    field: int
    isic: str | None
    terms: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, row: Row) -> "Concept":
        """Return the concept of a row in which nothing is wrong."""
        return cls(
            id=row.cells["concept"],
            field=int(row.cells["field"]),
            isic=row.cells["isic"] or None,
            terms={language: row.terms(language) for language in LANGUAGES},
        )
