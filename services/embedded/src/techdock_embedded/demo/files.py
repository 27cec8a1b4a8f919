"""The demo's data files, read."""

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

Json = dict[str, Any]

ROOT: Traversable = files("techdock_embedded.demo") / "data"


def one(name: str) -> Any:
    """Return the content of a file."""
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def all_of(folder: str) -> list[Json]:
    """Return the items of all files of a folder, in the order of their names."""
    found = sorted((ROOT / folder).iterdir(), key=lambda file: file.name)
    return [item for file in found for item in json.loads(file.read_text(encoding="utf-8"))]
