"""The techdock command line."""

from techdock_embedded.commands import glossary, people, serve, transfer, upkeep
from techdock_embedded.commands.app import techdock

__all__ = ["glossary", "people", "serve", "techdock", "transfer", "upkeep"]
