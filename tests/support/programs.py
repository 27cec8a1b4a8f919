"""Programs as a person starts them: a process, a line when ready, a signal to stop."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

READY_S = 60.0


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
        ready_s: How long the last start took until its line was there.
    """

    data: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    ready_s: float = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and return when the program has said that it is ready."""
        begun = time.monotonic()
        log = (self.data.parent / f"{self.data.name}.log").open("a")
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "techdock_embedded",
                "serve",
                "--data",
                str(self.data),
                "--port",
                str(self.port),
            ],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **self.environment},
        )
        log.close()
        assert self.process.stdout
        line = self.process.stdout.readline()
        self.ready_s = time.monotonic() - begun
        assert "ready" in line, f"{line!r}; see {log.name}:\n{self.logged()[-3000:]}"

    def logged(self) -> str:
        """What the program wrote to its log so far."""
        return (self.data.parent / f"{self.data.name}.log").read_text()

    def kill(self) -> None:
        """kill -9."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self._reap()

    def stop(self) -> float:
        """Ctrl-C; returns how long it took to end, in seconds."""
        assert self.process
        begun = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self._reap()
        return time.monotonic() - begun

    def _reap(self) -> None:
        assert self.process
        self.process.wait(READY_S)
        if self.process.stdout:
            self.process.stdout.close()
        self.process = None

    def command(self, *words: str) -> str:
        """Run `techdock WORDS`; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "techdock_embedded", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=READY_S,
        )
        assert done.returncode == 0, f"techdock {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout
