"""The FastAPI app that every service starts from.

    app = new_app("Registration", service="registration", principals=principals, cache=cache,
                  answers=lambda transaction: SqlAnswers(transaction.connection, tables.answers),
                  checks={"database": database_answers})
    app.include_router(routes.router)
    seal(app)       # refuses routes without a policy; also done at the first request

Rules that keep a request cheap, checked by `seal`: endpoints and dependencies are `async
def` (others run in a thread), and `app.dependency_overrides` stays empty outside tests
(FastAPI would inspect every dependency again for each request): keep what routes need in
`app.state` and read it with `given`.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, model_validator
from typing_extensions import override

from techdock_shared.cache.ports import Cache
from techdock_shared.http import health, problems
from techdock_shared.http.describe import PROBLEMS, describe
from techdock_shared.http.edge import API_HEADERS, MOST_AT_ONCE, Edge
from techdock_shared.http.idempotency import AnswersOf
from techdock_shared.http.principal import Principals
from techdock_shared.http.rate import Rates
from techdock_shared.http.routes import check_routes
from techdock_shared.http.sse import Streams

T = TypeVar("T")

Check = Callable[[], Awaitable[None]]


class Body(BaseModel):
    """Base of what clients send: an unknown field is refused, text is not trimmed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, given: Any) -> Any:
        if not _looks_clean(given) and (where := not_text(given)) is not None:
            raise ValueError(f"text without U+0000 and lone surrogates{where}")
        return given


def _looks_clean(given: object) -> bool:
    """Say at once that nothing is wrong; False only asks for a closer look."""
    try:
        return rb"\u0000" not in orjson.dumps(given)
    except orjson.JSONEncodeError:
        return False


def not_text(given: object) -> str | None:
    """Say where in JSON a text is that no database and no UTF-8 can hold; None: nowhere."""
    if isinstance(given, str):
        return None if _is_storable(given) else ""
    if isinstance(given, dict):
        for name, value in given.items():
            if (where := not_text(value)) is not None:
                return f", in {name!r}{where.replace(', in', ',')}"
            if not_text(name) is not None:
                return ", in the name of a field"
    elif isinstance(given, list):
        return next((where for one in given if (where := not_text(one)) is not None), None)
    return None


def _is_storable(text: str) -> bool:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return False
    return "\0" not in text


class App(FastAPI):
    """FastAPI that refuses to serve a route without a policy."""

    body_limits: dict[int, int]
    demand_keys: bool

    @override
    def build_middleware_stack(self) -> Any:
        check_routes(self, demand_keys=self.demand_keys)
        return super().build_middleware_stack()

    @override
    def openapi(self) -> dict[str, Any]:
        fresh = self.openapi_schema is None
        document = super().openapi()
        if fresh:
            describe(self, document)
        return document


def new_app(
    title: str,
    *,
    service: str,
    principals: Principals | None = None,
    cache: Cache | None = None,
    answers: AnswersOf | None = None,
    rates: Rates | None = None,
    streams: Streams | None = None,
    checks: Mapping[str, Check] | None = None,
    version: str = "1",
    headers: tuple[tuple[bytes, bytes], ...] = API_HEADERS,
    documented: bool = True,
    demand_keys: bool = True,
    most_at_once: int = MOST_AT_ONCE,
) -> App:
    """Return an app with problems, limits, request ids, metrics and health.

    Args:
        title: In the OpenAPI document.
        service: Name in logs and metrics, like `registration`.
        principals: Who resolves credentials; None when every route is public.
        cache: Shared cache; None does without its fast paths.
        answers: Gives the kept answers of a transaction; None when no route is `Once`.
        streams: The program's live pages; one for all apps of a program.
        rates: How often one principal or address may ask; None for the usual.
        checks: What must work for the service to be ready: each raises when it does not.
        version: Of the interface.
        headers: Put on each answer; the portal has its own.
        most_at_once: Requests under way before further ones get 503.
        demand_keys: Whether every POST must be `Once` or `changes_nothing`.
        documented: Whether /openapi.json is served.
    """
    app = App(
        title=title,
        version=version,
        openapi_url="/openapi.json" if documented else None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=PROBLEMS,
        telemetry={"metrics": False, "logs": False, "auto_configure": False},
    )
    app.body_limits = {}
    app.demand_keys = demand_keys
    app.state.principals = principals
    app.state.cache = cache
    app.state.answers = answers
    app.state.rates = Rates() if rates is None else rates
    app.state.streams = Streams() if streams is None else streams
    app.state.under_way = set()
    problems.install(app)
    health.install(app, checks or {})
    app.add_middleware(
        Edge,
        service=service,
        limits=app.body_limits,
        headers=headers,
        most_at_once=most_at_once,
    )
    return app


def seal(app: App) -> None:
    """Check all routes now instead of at the first request; call when all are included.

    Raises:
        RuntimeError: A route has no policy, a POST no Idempotency-Key, or something would
            run in a thread.
    """
    check_routes(app, demand_keys=app.demand_keys)


def given(name: str, kind: type[T]) -> Callable[[Request], Awaitable[T]]:  # noqa: ARG001 - types it
    """Return a dependency that reads what wiring put into `app.state.<name>`.

    Example:
        BeginDep = Annotated[Begin, Depends(given("begin", Begin))]
    """

    async def read(request: Request) -> T:
        value: T = getattr(request.app.state, name)
        return value

    return read


def no_content() -> Response:
    """Answer 204."""
    return Response(status_code=204)
