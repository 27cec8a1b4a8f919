"""One program for all faults that it survives without being started again."""

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.programs import Embedded


@dataclass(frozen=True)
class Survivor:
    """A program that is to survive.

    Attributes:
        zones: Where it looks for time zones first; a test may teach it one.
    """

    program: Embedded
    token: str
    zones: Path

    @property
    def folder(self) -> Path:
        return self.program.data


@pytest.fixture(scope="session")
def survivor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survivor]:
    folder = tmp_path_factory.mktemp("survivor")
    zones = folder / "zones"
    zones.mkdir()
    places = ":".join(map(str, (zones, *zoneinfo.TZPATH)))
    program = Embedded(folder / "data", environment={"PYTHONTZPATH": places})
    token = program.token()
    program.start()
    try:
        yield Survivor(program, token, zones)
    finally:
        program.stop()
