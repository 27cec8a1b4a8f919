"""The distributed Techdock that `make test-distributed` started, and its servers."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

LOCAL = Path(__file__).resolve().parents[2] / "deploy" / "local"


@dataclass(frozen=True, slots=True)
class Distributed:
    """Programs by the names that `python deploy/local status` prints: kafka-2, matching, ...

    Attributes:
        folder: Where its servers keep their data and logs.
        url: Address of the gateway.
    """

    folder: Path
    url: str

    def kill(self, *names: str) -> None:
        """kill -9; `kafka` means every node."""
        self._do("kill", *names)

    def stop(self, *names: str) -> None:
        """SIGTERM, and wait until it is gone."""
        self._do("stop", *names)

    def start(self, *names: str) -> None:
        """Bring programs back, and wait until they are ready."""
        self._do("start", *names)

    def token(self, email: str = "administrator@tests.example") -> str:
        """Let an address administer it; returns an API token of that account."""
        return self._do("token", email).strip()

    def _do(self, *words: str) -> str:
        command = [sys.executable, str(LOCAL), *words, "--dir", str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
        return done.stdout


def distributed() -> Distributed:
    """The one of this test run; skips the test when there is none."""
    folder, url = os.environ.get("TECHDOCK_TEST_LOCAL"), os.environ.get("TECHDOCK_TEST_URL")
    if not folder or not url:
        pytest.skip("needs the distributed Techdock, started by `make test-distributed`")
    return Distributed(Path(folder), url)
