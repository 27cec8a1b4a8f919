"""Programs as a person starts them: a process, a line when ready, a signal to stop."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

READY_S = 60.0
WORKER = "techdock_matching.worker"
CACHE = "valkey-server"


def free_port() -> int:
    """A port that nobody listens on; taken for a moment, so two calls differ."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@dataclass
class Embedded:
    """`techdock serve` over a folder.

    Attributes:
        environment: Beside that of the test, without what is set for Techdock there.
        ready_s: How long the last start took until its line was there.
    """

    data: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    ready_s: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_file(self) -> Path:
        return self.data.parent / f"{self.data.name}.log"

    def start(self, crash_at: str = "") -> None:
        """Start, and return when the program has said that it is ready.

        Args:
            crash_at: `point` or `point:n`, at which it ends itself (see `techdock_shared.crash`);
                that may be before it is ready.
        """
        begun = time.monotonic()
        crash = {"TECHDOCK_CRASH_AT": crash_at} if crash_at else {}
        words = ["serve", "--data", str(self.data), "--port", str(self.port)]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "techdock_embedded", *words],
                stdout=subprocess.PIPE,
                stderr=log,
                env={**_clean(), **self.environment, **crash},
            )
        assert self.process.stdout
        line = _line(self.process.stdout, READY_S)
        self.ready_s = time.monotonic() - begun
        assert "ready" in line or crash_at, (
            f"{line!r}; see {self.log_file}:\n{self.logged()[-3000:]}"
        )

    def logged(self) -> str:
        """What the program wrote to its log so far."""
        return self.log_file.read_text(errors="replace")

    def child(self, what: str) -> psutil.Process | None:
        """The running child whose command line names this: WORKER or CACHE."""
        assert self.process
        for each in self.children():
            try:
                named = any(what in word for word in each.cmdline())
                # The guard of the cache has the cache's command among its own words.
                if named and not (what == CACHE and "guard.py" in " ".join(each.cmdline())):
                    return each
            except psutil.Error:
                continue
        return None

    def children(self) -> list[psutil.Process]:
        """All processes that the program has started."""
        assert self.process
        return psutil.Process(self.process.pid).children(recursive=True)

    def kill(self) -> None:
        """kill -9."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self._reap()

    def ended(self, within_s: float = READY_S) -> int:
        """Wait until it has ended by itself; returns its exit code."""
        assert self.process
        process = self.process
        self._reap(within_s)
        return process.returncode

    def stop(self) -> float:
        """Ctrl-C; returns how long it took to end, in seconds. Nothing, if it does not run."""
        begun = time.monotonic()
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self._reap()
        return time.monotonic() - begun

    def _reap(self, within_s: float = READY_S) -> None:
        assert self.process
        self.process.wait(within_s)
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None

    def token(self, email: str = "admin@story.example") -> str:
        """Let an address administer it; returns a token. The program must not run."""
        words = ("token", email, "--administrator", "--data", str(self.data))
        return self.command(*words).strip().splitlines()[-1]

    def command(self, *words: str) -> str:
        """Run `techdock WORDS`; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "techdock_embedded", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=READY_S,
            env={**_clean(), **self.environment},
        )
        assert done.returncode == 0, f"techdock {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("TECHDOCK_")}


def _line(stream: IO[bytes], within_s: float) -> str:
    """The first line, or what there is of it when the program ended or the time is over."""
    deadline, found = time.monotonic() + within_s, b""
    while b"\n" not in found:
        left_s = deadline - time.monotonic()
        if left_s <= 0 or not select.select([stream], [], [], left_s)[0]:
            break
        piece = os.read(stream.fileno(), 4096)
        if not piece:
            break
        found += piece
    return found.decode()
