"""The outermost layer of every service: one pure ASGI pass, because it runs for each request.

It gives each request an id, refuses foreign sites that ride on a cookie, limits and hashes
the body, adds the security headers, turns what nobody expected into a 500 problem, and
writes one log line and one observation.
"""

import hashlib
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import structlog
from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from techdock_shared import telemetry
from techdock_shared.errors import Forbidden, Invalid, Problem, Unavailable
from techdock_shared.http.principal import SAFE_METHODS, SESSION_COOKIES
from techdock_shared.http.problems import NoSpace, TooLarge, problem_response, respond
from techdock_shared.sql.outage import is_outage

log = structlog.get_logger("techdock.http")

BODY_BYTES = 256 * 1024
MOST_AT_ONCE = 400
LIVE = "/health/live"
EVENT_STREAM = b"text/event-stream; charset=utf-8"
SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
)
API_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    *SECURITY_HEADERS,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)


class CrossSite(Forbidden):
    """Another site made the browser send this."""

    code = "cross_site"


class Edge:
    """See the module. Routes that take more than 256 KiB say so with `accepts_up_to`."""

    def __init__(
        self,
        app: ASGIApp,
        service: str,
        limits: dict[int, int],
        headers: tuple[tuple[bytes, bytes], ...] = API_HEADERS,
        most_at_once: int = MOST_AT_ONCE,
    ) -> None:
        """Wrap an app.

        Args:
            app: What is inside.
            service: Name in logs and metrics.
            limits: Body bytes by id of the route, filled when the routes are checked.
            headers: Put on each answer that does not set them itself.
            most_at_once: Requests under way before further ones get 503; live pages and
                the question whether we live do not count.
        """
        self.under_way = 0
        self.most_at_once = most_at_once
        self._app = app
        self._service = service
        self._limits = limits
        self._headers = headers
        self._names = frozenset(name for name, _ in headers)
        self._observers: dict[tuple[str, str, int], Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        passing = _Passing(self, scope, receive, send)
        await passing.run()

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Record how long a route took; the labels are resolved once per combination."""
        key = (method, route, status)
        observer = self._observers.get(key)
        if observer is None:
            child = telemetry.REQUEST_SECONDS.labels(self._service, method, route, str(status))
            observer = self._observers[key] = child.observe
        observer(seconds)


class _Passing:
    """One request on its way."""

    __slots__ = (
        "_body",
        "_content_length",
        "_counted",
        "_edge",
        "_limit",
        "_read",
        "_receive",
        "_scope",
        "_send",
        "_status",
    )

    def __init__(self, edge: Edge, scope: Scope, receive: Receive, send: Send) -> None:
        self._edge = edge
        self._scope = scope
        self._receive = receive
        self._send = send
        self._status = 0
        self._read = 0
        self._limit: int | None = None
        self._content_length: int | None = None
        self._body: Any = None
        self._counted = False

    async def run(self) -> None:
        scope = self._scope
        start = perf_counter()
        headers = {name: value for name, value in scope["headers"] if name in _OURS}
        correlation = _correlation(headers.get(b"x-request-id"))
        request_id = str(correlation)
        scope["techdock.request_id"] = request_id
        before = telemetry.set_correlation(correlation)
        if scope["method"] == "POST":
            self._body = scope["techdock.body"] = hashlib.sha256()
        try:
            self._content_length = int(headers.get(b"content-length", b"-1"))
        except ValueError:
            self._content_length = -1
        try:
            self._enter()
            refuse_nul(scope)
            if scope["method"] not in SAFE_METHODS:
                refuse_cross_site(headers)
            await self._edge._app(scope, self._take, self._give)  # noqa: SLF001 - its own pass
        except Exception as error:  # noqa: BLE001 - the last place before the server's
            await self._fail(error)
        finally:
            self._leave()
            self._finish(perf_counter() - start, request_id)
            telemetry.reset_correlation(before)

    def _enter(self) -> None:
        """Take a place among the requests under way; better some are refused than all slow."""
        edge = self._edge
        if edge.under_way >= edge.most_at_once and not self._scope["path"].endswith(LIVE):
            raise Unavailable("too many requests at once; come back in a moment")
        edge.under_way += 1
        self._counted = True

    def _leave(self) -> None:
        if self._counted:
            self._counted = False
            self._edge.under_way -= 1

    async def _take(self) -> Message:
        """Receive a part of the body, counted and hashed."""
        if self._limit is None:
            route = self._scope.get("route")
            self._limit = self._edge._limits.get(id(route), BODY_BYTES)  # noqa: SLF001
            if self._content_length is not None and self._content_length > self._limit:
                raise TooLarge(self._limit)
        message = await self._receive()
        if message["type"] == "http.request":
            body = message.get("body", b"")
            self._read += len(body)
            if self._read > self._limit:
                raise TooLarge(self._limit)
            if self._body is not None:
                self._body.update(body)
        return message

    async def _give(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = message["headers"] = list(message["headers"])
            present = {name for name, _ in headers if name in self._edge._names}  # noqa: SLF001
            headers.extend(h for h in self._edge._headers if h[0] not in present)  # noqa: SLF001
            if (b"content-type", EVENT_STREAM) in headers:
                self._leave()
            headers.append((b"x-request-id", self._scope["techdock.request_id"].encode()))
        await self._send(message)

    async def _fail(self, error: Exception) -> None:
        request = Request(self._scope)
        problem = expected(error)
        if problem is None:
            request_id = self._scope["techdock.request_id"]
            log.error("request failed", request_id=request_id, exc_info=error)
            response = problem_response(
                500, "internal", "this is our fault; the log has the reason", request=request
            )
        else:
            response = respond(problem, request)
        if self._status:
            # The answer is under way: only cutting the connection tells the client.
            raise error
        await response(self._scope, self._receive, self._give)

    def _finish(self, seconds: float, request_id: str) -> None:
        scope = self._scope
        context = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
        route: str = getattr(context, "path_format", None) or "(unknown)"
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._edge.observe(method, route, self._status, seconds)
        log.info(
            "request",
            service=self._edge._service,  # noqa: SLF001 - its own pass
            method=method,
            route=route,
            status=self._status,
            ms=round(seconds * 1000, 1),
            request_id=request_id,
        )


_OURS = frozenset(
    {b"x-request-id", b"content-length", b"cookie", b"authorization", b"sec-fetch-site",
     b"origin", b"host", b"x-forwarded-host"}
)  # fmt: skip
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _correlation(given: bytes | None) -> UUID:
    """Return the caller's request id if it is a UUID, else a new one."""
    if given is not None:
        try:
            return UUID(given.decode("ascii"))
        except ValueError:
            pass
    return uuid4()


def refuse_nul(scope: Scope) -> None:
    """Refuse an address with U+0000, which is no text to a database.

    Raises:
        Invalid: There is one.
    """
    if b"%00" in scope["query_string"] or "\0" in scope["path"]:
        raise Invalid("an address must not contain U+0000")


def refuse_cross_site(headers: dict[bytes, bytes]) -> None:
    """Refuse a change that rides on a cookie and comes from another site.

    A bearer token is never sent by a browser on its own, so only cookies need this. Every
    browser of today sends Sec-Fetch-Site; for others Origin must name the host asked.

    Raises:
        CrossSite: The request comes from elsewhere, or does not say where from.
    """
    cookie = headers.get(b"cookie")
    if cookie is None or b"authorization" in headers:
        return
    if not any(name in cookie for name in SESSION_COOKIES):
        return
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        if site not in {b"same-origin", b"none"}:
            raise CrossSite("another site sent this with your session; nothing was done")
        return
    origin = headers.get(b"origin")
    hosts = {headers.get(b"host"), headers.get(b"x-forwarded-host")} - {None}
    if origin is None or origin.partition(b"://")[2] not in hosts:
        raise CrossSite("the request does not come from this site; nothing was done")


def expected(error: BaseException) -> Problem | None:
    """Return the problem that an error stands for, or None when it is a bug."""
    if isinstance(error, Problem):
        return error
    text = str(error).lower()
    if "disk is full" in text or "no space left" in text:
        return NoSpace("the disk is full; nothing was changed")
    if is_outage(error):
        return Unavailable("the database or another service does not answer; try again")
    return None
