"""The techdock command line."""

from techdock_embedded.commands import people, serve, transfer, upkeep
from techdock_embedded.commands.app import techdock

__all__ = ["people", "serve", "techdock", "transfer", "upkeep"]
