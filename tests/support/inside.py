"""The whole embedded Techdock in this process, asked without a port, as one program."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import structlog
from starlette.types import ASGIApp, Message, Scope
from techdock_embedded.client import Client
from techdock_embedded.compose import Techdock, running
from techdock_embedded.folder import SERVICES, Folder
from techdock_embedded.people import make_administrator, make_token
from techdock_shared.http.rate import Rates
from typing_extensions import override

from support.databases import database_url

URL = "https://techdock.example"
ADDRESS = "127.0.0.1"


class Direct(httpx.AsyncBaseTransport):
    """Calls an app; a live page is left after its first words, as by a reader who goes away."""

    def __init__(self, app: ASGIApp, address: str = ADDRESS) -> None:
        self._app = app
        self._address = address

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": (request.url.host, request.url.port),
            "client": (self._address, 4711),
            "extensions": {},
        }
        sent: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        left = asyncio.Event()
        status, headers, parts = 0, [], []

        async def receive() -> Message:
            if sent:
                return sent.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message["headers"])
                return
            parts.append(message.get("body", b""))
            live = any(value.startswith(b"text/event-stream") for _, value in headers)
            if live or not message.get("more_body", False):
                left.set()

        await self._app(scope, receive, send)
        return httpx.Response(status, headers=headers, content=b"".join(parts), request=request)


@dataclass(frozen=True, slots=True)
class Inside:
    """A running program and its administrator.

    Attributes:
        token: API token of the administrator, for everything.
    """

    techdock: Techdock
    http: httpx.AsyncClient
    token: str

    async def another(self, email: str) -> "Inside":
        """The same program with another administrator."""
        await make_administrator(self.techdock, email)
        return replace(self, token=await make_token(self.techdock, email, "tests"))

    @property
    def administrator(self) -> Client:
        """Signed in with the token."""
        return Client(self.http, self.token)


@contextmanager
def quiet() -> Iterator[None]:
    """Log only what is wrong, and without the values of variables, which take long to draw."""
    before = structlog.get_config()
    console = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[structlog.processors.add_log_level, console],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )
    try:
        yield
    finally:
        structlog.configure(**before)


@dataclass(frozen=True)
class Elsewhere(Folder):
    """A folder whose databases lie on a server.

    Attributes:
        urls: By service.
    """

    urls: Mapping[str, str]

    @override
    def url(self, service: str) -> str:
        return self.urls[service]


@asynccontextmanager
async def folder_in(root: Path, database: str) -> AsyncIterator[Folder]:
    """Take a new folder, with its databases in it or on PostgreSQL."""
    async with AsyncExitStack() as stack:
        folder = Folder(root / "data")
        if database != "sqlite":
            urls = {
                name: await stack.enter_async_context(database_url(database, root, name))
                for name in SERVICES
            }
            folder = Elsewhere(root / "data", urls)
        with folder.taken():
            yield folder


@asynccontextmanager
async def inside(root: Path, database: str = "sqlite") -> AsyncIterator[Inside]:
    """Run a new Techdock over a folder of its own; nobody is limited in how often they ask."""
    async with folder_in(root, database) as folder:
        with quiet():
            async with running(folder, public_url=URL) as techdock:
                for service in techdock.services.values():
                    service.http.state.rates = Rates(principal=None, address=None, tries=None)
                await make_administrator(techdock, "administrator@techdock.example")
                token = await make_token(techdock, "administrator@techdock.example", "tests")
                transport = Direct(techdock.app)
                async with httpx.AsyncClient(transport=transport, base_url=URL, timeout=60) as http:
                    yield Inside(techdock, http, token)
