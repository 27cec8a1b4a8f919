"""The distributed program that `deploy/local` runs, as named by TECHDOCK_TEST_LOCAL."""

import os
import subprocess
import sys
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy" / "local"


def local(*words: str) -> str:
    """Run a command of deploy/local on the folder under test; returns what it printed."""
    folder = os.environ["TECHDOCK_TEST_LOCAL"]
    done = subprocess.run(
        [sys.executable, str(DEPLOY), *words, "--dir", folder],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"deploy/local {' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


def administrator_token() -> str:
    """A token of a new administrator of the installation."""
    return local("token", "admin@story.example").strip().splitlines()[-1]
