"""Failures as RFC 9457 problem details: the one place that knows their HTTP status.

Like this:

    {"type": "urn:techdock:conflict", "code": "conflict", "title": "Conflict", "status": 409,
     "detail": "venue 7 changed meanwhile; read it again", "instance": "/v1/venues/7",
     "request_id": "...", "errors": [{"where", "expected", "found"}]}
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from techdock_shared.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    PreconditionRequired,
    Problem,
    TooMany,
    Unauthorized,
    Unavailable,
)

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
MOST_ERRORS = 100
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
MOST_FOUND_CHARACTERS = 200


class BadRequest(Problem):
    """The request breaks a rule of HTTP that comes before its content."""

    code = "bad_request"


class KeyMissing(BadRequest):
    """A POST without an Idempotency-Key."""

    code = "idempotency_key_missing"


class TooLarge(HTTPException):
    """The body is larger than this route takes.

    It is raised while FastAPI reads the body, which lets only its own kind through.
    """

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(413, f"the body may have {limit_bytes} bytes here")


class NoSpace(Problem):
    """The disk is full; nothing was changed."""

    code = "no_space"


STATUS: dict[type[Problem], int] = {
    BadRequest: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    PreconditionRequired: 428,
    TooMany: 429,
    Unavailable: 503,
    NoSpace: 507,
    Problem: 400,
}


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "code", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["urn:techdock:conflict"]},
        "code": {"type": "string", "description": "Stable; programs match on it."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "expected", "found"],
                "properties": {
                    "where": {"type": "string"},
                    "expected": {"type": "string"},
                    "found": {},
                },
            },
        },
    },
}
"""The shape of a problem, for OpenAPI documents."""


def status_of(problem: Problem) -> int:
    """Return the HTTP status of a problem: that of its nearest known kind."""
    return next(STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS)


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    request: Request | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem as an answer."""
    body: dict[str, Any] = {
        "type": f"urn:techdock:{code}",
        "code": code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if request is not None:
        body["instance"] = request.scope["path"]
        if request_id := request.scope.get("techdock.request_id"):
            body["request_id"] = request_id
    if errors:
        body["errors"] = list(errors)
    return Response(orjson.dumps(body), status, headers, MEDIA_TYPE)


def headers_of(problem: Problem, status: int) -> dict[str, str]:
    """Return the headers that belong to a problem: when to come back, how to sign in."""
    if status in {429, 503}:
        wait_s = getattr(problem, "retry_after_s", None) or RETRY_AFTER_S
        return {"Retry-After": str(max(1, int(-(-wait_s // 1))))}
    if status == HTTPStatus.CONFLICT and (wait_s := getattr(problem, "retry_after_s", None)):
        return {"Retry-After": str(wait_s)}
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer realm="techdock"'}
    return {}


def respond(problem: Problem, request: Request) -> Response:
    """Return the answer for an expected failure."""
    status = status_of(problem)
    fields: Sequence[FieldError] = getattr(problem, "errors", ())
    errors = [{"where": e.where, "expected": e.expected, "found": e.found} for e in fields]
    return problem_response(
        status,
        problem.code,
        str(problem),
        request=request,
        errors=errors,
        headers=headers_of(problem, status),
    )


def described(error: Mapping[str, Any]) -> dict[str, Any]:
    """Return one error of pydantic as field, expected, found.

    Secrets stay out: what stood in a field whose name says password, token or ticket is
    not repeated.
    """
    where = clean(".".join(str(part) for part in error["loc"]))
    kind, context = error["type"], error.get("ctx") or {}
    found: Any = error.get("input")
    if kind == "missing":
        return {"where": where, "expected": "a value", "found": "nothing"}
    if kind == "extra_forbidden":
        return {"where": where, "expected": "no such field", "found": clean(str(error["loc"][-1]))}
    if kind == "json_invalid":
        where = f"body.{error['loc'][-1]}"
        return {"where": where, "expected": "JSON", "found": context.get("error", "")}
    if any(word in where for word in ("password", "token", "ticket", "current")):
        found = "(not repeated)"
    return {"where": where, "expected": clean(expected_words(error["msg"])), "found": short(found)}


def expected_words(message: str) -> str:
    """Turn pydantic's sentence into what was expected: `Input should be X` is `X`."""
    for start in ("Input should be ", "Value error, ", "Assertion failed, "):
        message = message.removeprefix(start)
    return message


def short(found: object) -> object:
    """Return a value as it may be shown in an answer: scalars as they are, the rest cut."""
    if found is None or isinstance(found, bool | int | float):
        # What JSON has no word for (NaN, very large integers) is shown as text.
        try:
            orjson.dumps(found)
        except TypeError:
            return str(found)[:MOST_FOUND_CHARACTERS]
        return found
    text = found if isinstance(found, str) else repr(found)
    return clean(text)


def clean(text: str) -> str:
    """Return text that JSON can carry: without lone surrogates, and not too long."""
    return text[:MOST_FOUND_CHARACTERS].encode("utf-8", "replace").decode()


def install(app: FastAPI) -> None:
    """Answer every expected failure of a route, and every unknown path, with a problem."""

    async def on_problem(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, Problem)  # noqa: S101 - registered for this type below
        return respond(problem, request)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
        errors = [described(each) for each in error.errors()[:MOST_ERRORS]]
        where = ", ".join(dict.fromkeys(each["where"] for each in errors[:5]))
        detail = f"{len(error.errors())} error(s), at {where}"
        return problem_response(422, Invalid.code, detail, request=request, errors=errors)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - as above
        code = CODES.get(error.status_code, "http_error")
        return problem_response(
            error.status_code, code, str(error.detail), request=request, headers=error.headers
        )

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
