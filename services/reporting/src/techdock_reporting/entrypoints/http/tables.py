"""Figures as a CSV table that a spreadsheet opens rightly: UTF-8 with BOM, no formulas."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi.responses import Response

BOM = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Row = Sequence[Any]


def of_figures(figures: Mapping[str, Any]) -> Iterable[Row]:
    """Yield the rows of exact figures, the ladder's three measures below."""
    yield ("docking_event", "as_of", "as_known", "position", "indicator", "measure", "value")
    head = (figures["code"], figures["as_of"], figures["as_known"], figures["position"])
    for figure in figures["figures"]:
        yield (
            *head,
            figure["indicator"],
            f"definition {figure['definition_version']}",
            figure["value"],
        )
    for measure, stages in figures["ladder"].items():
        for stage, value in stages.items():
            yield (*head, stage, measure, value)


def of_answer(answer: Mapping[str, Any]) -> Iterable[Row]:
    """Yield the rows of an answer to a ministry: the public figures, then each docking event."""
    yield ("answer", "docking_event", "held_on", "as_of", "indicator", "value", "flag")
    as_of = answer["question"]["as_of"]
    for figure in answer["figures"]:
        yield (answer["id"], "", "", as_of, figure["indicator"], figure["value"], figure["flag"])
    for docking_event in answer["docking_events"]:
        for figure in docking_event["figures"]:
            yield (
                answer["id"],
                docking_event["code"],
                docking_event["held_on"],
                docking_event["as_of"],
                figure["indicator"],
                "" if figure["value"] is None else figure["value"],
                figure["flag"],
            )


def download(rows: Iterable[Row], name: str) -> Response:
    """Answer with rows as a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return Response(
        (BOM + text.getvalue()).encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _harmless(cell: Any) -> Any:
    """Keep a spreadsheet from running text as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
