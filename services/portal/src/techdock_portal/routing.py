"""How a handler becomes a route: language, reader, and what happens when a service says no."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from techdock_portal import problems, session
from techdock_portal.client import ApiProblem, Services
from techdock_portal.page import Account, Page, language_of, switch

log = structlog.get_logger("techdock.portal")

Handler: TypeAlias = Callable[[Page], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Shop:
    """What every page needs from wiring."""

    services: Services
    cookies: session.Cookies
    public_url: str


@dataclass(slots=True)
class Pages:
    """The routes of one area.

    Example:
        pages = Pages()

        @pages.get("/docking-events/{docking_event:uuid}", sign_in=False)
        async def docking_event(page: Page) -> Response: ...
    """

    handlers: list[tuple[str, str, Handler, bool, int | None]] = field(default_factory=list)

    def get(self, path: str, *, sign_in: bool = True) -> Callable[[Handler], Handler]:
        """Register a page; `sign_in` sends strangers to the sign-in page first."""
        return self._add("GET", path, sign_in, None)

    def post(
        self, path: str, *, sign_in: bool = True, body_bytes: int | None = None
    ) -> Callable[[Handler], Handler]:
        """Register what a form does.

        Args:
            path: Where the form is sent to.
            sign_in: Whether strangers are refused.
            body_bytes: Raises the usual limit of the body, for uploads.
        """
        return self._add("POST", path, sign_in, body_bytes)

    def _add(
        self, method: str, path: str, sign_in: bool, body_bytes: int | None
    ) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            self.handlers.append((method, path, handler, sign_in, body_bytes))
            return handler

        return keep

    def routes(self, shop: Shop, limits: dict[int, int]) -> list[Route]:
        """Return the routes; larger body limits are noted by id of the route."""
        made = []
        for method, path, handler, sign_in, body_bytes in self.handlers:
            endpoint = _Endpoint(shop, handler, sign_in)
            route = Route(path, endpoint, methods=[method], name=handler.__name__)
            endpoint.route = route
            if body_bytes is not None:
                limits[id(route)] = body_bytes
            made.append(route)
        return made


class _Endpoint:
    """One route at work."""

    def __init__(self, shop: Shop, handler: Handler, sign_in: bool) -> None:
        self.shop = shop
        self.handler = handler
        self.sign_in = sign_in
        self.route: Route | None = None

    async def __call__(self, scope: object, receive: object, send: object) -> None:
        request = Request(scope, receive, send)  # type: ignore[arg-type]  # an ASGI call
        # The edge reads limits and metrics by the route.
        request.scope["route"] = self.route
        try:
            response = await self._answer(request)
        finally:
            await request.close()  # Uploaded files.
        await response(request.scope, request.receive, send)  # type: ignore[arg-type]  # as above

    async def _answer(self, request: Request) -> Response:
        cookies = self.shop.cookies
        if (switched := switch(request, cookies)) is not None:
            return switched
        page = new_page(request, self.shop)
        if request.method == "POST" and session.comes_from_elsewhere(request.headers):
            return await problems.draw(page, ApiProblem(403, "cross_site"))
        try:
            lost = await know(page)
            if self.sign_in and page.account is None:
                return await problems.draw(page, ApiProblem(401, "unauthorized"))
            response = await self.handler(page)
        except ApiProblem as problem:
            return await problems.draw(page, problem)
        except Exception:
            log.exception("a page failed", route=self.route and self.route.path)
            return await problems.draw(page, ApiProblem(500, "internal"))
        if lost:
            cookies.forget(response)
        return response


def new_page(request: Request, shop: Shop) -> Page:
    """Return the page of a request before anybody knows who reads it."""
    tongue = language_of(request, None)
    return Page(request, shop.services, shop.cookies, shop.public_url, tongue)


async def know(page: Page) -> bool:
    """Find out who reads; returns whether the session that the browser carries has ended."""
    if page.token is None:
        return False
    try:
        page.account = Account(await page.registration.get("/me"))
    except ApiProblem as problem:
        if problem.is_unknown:
            return True
        raise
    page.language = language_of(page.request, page.account)
    return False


def to_sign_in(page: Page) -> Response:
    """Send a stranger to the sign-in page, and back here afterwards."""
    return RedirectResponse(f"/sign-in?next={page.here()}", 303)
