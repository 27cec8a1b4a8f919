"""The techdock command line."""

from techdock_embedded.commands import (
    encoder,
    evaluate,
    glossary,
    language_pack,
    people,
    search,
    serve,
    timetable,
    transfer,
    upkeep,
)
from techdock_embedded.commands.app import techdock

__all__ = [
    "encoder",
    "evaluate",
    "glossary",
    "language_pack",
    "people",
    "search",
    "serve",
    "techdock",
    "timetable",
    "transfer",
    "upkeep",
]
