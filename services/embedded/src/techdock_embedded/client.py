"""The HTTP interface of Techdock as a program uses it: the command line, the demo, the tests.

It keeps the rules of the interface in one place: a new Idempotency-Key for each intention and the
same one when it is sent again, If-Match from what was read, problems as exceptions.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

import httpx

Json = dict[str, Any]

RETRIED = frozenset({429, 503})
TRIES = 8
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 3.0


class Refused(Exception):  # noqa: N818 - the answer is a problem, not an error of this program
    """The interface answered with a problem.

    Attributes:
        status: HTTP status.
        problem: The problem document (RFC 9457).
    """

    def __init__(self, request: str, status: int, problem: Json) -> None:
        super().__init__(f"{request}: {status} {problem.get('code', '')}: {problem.get('detail')}")
        self.status = status
        self.problem = problem

    @property
    def code(self) -> str:
        """The stable code of the problem."""
        return str(self.problem.get("code", ""))


class Client:
    """Speaks to `/api/<service>/v1/...` as one account.

    A request is sent again, with the same key, when the answer is 429 or 503 or none at all: up to
    8 times with capped exponential backoff and full jitter.
    """

    def __init__(self, http: httpx.AsyncClient, token: str | None = None) -> None:
        """Take a client whose base URL is Techdock's."""
        self._http = http
        self._token = token

    @property
    def token(self) -> str | None:
        """The credential."""
        return self._token

    def signed_in(self, token: str | None) -> "Client":
        """Return a client for another credential, or none, over the same connections."""
        return Client(self._http, token)

    async def get(self, path: str, **query: Any) -> Json:
        """Return the content of a resource."""
        return self._json(await self.send("GET", path, params=_query(query)))

    async def every(self, path: str, **query: Any) -> AsyncIterator[Json]:
        """Yield the items of a list, page after page."""
        cursor: str | None = None
        while True:
            page = await self.get(path, **{"limit": 200, **query, "cursor": cursor})
            for item in page["items"]:
                yield item
            cursor = page.get("next")
            if not cursor:
                return

    async def post(self, path: str, body: Json | None = None, *, key: str | None = None) -> Json:
        """Do something once; `key` names the intention, else it is a new one."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        return self._json(await self.send("POST", path, json=body or {}, headers=headers))

    async def change(
        self, method: str, path: str, body: Json | None, version: int, *, key: str | None = None
    ) -> Json:
        """Change something in the version that was read."""
        headers = {"If-Match": f'"{version}"', "Idempotency-Key": key or str(uuid4())}
        return self._json(await self.send(method, path, json=body, headers=headers))

    async def move(self, path: str, thing: Json, to: str, **more: Any) -> Json:
        """Bring a thing into another state; returns the thing as it is then."""
        return await self.change("POST", f"{path}/state", {"to": to, **more}, thing["version"])

    async def send(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Send a request, again if need be; returns any answer below 400.

        Raises:
            Refused: The answer is a problem.
            httpx.TransportError: There was no answer, however often it was sent.
        """
        sent = dict(headers or {})
        if self._token is not None:
            sent["Authorization"] = f"Bearer {self._token}"
        for attempt in range(1, TRIES + 1):
            last = attempt == TRIES
            try:
                answer = await self._http.request(method, f"/api/{path}", headers=sent, **more)
            except httpx.TransportError:
                if last:
                    raise
                answer = None
            if answer is not None:
                if answer.status_code < httpx.codes.BAD_REQUEST:
                    return answer
                # In flight is the echo of an own earlier try that got no answer.
                again = answer.status_code in RETRIED or _code(answer) == "in_flight"
                if last or not again:
                    raise Refused(f"{method} {path}", answer.status_code, _problem(answer))
            longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**attempt)
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - jitter is no secret
        raise AssertionError("the last try returns or raises")

    @staticmethod
    def _json(answer: httpx.Response) -> Json:
        content: Json = answer.json() if answer.content else {}
        return content


def _query(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _problem(answer: httpx.Response) -> Json:
    try:
        found = answer.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"detail": answer.text[:200]}


def _code(answer: httpx.Response) -> str:
    return str(_problem(answer).get("code", ""))
