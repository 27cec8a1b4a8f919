"""What is wrong with an installation, in words."""

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing

from techdock_reporting.domain.journal import broken
from techdock_shared.cache.valkey import NoValkey, server_path

from techdock_embedded.backup import damaged
from techdock_embedded.folder import SERVICES, Folder

LEAST_FREE_BYTES = 1_000_000_000
LEAST_PYTHON = (3, 11)


def problems(folder: Folder) -> Iterator[str]:
    """Say each thing that is wrong, what it means, and what to do."""
    if sys.version_info < LEAST_PYTHON:
        yield f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}."
    try:
        server_path()
    except NoValkey as error:
        yield f"No Valkey server ({error}): the cache stays in the process, and works alone."
    if not folder.root.is_dir():
        yield f"There is no folder {folder.root}: `techdock serve --data` makes it."
        return
    yield from _folder(folder)
    yield from _engine(folder)
    missing = [name for name in SERVICES if not folder.database(name).exists()]
    if missing:
        yield f"The databases of {', '.join(missing)} are missing: restore a backup."
        return
    for damage in damaged(folder):
        yield f"{damage}. The disk or a copy damaged it: restore a backup."
    yield from _journal(folder)
    yield from _waiting(folder)


def _folder(folder: Folder) -> Iterator[str]:
    free = shutil.disk_usage(folder.root).free
    if free < LEAST_FREE_BYTES:
        yield f"Only {free / 1e6:.0f} MB of disk are free; a full disk refuses writes."
    if folder.root.stat().st_mode & 0o077:
        yield f"Others on this machine can read {folder.root}: chmod 700 it."
    if not folder.key_file.exists():
        yield "The deployment key is missing: everybody has to sign in again after the next start."
    elif folder.key_file.stat().st_mode & 0o077:
        yield f"Others on this machine can read {folder.key_file}: chmod 600 it."


def _engine(folder: Folder) -> Iterator[str]:
    # These load the ranker's libraries: only where somebody chose something.
    if (choice := folder.encoder()) is not None:
        from techdock_matching.adapters.encoder_directory import NoEncoder  # noqa: PLC0415
        from techdock_matching.adapters.encoders import opened  # noqa: PLC0415

        try:
            opened(choice)
        except NoEncoder as error:
            yield f"The encoder cannot be used, texts are ranked by words and concepts: {error}."
    if folder.language_packs.is_dir():
        from techdock_matching.adapters.glossary import BrokenFile  # noqa: PLC0415
        from techdock_matching.adapters.language_packs import in_folder, manifest_of  # noqa: PLC0415

        for pack in in_folder(folder.language_packs):
            try:
                manifest_of(pack)
            except BrokenFile as error:
                yield f"A language pack is left out: {error}. Build it again."


def _journal(folder: Folder) -> Iterator[str]:
    with closing(sqlite3.connect(folder.database("reporting"))) as connection:
        rows = connection.execute(
            "SELECT position, body_sha256, seal, body FROM journal ORDER BY position"
        )
        for said in broken(rows):
            yield f"Reporting's journal was changed: {said}. Restore a backup."


def _waiting(folder: Folder) -> Iterator[str]:
    for name in SERVICES:
        with closing(sqlite3.connect(folder.database(name))) as connection:
            letters = connection.execute(
                "SELECT count(*) FROM dead_letters WHERE state = 'open'"
            ).fetchone()[0]
        if letters:
            yield (
                f"{letters} messages could not be handled by {name}: "
                "see `techdock dead-letters list`."
            )
