"""Idempotency-Key: a POST that is sent again has one effect and gets the same answer.

    @router.post("/needs", status_code=201)
    async def write_need(body: NeedBody, who: SignedIn, once: Once, app: ...) -> Response:
        command = commands.WriteNeed(...)
        act = partial(commands.write_need, command, clock=clock)       # act(begin) -> Need
        return await once(begin, act, lambda need: created(NeedOut.of(need), need.version))

`once` opens one transaction, gives the command a `begin` that stays inside it, renders the
answer, keeps it in the same transaction (seven days) and commits. So there is no moment in
which the effect is stored and the answer is not. Sent again:

- the same payload: the stored answer again, with `Idempotency-Replayed: true`;
- another payload, path or query: 422 `idempotency_key_reused`;
- while the first is under way: 409 `in_flight` with Retry-After;
- no key: 400 `idempotency_key_missing`.

A refusal (a problem) has no effect and is not kept: sent again, it is judged again.

The hot path costs one INSERT and no SELECT: the command runs, and a key that was there
already makes the insert claim nothing, so that everything is rolled back and the stored
answer given. A command that fails is looked up too, because "taken already" may be the echo
of its own first run. The cache only saves work: gone or flushed, the database decides.
"""

import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol, TypeVar

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel

from techdock_shared import crash
from techdock_shared.cache.ports import Cache
from techdock_shared.errors import Conflict, Invalid, Unavailable
from techdock_shared.http.etag import etag
from techdock_shared.http.principal import reads_only
from techdock_shared.http.problems import BadRequest, KeyMissing

KEPT_DAYS = 7
MOST_KEY_CHARACTERS = 200
IN_FLIGHT_S = 10.0
NONCE_BYTES = 12
FAST_PATH_S = 3600.0
KEPT_HEADERS = (b"content-type", b"etag", b"location", b"link", b"content-disposition")

Transaction = TypeVar("Transaction")
Result = TypeVar("Result")


class KeyReused(Invalid):
    """The Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"


class InFlight(Conflict):
    """The same request is under way; ask again in a moment."""

    code = "in_flight"
    retry_after_s = 1


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer as it is kept.

    Attributes:
        fingerprint: SHA-256 of method, path, query and body of the request it answers.
        headers: Only those that belong to the content.
        body: Encrypted with the key itself when the answer holds a secret.
    """

    fingerprint: bytes
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    secret: bool = False


class Answers(Protocol):
    """The kept answers, inside one transaction."""

    async def find(self, key: bytes) -> Stored | None:
        """Return the answer under a key hash, if there is one."""
        ...

    async def keep(self, key: bytes, answer: Stored) -> bool:
        """Keep an answer; False when there is one under this key hash already."""
        ...


AnswersOf = Callable[[Any], Answers]
Begin = Callable[[], AbstractAsyncContextManager[Transaction]]


class _Known(Exception):  # noqa: N818 - a signal to roll back, not a failure
    """The key was there already: roll back."""


class OnceRunner:
    """Runs one command at most once per key; see the module for its use.

    Attributes:
        replayed: True after a stored answer was given again: nothing happened now.
    """

    __slots__ = ("_request", "key", "replayed")

    def __init__(self, request: Request, key: str) -> None:
        self._request = request
        self.key = key
        self.replayed = False

    async def __call__(
        self,
        begin: Begin[Transaction],
        act: Callable[[Begin[Transaction]], Awaitable[Result]],
        answer: Callable[[Result], Response],
        *,
        secret: bool = False,
    ) -> Response:
        """Do the command and keep its answer, or give the kept answer again.

        Args:
            begin: Opens a transaction that commits when its block ends well.
            act: The command; every transaction it begins is the one that also keeps the
                answer, so nothing of it is committed before the answer is.
            answer: Renders what the command returned; no streaming.
            secret: The answer holds a credential: it is kept encrypted with the key that
                the client sent, of which only a hash is kept.

        Raises:
            KeyReused: The key came with another request before.
            InFlight: The same request is under way.
        """
        state = self._request.app.state
        key, fingerprint = self._identity()
        under_way: set[bytes] = state.under_way
        if key in under_way:
            raise InFlight("this request is under way; send it again in a moment")
        under_way.add(key)
        try:
            known = await self._claim(state.cache, key, fingerprint)
            if known is not None:
                return self._replay(known, fingerprint)
            return await self._first(begin, act, answer, key, fingerprint, secret=secret)
        finally:
            under_way.discard(key)

    async def _first(
        self,
        begin: Begin[Transaction],
        act: Callable[[Begin[Transaction]], Awaitable[Result]],
        answer: Callable[[Result], Response],
        key: bytes,
        fingerprint: bytes,
        *,
        secret: bool,
    ) -> Response:
        state = self._request.app.state
        cache: Cache | None = state.cache
        answers: AnswersOf = state.answers
        stored: Stored | None = None
        try:
            try:
                async with begin() as transaction:
                    response = answer(await act(_inside(transaction)))
                    fresh = self._stored(response, fingerprint, secret=secret)
                    await _keep(answers(transaction), key, fresh)
                    crash.point("command.before_commit")
                crash.point("command.after_commit")
                stored = fresh
            except Unavailable:
                raise
            except Exception as error:
                stored = await _look_up(begin, answers, key)
                if stored is None and isinstance(error, _Known):
                    # It was there when we inserted and is gone now: removed with old age.
                    raise InFlight("this key was just forgotten; send it again") from None
                if stored is None:
                    raise
                response = self._replay(stored, fingerprint)
        finally:
            if cache is not None and stored is None:
                await cache.delete(_cache_key(key))
        if cache is not None:
            await cache.set(_cache_key(key), _packed(stored), FAST_PATH_S)
        return response

    def _identity(self) -> tuple[bytes, bytes]:
        """Return the hash under which the answer is kept, and that of the request."""
        scope = self._request.scope
        who = scope.get("techdock.principal")
        owner = who.account_id.bytes if who is not None else b"nobody"
        # Services share the cache, and each has keys of its own.
        service = self._request.app.title.encode()
        key = hashlib.sha256(b"\0".join((service, owner, self.key.encode()))).digest()
        payload = hashlib.sha256(
            b"\0".join((scope["method"].encode(), scope["path"].encode(), scope["query_string"]))
        )
        payload.update(scope["techdock.body"].digest())
        return key, payload.digest()

    async def _claim(self, cache: Cache | None, key: bytes, fingerprint: bytes) -> Stored | None:
        if cache is None:
            return None
        old = await cache.claim(_cache_key(key), b"~" + fingerprint, IN_FLIGHT_S)
        if old is None:
            return None
        if not old.startswith(b"~"):
            return _unpacked(old)
        if old[1:] != fingerprint:
            raise _reused()
        raise InFlight("this request is under way; send it again in a moment")

    def _stored(self, response: Response, fingerprint: bytes, *, secret: bool) -> Stored:
        headers = {k.decode(): v.decode() for k, v in response.raw_headers if k in KEPT_HEADERS}
        body = bytes(response.body)
        if secret:
            nonce = os.urandom(NONCE_BYTES)
            body = nonce + AESGCM(self._secret()).encrypt(nonce, body, None)
        return Stored(fingerprint, response.status_code, headers, body, secret)

    def _replay(self, stored: Stored, fingerprint: bytes) -> Response:
        if stored.fingerprint != fingerprint:
            raise _reused()
        body = stored.body
        if stored.secret:
            try:
                nonce, sealed = body[:NONCE_BYTES], body[NONCE_BYTES:]
                body = AESGCM(self._secret()).decrypt(nonce, sealed, None)
            except InvalidTag as error:
                raise Unavailable("the kept answer cannot be read") from error
        self.replayed = True
        headers = {**stored.headers, "Idempotency-Replayed": "true"}
        return Response(body, stored.status, headers)

    def _secret(self) -> bytes:
        return hashlib.sha256(b"techdock answer\0" + self.key.encode()).digest()


def _reused() -> KeyReused:
    return KeyReused("this Idempotency-Key came with another request before; use a new one")


def _cache_key(key: bytes) -> str:
    return "answer." + key.hex()


def _inside(transaction: Transaction) -> Begin[Transaction]:
    """Return a `begin` whose transactions are all this one, which somebody else commits."""

    @asynccontextmanager
    async def begin() -> AsyncIterator[Transaction]:
        yield transaction

    return begin


async def _keep(answers: Answers, key: bytes, stored: Stored) -> None:
    if not await answers.keep(key, stored):
        raise _Known


async def _look_up(begin: Begin[Any], answers: AnswersOf, key: bytes) -> Stored | None:
    async with begin() as transaction:
        return await answers(transaction).find(key)


def _packed(stored: Stored) -> bytes:
    head = [stored.fingerprint.hex(), stored.status, stored.headers, stored.secret]
    return orjson.dumps(head) + b"\n" + stored.body


def _unpacked(packed: bytes) -> Stored | None:
    """Return the answer, or None when the bytes are not ours (the database knows then)."""
    head, _, body = packed.partition(b"\n")
    try:
        fingerprint, status, headers, secret = orjson.loads(head)
        return Stored(bytes.fromhex(fingerprint), status, headers, body, secret)
    except (ValueError, TypeError):
        return None


async def once_of(request: Request) -> OnceRunner:
    """Return the runner for this request's Idempotency-Key.

    Raises:
        KeyMissing: A POST must carry one.
        BadRequest: It is not 1 to 200 visible ASCII characters.
    """
    key = request.headers.get("idempotency-key", "").strip()
    if not key:
        raise KeyMissing("a POST needs an Idempotency-Key, a new random one for each intention")
    if len(key) > MOST_KEY_CHARACTERS or not key.isascii() or not key.isprintable():
        raise BadRequest(f"an Idempotency-Key has 1 to {MOST_KEY_CHARACTERS} visible characters")
    return OnceRunner(request, key)


@reads_only
async def require_key(request: Request) -> None:
    """Insist on the key where sending twice does no harm: a POST that only reads."""
    await once_of(request)


Once = Annotated[OnceRunner, Depends(once_of)]
changes_nothing: Any = Depends(require_key)
"""Route dependency of a POST that only reads (a dry run, a batch look-up): the key is
demanded as everywhere and the answer is not kept."""


def created(body: BaseModel, version: int | None = None, location: str | None = None) -> Response:
    """Answer 201 with the new thing, its ETag and its address."""
    headers: dict[str, str] = {}
    if version is not None:
        headers["ETag"] = etag(version)
    if location is not None:
        headers["Location"] = location
    return Response(body.model_dump_json(), 201, headers, "application/json")


def accepted(body: BaseModel) -> Response:
    """Answer 202: done here, and others learn of it shortly."""
    return Response(body.model_dump_json(), 202, media_type="application/json")
