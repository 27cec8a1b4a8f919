"""There is one FastStream subscriber, and it says when an offset may be committed."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]


def test_no_code_but_ours_subscribes() -> None:
    """FastStream's defaults lose messages: everything else goes through `subscribe`."""
    sources = [
        path
        for folder in ("contracts", "shared", "services")
        for path in (ROOT / folder).rglob("src/**/*.py")
    ]
    found = [path.name for path in sources if re.search(r"\.subscriber\(", path.read_text())]

    assert found == ["subscriber.py"]
