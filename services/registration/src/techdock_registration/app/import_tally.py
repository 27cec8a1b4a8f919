"""What an import would change, or has changed."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from techdock_registration.app.import_cells import RowError, RowWarning

MOST_ERRORS = 2_000
"""Errors that a report lists; it always says how many there are."""
MOST_WARNINGS = 500
"""Names in texts that a dry run lists; the rows after these are not looked at for more."""


@dataclass(slots=True)
class Tally:
    """Counts of things, not of rows: a participation of three persons is one.

    Attributes:
        skipped: Rows that were left out because of an error.
        error_count: How many errors there are, also beyond those listed.
        warnings: What a person should look at; only a dry run has any.
    """

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    error_count: int = 0
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowWarning] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count what another tally counts, too."""
        self.new += other.new
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.skipped += other.skipped
        self.error_count += other.error_count
        self.errors += other.errors[: MOST_ERRORS - len(self.errors)]
        self.warnings += other.warnings[: MOST_WARNINGS - len(self.warnings)]

    def note(self, errors: list[RowError]) -> None:
        """Count faults of one row, which is left out."""
        self.skipped += 1
        self.error_count += len(errors)
        self.errors += errors[: MOST_ERRORS - len(self.errors)]

    def taken(self) -> "Tally":
        """Return what it counts, and begin again from zero."""
        taken = replace(self)
        self.new = self.updated = self.unchanged = self.skipped = self.error_count = 0
        self.errors, self.warnings = [], []
        return taken

    def as_json(self) -> dict[str, Any]:
        """Return it as the report says it."""
        return {
            "new": self.new,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "skipped": self.skipped,
            "error_count": self.error_count,
            "errors": [
                {
                    "sheet": e.sheet,
                    "row": e.row,
                    "column": e.column,
                    "found": e.found,
                    "expected": e.expected,
                }
                for e in sorted(self.errors, key=lambda error: error.row)
            ],
            "warnings": [asdict(each) for each in self.warnings],
        }

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Tally":
        """Return what a report says."""
        counts = {name: int(said.get(name, 0)) for name in ("new", "updated", "unchanged")}
        return cls(
            **counts,
            skipped=int(said.get("skipped", 0)),
            error_count=int(said.get("error_count", 0)),
            errors=[RowError(**error) for error in said.get("errors", ())],
            warnings=[RowWarning(**each) for each in said.get("warnings", ())],
        )
