"""The data folder of an embedded Techdock: what lies in it, and that one program has it."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("registration", "matching", "reporting")
LONGEST_CHOICE = 4096


class FolderTaken(Exception):  # noqa: N818 - it is a state of affairs
    """Another program has the folder."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Where everything of one embedded Techdock lies.

    Attributes:
        root: Holds the databases, the event log, the deployment key, and perhaps a glossary of
            one's own, language packs and the name of an encoder; nothing else.
    """

    root: Path

    @property
    def log(self) -> Path:
        """The event log."""
        return self.root / "events.db"

    def database(self, service: str) -> Path:
        """Return the database file of a service."""
        return self.root / f"{service}.db"

    def url(self, service: str) -> str:
        """Return the database URL of a service."""
        return f"sqlite+aiosqlite:///{self.database(service)}"

    @property
    def glossary(self) -> Path:
        """Technology concepts of one's own, beside ours; need not be there."""
        return self.root / "glossary.csv"

    @property
    def language_packs(self) -> Path:
        """Dictionaries beside our concepts, a folder each; need not be there."""
        return self.root / "language-packs"

    @property
    def encoder_file(self) -> Path:
        """Says which encoder was chosen; need not be there."""
        return self.root / "encoder.txt"

    def encoder(self) -> str | None:
        """Return which encoder was chosen, as it stands in the file; None: nobody chose."""
        try:
            told = self.encoder_file.read_bytes()[:LONGEST_CHOICE]
        except FileNotFoundError:
            return None
        # Whatever stands there reaches the worker, which says what is wrong with it.
        return told.decode("utf-8", "replace").replace("\0", "\ufffd").strip()

    @property
    def key_file(self) -> Path:
        """The deployment key, which signs what services tell each other about people."""
        return self.root / "deployment.key"

    def key(self) -> bytes:
        """Return the deployment key; make it at the first start."""
        with suppress(FileExistsError):
            # Written whole under another name first: a start that is killed leaves no half key.
            fresh = self.root / f".deployment.key.{os.getpid()}"
            fresh.write_text(secrets.token_hex(32))
            fresh.chmod(0o600)
            try:
                os.link(fresh, self.key_file)
            finally:
                fresh.unlink()
        return bytes.fromhex(self.key_file.read_text())

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have the folder for oneself; the lock ends with the process, also by kill -9.

        Raises:
            FolderTaken: Another program has it.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / ".lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                owner = file.read().strip() or "unknown"
                message = (
                    f"the folder {self.root} is in use by process {owner}: stop that Techdock "
                    "first, or act through it with --url and --token"
                )
                raise FolderTaken(message) from error
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
