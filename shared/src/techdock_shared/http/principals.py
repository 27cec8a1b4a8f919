"""Principals over the network: registration says who it is, the cache remembers for a minute.

Registration signs what it answers (HMAC-SHA256 with the deployment's key, over the answer
and the hash of the credential), so whoever can write to the cache still cannot make
himself somebody else, nor move an entry to another credential.
"""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import orjson
from typing_extensions import override

from techdock_shared.cache.ports import Cache
from techdock_shared.clock import Clock
from techdock_shared.errors import Unavailable
from techdock_shared.http.principal import Part, Principal, Principals, Role
from techdock_shared.http.services import passed_on

FRESH = timedelta(seconds=60)
STALE = timedelta(minutes=15)
ASK_S = 2.0
MOST_DECODED = 2_000

Signed = dict[str, Any]
Ask = Callable[[str], Awaitable[Mapping[str, Any] | None]]


def token_hash(token: str) -> str:
    """Return the SHA-256 of a credential in hex: the only form in which it is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def entry_key(token: str) -> str:
    """Return the cache key of a credential's principal."""
    return f"principal.{token_hash(token)}"


def generation_key(account_id: UUID) -> str:
    """Return the cache key of the lowest generation of an account that still counts."""
    return f"generation.{account_id}"


def sign(principal: Principal, token: str, at: datetime, key: bytes) -> Signed:
    """Return a principal as registration answers it: with `signed_at` and `signature`."""
    answer: Signed = {
        "account_id": str(principal.account_id),
        "person_id": str(principal.person_id),
        "language": principal.language,
        "roles": [
            {
                "name": role.name,
                "tenant_id": _text(role.tenant_id),
                "docking_event_id": _text(role.docking_event_id),
                "organization_id": _text(role.organization_id),
            }
            for role in principal.roles
        ],
        "participations": [
            {
                "participation_id": str(part.participation_id),
                "docking_event_id": str(part.docking_event_id),
                "organization_id": str(part.organization_id),
                "head": part.head,
            }
            for part in principal.participations
        ],
        "organizations": [str(each) for each in principal.organizations],
        "scopes": None if principal.scopes is None else sorted(principal.scopes),
        "generation": principal.generation,
        "signed_at": at.isoformat(),
    }
    return {**answer, "signature": _signature(answer, token_hash(token), key)}


def opened(answer: Mapping[str, Any], token: str, key: bytes) -> tuple[Principal, datetime] | None:
    """Return a signed principal and when it was signed; None when the signature is not ours."""
    fields = dict(answer)
    signature = str(fields.pop("signature", ""))
    if not hmac.compare_digest(signature, _signature(fields, token_hash(token), key)):
        return None
    scopes = fields["scopes"]
    principal = Principal(
        account_id=UUID(fields["account_id"]),
        person_id=UUID(fields["person_id"]),
        language=fields["language"],
        roles=tuple(
            Role(
                role["name"],
                _id(role["tenant_id"]),
                _id(role["docking_event_id"]),
                _id(role["organization_id"]),
            )
            for role in fields["roles"]
        ),
        participations=tuple(
            Part(
                UUID(part["participation_id"]),
                UUID(part["docking_event_id"]),
                UUID(part["organization_id"]),
                part["head"],
            )
            for part in fields["participations"]
        ),
        organizations=tuple(UUID(each) for each in fields["organizations"]),
        scopes=None if scopes is None else frozenset(scopes),
        generation=fields["generation"],
    )
    return principal, datetime.fromisoformat(fields["signed_at"])


def _signature(answer: Mapping[str, Any], owner: str, key: bytes) -> str:
    message = owner.encode() + b"\0" + orjson.dumps(answer, option=orjson.OPT_SORT_KEYS)
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


class RegistrationPrincipals:
    """Asks registration over HTTP; gives the signed answer as it came."""

    def __init__(self, client: httpx.AsyncClient, path: str = "/v1/principal") -> None:
        """Take a client whose base URL is registration's."""
        self._client = client
        self._path = path

    async def __call__(self, token: str) -> Mapping[str, Any] | None:
        """Return the signed answer; None when the credential is nobody's.

        Raises:
            Unavailable: Registration does not answer, or not as promised.
        """
        headers = {"Authorization": f"Bearer {token}", **passed_on()}
        try:
            response = await self._client.get(self._path, headers=headers, timeout=ASK_S)
        except httpx.HTTPError as error:
            raise Unavailable("registration does not answer") from error
        if response.status_code == httpx.codes.UNAUTHORIZED:
            return None
        if response.status_code != httpx.codes.OK:
            raise Unavailable(f"registration answers {response.status_code}")
        answer: Mapping[str, Any] = orjson.loads(response.content)
        return answer


class CachedPrincipals(Principals):
    """Remembers what registration said for 60 s, and up to 15 min only while it is away.

    Sign-out and a change of roles reach us through `raise_generation`, or, when the cache
    lost that, after 60 s at most.
    """

    def __init__(self, cache: Cache, ask: Ask, verify_key: bytes, clock: Clock) -> None:
        """Take what it stands on.

        Args:
            cache: Where answers are kept, under the hash of the credential.
            ask: Resolves a credential at registration; raises `Unavailable` when that is
                away, returns None when the credential is nobody's.
            verify_key: The deployment's key for signatures.
            clock: Tells how old an answer is.
        """
        self._cache = cache
        self._ask = ask
        self._key = verify_key
        self._clock = clock
        # What was decoded from exactly these bytes under this credential: verifying and
        # building again would give the same, and costs more than everything else here.
        self._decoded: OrderedDict[str, tuple[bytes, Principal, datetime]] = OrderedDict()

    @override
    async def of(self, token: str) -> Principal | None:
        key = entry_key(token)
        remembered, signed_at, lowest = await self._remembered(key, token)
        now = self._clock.now()
        if remembered is not None and remembered.generation >= lowest:
            age = now - signed_at
            if timedelta(0) - FRESH <= age < FRESH:
                return remembered
        try:
            answer = await self._ask(token)
        except Unavailable:
            if (
                remembered is not None
                and remembered.generation >= lowest
                and abs(now - signed_at) < STALE
            ):
                return _stale(remembered)
            raise
        if answer is None:
            await self._cache.delete(key)
            return None
        result = opened(answer, token, self._key)
        if result is None:
            raise Unavailable("registration's answer is not signed with the deployment's key")
        await self._cache.set(key, orjson.dumps(answer), STALE.total_seconds())
        return result[0]

    async def _remembered(self, key: str, token: str) -> tuple[Principal | None, datetime, int]:
        """Return what the cache holds, when it was signed, and the lowest generation."""
        known = self._decoded.get(key)
        if known is not None:
            # The account is known, so entry and generation come in one round trip.
            entry, lowest = await self._cache.get_many([key, generation_key(known[1].account_id)])
        else:
            entry, lowest = await self._cache.get(key), None
        if entry is None:
            self._decoded.pop(key, None)
            return None, self._clock.now(), 0
        if known is None or known[0] != entry:
            result = _decoded(entry, token, self._key)
            if result is None:
                return None, self._clock.now(), 0
            known = (entry, *result)
            lowest = await self._cache.get(generation_key(known[1].account_id))
            self._decoded[key] = known
            if len(self._decoded) > MOST_DECODED:
                self._decoded.popitem(last=False)
        return known[1], known[2], _number(lowest)


async def raise_generation(cache: Cache, account_id: UUID, generation: int) -> None:
    """Make every remembered principal of an account below this generation be asked again.

    Registration calls it after the commit that raised the generation.
    """
    key = generation_key(account_id)
    await cache.set(key, str(generation).encode(), 2 * STALE.total_seconds())


def _decoded(entry: bytes, token: str, key: bytes) -> tuple[Principal, datetime] | None:
    """Open a cache entry; None for whatever is not one: the cache is not trusted."""
    try:
        return opened(orjson.loads(entry), token, key)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _stale(principal: Principal) -> Principal:
    return replace(principal, stale=True)


def _number(text: bytes | None) -> int:
    return int(text) if text is not None and text.isdigit() else 0
