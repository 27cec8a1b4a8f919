"""Ports of files that organizers send."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from techdock_shared.sheets.lines import Reading, Sheet


class Spreadsheets(Protocol):
    """Reads CSV, XLSX and JSON Lines, and makes templates."""

    def read(self, content: bytes, name: str, reading: Reading) -> Sheet:
        """Return what stands in a file.

        Raises:
            Invalid: It is none of the three, or too large once unpacked.
        """
        ...

    def template(self, kind: str, ending: str, language: str) -> bytes:
        """Return an empty file with the columns of a kind and a guide to them."""
        ...


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file that a job applies.

    Attributes:
        id: Also of the job.
        options: partial, confirm, mapping.
    """

    id: UUID
    docking_event_id: UUID
    account_id: UUID
    kind: str
    name: str
    options: Mapping[str, Any]
    content: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ImportJob:
    """How far an import is.

    Attributes:
        state: queued, running, done, failed or cancelled.
        progress: What was saved last; also what it ended with.
    """

    id: UUID
    docking_event_id: UUID
    kind: str
    name: str
    state: str
    progress: Mapping[str, Any]
    error: str | None


class Imports(Protocol):
    """The files, and the jobs that apply them."""

    async def accept(self, file: ImportFile) -> None:
        """Keep a file and ask for the job that applies it."""
        ...

    async def file(self, id: UUID) -> ImportFile:
        """Return a file.

        Raises:
            NotFound: There is none with this id.
        """
        ...

    async def job(self, id: UUID) -> ImportJob:
        """Return how far an import is.

        Raises:
            NotFound: There is none with this id.
        """
        ...

    async def drop_content(self, id: UUID) -> None:
        """Forget what stood in a file that is applied: it holds personal data."""
        ...
