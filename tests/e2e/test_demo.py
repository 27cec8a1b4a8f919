"""The demo: whatever interrupts its filling, it is the same docking event in the end."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from support.programs import free_port
from support.waiting import until
from techdock_embedded.client import Client


@dataclass
class Demo:
    """`techdock demo` in a process; what it says about its filling goes to a file."""

    data: Path
    port: int

    def start(self) -> None:
        self.log = self.data.with_suffix(".log")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "techdock_embedded", "demo"),
                    *("--data", str(self.data), "--port", str(self.port)),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "TERM": "dumb"},
            )

    async def has_said(self, words: str) -> None:
        async def said() -> bool:
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            return words in self.log.read_text()

        await until(f"the demo to say {words!r}", said, within_s=240)

    def link_of(self, who: str) -> str:
        assert self.process.stdout
        return next(line.split()[-1] for line in self.process.stdout if who in line)

    def end(self, *, kill: bool) -> None:
        self.process.kill() if kill else self.process.terminate()
        self.process.wait(30)
        if self.process.stdout:
            self.process.stdout.close()


@pytest.mark.skipif("TECHDOCK_TEST_URL" in os.environ, reason="the demo is the embedded program's")
async def test_a_filling_that_is_killed_twice_goes_on_where_it_stopped(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "data", free_port())
    for words in ("Confirming participations", "Asking for meetings"):
        demo.start()
        await demo.has_said(words)
        demo.end(kill=True)
    demo.start()
    try:
        await demo.has_said("Opening cooperation projects")
        ticket = demo.link_of("organizer").rsplit("/", 1)[1]
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{demo.port}", timeout=30) as http:
            session = await Client(http).post("registration/v1/sessions", {"ticket": ticket})
            organizer = Client(http, session["token"])
            events = {e["code"]: e async for e in organizer.every("registration/v1/docking-events")}
            event = events["DRYLAND-TECH-07"]["id"]
            path = f"registration/v1/docking-events/{event}"
            participations = [p async for p in organizer.every(f"{path}/participations")]
            requests = [
                r async for r in organizer.every(f"matching/v1/docking-events/{event}/requests")
            ]
            projects = [
                p async for p in organizer.every("matching/v1/projects", docking_event_id=event)
            ]
    finally:
        demo.end(kill=False)
    expected = json.loads(
        Path(__file__)
        .parents[2]
        .joinpath("services/embedded/src/techdock_embedded/demo/data/day.json")
        .read_text()
    )["expected"]
    states = [p["state"] for p in participations]
    assert (len(states), states.count("confirmed")) == (60, expected["confirmed"])
    assert len(requests) == expected["requests"]
    answers = [r["state"] for r in requests]
    assert answers.count("declined") == expected["declined"]
    assert answers.count("sent") == expected["open"]
    assert answers.count("placed") == expected["placed"]
    assert len(projects) == expected["projects"]["intention"]
    assert events["DRYLAND-TECH-06"]["state"] == "closed"
