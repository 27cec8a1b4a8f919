"""Whether the process lives, whether it can work, and its numbers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from techdock_shared.errors import NotFound
from techdock_shared.http.principal import public
from techdock_shared.http.rate import is_inside

log = structlog.get_logger(__name__)

CHECK_S = 2.0


async def failing(checks: Mapping[str, Callable[[], Awaitable[None]]]) -> list[str]:
    """Run all checks at once; return the names of those that fail or take over 2 s."""

    async def works(name: str, check: Callable[[], Awaitable[None]]) -> bool:
        try:
            async with asyncio.timeout(CHECK_S):
                await check()
        except Exception as error:  # noqa: BLE001 - a check fails in any way it likes
            log.warning("check failed", check=name, error=repr(error))
            return False
        return True

    results = await asyncio.gather(*(works(name, check) for name, check in checks.items()))
    return [name for name, works in zip(checks, results, strict=True) if not works]


def install(app: FastAPI, checks: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
    """Add /health/live, /health/ready and /metrics."""

    @app.get("/health/live", dependencies=[public], include_in_schema=False)
    async def live() -> Response:
        return Response(b'{"status":"live"}', media_type="application/json")

    @app.get("/health/ready", dependencies=[public], include_in_schema=False)
    async def ready() -> Response:
        wrong = await failing(checks)
        status = 503 if wrong else 200
        body: dict[str, object] = {"status": "not_ready" if wrong else "ready", "failing": wrong}
        # What the service does without, and works nevertheless.
        if lacking := getattr(app.state, "lacking", ()):
            body["lacking"] = list(lacking)
        headers = {"Retry-After": "2"} if wrong else None
        return Response(orjson.dumps(body), status, headers, "application/json")

    @app.get("/metrics", dependencies=[public], include_in_schema=False)
    async def metrics(request: Request) -> Response:
        if not from_inside(request):
            raise NotFound("no such page")
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def from_inside(request: Request) -> bool:
    """Say whether the peer sits in a private network and no gateway stands between."""
    if "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        return False
    # Without an address it came through a Unix socket.
    return request.client is None or is_inside(request.client.host)
