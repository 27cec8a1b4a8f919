"""Looks at all routes of an app before it serves: policies, keys, limits, threads."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute, Mount

from techdock_shared.http.idempotency import once_of, require_key
from techdock_shared.http.principal import Policy


class _BodyLimit:
    """A route takes larger bodies than the usual 256 KiB."""

    __slots__ = ("bytes",)

    def __init__(self, bytes: int) -> None:
        self.bytes = bytes

    async def __call__(self) -> None:
        """Do nothing: the edge applies the limit while it reads."""


def accepts_up_to(bytes: int) -> Any:
    """Return a route dependency that raises the body limit, like 10 MiB for an upload."""
    return Depends(_BodyLimit(bytes))


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for inner in dependant.dependencies:
        if inner.call is not None:
            yield inner.call
        yield from _calls(inner)


def calls_of(route: Any) -> Iterator[Callable[..., Any]]:
    """Yield every dependency of a route, also those of its dependencies."""
    return _calls(route.dependant)


def policy_of(route: Any) -> Policy | None:
    """Return the policy that a route carries: the strictest comes with the route itself.

    Args:
        route: An APIRoute, or what `api_routes` yields.
    """
    policies = [call for call in _calls(route.dependant) if isinstance(call, Policy)]
    return policies[-1] if policies else None


def api_routes(app: FastAPI) -> Iterator[Any]:
    """Yield the effective route of every operation: with path_format, methods, dependant."""
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield context


def _in_thread(call: Callable[..., Any]) -> bool:
    target = call if inspect.isfunction(call) or inspect.ismethod(call) else type(call).__call__
    if inspect.isclass(call):
        return True
    return not (inspect.iscoroutinefunction(target) or inspect.isasyncgenfunction(target))


def check_routes(app: FastAPI, *, demand_keys: bool = True) -> None:
    """Refuse an app that breaks a rule of the house; note the body limits.

    Raises:
        RuntimeError: Says every fault of every route.
    """
    faults: list[str] = []
    for route in api_routes(app):
        name = f"{'/'.join(sorted(route.methods or ()))} {route.path_format}"
        calls = list(calls_of(route))
        if not any(isinstance(call, Policy) for call in calls):
            faults.append(f"{name}: no policy (public, visitor, signed_in or requires)")
        keyed = once_of in calls or require_key in calls
        if demand_keys and "POST" in (route.methods or ()) and not keyed:
            faults.append(f"{name}: no Idempotency-Key (Once or changes_nothing)")
        faults.extend(
            f"{name}: {call!r} would run in a thread; make it async"
            for call in [*calls, route.endpoint]
            if call is not None and _in_thread(call)
        )
        limits = [call.bytes for call in calls if isinstance(call, _BodyLimit)]
        if limits:
            body_limits: dict[int, int] = getattr(app, "body_limits", {})
            body_limits[id(route.original_route)] = max(limits)
    faults.extend(
        f"{route!r}: routes outside FastAPI carry no policy"
        for route in app.routes
        if not _known(route)
    )
    if faults:
        raise RuntimeError("routes that must not be served:\n" + "\n".join(faults))


def _known(route: BaseRoute) -> bool:
    """Say whether a route is one of ours, a mounted app (which checks itself) or OpenAPI."""
    if isinstance(route, APIRoute | Mount) or type(route).__name__ == "_IncludedRouter":
        return True
    return getattr(route, "name", None) == "openapi"
