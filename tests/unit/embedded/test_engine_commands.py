"""techdock encoder and techdock language-pack: what an operator chooses, and that it is kept."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from techdock_embedded.backup import back_up, restore
from techdock_embedded.checking import problems
from techdock_embedded.commands.encoder import encoder
from techdock_embedded.commands.language_pack import packs
from techdock_embedded.compose import _worker
from techdock_embedded.folder import SERVICES, Folder
from techdock_matching.adapters.encoders import SentenceEncoder
from typer import Typer
from typer.testing import CliRunner

NOON = datetime(2027, 5, 17, 12, tzinfo=UTC)
CURRENT = SentenceEncoder().name


@pytest.fixture(autouse=True)
def log_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command of its own process would log to its standard error, which is closed here later."""
    monkeypatch.setattr("techdock_embedded.commands.app.configure_logging", lambda _: None)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a folder with vectors of the encoder in use, and of two that were."""
    made = Folder(tmp_path / "data")
    made.root.mkdir()
    made.key()
    for path in (*(made.database(service) for service in SERVICES), made.log):
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
    with closing(sqlite3.connect(made.database("reporting"))) as connection:
        connection.execute("CREATE TABLE journal (position, body_sha256, seal, body)")
    for service in SERVICES:
        with closing(sqlite3.connect(made.database(service))) as connection:
            connection.execute("CREATE TABLE dead_letters (state)")
    with closing(sqlite3.connect(made.database("matching"))) as connection, connection:
        connection.execute("CREATE TABLE vectors (encoder TEXT, content_hash BLOB, vector BLOB)")
        connection.executemany(
            "INSERT INTO vectors VALUES (?, ?, ?)",
            [(name, bytes([at]), b"") for name in (CURRENT, "e6", "e7") for at in range(3)],
        )
    return made


def ran(app: Typer, *words: object) -> tuple[int, str]:
    told = CliRunner().invoke(app, [*map(str, words)])
    return told.exit_code, " ".join(told.output.split())


def kept(folder: Folder) -> dict[str, int]:
    with closing(sqlite3.connect(folder.database("matching"))) as connection:
        rows = connection.execute("SELECT encoder, count(*) FROM vectors GROUP BY encoder")
        return dict(rows.fetchall())


def test_the_default_is_in_use_until_somebody_chooses(folder: Folder) -> None:
    code, told = ran(encoder, "list", "--data", folder.root)
    assert code == 0
    assert "* use-multilingual yes 512 Apache-2.0 3" in told
    assert "e7 kept from before 3" in told
    assert "TECHDOCK_MATCHING_ENCODER" not in _worker(folder, None, Path("ranker"))
    assert ran(encoder, "set", "none", "--data", folder.root)[0] == 0
    assert "* none yes" in ran(encoder, "list", "--data", folder.root)[1]
    assert _worker(folder, None, Path("ranker"))["TECHDOCK_MATCHING_ENCODER"] == "none"


def test_what_cannot_be_loaded_is_not_chosen(folder: Folder) -> None:
    code, told = ran(encoder, "set", folder.root / "nowhere", "--data", folder.root)
    assert code == 1
    assert "expected a directory with an encoder, found nothing" in told
    assert ran(encoder, "set", "e6", "--data", folder.root)[0] == 1
    assert not folder.encoder_file.exists()


@pytest.mark.parametrize("content", [b"", b"\0\xff", b"e6\n", b"/no/such/directory"])
def test_a_damaged_choice_is_told_everywhere(folder: Folder, content: bytes) -> None:
    folder.encoder_file.write_bytes(content)
    code, told = ran(encoder, "list", "--data", folder.root)
    assert code == 0
    assert "Texts are ranked by words and concepts only: expected" in told
    given = _worker(folder, None, Path("ranker"))["TECHDOCK_MATCHING_ENCODER"]
    assert "\0" not in given
    assert any("The encoder cannot be used" in each for each in problems(folder))


def test_vectors_are_dropped_for_the_encoder_in_use_or_for_all(folder: Folder) -> None:
    code, told = ran(encoder, "re-embed", "--data", folder.root)
    assert (code, told[:24]) == (0, "3 vectors were dropped; ")
    assert kept(folder) == {"e6": 3, "e7": 3}
    assert ran(encoder, "re-embed", "--all", "--data", folder.root)[1].startswith("6 vectors")
    assert kept(folder) == {}


def test_vectors_are_not_dropped_below_a_running_techdock(folder: Folder) -> None:
    with folder.taken():
        code, told = ran(encoder, "re-embed", "--data", folder.root)
    assert code == 1
    assert "is in use by process" in told
    assert len(kept(folder)) == 3


def test_a_pack_is_made_shown_backed_up_and_restored(folder: Folder, tmp_path: Path) -> None:
    cedict = tmp_path / "cedict.u8"
    cedict.write_text("貓頭鷹 猫头鹰 [mao1 tou2 ying1] /owl/\n水母 [shui] /jellyfish/\n", "utf-8")
    pack = folder.language_packs / "birds"
    words = ["build", pack, "--cedict", cedict]
    code, told = ran(packs, *words)
    assert code == 1
    assert "cedict.u8, row 2: expected traditional simplified" in told
    code, told = ran(packs, *words, "--partial")
    assert code == 0
    assert "birds: 1 concepts, terms: 1 en, 2 zh." in told
    assert "birds 1 1 en zh CC-CEDICT" in ran(packs, "list", "--data", folder.root)[1]
    assert _worker(folder, None, Path("r"))["TECHDOCK_MATCHING_LANGUAGE_PACKS"] == str(pack.parent)

    folder.encoder_file.write_text("none\n")
    (pack / "notes.txt").write_text("mine")
    back_up(folder, tmp_path / "b.tar", "0.1.0", NOON)
    again = Folder(tmp_path / "again")
    restore(tmp_path / "b.tar", again)
    assert again.encoder() == "none"
    restored = again.language_packs / "birds"
    assert {each.name for each in restored.iterdir()} == {"pack.json", "lexicon.csv"}
    assert ran(packs, "list", "--data", again.root)[0] == 0

    (restored / "lexicon.csv").write_text("")
    code, told = ran(packs, "list", "--data", again.root)
    assert code == 1
    assert "Left out: birds/lexicon.csv was changed or damaged" in told
    assert any("birds/lexicon.csv" in each for each in problems(again))


def test_nothing_to_build_of_is_told(tmp_path: Path) -> None:
    assert "name --wordnet FILES" in ran(packs, "build", tmp_path / "birds")[1]
    code, told = ran(packs, "build", tmp_path / "birds", "--wordnet", tmp_path)
    assert code == 1
    assert "expected .tab files in this folder, found none" in told
