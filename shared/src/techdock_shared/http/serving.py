"""Serves an app until it is told to stop, and then stops within two seconds."""

import asyncio
import gc
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Literal

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from techdock_shared.http.sse import Streams

GRACE_S = 1
MOST_WAITING = 2048
STOPS = (signal.SIGINT, signal.SIGTERM)


class _Server(uvicorn.Server):
    """Ends live pages as soon as a signal comes: they would hold the stop up otherwise."""

    def __init__(
        self, config: uvicorn.Config, streams: Streams, ready: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(config)
        self._streams = streams
        self._ready = ready

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            # What is loaded by now stays until the end. Looking through it again and again for
            # garbage takes 200 ms each time, in which nobody gets an answer.
            gc.freeze()
            await self._ready()

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signals again when it has stopped, which would interrupt (SIGINT)
        # or skip (SIGTERM) what the caller still has to bring home: outboxes, databases, cache.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {each: signal.signal(each, self.handle_exit) for each in STOPS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._streams.close()
        super().handle_exit(sig, frame)


async def _nothing() -> None:
    """Nobody wants to know."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Args:
        host: An IPv4 or IPv6 address.
        port: 0 takes a free one.

    Raises:
        OSError: The port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=MOST_WAITING)


async def serve(
    app: ASGIApp,
    bound: socket.socket,
    *,
    streams: Streams,
    ready: Callable[[], Awaitable[None]] = _nothing,
    gateways: str = "127.0.0.1",
    lifespan: Literal["auto", "on", "off"] = "auto",
) -> None:
    """Serve until SIGINT or SIGTERM; requests under way get a second to finish.

    It returns then, and the caller gives back what it opened.

    Args:
        app: The outermost app; its lifespan runs around everything.
        bound: From `listen`.
        streams: Ended at the first signal.
        ready: Called once requests are taken.
        gateways: Addresses whose X-Forwarded-For is believed, comma-separated.
        lifespan: `on` refuses an app whose lifespan fails to start.
    """
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=gateways,
        timeout_graceful_shutdown=GRACE_S,
        lifespan=lifespan,
    )
    await _Server(config, streams, ready).serve([bound])


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a program's coroutine on the fast loop where there is one.

    Ctrl-C outside of `serve` ends it without a traceback, with the exit code shells expect.
    """
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    if sys.platform != "win32":
        import uvloop  # noqa: PLC0415 - not there on Windows

        factory = uvloop.new_event_loop
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(main())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
