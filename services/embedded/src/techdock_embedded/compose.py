"""All services in one process: SQLite, the event log and a Valkey child of our own."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import techdock_matching.wiring
import techdock_portal.wiring
import techdock_registration.wiring
import techdock_reporting.wiring
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp
from techdock_matching.adapters.asking import HttpAsking
from techdock_matching.adapters.names import RegistrationNames
from techdock_shared.cache.ports import Cache
from techdock_shared.cache.redis import open_cache, open_fake_cache
from techdock_shared.cache.valkey import NoValkey, ValkeyChild
from techdock_shared.clock import Clock, SystemClock
from techdock_shared.http.principals import CachedPrincipals
from techdock_shared.http.sse import Streams
from techdock_shared.messaging.embedded import EmbeddedBroker
from techdock_shared.service import Service
from techdock_shared.sql.engine import open_engine
from techdock_shared.sql.migrate import upgrade
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from techdock_embedded.folder import SERVICES, Folder

log = logging.getLogger(__name__)

PATIENCE_S = 10.0

MIGRATIONS = {
    "registration": Path(techdock_registration.wiring.__file__).parent / "adapters" / "migrations",
    "matching": techdock_matching.wiring.MIGRATIONS,
    "reporting": techdock_reporting.wiring.MIGRATIONS,
}


@dataclass(frozen=True, slots=True)
class Techdock:
    """A running embedded Techdock.

    Attributes:
        app: Everything: the services under /api, the pages at /.
        services: By name.
        streams: The live pages, ended when the program stops.
        engines: The databases by service.
        clock: The machine's.
    """

    app: Starlette
    services: dict[str, Service]
    streams: Streams
    engines: dict[str, AsyncEngine]
    clock: Clock

    def http(self) -> httpx.AsyncClient:
        """Return a client that needs no port."""
        return httpx.AsyncClient(transport=_inside(self.app), base_url="http://techdock")


@asynccontextmanager
async def running(
    folder: Folder, *, public_url: str, pages: bool = True, ranking: bool = False
) -> AsyncIterator[Techdock]:
    """Run Techdock over a folder that is `taken`, until the block ends.

    Args:
        public_url: Address that people type; stands in mails and calendars.
        pages: False leaves out the portal and the worker that ranks and plans, for commands
            that act on the folder: the next one that serves does what they left.
        ranking: Whether the worker runs without pages, for commands that ask the ranker.
    """
    clock, key, streams = SystemClock(), folder.key(), Streams()
    async with AsyncExitStack() as stack:
        cache, cache_url = await _cache(folder, stack)
        engines = {name: open_engine(folder.url(name)) for name in SERVICES}
        for engine in engines.values():
            stack.push_async_callback(engine.dispose)
        for name in SERVICES:  # one after the other: alembic works with globals
            await upgrade(engines[name], MIGRATIONS[name])
        broker = EmbeddedBroker(folder.log)
        registration = techdock_registration.wiring.build(
            engines["registration"], broker, cache, key, clock, public_url=public_url
        )
        ask = techdock_registration.wiring.asking(engines["registration"], key, clock)
        principals = CachedPrincipals(cache, ask, key, clock)
        inside = httpx.AsyncClient(transport=_inside(registration.http), base_url="http://techdock")
        stack.push_async_callback(inside.aclose)
        # Short, as the path of a Unix socket must be; only this account may enter it.
        private = stack.enter_context(tempfile.TemporaryDirectory(prefix="techdock-"))
        ranker = Path(private) / "ranker"
        by_socket = httpx.AsyncHTTPTransport(uds=str(ranker))
        to_ranker = httpx.AsyncClient(transport=by_socket, base_url="http://ranker")
        stack.push_async_callback(to_ranker.aclose)
        matching = techdock_matching.wiring.build(
            engines["matching"],
            broker,
            cache,
            principals,
            clock,
            names=RegistrationNames(inside, key, clock),
            asking=HttpAsking(to_ranker, None, clock),
            pages_url=public_url,
            streams=streams,
            worker=_worker(folder, cache_url, ranker) if pages or ranking else None,
        )
        reporting = techdock_reporting.wiring.build(
            engines["reporting"], broker, cache, principals, clock, streams=streams
        )
        registration.http.state.streams = streams
        services = {"registration": registration, "matching": matching, "reporting": reporting}
        await stack.enter_async_context(broker.receiving(PATIENCE_S))
        for service in services.values():
            await stack.enter_async_context(service.running())
        app = _app(services, public_url, pages=pages)
        yield Techdock(app, services, streams, engines, clock)


def _worker(folder: Folder, cache_url: str | None, socket: Path) -> dict[str, str]:
    settings = {
        "TECHDOCK_MATCHING_DATABASE_URL": folder.url("matching"),
        "TECHDOCK_MATCHING_GLOSSARY": str(folder.glossary),
        "TECHDOCK_MATCHING_WORKER_SOCKET": str(socket),
    }
    if folder.language_packs.is_dir():
        settings["TECHDOCK_MATCHING_LANGUAGE_PACKS"] = str(folder.language_packs)
    if (encoder := folder.encoder()) is not None:
        settings["TECHDOCK_MATCHING_ENCODER"] = encoder
    if cache_url is not None:
        settings["TECHDOCK_MATCHING_REDIS_URL"] = cache_url
    return settings


def _app(services: dict[str, Service], public_url: str, *, pages: bool) -> Starlette:
    routes: list[BaseRoute] = [
        Mount(f"/api/{name}", service.http) for name, service in services.items()
    ]
    if pages:
        # The portal says whom it asks for, as it does to services that are programs of their own.
        transports = {
            name: _inside(ProxyHeadersMiddleware(service.http))  # type: ignore[arg-type]  # ASGI
            for name, service in services.items()
        }
        routes.append(Mount("/", techdock_portal.wiring.build(**transports, public_url=public_url)))
    return Starlette(routes=routes)


def _inside(app: ASGIApp) -> httpx.ASGITransport:
    return httpx.ASGITransport(app, raise_app_exceptions=False)


async def _cache(folder: Folder, stack: AsyncExitStack) -> tuple[Cache, str | None]:
    """Return a cache, and the address by which other processes reach it."""
    try:
        valkey = ValkeyChild(folder.root / "run")
        await valkey.start()
    except NoValkey as error:
        log.warning("no Valkey for this machine, the cache stays in the process: %s", error)
        cache = open_fake_cache()
        stack.push_async_callback(cache.close)
        return cache, None
    stack.push_async_callback(valkey.stop)
    cache = open_cache(valkey.url)
    stack.push_async_callback(cache.close)
    keeping = asyncio.create_task(valkey.keep())

    async def end() -> None:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping

    stack.push_async_callback(end)
    return cache, valkey.url
