"""The portal over services that are only pretended."""

from collections.abc import AsyncIterator, Callable
from functools import cache

import httpx
import pytest
from fastapi import FastAPI
from support import (  # noqa: F401 - register their routes
    portal_boards,
    portal_catalogue,
    portal_drafts,
    portal_looking,
    portal_plan,
)
from support.portal_api import FakeApi
from techdock_portal.wiring import build

ORIGIN = "http://testserver"
Visit = Callable[..., httpx.AsyncClient]


class Way(httpx.AsyncBaseTransport):
    """Leads to the services of the present test, so that one portal serves all tests."""

    def __init__(self) -> None:
        self.api = FakeApi()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.api.handle_async_request(request)


WAY = Way()


@cache
def portal(public_url: str) -> FastAPI:
    return build(WAY, WAY, WAY, public_url=public_url)


@pytest.fixture
def api() -> FakeApi:
    WAY.api = FakeApi()
    return WAY.api


@pytest.fixture
async def visit(api: FakeApi) -> AsyncIterator[Visit]:
    """Open a browser of somebody: `visit("participant", "ru")`."""
    opened: list[httpx.AsyncClient] = []

    def open_browser(
        who: str = "", language: str = "en", public_url: str = ORIGIN, **cookies: str
    ) -> httpx.AsyncClient:
        session = (
            "__Host-techdock_session" if public_url.startswith("https") else "techdock_session"
        )
        known = {
            "techdock_language": language,
            "techdock_zone": "Europe%2FLisbon",
            **({session: who} if who else {}),
            **cookies,
        }
        browser = httpx.AsyncClient(
            transport=httpx.ASGITransport(portal(public_url)),
            base_url=public_url,
            headers={
                "sec-fetch-site": "same-origin",
                "cookie": "; ".join(f"{k}={v}" for k, v in known.items()),
            },
        )
        opened.append(browser)
        return browser

    yield open_browser
    for browser in opened:
        await browser.aclose()
