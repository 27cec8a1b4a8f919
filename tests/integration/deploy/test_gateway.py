"""The gateway in front of four stand-ins: the paths of the embedded program, and nothing else."""

import asyncio
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

ROOT = Path(__file__).resolve().parents[3]
CADDY = shutil.which("caddy", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
NAMES = ("registration", "matching", "reporting", "portal")

pytestmark = pytest.mark.skipif(CADDY is None, reason="needs Caddy")


def stand_in(name: str) -> Starlette:
    async def echo(request: Request) -> Response:
        body = await request.body()
        seen = {"name": name, "path": request.url.path, "query": request.url.query}
        return JSONResponse(
            {**seen, "bytes": len(body), "host": request.headers["host"]},
            headers={"x-from": request.headers.get("x-forwarded-for", "")},
        )

    async def live(request: Request) -> Response:
        async def events() -> AsyncIterator[bytes]:
            yield b"event: first\n\n"
            await asyncio.Event().wait()

        return StreamingResponse(events(), media_type="text/event-stream")

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return Starlette(routes=[Route("/live", live), Route("/{rest:path}", echo, methods=methods)])


def listening() -> socket.socket:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    return taken


@asynccontextmanager
async def serving(app: Starlette, on: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[on]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def hang_up(on: socket.socket) -> None:
    """Let the next attempt to connect fail, as a service that is going down does."""
    on.setblocking(False)
    connected, _ = await asyncio.wait_for(asyncio.get_running_loop().sock_accept(on), 5)
    # Without lingering it is reset, and not closed in an orderly way.
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connected.close()


@pytest.fixture
def behind() -> Iterator[dict[str, socket.socket]]:
    sockets = {name: listening() for name in NAMES}
    yield sockets
    for one in sockets.values():
        one.close()


@pytest.fixture
async def gateway(behind: dict[str, socket.socket], tmp_path: Path) -> AsyncIterator[str]:
    with listening() as door, listening() as health:
        ports = {"ADDRESS": door.getsockname()[1], "HEALTH": health.getsockname()[1]}
    environment = {f"TECHDOCK_GATEWAY_{k}": f"http://127.0.0.1:{v}" for k, v in ports.items()}
    for name, one in behind.items():
        port = one.getsockname()[1]
        environment[f"TECHDOCK_GATEWAY_{name.upper()}"] = f"127.0.0.1:{port}"
    environment |= {"TECHDOCK_GATEWAY_STORAGE": str(tmp_path), "HOME": str(tmp_path)}
    config = ROOT / "deploy" / "gateway" / "Caddyfile"
    assert CADDY
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [CADDY, "run", "--config", str(config), "--adapter", "caddyfile"],
            env={**os.environ, **environment},
            stderr=log,
        )
    try:
        async with httpx.AsyncClient() as client:
            for _ in range(200):
                try:
                    answer = await client.get(environment["TECHDOCK_GATEWAY_HEALTH"])
                    assert answer.text == "up"
                    break
                except httpx.ConnectError:
                    assert process.poll() is None, (tmp_path / "log").read_text()
                    await asyncio.sleep(0.05)
        yield environment["TECHDOCK_GATEWAY_ADDRESS"]
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize(
    ("asked", "name", "path"),
    [
        ("/api/registration/v1/docking-events", "registration", "/v1/docking-events"),
        ("/api/matching/v1/profiles/1/matches", "matching", "/v1/profiles/1/matches"),
        ("/api/reporting/v1/indicators", "reporting", "/v1/indicators"),
        ("/", "portal", "/"),
        ("/ru/timetable", "portal", "/ru/timetable"),
        ("/api/elsewhere", "portal", "/api/elsewhere"),
    ],
)
async def test_a_path_reaches_its_service_without_the_prefix(
    gateway: str, behind: dict[str, socket.socket], asked: str, name: str, path: str
) -> None:
    async with serving(stand_in(name), behind[name]), httpx.AsyncClient() as client:
        answer = await client.get(f"{gateway}{asked}?q=%D0%B0&limit=2")

    seen = answer.json()
    assert (seen["name"], seen["path"]) == (name, path)
    assert seen["query"] == "q=%D0%B0&limit=2"
    assert f"http://{seen['host']}" == gateway
    assert answer.headers["x-from"] == "127.0.0.1"


async def test_figures_for_the_operator_stay_inside(
    gateway: str, behind: dict[str, socket.socket]
) -> None:
    async with (
        serving(stand_in("matching"), behind["matching"]),
        serving(stand_in("portal"), behind["portal"]),
        httpx.AsyncClient() as client,
    ):
        for path in ("/metrics", "/api/matching/metrics"):
            assert (await client.get(f"{gateway}{path}")).status_code == 404


async def test_an_upload_passes_and_a_flood_does_not(
    gateway: str, behind: dict[str, socket.socket]
) -> None:
    url = f"{gateway}/api/registration/v1/imports"
    async with (
        serving(stand_in("registration"), behind["registration"]),
        httpx.AsyncClient() as client,
    ):
        largest = await client.post(url, content=bytes(10 * 1024 * 1024))
        flood = await client.post(url, content=bytes(12 * 1024 * 1024))

    assert largest.json()["bytes"] == 10 * 1024 * 1024
    assert flood.status_code == 413


async def test_a_live_page_gets_its_first_event_while_the_answer_goes_on(
    gateway: str, behind: dict[str, socket.socket]
) -> None:
    async with (
        serving(stand_in("portal"), behind["portal"]),
        httpx.AsyncClient() as client,
        client.stream("GET", f"{gateway}/live") as answer,
    ):
        first = await anext(answer.aiter_lines())

    assert first == "event: first"


async def test_a_request_waits_for_a_service_that_restarts(
    gateway: str, behind: dict[str, socket.socket]
) -> None:
    behind["reporting"].listen()
    async with httpx.AsyncClient(timeout=10) as client:
        asking = asyncio.create_task(client.get(f"{gateway}/api/reporting/v1/indicators"))
        for _ in range(2):
            await hang_up(behind["reporting"])
            assert not asking.done()
        async with serving(stand_in("reporting"), behind["reporting"]):
            answer = await asking

    assert answer.status_code == 200


async def test_a_service_that_stays_away_is_a_reason_to_come_back(
    gateway: str, behind: dict[str, socket.socket]
) -> None:
    async with httpx.AsyncClient(timeout=15) as client:
        answer = await client.get(f"{gateway}/api/matching/v1/requests/1")

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unavailable"


async def test_what_a_service_answers_itself_is_left_alone(
    gateway: str, behind: dict[str, socket.socket]
) -> None:
    async def ill(_: Request) -> Response:
        return JSONResponse({"code": "own"}, 503, {"Retry-After": "9"})

    app = Starlette(routes=[Route("/{rest:path}", ill)])
    async with serving(app, behind["reporting"]), httpx.AsyncClient() as client:
        answer = await client.get(f"{gateway}/api/reporting/v1/indicators")

    assert (answer.json(), answer.headers["retry-after"]) == ({"code": "own"}, "9")
