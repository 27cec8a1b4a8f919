"""Server-sent events: live pages that go on where they stopped.

On a route:

    @router.get("/docking-events/{id}/live", response_class=Response, responses=LIVE_PAGE)
    async def live(id: UUID, who: SignedIn, request: Request) -> Response:
        async def read(seen: str | None) -> Sequence[Sent]:
            counts = await queries.counts(id)        # the truth, not the poke
            return [] if seen == counts.stamp else [Sent(counts.stamp, counts.json())]
        return stream(request, [f"attendance.{id}"], read)

A poke only says "look": what is sent comes from `read`, which gets the id of the last event
that the client has (Last-Event-ID after a reconnection) and returns what came after. So a
lost poke, a flushed cache or a restarted server loses nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import format_sse_event

from techdock_shared.cache.ports import Poke
from techdock_shared.errors import Problem, Unavailable

log = structlog.get_logger(__name__)

KEEP_ALIVE_S = 15.0
LONGEST_S = 600.0
LOOK_S = 5.0
RETRY_MS = 2000
MOST_ID_CHARACTERS = 200
LIVE_PAGE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
"""What OpenAPI says of a route that streams."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One event on its way to a page.

    Attributes:
        id: Where a reconnected page goes on; one line.
        body: What the page gets: JSON or a fragment of HTML.
        name: Kind of event, for pages that tell several apart.
    """

    id: str
    body: str
    name: str | None = None


Read = Callable[[str | None], Awaitable[Sequence[Sent]]]


@dataclass(slots=True)
class Streams:
    """All open streams of a program, so that it can end them when it stops."""

    most: int = 2000
    open: int = 0
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def closed(self) -> bool:
        """Whether the program stops."""
        return self._closing.is_set()

    def close(self) -> None:
        """End every stream now; pages come back to the program's successor."""
        self._closing.set()

    async def until_closed(self) -> None:
        """Return when the program stops."""
        await self._closing.wait()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Count a stream while the block runs."""
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1


def stream(request: Request, channels: Sequence[str], read: Read) -> Response:
    """Answer with a stream of events.

    It ends after ten minutes, so that the page comes back and is asked again who it is.

    Args:
        request: Carries Last-Event-ID when a page comes back.
        channels: Pokes on these make it look.
        read: Returns the events after an id; called at the start and after each poke, and
            now and then while no cache can poke.

    Raises:
        Unavailable: There are too many streams, or the program stops.
    """
    streams: Streams = request.app.state.streams
    if streams.closed or streams.open >= streams.most:
        raise Unavailable("no more live pages for now; the page itself works")
    seen = request.headers.get("last-event-id", "")[:MOST_ID_CHARACTERS] or None
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    body = _events(streams, _pokes(request, channels), read, seen)
    return StreamingResponse(body, headers=headers, media_type="text/event-stream")


def _pokes(
    request: Request, channels: Sequence[str]
) -> AbstractAsyncContextManager[AsyncIterator[Poke]]:
    cache = request.app.state.cache
    pokes: AbstractAsyncContextManager[AsyncIterator[Poke]] = (
        _clockwork() if cache is None else cache.subscribe(*channels)
    )
    return pokes


@asynccontextmanager
async def _clockwork() -> AsyncIterator[AsyncIterator[Poke]]:
    """Poke now and then, where there is no cache to do it when it is time."""

    async def tick() -> AsyncIterator[Poke]:
        while True:
            await asyncio.sleep(LOOK_S)
            yield Poke("", b"", missed=True)

    yield tick()


async def _events(
    streams: Streams,
    listening: AbstractAsyncContextManager[AsyncIterator[Poke]],
    read: Read,
    seen: str | None,
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + LONGEST_S
    yield format_sse_event(retry=RETRY_MS)
    async with streams.one(), listening as pokes:
        closing = asyncio.ensure_future(streams.until_closed())
        poke = asyncio.ensure_future(_next(pokes))
        try:
            while loop.time() < ends_at:
                try:
                    news = await _undisturbed(read, seen)
                except Unavailable:
                    news = ()  # looked at again with the next poke
                except Problem as problem:
                    # What the page looks at has gone, or is no longer its to see.
                    log.info("stream ended", code=problem.code)
                    return
                for sent in news:
                    seen = sent.id
                    yield format_sse_event(id=sent.id, event=sent.name, data_str=sent.body)
                while not poke.done():
                    await asyncio.wait(
                        {poke, closing}, timeout=KEEP_ALIVE_S, return_when=asyncio.FIRST_COMPLETED
                    )
                    if closing.done() or loop.time() >= ends_at:
                        return
                    if not poke.done():
                        yield b": still here\n\n"
                if poke.result() is None or closing.done():
                    return
                poke = asyncio.ensure_future(_next(pokes))
        finally:
            closing.cancel()
            poke.cancel()
            await asyncio.wait({closing, poke})


async def _undisturbed(read: Read, seen: str | None) -> Sequence[Sent]:
    """Look to the end even when the reader goes away meanwhile.

    A page that is closed cancels its stream, again at every await: a query that is torn like
    this cannot even give its connection back.
    """
    looking = asyncio.ensure_future(read(seen))
    try:
        return await asyncio.shield(looking)
    finally:
        looking.add_done_callback(_ended)


def _ended(looking: "asyncio.Future[Sequence[Sent]]") -> None:
    """Take note of a failure that nobody waits for any more."""
    if not looking.cancelled():
        looking.exception()


async def _next(pokes: AsyncIterator[Poke]) -> Poke | None:
    """Return the next poke, or None when there will be no more."""
    return await anext(pokes, None)
