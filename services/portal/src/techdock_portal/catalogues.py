"""Keeps the catalogues in step with the pages: `python -m techdock_portal.catalogues`.

Adds messages that are new (empty, so that the tests name them), drops those that nothing
uses any more, and keeps the order of the places they come from.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from techdock_portal.i18n import CLDR, HERE, LANGUAGES

PACKAGE = Path(__file__).parent
KEYWORDS = {
    "_": None, "N_": None, "gettext": None, "ngettext": (1, 2),
    "count": (1, 2), "plural": (1, 2), "P_": ((1, "c"), 2), "pgettext": ((1, "c"), 2),
}  # fmt: skip
JINJA = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false",
         "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}  # fmt: skip
STAMPS = re.compile(
    rb'"(?:POT?-[A-Za-z-]+|Generated-By|Last-Translator|Language-Team|Project-Id-Version|'
    rb"Report-Msgid-Bugs-To): [^\n]*\n"
)
HEADER = """# The pages of Techdock in one language; the English text is the key.
# Read when the portal starts; brought up to date by python -m techdock_portal.catalogues."""


def used() -> Catalog:
    """Return every message that a template or a module uses."""
    catalog = Catalog(charset="utf-8")
    for path, method, options in _sources():
        where = path.relative_to(PACKAGE).as_posix()
        found = extract_from_file(method, path, keywords=KEYWORDS, options=options)
        for _, message, _, context in found:
            if message and message != "":
                catalog.add(message, None, [(where, 0)], context=context)
    return catalog


def path_of(tag: str) -> Path:
    """Return the file of a language."""
    return HERE / tag.replace("-", "_") / "LC_MESSAGES" / "techdock.po"


def stored(tag: str) -> Catalog:
    """Return the catalogue of a language as it is checked in."""
    with path_of(tag).open("rb") as file:
        return read_po(file, locale=tag.replace("-", "_"), domain="techdock")


def renewed(tag: str, wanted: Catalog) -> bytes:
    """Return the file of a language with exactly the messages that are used."""
    known = stored(tag)
    made = Catalog(locale=CLDR[tag].split("_")[0], charset="utf-8", header_comment=HEADER,
                   fuzzy=False)  # fmt: skip
    for message in wanted:
        if not message.id:
            continue
        old = known.get(message.id, context=message.context)
        text = old.string if old else _same(tag, message, made.num_plurals)
        made.add(message.id, text, message.locations, context=message.context)
    out = BytesIO()
    write_po(out, made, width=100, no_location=False, include_lineno=False, omit_header=False)
    # Babel stamps the time and its own version: a file that says the same should be the same.
    return STAMPS.sub(b"", out.getvalue())


def _same(tag: str, message: Message, plurals: int) -> str | tuple[str, ...]:
    """English needs no translator; the others wait for one."""
    if isinstance(message.id, tuple | list):
        return tuple(message.id) if tag == "en" else ("",) * plurals
    return str(message.id) if tag == "en" else ""


def _sources() -> Iterator[tuple[Path, str, dict[str, str]]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name != "catalogues.py":
            yield path, "python", {}
    for path in sorted((PACKAGE / "templates").rglob("*.html")):
        yield path, "jinja2.ext:babel_extract", JINJA


def main() -> int:
    """Bring every catalogue up to date; returns how many messages lack a translation."""
    wanted = used()
    missing = 0
    for tag in LANGUAGES:
        path_of(tag).write_bytes(renewed(tag, wanted))
        missing += sum(not _all(message) for message in stored(tag) if message.id)
    return missing


def _all(message: Message) -> bool:
    text = message.string
    return all(text) if isinstance(text, tuple | list) else bool(text)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
