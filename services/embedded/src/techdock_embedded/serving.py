"""Serving a folder until Ctrl-C."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from techdock_shared.http import serving

from techdock_embedded.compose import Techdock, running
from techdock_embedded.folder import Folder

LOOPBACK = ("127.0.0.1", "::1", "localhost")

Ready = Callable[[Techdock, str], Awaitable[None]]


class Unsafe(Exception):  # noqa: N818 - the request is unsafe
    """What was asked for would expose people's data."""


def check_exposure(host: str, public_url: str | None) -> None:
    """Refuse to be reached from elsewhere without https in front.

    Raises:
        Unsafe: The address is not loopback, and no https address was named.
    """
    if host not in LOOPBACK and not (public_url or "").startswith("https://"):
        message = (
            f"listening on {host} lets others in: put a web server with https before it and name "
            "its address with --public-url https://..."
        )
        raise Unsafe(message)


async def serve(folder: Folder, host: str, port: int, public_url: str | None, ready: Ready) -> None:
    """Serve a folder that is `taken`, until SIGINT or SIGTERM.

    Args:
        port: 0 takes a free one.
        public_url: Address that people type; None: the one it listens on.
        ready: Called with the address once requests are answered; it may take its time, people
            are served meanwhile.

    Raises:
        OSError: The port is taken.
    """
    bound = serving.listen("127.0.0.1" if host == "localhost" else host, port)
    here = f"http://{'localhost' if host in LOOPBACK else host}:{bound.getsockname()[1]}"
    async with running(folder, public_url=public_url or here) as techdock:
        telling: asyncio.Task[None] | None = None

        async def tell() -> None:
            nonlocal telling
            telling = asyncio.ensure_future(ready(techdock, public_url or here))

        try:
            await serving.serve(
                techdock.app, bound, streams=techdock.streams, ready=tell, lifespan="off"
            )
        finally:
            if telling is not None:
                telling.cancel()
                with suppress(asyncio.CancelledError):
                    await telling
