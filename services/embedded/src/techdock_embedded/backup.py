"""Backups: one consistent point of databases and event log, taken while the program runs."""

import hashlib
import io
import json
import re
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import Any

from techdock_embedded.folder import SERVICES, Folder

FORMAT = 1
MANIFEST = "manifest.json"
WAIT_S = 10.0

_MAY_BE = re.compile(
    r"glossary\.csv|encoder\.txt|language-packs/[a-z0-9]+(-[a-z0-9]+)*/(pack\.json|lexicon\.csv)"
)
"""Files that need not be there; nothing else that a manifest names is unpacked."""


class Unusable(Exception):  # noqa: N818 - said of the file or folder
    """A backup that cannot be restored, or a folder that it cannot be restored into."""


def back_up(folder: Folder, file: Path, version: str, at: datetime) -> int:
    """Write a backup and return its size in bytes.

    All databases are locked for writing at the same moment, and only for as long as it takes to
    pin a view of each (milliseconds); the copies are made from these views.

    Args:
        file: A tar file; written whole under another name first, readable by its owner only.
        version: Of the program, for the manifest.

    Raises:
        Unusable: The folder holds no Techdock.
    """
    databases = _databases(folder)
    missing = [path.name for path in databases if not path.exists()]
    if missing:
        raise Unusable(f"{folder.root} holds no Techdock: expected {', '.join(missing)} in it")
    with ExitStack() as stack, tempfile.TemporaryDirectory(dir=file.parent) as work:
        views = _views(databases, stack)
        copies = {}
        for path, view in zip(databases, views, strict=True):
            copy = Path(work) / path.name
            with closing(sqlite3.connect(copy)) as target:
                view.backup(target)
            copies[path.name] = copy
        for beside in (folder.key_file, *_beside(folder)):
            if beside.exists():
                copies[beside.relative_to(folder.root).as_posix()] = beside
        fresh = Path(work) / "backup.tar"
        fresh.touch(mode=0o600)
        with tarfile.open(fresh, "w") as tar:
            manifest = {
                "format": FORMAT,
                "version": version,
                "taken_at": at.isoformat(),
                "files": {name: _sha256(path) for name, path in copies.items()},
            }
            _add(tar, MANIFEST, json.dumps(manifest, indent=2).encode())
            for name, path in copies.items():
                tar.add(path, arcname=name, filter=_private)
        fresh.replace(file)
    return file.stat().st_size


def restore(file: Path, folder: Folder) -> dict[str, Any]:
    """Unpack a backup into a folder that holds nothing yet; returns the manifest.

    Raises:
        Unusable: The file is no backup or was damaged, or the folder is in use.
    """
    if folder.root.exists() and any(folder.root.iterdir()):
        raise Unusable(f"{folder.root} is not empty: name a new folder")
    try:
        with tarfile.open(file) as tar:
            manifest = _manifest(tar, file)
            folder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder.root) as work:
                for name, expected in manifest["files"].items():
                    tar.extract(name, work, filter="data")
                    found = _sha256(Path(work) / name)
                    if found != expected:
                        raise Unusable(f"{file}: {name} is damaged: expected SHA-256 {expected}")
                for name in manifest["files"]:
                    (folder.root / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    (Path(work) / name).replace(folder.root / name)
    except (tarfile.TarError, OSError, KeyError) as error:
        raise Unusable(f"{file} is not a backup of Techdock: {error}") from error
    return manifest


def _beside(folder: Folder) -> list[Path]:
    """Return the files that a folder may have, and need not."""
    packs = sorted(folder.language_packs.glob("*/*")) if folder.language_packs.is_dir() else []
    every = (folder.glossary, folder.encoder_file, *packs)
    return [each for each in every if _MAY_BE.fullmatch(each.relative_to(folder.root).as_posix())]


def _databases(folder: Folder) -> list[Path]:
    return [*(folder.database(service) for service in SERVICES), folder.log]


def _views(databases: list[Path], stack: ExitStack) -> list[sqlite3.Connection]:
    """Return a connection to each database, all pinned to the same moment."""
    views = []
    with ExitStack() as locks:
        # Always in this order, so that two backups cannot wait for each other.
        for path in databases:
            lock = locks.enter_context(closing(_open(path)))
            lock.execute("BEGIN IMMEDIATE")
            locks.callback(lock.rollback)
        for path in databases:
            view = stack.enter_context(closing(_open(path)))
            view.execute("BEGIN")
            view.execute("SELECT count(*) FROM sqlite_master").fetchone()
            views.append(view)
    return views


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=WAIT_S)


def _manifest(tar: tarfile.TarFile, file: Path) -> dict[str, Any]:
    member = tar.extractfile(MANIFEST)
    manifest = json.load(member) if member else None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise Unusable(f"{file}: expected a backup of format {FORMAT}")
    expected = {path.name for path in _databases(Folder(Path()))} | {"deployment.key"}
    if {name for name in manifest["files"] if not _MAY_BE.fullmatch(name)} != expected:
        raise Unusable(f"{file}: expected the files {', '.join(sorted(expected))}")
    return manifest


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _private(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def damaged(folder: Folder) -> Iterator[str]:
    """Say which databases of a folder fail SQLite's own check."""
    for path in _databases(folder):
        if path.exists():
            with closing(_open(path)) as connection:
                found = connection.execute("PRAGMA quick_check").fetchone()[0]
            if found != "ok":
                yield f"{path.name}: {found}"
