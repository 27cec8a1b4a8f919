"""A backup of the embedded program, restored into Kafka, PostgreSQL and Valkey, goes on there."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.programs import Embedded
from support.servers import LOCAL, distributed
from support.story import Story
from support.waiting import until
from techdock_embedded.client import Client

pytestmark = pytest.mark.kafka

SERVERS = ("kafka", "postgres", "redis")


def local(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, str(LOCAL), *words, "--dir", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def folder() -> Iterator[Path]:
    distributed()  # skips where there are no servers
    # Not below pytest's own folder: PostgreSQL runs as another user, who must get through.
    made = Path(tempfile.mkdtemp(prefix="techdock-restored-"))
    made.chmod(0o711)
    yield made
    local(made, "stop", "--wipe")


async def test_what_was_embedded_goes_on_distributed(folder: Path, tmp_path: Path) -> None:
    embedded = Embedded(tmp_path / "data")
    token = embedded.command(
        "token", "admin@story.example", "--administrator", "--data", str(embedded.data)
    ).strip()
    embedded.start()
    async with httpx.AsyncClient(base_url=embedded.url, timeout=30) as http:
        story = Story(Client(http, token))
        await story.open_tenant()
        await story.open_docking_event()
        await story.take_part("farm", "UZ", "ru", zone="Asia/Tashkent")
        await story.check_in("farm")
        before = await story.figures(HEADCOUNT=1)
        assert story.organizer
        organizer = story.organizer.token
    embedded.stop()
    file = tmp_path / "backup.tar"
    embedded.command("backup", str(file), "--data", str(embedded.data))

    local(folder, "start", *SERVERS)
    secrets = folder / "secrets"
    databases = {
        name: (secrets / name / "database_url").read_text()
        for name in ("registration", "matching", "reporting")
    }
    variables = dict(
        line.removeprefix("export ").split("=", 1) for line in local(folder, "env").splitlines()
    )
    said = embedded.command(
        *("restore", str(file), "--kafka", variables["TECHDOCK_TEST_KAFKA"].strip("'")),
        *(part for name, url in databases.items() for part in (f"--{name}-database", url)),
    )
    assert "hold the state of" in said
    local(folder, "start", "techdock")
    url = local(folder, "env").split("TECHDOCK_TEST_URL=")[1].split()[0].strip("'")
    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        again = Client(http, organizer)
        path = f"reporting/v1/docking-events/{story.docking_event['id']}/figures"
        after = await again.get(path, as_of="2999-12-31")
        assert after["figures"] == before["figures"]
        assert after["checksum"] == before["checksum"]
        # And it goes on: what is told now arrives, once.
        story.organizer, story.administrator = again, Client(http, token)
        await story.take_part("maker", "CN", "zh-Hans", zone="Asia/Shanghai")
        await story.check_in("maker")

        async def counted() -> bool:
            found = await again.get(path, as_of="2999-12-31")
            values = {f["indicator"]: f["value"] for f in found["figures"]}
            return values["HEADCOUNT"] == 2

        await until("the second check-in to be counted", counted, within_s=60)
