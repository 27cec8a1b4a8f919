"""Tables as files that spreadsheets open, whatever stands in a cell."""

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Return a table as CSV; no cell of text can become a formula where it is opened."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    # The mark lets old spreadsheets see that it is UTF-8.
    return _file(name, "\ufeff" + out.getvalue(), "text/csv")


def text_file(name: str, lines: Iterable[str]) -> Response:
    """Return lines as a text file."""
    return _file(name, "\n".join(lines) + "\n", "text/plain")


def _file(name: str, content: str, kind: str) -> Response:
    return Response(
        content.encode(),
        headers={
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


def _plain(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell
