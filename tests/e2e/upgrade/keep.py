"""Keeps a data folder of a release, for `test_upgrade.py`.

    python tests/e2e/upgrade/keep.py v0.1

plays a small docking event on the program as it is now and keeps its folder under
tests/e2e/upgrade/v0.1, beside what its people read at the end. Done once per release, before it is
tagged; afterwards the folder is never made again: it stands for the data that people have.
"""

import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from support.kept import ADMINISTRATOR, FOLDERS, keep, play
from support.programs import Embedded


def main() -> None:
    (release,) = sys.argv[1:]
    into = FOLDERS / release
    if into.exists():
        sys.exit(f"{into} is kept already; the folder of a release is made once")
    with tempfile.TemporaryDirectory() as place:
        program = Embedded(Path(place) / "data")
        token = program.token(ADMINISTRATOR)
        program.start()
        try:
            found = asyncio.run(play(program.url, token))
        finally:
            program.stop()
        keep(program.data, into)
    said = json.dumps(asdict(found), ensure_ascii=False, indent=1, sort_keys=True)
    (into / "read.json").write_text(said + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
