"""What OpenAPI cannot see by itself: policies, the headers we read, problems."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from techdock_shared.http.etag import expected_version
from techdock_shared.http.idempotency import MOST_KEY_CHARACTERS, once_of, require_key
from techdock_shared.http.principal import COOKIE_NAMES
from techdock_shared.http.problems import MEDIA_TYPE, SCHEMA
from techdock_shared.http.routes import api_routes, calls_of, policy_of

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem (RFC 9457)",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "New and random for each intention; sent again with it, nothing happens twice.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": MOST_KEY_CHARACTERS,
        "pattern": "^[!-~]+$",
    },
}
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag that the change rests on.",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
}
SECURITY_SCHEMES: dict[str, Any] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A session or an API token."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE_NAMES[1]},
}


def describe(app: FastAPI, document: dict[str, Any]) -> None:
    """Add to an OpenAPI document what only our routes know.

    Each operation gets `x-policy`, the name of its policy, which the authorization matrix
    reads, and the headers that its dependencies demand.
    """
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = SCHEMA
    components["securitySchemes"] = SECURITY_SCHEMES
    for route in api_routes(app):
        calls = list(calls_of(route))
        policy = policy_of(route)
        for operation in _operations(document, route):
            parameters: list[dict[str, Any]] = operation.setdefault("parameters", [])
            if once_of in calls or require_key in calls:
                parameters.append(IDEMPOTENCY_KEY)
            if expected_version in calls:
                parameters.append(IF_MATCH)
            if not parameters:
                del operation["parameters"]
            if policy is not None:
                operation["x-policy"] = policy.name
                if policy.needs_principal:
                    operation["security"] = [{"bearer": []}, {"cookie": []}]


def _operations(document: dict[str, Any], route: Any) -> Iterator[dict[str, Any]]:
    path = document.get("paths", {}).get(route.path_format, {})
    for method in route.methods or ():
        operation = path.get(method.lower())
        if operation is not None:
            yield operation
