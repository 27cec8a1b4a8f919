"""deploy/local: servers start, survive kill -9 with their data, and go away without a trace."""

import json
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

LOCAL = Path(__file__).resolve().parents[3] / "deploy" / "local"


def local(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(LOCAL), *words, "--dir", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def works(folder: Path, *words: str) -> str:
    done = local(folder, *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def up(folder: Path) -> set[str]:
    lines = works(folder, "status").splitlines()
    return {name for name, state in map(str.split, lines) if state == "up"}


async def ask(folder: Path, service: str, query: str) -> object:
    url = (folder / "secrets" / service / "database_url").read_text()
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def keep(folder: Path) -> redis.Redis:
    url = (folder / "secrets" / "matching" / "redis_url").read_text()
    client: redis.Redis = redis.Redis.from_url(url)
    return client


async def test_servers_keep_what_is_theirs_to_keep_and_leave_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "servers"
    try:
        works(folder, "start", "postgres", "redis")
        assert up(folder) == {"postgres", "redis"}
        await ask(folder, "matching", "CREATE TABLE kept AS SELECT 42 AS answer")
        with keep(folder) as cache:
            cache.set("forgotten", "yes")

        works(folder, "kill", "postgres", "redis")
        assert up(folder) == set()
        works(folder, "start", "postgres", "redis")

        assert await ask(folder, "matching", "SELECT answer FROM kept") == 42
        with keep(folder) as cache:
            assert cache.get("forgotten") is None
            with pytest.raises(redis.AuthenticationError):
                redis.Redis(port=cache.connection_pool.connection_kwargs["port"]).ping()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            url = (folder / "secrets" / "matching" / "database_url").read_text()
            await asyncpg.connect(url.replace("+asyncpg", ""), database="registration")
    finally:
        works(folder, "stop", "--wipe")
    assert not folder.exists()
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(folder) in str(p.info)]


def test_what_does_not_exist_or_run_is_said_in_words(tmp_path: Path) -> None:
    assert "there is no mongodb" in local(tmp_path, "start", "mongodb").stderr
    assert "postgres does not run" in local(tmp_path, "kill", "postgres").stderr
    assert "start kafka, postgres and redis first" in local(tmp_path, "start", "matching").stderr


def test_a_stranger_with_the_number_of_a_dead_server_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        record = {"pid": stranger.pid, "started": psutil.Process(stranger.pid).create_time() - 60}
        (tmp_path / "redis").mkdir()
        (tmp_path / "redis" / "redis.pid").write_text(json.dumps(record))

        assert "redis does not run" in local(tmp_path, "kill", "redis").stderr
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
