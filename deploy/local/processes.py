"""Processes that outlive the command which started them, found again by pid and start time."""

import fcntl
import json
import os
import random
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

# Below the range from which kernels pick the ports of outgoing connections: a killed server must
# find its port free when it comes back.
PORTS = range(20_000, 32_000)


class Failed(Exception):  # noqa: N818 - reads as a sentence: raise Failed("Kafka did not start")
    """A server did not do what it was asked; the message tells the person at the keyboard why."""


def read_state(folder: Path) -> dict[str, Any]:
    """Read what an earlier command wrote down about the server in a folder, or nothing."""
    try:
        state: dict[str, Any] = json.loads((folder / "state.json").read_text())
    except FileNotFoundError:
        return {}
    return state


def write_state(folder: Path, state: Mapping[str, Any]) -> None:
    """Write down ports and secrets of a server, for its owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "state.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(state, indent=2) + "\n")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one command at a time change the servers of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def free_ports(count: int) -> list[int]:
    """Choose that many different loopback ports on which nobody listens."""
    found: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise Failed(f"no {count} free ports between {PORTS.start} and {PORTS.stop}")


def launch(
    folder: Path,
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    user: int | None = None,
) -> None:
    """Start a program that goes on when this command ends; its output goes to `<name>.log`.

    Args:
        folder: Where the log and the pid file are kept.
        name: What the program is called in them.
        command: Program and arguments.
        environment: Variables besides those of this command.
        user: Numeric user to run as, when this command is root's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            user=user,
        )
    started = psutil.Process(process.pid).create_time()
    pid_file = folder / f"{name}.pid"
    pid_file.write_text(json.dumps({"pid": process.pid, "started": started}))


def running(folder: Path, name: str) -> psutil.Process | None:
    """Find the program again, and never a stranger that was given its number."""
    try:
        record = json.loads((folder / f"{name}.pid").read_text())
        process = psutil.Process(record["pid"])
        same = abs(process.create_time() - record["started"]) < 1
        alive = process.status() != psutil.STATUS_ZOMBIE
    except (FileNotFoundError, psutil.NoSuchProcess):
        return None
    return process if same and alive else None


def tell(folder: Path, name: str, how: signal.Signals) -> None:
    """Signal the program, if it runs."""
    process = running(folder, name)
    if process is not None:
        process.send_signal(how)


def end(folder: Path, name: str, how: signal.Signals, patience_s: float = 20) -> bool:
    """Signal the program and wait until it is gone; kill it when it does not go.

    Returns:
        Whether there was a program to end.
    """
    process = running(folder, name)
    if process is not None:
        process.send_signal(how)
        try:
            process.wait(patience_s)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(5)
    (folder / f"{name}.pid").unlink(missing_ok=True)
    return process is not None


def last_words(folder: Path, name: str, lines: int = 15) -> str:
    """Quote the end of the program's log, to say why it did not start."""
    path = folder / f"{name}.log"
    text = path.read_text(errors="replace") if path.exists() else ""
    return f"{path}:\n" + "\n".join(text.splitlines()[-lines:])
