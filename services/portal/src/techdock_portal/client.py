"""What the portal knows of the services: their public HTTP interface, nothing else."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from uuid import UUID, uuid4

import httpx

Json: TypeAlias = dict[str, Any]
Name = Literal["registration", "matching", "reporting"]
Version: TypeAlias = int | str | None

STALE_CODES = frozenset({"changed_meanwhile", "stale"})
TIMEOUT_S = 20.0
PAGE = 200


@dataclass(eq=False)
class ApiProblem(Exception):  # noqa: N818 - it carries the problem that a service answered
    """A service said no.

    Attributes:
        status: HTTP status; 503 when the service does not answer at all.
        code: Stable; tells the kinds of one status apart.
        errors: What is wrong with single fields: where, expected, found.
    """

    status: int
    code: str
    detail: str = ""
    errors: Sequence[Json] = ()
    request_id: str | None = None
    retry_after_s: int | None = None

    @property
    def is_stale(self) -> bool:
        """Whether somebody else changed the thing meanwhile."""
        return self.code in STALE_CODES

    @property
    def is_conflict(self) -> bool:
        """Whether it does not go as things stand."""
        return self.status == httpx.codes.CONFLICT

    @property
    def is_missing(self) -> bool:
        """Whether there is no such thing for the reader."""
        return self.status == httpx.codes.NOT_FOUND

    @property
    def is_invalid(self) -> bool:
        """Whether what was sent has to be corrected."""
        return self.status == httpx.codes.UNPROCESSABLE_ENTITY

    @property
    def is_unknown(self) -> bool:
        """Whether the session has ended, or there never was one."""
        return self.status == httpx.codes.UNAUTHORIZED

    @property
    def is_for_the_form(self) -> bool:
        """Whether the form should be shown again, with what was typed and what is wrong."""
        return self.is_conflict or self.is_invalid


@dataclass(frozen=True, slots=True)
class Api:
    """One service, asked on behalf of one reader.

    Attributes:
        token: The reader's session; None asks as a stranger.
        language: Labels and texts that a service words itself come in it.
        request_id: Of the page; the service's log and events carry it on.
        visitor: The reader's network address, by which services limit what strangers ask.
    """

    http: httpx.AsyncClient
    token: str | None = None
    language: str = "en"
    request_id: str | None = None
    visitor: str | None = None

    async def get(self, path: str, **query: object) -> Json:
        """Return one thing, or one page of a list.

        Raises:
            ApiProblem: The service says no, or does not answer.
        """
        answer = await self._send("GET", path, query=query)
        found: Json = answer.json()
        return found

    async def all(self, path: str, *, most: int = 5000, **query: object) -> list[Json]:
        """Return the items of a list, following its pages, at most so many."""
        items: list[Json] = []
        cursor: str | None = None
        while len(items) < most:
            found = await self.get(path, limit=PAGE, cursor=cursor, **query)
            items.extend(found.get("items", ()))
            cursor = found.get("next")
            if not cursor:
                break
        return items[:most]

    async def post(
        self,
        path: str,
        body: Json | None = None,
        *,
        key: str | None = None,
        version: Version = None,
    ) -> Json:
        """Do something once.

        Args:
            path: Below the service's /v1.
            body: What is sent as JSON.
            key: The same key means the same deed; None for a fresh one.
            version: Of the thing as the reader saw it.
        """
        headers = {"Idempotency-Key": key or str(uuid4())}
        answer = await self._send("POST", path, body=body or {}, version=version, headers=headers)
        return _content(answer)

    async def patch(self, path: str, body: Json, version: Version) -> Json:
        """Change fields of a thing as the reader saw it."""
        return _content(await self._send("PATCH", path, body=body, version=version))

    async def put(self, path: str, body: Json, version: Version = None) -> Json:
        """Set a thing."""
        return _content(await self._send("PUT", path, body=body, version=version))

    async def delete(self, path: str, version: Version = None) -> None:
        """Take a thing away."""
        await self._send("DELETE", path, version=version)

    async def file(self, path: str, **query: object) -> httpx.Response:
        """Return an answer as it is: a template, a calendar, a download."""
        return await self._send("GET", path, query=query)

    async def upload(
        self, path: str, fields: Mapping[str, str], name: str, content: bytes, kind: str
    ) -> Json:
        """Send a file with fields beside it."""
        headers = {"Idempotency-Key": str(uuid4())}
        files = {"file": (name, content, kind)}
        return _content(
            await self._send("POST", path, headers=headers, data=dict(fields), files=files)
        )

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: Json | None = None,
        version: Version = None,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> httpx.Response:
        sent = {"Accept-Language": self.language, **(headers or {})}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.request_id:
            sent["X-Request-ID"] = self.request_id
        if self.visitor:
            sent["X-Forwarded-For"] = self.visitor
        if version is not None:
            sent["If-Match"] = f'"{version}"'
        params = {k: _written(v) for k, v in (query or {}).items() if v not in (None, "", [])}
        try:
            answer = await self.http.request(
                method, f"v1{path}", params=params, json=body, headers=sent, **content
            )
        except (httpx.TransportError, OSError) as error:
            raise ApiProblem(503, "no_answer", type(error).__name__) from error
        if answer.is_error:
            raise _problem(answer)
        return answer


@dataclass(frozen=True, slots=True)
class Services:
    """The three services, as wiring opened them."""

    registration: httpx.AsyncClient
    matching: httpx.AsyncClient
    reporting: httpx.AsyncClient
    codes: dict[tuple[str, str], list[Json]] = field(default_factory=dict)

    def on_behalf(
        self,
        name: Name,
        token: str | None,
        language: str,
        request: str | None,
        visitor: str | None = None,
    ) -> Api:
        """Return one of them, asked on behalf of a reader."""
        clients = {
            "registration": self.registration,
            "matching": self.matching,
            "reporting": self.reporting,
        }
        return Api(clients[name], token, language, request, visitor)

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(
            self.registration.aclose(), self.matching.aclose(), self.reporting.aclose()
        )


def open_client(where: str | httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """Open a service by its URL, or by a transport that leads straight into its app."""
    if isinstance(where, str):
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=40)
        return httpx.AsyncClient(
            base_url=where.rstrip("/") + "/", timeout=TIMEOUT_S, limits=limits, trust_env=False
        )
    return httpx.AsyncClient(base_url="http://service/", transport=where, timeout=TIMEOUT_S)


def _written(value: object) -> str | list[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return [str(each) for each in value]
    return str(value)


def _content(answer: httpx.Response) -> Json:
    found: Json = answer.json() if answer.content else {}
    return found


def _problem(answer: httpx.Response) -> ApiProblem:
    try:
        body: Json = answer.json()
    except ValueError:
        body = {}
    wait = answer.headers.get("retry-after", "")
    return ApiProblem(
        answer.status_code,
        str(body.get("code", "unknown")),
        str(body.get("detail", "")),
        tuple(body.get("errors", ())),
        body.get("request_id") or answer.headers.get("x-request-id"),
        int(wait) if wait.isdigit() else None,
    )


def same(one: str | UUID | None, other: str | UUID | None) -> bool:
    """Say whether two ids are the same, however they are written."""
    return one is not None and other is not None and str(one).lower() == str(other).lower()
