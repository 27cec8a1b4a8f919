"""Everything that changes something by a body of JSON, each with a body that is right."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from techdock_embedded.client import Json

from support.authorization_requests import NONE, RECIPES, address
from support.authorization_small import SENSIBLE, Small, version

SERVICES = ("matching", "reporting", "registration")
Things = dict[str, str]


@dataclass(frozen=True)
class Change:
    """An operation that takes JSON, and a body that is right."""

    service: str
    method: str
    path: str
    schema: Json
    body: Json
    document: Json
    needs_version: bool

    @property
    def name(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    def url(self, things: Things) -> str:
        return f"/api/{self.service}{address(self.path, things)}"


def changes(small: Small) -> Iterator[Change]:
    for service in SERVICES:
        document = small.inside.techdock.services[service].http.openapi()
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                schema = body_schema(document, operation)
                if schema is None:
                    continue
                name = f"{method.upper()} {path}"
                recipe = RECIPES[service].get(name, NONE)
                body = SENSIBLE.get(name, recipe.body)
                assert body is not None, f"{name} has no recipe"
                headers = {p["name"] for p in operation.get("parameters", ())}
                yield Change(
                    service, method.upper(), path, schema, body(small.things), document,
                    "If-Match" in headers,
                )  # fmt: skip


async def send(small: Small, change: Change, content: bytes, **headers: str) -> httpx.Response:
    url = change.url(small.things)
    sent = {
        "Authorization": f"Bearer {small.inside.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid4()),
    }
    if change.needs_version:
        sent["If-Match"] = await version(small.http, url, sent) or '"1"'
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in sent.items() if value}
    return await small.http.request(change.method, url, content=content, headers=sent)


def body_schema(document: Json, operation: Json) -> Json | None:
    """The schema of what an operation takes as JSON."""
    content = operation.get("requestBody", {}).get("content", {})
    schema: Json | None = content.get("application/json", {}).get("schema")
    while schema is not None and "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def encoded(body: Any) -> bytes:
    """JSON as a careless program writes it: lone surrogates escaped, numbers of any size."""
    return json.dumps(body).encode()
