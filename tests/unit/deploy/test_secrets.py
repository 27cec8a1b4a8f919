"""deploy/secrets.sh and deploy/entrypoint.sh: secrets are made once, and handed over by file."""

import subprocess
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
SERVICES = ("registration", "matching", "reporting")


def make(folder: Path) -> dict[str, str]:
    subprocess.run(["sh", str(DEPLOY / "secrets.sh"), str(folder)], check=True)
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    one, other = make(tmp_path / "one"), make(tmp_path / "other")

    assert one.keys() == other.keys()
    assert not set(one.values()) & set(other.values())


def test_a_second_start_keeps_what_the_first_one_made(tmp_path: Path) -> None:
    assert make(tmp_path) == make(tmp_path)


def test_an_interrupted_start_is_completed(tmp_path: Path) -> None:
    before = make(tmp_path)
    (tmp_path / "matching" / "database_url").unlink()
    # As a full disk leaves it: a file without content is no secret.
    (tmp_path / "redis" / "redis.conf").chmod(0o644)
    (tmp_path / "redis" / "redis.conf").write_text("")

    assert make(tmp_path) == before


def test_each_service_has_a_password_of_its_own_that_postgres_knows(tmp_path: Path) -> None:
    secrets = make(tmp_path)

    passwords = {secrets[f"postgres/{service}"] for service in SERVICES}
    assert len(passwords) == len(SERVICES)
    for service in SERVICES:
        password = secrets[f"postgres/{service}"]
        assert len(password) == 64
        expected = f"postgresql+asyncpg://{service}:{password}@postgres:5432/{service}"
        assert secrets[f"{service}/database_url"] == expected
        assert secrets["redis/password"] in secrets[f"{service}/redis_url"]


def test_the_entrypoint_reads_addresses_from_files_and_leaves_key_files_alone(
    tmp_path: Path,
) -> None:
    address = "postgresql+asyncpg://a:p$w'\"d@host/a b"
    (tmp_path / "url").write_text(address)
    environment = {
        "PATH": "/usr/bin:/bin",
        "TECHDOCK_MATCHING_DATABASE_URL_FILE": str(tmp_path / "url"),
        "TECHDOCK_MATCHING_DEPLOYMENT_KEY_FILE": str(tmp_path / "no-such-file"),
    }
    show = ["printenv", "TECHDOCK_MATCHING_DATABASE_URL"]
    script = ["sh", str(DEPLOY / "entrypoint.sh")]

    done = subprocess.run(
        [*script, *show], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout == f"{address}\n"


def test_a_missing_secret_stops_the_start(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "TECHDOCK_PORTAL_X_URL_FILE": str(tmp_path / "gone")}

    done = subprocess.run(
        ["sh", str(DEPLOY / "entrypoint.sh"), "echo", "started"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "started" not in done.stdout
