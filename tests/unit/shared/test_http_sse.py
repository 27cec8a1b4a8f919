"""Live pages: they go on where they stopped and end when they must."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

import pytest
from fastapi import Request
from fastapi.responses import Response
from support.http import client_of
from techdock_shared.cache.ports import Poke
from techdock_shared.cache.redis import open_fake_cache
from techdock_shared.errors import NotFound, Unavailable
from techdock_shared.http import sse
from techdock_shared.http.app import App, new_app
from techdock_shared.http.principal import public
from techdock_shared.http.sse import Sent, Streams, stream


class Counter:
    """A truth to look at: a number that grows, and what happened on the way."""

    def __init__(self) -> None:
        self.value = 1
        self.reads = 0
        self.fails: list[Exception] = []

    async def read(self, seen: str | None) -> Sequence[Sent]:
        self.reads += 1
        if self.fails:
            raise self.fails.pop()
        start = int(seen) if seen else 0
        return [Sent(str(n), f'{{"n":{n}}}', "count") for n in range(start + 1, self.value + 1)]


class Pokes:
    """A cache that only listens: the test pokes."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Poke | None] = asyncio.Queue()
        self.listening = asyncio.Event()
        self.left = asyncio.Event()

    @asynccontextmanager
    async def subscribe(self, *channels: str) -> AsyncIterator[AsyncIterator[Poke]]:
        async def pokes() -> AsyncIterator[Poke]:
            while (poke := await self.queue.get()) is not None:
                yield poke

        self.listening.set()
        try:
            yield pokes()
        finally:
            self.left.set()


def an_app(counter: Counter, cache: Any, streams: Streams | None = None) -> App:
    app = new_app("Test", service="test", cache=cache, streams=streams)

    @app.get("/live", dependencies=[public])
    async def live(request: Request) -> Response:
        return stream(request, ["counter"], counter.read)

    return app


class Page:
    """A browser's page: reads a stream event by event, over ASGI itself (httpx waits for
    the end of a stream before it shows anything)."""  # fmt: skip

    def __init__(self, app: App, last_id: str | None = None) -> None:
        self.status = 0
        self._app = app
        self._headers = [(b"last-event-id", last_id.encode())] if last_id else []
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.ensure_future(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _run(self) -> None:
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "method": "GET",
            "path": "/live", "raw_path": b"/live", "root_path": "", "query_string": b"",
            "scheme": "http", "http_version": "1.1", "headers": self._headers,
            "client": None, "server": ("techdock.example", 80),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            elif message.get("body"):
                self._chunks.put_nowait(message["body"])

        await self._app(scope, receive, send)
        self._chunks.put_nowait(None)

    async def next(self) -> str | None:
        """The next piece; None when the stream has ended."""
        async with asyncio.timeout(5):
            chunk = await self._chunks.get()
        return None if chunk is None else chunk.decode()


def count(n: int) -> str:
    return f'event: count\ndata: {{"n":{n}}}\nid: {n}\n\n'


async def test_a_page_gets_what_is_there_and_then_what_comes() -> None:
    counter, pokes = Counter(), Pokes()
    async with Page(an_app(counter, pokes)) as page:
        assert await page.next() == "retry: 2000\n\n"
        assert await page.next() == count(1)

        counter.value = 3
        pokes.queue.put_nowait(Poke("counter", b""))

        assert await page.next() == count(2)
        assert await page.next() == count(3)


async def test_a_page_that_comes_back_goes_on_where_it_stopped() -> None:
    counter = Counter()
    counter.value = 5
    async with Page(an_app(counter, Pokes()), last_id="3") as page:
        await page.next()
        assert await page.next() == count(4)
        assert await page.next() == count(5)


async def test_a_poke_with_nothing_new_sends_nothing() -> None:
    counter, pokes = Counter(), Pokes()
    async with Page(an_app(counter, pokes)) as page:
        await page.next()
        await page.next()
        pokes.queue.put_nowait(Poke("counter", b""))
        pokes.queue.put_nowait(None)
        assert await page.next() is None
    assert counter.reads == 2


async def test_an_outage_of_the_truth_is_waited_out() -> None:
    counter, pokes = Counter(), Pokes()
    counter.fails = [Unavailable("away")]
    async with Page(an_app(counter, pokes)) as page:
        await page.next()
        pokes.queue.put_nowait(Poke("counter", b""))
        assert await page.next() == count(1)


async def test_a_stream_ends_when_what_it_shows_has_gone() -> None:
    counter, pokes = Counter(), Pokes()
    async with Page(an_app(counter, pokes)) as page:
        await page.next()
        await page.next()
        counter.fails = [NotFound("gone")]
        pokes.queue.put_nowait(Poke("counter", b""))
        assert await page.next() is None
    assert pokes.left.is_set()


async def test_a_stream_ends_when_the_program_stops() -> None:
    streams, pokes = Streams(), Pokes()
    app = an_app(Counter(), pokes, streams)
    async with Page(app) as page:
        await page.next()
        await page.next()
        assert streams.open == 1
        streams.close()
        assert await page.next() is None
    assert streams.open == 0
    async with client_of(app, address="127.0.0.1") as client:
        assert (await client.get("/live")).status_code == 503


async def test_a_page_that_goes_away_leaves_nothing_open() -> None:
    streams, pokes = Streams(), Pokes()
    async with Page(an_app(Counter(), pokes, streams)) as page:
        await page.next()
        await page.next()
    assert streams.open == 0
    assert pokes.left.is_set()


async def test_too_many_streams_are_refused() -> None:
    app = an_app(Counter(), Pokes(), Streams(most=1))
    async with Page(app) as page:
        await page.next()
        await page.next()
        async with client_of(app, address="127.0.0.1") as client:
            assert (await client.get("/live")).status_code == 503


async def test_a_quiet_stream_says_that_it_is_there_and_ends_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sse, "KEEP_ALIVE_S", 0.01)
    monkeypatch.setattr(sse, "LONGEST_S", 0.1)
    async with Page(an_app(Counter(), Pokes())) as page:
        pieces = [await page.next() for _ in range(3)]
        assert pieces[2] == ": still here\n\n"
        while (piece := await page.next()) is not None:
            assert piece == ": still here\n\n"


async def test_without_a_cache_a_page_looks_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LOOK_S", 0.01)
    counter = Counter()
    async with Page(an_app(counter, None)) as page:
        await page.next()
        assert await page.next() == count(1)
        counter.value = 2
        assert await page.next() == count(2)


async def test_a_poke_through_the_cache_reaches_the_page() -> None:
    cache, counter = open_fake_cache(), Counter()
    async with Page(an_app(counter, cache)) as page:
        await page.next()
        assert await page.next() == count(1)
        while counter.reads < 2:  # listening has begun
            await asyncio.sleep(0)
        counter.value = 2
        await cache.publish("counter", b"")
        assert await page.next() == count(2)
        await cache.close()
        assert await page.next() is None


async def test_a_live_page_takes_no_place_from_the_requests() -> None:
    app = an_app(Counter(), Pokes())
    app.user_middleware[0].kwargs["most_at_once"] = 1
    async with Page(app) as page:
        await page.next()
        async with client_of(app, address="127.0.0.1") as client:
            assert (await client.get("/health/ready")).status_code == 200


async def test_a_look_is_not_torn_when_the_page_is_closed() -> None:
    counter, begun, go_on, ended = Counter(), asyncio.Event(), asyncio.Event(), asyncio.Event()
    usual = counter.read

    async def slow(seen: str | None) -> Sequence[Sent]:
        begun.set()
        await go_on.wait()
        ended.set()
        return await usual(seen)

    counter.read = slow  # type: ignore[method-assign]  # a database that takes its time
    async with Page(an_app(counter, Pokes())) as page:
        await page.next()
        await begun.wait()
    go_on.set()

    async with asyncio.timeout(5):
        await ended.wait()
