"""Files that organizers live in, and the templates that they start from."""

from techdock_shared.errors import Invalid
from techdock_shared.sheets.lines import Reading, Sheet
from techdock_shared.sheets.reading import read
from typing_extensions import override

from techdock_registration.adapters.templates import csv_template, xlsx_template
from techdock_registration.app import ports
from techdock_registration.app.import_columns import COLUMNS


class FileSpreadsheets(ports.Spreadsheets):
    """Reads and makes the files."""

    @override
    def read(self, content: bytes, name: str, reading: Reading) -> Sheet:
        return read(content, reading)

    @override
    def template(self, kind: str, ending: str, language: str) -> bytes:
        if kind not in COLUMNS:
            raise Invalid(f"kind must be {', '.join(COLUMNS)}, not {kind}")
        make = xlsx_template if ending == "xlsx" else csv_template
        return make(kind, language)
