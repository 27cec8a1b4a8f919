"""Names in the texts of a file: pointed out by row and column in a dry run."""

from dataclasses import dataclass, field

from techdock_shared.sheets.lines import Line

from techdock_registration.app.import_cells import RowWarning
from techdock_registration.app.import_tally import MOST_WARNINGS
from techdock_registration.domain.naming.finder import KEYWORDS, Phones, in_content
from techdock_registration.domain.naming.finding import WORDED, Known
from techdock_registration.domain.profile_content import Content


@dataclass(slots=True)
class Looking:
    """Looks through texts, row by row, until enough is found for a person to read.

    Attributes:
        found: How many names were found so far.
    """

    phones: Phones
    found: int = field(default=0)

    def through(
        self, line: Line, content: Content, organization: tuple[str, ...]
    ) -> list[RowWarning]:
        """Return what in a row's texts names somebody.

        Args:
            organization: All that its organization is called.
        """
        if self.found >= MOST_WARNINGS:
            return []
        known = Known(organization)
        found = [
            RowWarning(line.sheet, line.number, column, each.text, each.why, WORDED[each.why])
            for each in in_content(content, known, self.phones)
            if (column := _column(line, content, each.field, each.language)) is not None
        ]
        self.found += len(found)
        return found


def _column(line: Line, content: Content, name: str, language: str) -> str | None:
    """Return the column of a version; None where the file has none for it."""
    if name in KEYWORDS or language == content.texts[name].original:
        column = name
    else:
        column = f"{name}_{language}"
    return column if column in line.cells else None
