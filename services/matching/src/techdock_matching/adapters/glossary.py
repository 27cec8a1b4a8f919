"""Glossary files: ours, which come with the program, and those of an organizer."""

import csv
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import structlog

from techdock_matching.adapters.words_in_english import InEnglish
from techdock_matching.domain.glossary.check import check
from techdock_matching.domain.glossary.concept import COLUMNS, Concept, Row
from techdock_matching.domain.glossary.spotting import Spotter
from techdock_matching.domain.ranking.lexicon import Lexicon

log = structlog.get_logger(__name__)

CONCEPTS = files("techdock_matching.domain.glossary") / "concepts"


class BrokenFile(ValueError):  # noqa: N818 - the state of a file
    """A file is no glossary: its encoding, its header or its number of cells is wrong."""


def our_files() -> list[Path]:
    """Return the files that come with the program, one per technology field."""
    return sorted(Path(str(one)) for one in CONCEPTS.iterdir() if one.name.endswith(".csv"))


def rows(file: Path) -> Iterator[Row]:
    """Read a file row by row; what stands in the cells is for `check` to judge.

    Raises:
        BrokenFile: It cannot be read as a table; says where, what was expected and found.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True)
            header = next(reader, [])
            if tuple(header) != COLUMNS:
                expected, found = ",".join(COLUMNS), ",".join(header)[:200]
                message = f"{file.name}, row 1: expected the header {expected}, found {found!r}"
                raise BrokenFile(message)
            for number, cells in enumerate(reader, 2):
                if len(cells) != len(COLUMNS):
                    message = (
                        f"{file.name}, row {number}: expected {len(COLUMNS)} cells, "
                        f"found {len(cells)}"
                    )
                    raise BrokenFile(message)
                yield Row(file.name, number, dict(zip(COLUMNS, cells, strict=True)))
    except UnicodeDecodeError as error:
        message = f"{file.name}: expected UTF-8, found byte {error.object[error.start]:#04x}"
        raise BrokenFile(f"{message} at {error.start}") from error
    except csv.Error as error:
        raise BrokenFile(f"{file.name}: {error}") from error


def lexicon(own: Path | None = None, packs: Path | None = None) -> Lexicon:
    """Return what finds concepts in texts; takes a fifth of a second, with language packs longer.

    Args:
        own: Concepts of an organizer beside ours; need not be there. When anything is wrong with
            it the reason is logged, and it counts for nothing until it is mended.
        packs: Folder of language packs; they count where no concept of ours is named.
    """
    known = [row for file in our_files() for row in rows(file)]
    ours = Spotter(map(Concept.of, (*known, *_own_rows(own, known))))
    if packs is None:
        return InEnglish(ours)
    # Packs are read by what reads glossaries.
    from techdock_matching.adapters.language_packs import Layered, concepts_in  # noqa: PLC0415

    beside = list(concepts_in(packs))
    return InEnglish(Layered(ours, Spotter(beside)) if beside else ours)


def _own_rows(own: Path | None, known: Sequence[Row]) -> list[Row]:
    if own is None or not own.exists():
        return []
    found: list[Row] = []
    try:
        found.extend(rows(own))
        wrong = next(check((*known, *found)), None)
        reason = wrong and f"{wrong.file}, row {wrong.row}, column {wrong.column}: {wrong.what}"
    except (BrokenFile, OSError) as error:
        reason = str(error)
    if reason is None:
        return found
    log.error("the glossary of one's own is left out", reason=reason)
    return []
