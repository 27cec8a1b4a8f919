"""The counting dictionary: what each figure counts, by version.

Changing a definition makes a new version; an answer names the version it used. The entries are
data (`indicators/<version>.json`), written in the four languages of the portal.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

CURRENT = 1


@dataclass(frozen=True, slots=True)
class Indicator:
    """One entry of the dictionary.

    Attributes:
        code: Stable name, such as MEETINGS_HELD.
        version: Version of the definition.
        disclosure: P: a public fact. C: a count about participants.
        counts_by: Which day and zone decide on the period.
        attribution: Whose country, and how a thing with several parties is counted.
        standard: What the definition follows.
        names, definitions, units: By language.
    """

    code: str
    version: int
    disclosure: Literal["P", "C"]
    counts_by: str
    attribution: str
    standard: str
    names: Mapping[str, str]
    definitions: Mapping[str, str]
    units: Mapping[str, str]


@cache
def dictionary(version: int = CURRENT) -> Mapping[str, Indicator]:
    """Return all entries of a version by their code, in the order of publication."""
    file = files("techdock_reporting.domain").joinpath(f"indicators/{version}.json")
    entries = json.loads(file.read_text(encoding="utf-8"))
    return {entry["code"]: Indicator(version=version, **entry) for entry in entries}
