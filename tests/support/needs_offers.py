"""The public needs and offers: where they are, and how they read as profiles."""

import gzip
import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

from techdock_matching.domain.ranking.profile import Kind, Profile, Text

VARIABLE = "TECHDOCK_BENCHMARK_DATA"
VALID_UNTIL = date(2100, 1, 1)
EVENT = UUID(int=1)
_FILES = {Kind.NEED: ("needs.jsonl.gz", 1), Kind.OFFER: ("offers.jsonl.gz", 2)}


def folder(argument: Path | None) -> Path | None:
    """Return the folder with the data: that of the argument, else of the variable; else none."""
    found = argument or (Path(os.environ[VARIABLE]) if VARIABLE in os.environ else None)
    for place in () if found is None else (found, found / "needs_offers"):
        if (place / "needs.jsonl.gz").is_file():
            return place
    return None


def profiles(place: Path) -> tuple[dict[str, Profile], dict[str, Profile]]:
    """Return needs and offers by their ids; titles are withheld, since they give pairs away."""
    needs, offers = (dict(_read(place, kind)) for kind in Kind)
    return needs, offers


def pairs(place: Path) -> list[tuple[str, str]]:
    """Return the known pairs of need and offer."""
    lines = (place / "pairs.tsv").read_text().splitlines()
    rows = [tuple(line.split("\t")) for line in lines if line]
    return [(row[0], row[1]) for row in rows if row[0] != "need"]


def _read(place: Path, kind: Kind) -> Iterator[tuple[str, Profile]]:
    name, side = _FILES[kind]
    with gzip.open(place / name, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            row = json.loads(line)
            number_id = UUID(int=(side << 64) + number)
            yield (
                row["id"],
                Profile(
                    number_id,
                    kind,
                    organization_id=number_id,
                    group_id=number_id,
                    country="US",
                    valid_until=VALID_UNTIL,
                    docking_events=frozenset({EVENT}),
                    texts={"description": Text("en", {"en": row["text"]})},
                ),
            )
