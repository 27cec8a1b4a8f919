"""The command line, as an operator uses it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest
from support.programs import Embedded, free_port
from support.story import Story
from techdock_embedded.client import Client

pytestmark = pytest.mark.skipif(
    "TECHDOCK_TEST_URL" in os.environ, reason="commands on a folder are the embedded program's"
)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Embedded:
    return Embedded(tmp_path_factory.mktemp("commands") / "data")


@pytest.fixture(scope="module")
def token(stopped: Embedded) -> str:
    words = ("token", "admin@story.example", "--administrator", "--data", str(stopped.data))
    return stopped.command(*words).strip()


@pytest.fixture(scope="module")
def program(stopped: Embedded, token: str) -> Iterator[Embedded]:
    stopped.start()
    yield stopped
    stopped.stop()


PROGRAM = (sys.executable, "-m", "techdock_embedded")


def refused(*words: str) -> str:
    """Run a command that must fail with one sentence; returns it."""
    done = subprocess.run(
        [*PROGRAM, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("{")]
    assert "Traceback" not in done.stderr
    return said[-1]


async def test_a_backup_taken_while_it_runs_is_a_techdock_of_its_own(
    program: Embedded, token: str, tmp_path: Path
) -> None:
    async with httpx.AsyncClient(base_url=program.url, timeout=30) as http:
        story = Story(Client(http, token))
        await story.open_tenant()
        await story.open_docking_event()
    file, again = tmp_path / "backup.tar", Embedded(tmp_path / "again")
    program.command("backup", str(file), "--data", str(program.data))
    again.command("restore", str(file), "--data", str(again.data))
    assert "Nothing is wrong" in again.command("check", "--data", str(again.data))
    again.start()
    try:
        async with httpx.AsyncClient(base_url=again.url, timeout=30) as http:
            found = await Client(http, token).get(story.event_path)
    finally:
        again.stop()
    assert found["code"] == story.docking_event["code"]
    assert found["state"] == "open"


def test_a_folder_in_use_says_by_whom_and_what_to_do(program: Embedded) -> None:
    said = refused("rebuild", "--data", str(program.data))
    assert program.process
    assert f"in use by process {program.process.pid}" in said
    assert "--url" in said


def test_a_port_that_is_taken_is_named(program: Embedded, tmp_path: Path) -> None:
    said = refused("serve", "--data", str(tmp_path / "other"), "--port", str(program.port))
    assert f"cannot listen on 127.0.0.1:{program.port}" in said


def test_it_does_not_listen_to_others_without_https(tmp_path: Path) -> None:
    said = refused("serve", "--data", str(tmp_path / "d"), "--host", "0.0.0.0")
    assert "--public-url https://" in said


def test_commands_act_through_a_running_program(program: Embedded, token: str) -> None:
    through = ("--url", program.url, "--token", token)
    assert "There are no dead letters." in program.command("dead-letters", "list", *through)
    assert "SHA-256" in program.command("rebuild", *through)


def test_a_folder_and_an_address_at_once_are_refused(program: Embedded) -> None:
    assert "either --data" in refused("rebuild")
    assert "--token" in refused("rebuild", "--url", program.url)


def test_a_dead_letter_is_named_by_service_and_id(program: Embedded, token: str) -> None:
    through = ("--url", program.url, "--token", token)
    for act in ("show", "replay", "discard"):
        assert "SERVICE/ID" in refused("dead-letters", act, "x", *through)
        nobody = f"reporting/{uuid4()}"
        assert "no dead letter" in refused("dead-letters", act, nobody, *through)


def test_a_missing_folder_is_no_installation(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "techdock_embedded", "check", "--data", str(tmp_path / "none")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert "There is no folder" in done.stdout


def test_ctrl_c_stops_it_and_its_children(tmp_path: Path) -> None:
    program = Embedded(tmp_path / "data", free_port())
    program.start()
    assert program.process
    children = {child.pid for child in psutil.Process(program.process.pid).children(recursive=True)}
    assert children
    program.stop()
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    program.start()
    program.stop()


def test_search_and_rank_act_through_a_running_program(program: Embedded, token: str) -> None:
    reached = ("--url", program.url, "--token", token)
    # Its account takes part in no docking event and organizes none.
    assert "the catalogue is for those who take part" in refused("search", "drip", *reached)
    assert "404 not_found" in refused("rank", str(uuid4()), *reached)
    assert "at most 400 characters" in refused("search", "x" * 100_000, *reached)
    assert "name either --data" in refused("search", "drip")


def test_search_on_a_folder_without_docking_events_says_so(tmp_path: Path) -> None:
    said = refused("search", "🚜", "--data", str(tmp_path / "data"))
    assert "the catalogue is for those who take part" in said


def test_the_ranking_is_measured_on_files_of_ones_own(tmp_path: Path) -> None:
    needs, offers = tmp_path / "needs.jsonl", tmp_path / "offers.jsonl"
    topics = {
        "en": ("Desalination of brackish water", "Laser welding of aluminium"),
        "ru": ("Опреснение солоноватой воды", "Лазерная сварка алюминия"),
    }
    for file, language in ((needs, "ru"), (offers, "en")):
        rows = [
            {"id": f"{at} {language}", "title": title, "text": title, "language": language}
            for at, title in enumerate(topics[language])
        ]
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        file.write_text("\n".join(lines), encoding="utf-8")
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("need\toffer\n0 ru\t0 en\n1 ru\t1 en\n", encoding="utf-8")
    run = tmp_path / "run.txt"
    files = ["--needs", str(needs), "--offers", str(offers), "--pairs", str(pairs)]
    done = subprocess.run(
        [*PROGRAM, "evaluate", "ranking", *files, "--run", str(run), "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    told = json.loads(done.stdout)
    assert told["need_to_offer"]["ndcg_10"] == told["offer_to_need"]["mrr"] == 1.0
    first = run.read_text(encoding="utf-8").splitlines()[0].split()
    assert first[:4] == ["0_ru", "Q0", "0_en", "1"]
    assert first[5] == "techdock"
    needs.write_text('{"id": 5}', encoding="utf-8")
    said = refused("evaluate", "ranking", *files)
    assert "needs.jsonl, line 1, text: expected a text, or texts (a list)" in said
