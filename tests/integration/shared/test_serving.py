"""A served app stops within two seconds, live pages or not, and gives everything back."""

import asyncio
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

import httpx
import pytest
from support.caches import environment
from techdock_shared.http.serving import listen

PROGRAM = """
import asyncio, sys
from contextlib import asynccontextmanager
from fastapi import Request
from fastapi.responses import Response
from techdock_shared.http.app import new_app
from techdock_shared.http.principal import public
from techdock_shared.http.serving import listen, run, serve
from techdock_shared.http.sse import Sent, Streams, stream

async def main():
    streams = Streams()
    app = new_app("Test", service="test", streams=streams)

    @app.get("/live", dependencies=[public])
    async def live(request: Request) -> Response:
        async def read(seen):
            return [] if seen else [Sent("1", "one")]
        return stream(request, [], read)

    @app.get("/slow", dependencies=[public])
    async def slow() -> int:
        print("slow has begun", flush=True)
        await asyncio.sleep(0.5)
        return 1

    @app.get("/stuck", dependencies=[public])
    async def stuck() -> int:
        print("stuck has begun", flush=True)
        await asyncio.sleep(60)
        return 1

    bound = listen("127.0.0.1", 0)
    async def ready():
        print("ready", bound.getsockname()[1], flush=True)
    await serve(app, bound, streams=streams, ready=ready)
    await asyncio.sleep(0.05)  # something to bring home
    print("brought home", flush=True)

run(main)
"""


class Served:
    """A program that serves, and its output."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            stdout=subprocess.PIPE,
            text=True,
            env=environment() | {"PYTHONUNBUFFERED": "1"},
        )
        self.url = f"http://127.0.0.1:{self.wait_for('ready').split()[1]}"

    def wait_for(self, start: str) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(start):
                return line
        raise AssertionError(f"ended before it said {start!r}")

    def stop(self, how: signal.Signals) -> None:
        """Signal it, and wait until it has ended well."""
        self.process.send_signal(how)
        self.wait_for("brought home")
        assert self.process.wait(timeout=10) == 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_live_page_does_not_hold_the_stop_up(how: signal.Signals) -> None:
    with Served() as served, httpx.stream("GET", f"{served.url}/live", timeout=5) as page:
        pieces = page.iter_text()
        text = next(pieces)
        while "one" not in text:
            text += next(pieces)
        served.stop(how)
        assert "".join(pieces) == ""


async def test_a_request_under_way_is_answered_before_the_stop() -> None:
    with Served() as served:
        async with httpx.AsyncClient() as client:
            answer = asyncio.ensure_future(client.get(f"{served.url}/slow"))
            await asyncio.to_thread(served.wait_for, "slow has begun")
            await asyncio.to_thread(served.stop, signal.SIGINT)
            assert (await answer).json() == 1


async def test_a_request_that_does_not_end_is_cut_off() -> None:
    with Served() as served:
        async with httpx.AsyncClient() as client:
            answer = asyncio.ensure_future(client.get(f"{served.url}/stuck", timeout=20))
            await asyncio.to_thread(served.wait_for, "stuck has begun")
            await asyncio.to_thread(served.stop, signal.SIGINT)
            result = await asyncio.gather(answer, return_exceptions=True)
            assert isinstance(result[0], httpx.HTTPError) or result[0].status_code == 500


def test_a_taken_port_is_an_error_with_a_reason() -> None:
    with listen("127.0.0.1", 0) as bound:
        port = bound.getsockname()[1]
        with pytest.raises(OSError, match=r"[Aa]ddress already in use"):
            listen("127.0.0.1", port)


def test_ipv6_works_where_the_machine_has_it() -> None:
    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists():
        pytest.skip("no IPv6 here")
    with listen("::1", 0) as bound:
        assert bound.family == socket.AF_INET6
