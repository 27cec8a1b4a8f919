"""Builds the portal on the three services it is given: by URL, or by a way into their apps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from techdock_shared.http.app import new_app, seal
from techdock_shared.http.edge import SECURITY_HEADERS
from typing_extensions import override

from techdock_portal import problems, session
from techdock_portal.client import ApiProblem, Services, open_client
from techdock_portal.drawing import STATIC
from techdock_portal.pages import AREAS
from techdock_portal.routing import Shop, know, new_page

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    *SECURITY_HEADERS,
    (b"content-security-policy", POLICY.encode()),
    (b"cache-control", b"no-store"),
)
SMALL_BYTES = 700
WEEK_S = 7 * 24 * 3600

Where = str | httpx.AsyncBaseTransport


class _Static(StaticFiles):
    """Our own files: addresses carry a mark of the content, so a browser may keep them."""

    @override
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        marked = b"v=" in scope.get("query_string", b"")
        life = f"public, max-age={WEEK_S}, immutable" if marked else "public, max-age=300"
        response.headers["Cache-Control"] = life
        return response


def build(registration: Where, matching: Where, reporting: Where, *, public_url: str) -> FastAPI:
    """Return the portal.

    Args:
        registration: URL of the service, or a transport such as httpx.ASGITransport.
        matching: As above.
        reporting: As above.
        public_url: Address that people type; https makes the session cookie Secure.
    """
    services = Services(open_client(registration), open_client(matching), open_client(reporting))
    shop = Shop(services, session.Cookies(public_url), public_url.rstrip("/"))
    app = new_app("Portal", service="portal", headers=HEADERS, documented=False)
    routes: list[BaseRoute] = [
        route for area in AREAS for route in area.routes(shop, app.body_limits)
    ]
    routes.append(Mount("/static", _Static(directory=STATIC, check_dir=False)))

    async def unknown(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        page = new_page(request, shop)
        try:
            await know(page)
        except ApiProblem:
            page.account = None
        return await problems.draw(page, ApiProblem(status, "not_found"))

    inner = Starlette(routes=routes, exception_handlers={HTTPException: unknown})
    inner.add_middleware(GZipMiddleware, minimum_size=SMALL_BYTES)
    app.mount("/", inner)

    @asynccontextmanager
    async def closing(_: FastAPI) -> AsyncIterator[None]:
        yield
        await services.close()

    app.router.lifespan_context = closing
    app.state.services = services
    seal(app)
    return app
