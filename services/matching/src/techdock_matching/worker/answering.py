"""The internal HTTP interface of the process that ranks; only matching's own server asks it."""

import asyncio
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import ValidationError
from techdock_shared.clock import Clock
from techdock_shared.errors import Invalid
from techdock_shared.http.app import App, given, new_app, seal
from techdock_shared.http.idempotency import changes_nothing
from techdock_shared.http.principal import Principal, Principals, public, signed_in
from techdock_shared.http.rate import Rates
from techdock_shared.http.routes import accepts_up_to
from techdock_shared.http.services import service_principal
from typing_extensions import override

from techdock_matching.adapters import asking as wire
from techdock_matching.app.asking import Asking

MOST_BYTES = 1 << 20
MOST_AT_ONCE = 64
GRACE_S = 1
STOP_S = 1.0

Answering = Annotated[Asking, Depends(given("asking", Asking))]

ASKED = [changes_nothing, accepts_up_to(MOST_BYTES)]
"""On the route itself: there the policy looks whether it only reads."""

router = APIRouter(prefix="/v1/questions")


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


@contextmanager
def _wellformed() -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise Invalid(f"this is no such question: {error.error_count()} faults") from error


@router.post("/find", dependencies=ASKED)
async def find(request: Request, asking: Answering) -> Response:
    """Search the catalogue."""
    with _wellformed():
        wanted = wire.WANTED.validate_json(await request.body())
    return _json(wire.FOUND.dump_json(await asking.find(wanted)))


@router.post("/like", dependencies=ASKED)
async def like(request: Request, asking: Answering) -> Response:
    """Find more of the same."""
    with _wellformed():
        asked = wire.LIKE.validate_json(await request.body())
    found = await asking.like(asked.profile_id, asked.kind, asked.reach, asked.limit)
    return _json(wire.HITS.dump_json(found))


@router.post("/same", dependencies=ASKED)
async def same(request: Request, asking: Answering) -> Response:
    """Find what says the same as a draft."""
    with _wellformed():
        asked = wire.SAME.validate_json(await request.body())
    return _json(wire.ALIKE.dump_json(await asking.same(asked.draft, asked.limit)))


@router.post("/rank", dependencies=ASKED)
async def rank(request: Request, asking: Answering) -> Response:
    """Rank the other side for a profile."""
    with _wellformed():
        asked = wire.RANK.validate_json(await request.body())
    found = await asking.rank(asked.profile_id, asked.docking_event_id, asked.limit, asked.without)
    return _json(wire.COUNTERPARTS.dump_json(found))


class _Deployment(Principals):
    """Knows the services of its own deployment, and nobody else."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    @override
    async def of(self, token: str) -> Principal | None:
        return service_principal(token, self._key, self._clock.now())


def app_of(asking: Asking, key: bytes | None, clock: Clock, *, lacking: Sequence[str] = ()) -> App:
    """Return the interface.

    Args:
        key: Of the deployment: each question is signed with it. None where only this account can
            reach the socket.
        lacking: What the ranker does without; /health/ready says so.
    """
    app = new_app(
        "Techdock ranker",
        service="matching-worker",
        principals=None if key is None else _Deployment(key, clock),
        rates=Rates(principal=None, address=None),
        documented=False,
        most_at_once=MOST_AT_ONCE,
    )
    app.state.asking, app.state.lacking = asking, tuple(lacking)
    policy = public if key is None else signed_in
    app.include_router(router, dependencies=[policy])
    seal(app)
    return app


@dataclass(frozen=True, slots=True)
class Place:
    """Where the ranker answers.

    Attributes:
        path: Of a Unix socket, in a directory that only this account may enter; else TCP.
        key: Of the deployment, over TCP.
    """

    path: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    key: bytes | None = None

    def bound(self) -> socket.socket:
        """Return a socket that is bound to the place."""
        if self.path is None:
            family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
            return socket.create_server((self.host, self.port), family=family)
        with suppress(FileNotFoundError):
            self.path.unlink()
        own = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        own.bind(str(self.path))
        self.path.chmod(0o600)
        return own


class _Server(uvicorn.Server):
    """Leaves signals to the worker."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def answering(
    asking: Asking, place: Place, clock: Clock, *, lacking: Sequence[str] = ()
) -> None:
    """Answer questions until cancelled.

    Args:
        lacking: What the ranker does without; /health/ready says so.

    Raises:
        RuntimeError: It ended by itself.
        OSError: The place is taken.
    """
    config = uvicorn.Config(
        app_of(asking, place.key, clock, lacking=lacking),
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_S,
        lifespan="off",
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([place.bound()]))
    try:
        await asyncio.shield(serving)
        raise RuntimeError("the ranker answers no questions any more")
    finally:
        server.should_exit = True
        await asyncio.wait([serving], timeout=STOP_S)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
