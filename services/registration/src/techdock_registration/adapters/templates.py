"""Empty import files with a guide to their columns, in the reader's language."""

import csv
import io
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

import xlsxwriter

from techdock_registration.adapters import guides
from techdock_registration.app.import_columns import COLUMNS, REQUIRED

FALLBACK = "en"
COMMENT = "# "
WIDTHS = (24, 12, 70, 30)


@cache
def _guide(name: str) -> dict[str, Any]:
    return tomllib.loads(files(guides).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _languages() -> tuple[str, ...]:
    names = (file.name for file in files(guides).iterdir())
    return tuple(n.removesuffix(".toml") for n in names if n.endswith(".toml"))


def _language(wanted: str) -> str:
    known = [name for name in _languages() if name != "examples"]
    if wanted in known:
        return wanted
    stem = wanted.split("-", maxsplit=1)[0]
    return next((name for name in known if name.split("-")[0] == stem), FALLBACK)


def _rows(kind: str, language: str) -> list[tuple[str, str, str, str]]:
    """Return the guide: column, whether it must be filled in, what stands in it, an example."""
    guide, examples = _guide(_language(language)), _guide("examples")
    return [
        (
            column,
            guide["words"]["yes"] if column in REQUIRED[kind] else "",
            guide["columns"][column],
            examples[column],
        )
        for column in COLUMNS[kind]
    ]


def csv_template(kind: str, language: str) -> bytes:
    """Return a CSV file, UTF-8 with BOM, whose guide stands in lines that begin with #."""
    words = _guide(_language(language))["words"]
    out = io.StringIO()
    for column, required, meaning, example in _rows(kind, language):
        mark = f" ({words['required']})" if required else ""
        shown = f" [{words['example']}: {example}]" if example else ""
        out.write(f"{COMMENT}{column}{mark}: {meaning}{shown}\r\n")
    csv.writer(out).writerow(COLUMNS[kind])
    return out.getvalue().encode("utf-8-sig")


def xlsx_template(kind: str, language: str) -> bytes:
    """Return a workbook: a sheet to be filled in, and one with the guide."""
    words = _guide(_language(language))["words"]
    out = io.BytesIO()
    # Text is never a formula or a link, whatever it begins with.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as workbook:
        bold, plain = workbook.add_format({"bold": True}), workbook.add_format({"text_wrap": True})
        text = workbook.add_format({"num_format": "@"})
        sheet = workbook.add_worksheet(kind)
        for i, column in enumerate(COLUMNS[kind]):
            sheet.set_column(i, i, max(14, len(column) + 2), text)
            sheet.write_string(0, i, column, bold)
        sheet.freeze_panes(1, 0)
        guide = workbook.add_worksheet("guide")
        if _language(language) == "ar":
            guide.right_to_left()
        guide.write_string(0, 0, words["advice"], bold)
        heads = (words["column"], words["required"], words["meaning"], words["example"])
        for i, (head, width) in enumerate(zip(heads, WIDTHS, strict=True)):
            guide.set_column(i, i, width)
            guide.write_string(1, i, head, bold)
        for number, row in enumerate(_rows(kind, language), 2):
            for i, cell in enumerate(row):
                guide.write_string(number, i, cell, plain)
    return out.getvalue()
