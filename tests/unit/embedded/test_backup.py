"""A backup is one point of all databases; a restore refuses what is not whole."""

import sqlite3
import tarfile
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from techdock_embedded.backup import Unusable, back_up, restore
from techdock_embedded.folder import SERVICES, Folder

NOON = datetime(2027, 5, 17, 12, tzinfo=UTC)


def databases(folder: Folder) -> list[Path]:
    return [*(folder.database(service) for service in SERVICES), folder.log]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "data")
    made.root.mkdir()
    made.key()
    for path in databases(made):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE numbers(n INTEGER)")
            connection.commit()
    return made


def test_a_restored_folder_holds_what_was_backed_up(folder: Folder, tmp_path: Path) -> None:
    with closing(sqlite3.connect(folder.log)) as connection:
        connection.execute("INSERT INTO numbers VALUES (42)")
        connection.commit()
    back_up(folder, tmp_path / "b.tar", "0.1.0", NOON)
    again = Folder(tmp_path / "again")
    assert restore(tmp_path / "b.tar", again)["taken_at"] == NOON.isoformat()
    with closing(sqlite3.connect(again.log)) as connection:
        assert connection.execute("SELECT n FROM numbers").fetchall() == [(42,)]
    assert again.key() == folder.key()
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0


def test_all_databases_are_of_the_same_moment(folder: Folder, tmp_path: Path) -> None:
    """A writer counts up in the log first and then in registration: never the other way round."""
    stop = threading.Event()
    begun = threading.Event()

    def write() -> None:
        with (
            closing(sqlite3.connect(folder.log, timeout=30)) as first,
            closing(sqlite3.connect(folder.database("registration"), timeout=30)) as second,
        ):
            n = 0
            while not stop.is_set():
                n += 1
                for connection in (first, second):
                    connection.execute("INSERT INTO numbers VALUES (?)", (n,))
                    connection.commit()
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait()
    try:
        for turn in range(10):
            file = tmp_path / f"{turn}.tar"
            back_up(folder, file, "0.1.0", NOON)
            copy = Folder(tmp_path / f"copy{turn}")
            restore(file, copy)
            counts = []
            for path in (copy.log, copy.database("registration")):
                with closing(sqlite3.connect(path)) as connection:
                    counts.append(connection.execute("SELECT max(n) FROM numbers").fetchone()[0])
            assert counts[0] - counts[1] in (0, 1), counts
    finally:
        stop.set()
        writer.join()


def test_a_damaged_backup_is_refused_and_leaves_nothing(folder: Folder, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "b.tar", "0.1.0", NOON)
    content = bytearray((tmp_path / "b.tar").read_bytes())
    with tarfile.open(tmp_path / "b.tar") as tar:
        content[tar.getmember("events.db").offset_data + 100] ^= 0xFF
    (tmp_path / "b.tar").write_bytes(content)
    again = Folder(tmp_path / "again")
    with pytest.raises(Unusable, match=r"events\.db is damaged"):
        restore(tmp_path / "b.tar", again)
    assert list(again.root.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\0" * 10240])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.tar").write_bytes(content)
    with pytest.raises(Unusable, match="not a backup"):
        restore(tmp_path / "b.tar", Folder(tmp_path / "again"))


def test_a_used_folder_is_not_written_over(folder: Folder, tmp_path: Path) -> None:
    back_up(folder, tmp_path / "b.tar", "0.1.0", NOON)
    with pytest.raises(Unusable, match="not empty"):
        restore(tmp_path / "b.tar", folder)


def test_a_folder_without_techdock_has_no_backup(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="holds no Techdock"):
        back_up(Folder(tmp_path), tmp_path / "b.tar", "0.1.0", NOON)
