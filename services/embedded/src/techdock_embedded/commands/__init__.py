"""The techdock command line."""

from techdock_embedded.commands import evaluate, glossary, people, search, serve, transfer, upkeep
from techdock_embedded.commands.app import techdock

__all__ = ["evaluate", "glossary", "people", "search", "serve", "techdock", "transfer", "upkeep"]
