"""Principals from registration, remembered for a minute, never believed without a signature."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.clock import FrozenClock
from support.correlation import correlated
from support.http import ACCOUNT, DOCKING_EVENT, TENANT, a_principal
from techdock_shared.cache.redis import RedisCache, open_cache, open_fake_cache
from techdock_shared.errors import Unavailable
from techdock_shared.http.principal import Part, Principal, Role
from techdock_shared.http.principals import (
    CachedPrincipals,
    RegistrationPrincipals,
    entry_key,
    opened,
    raise_generation,
    sign,
)

KEY = b"the key of this deployment"
TOKEN = "td_a-token"


class Registration:
    """Registration as others see it: answers, refuses, or is away."""

    def __init__(self, clock: FrozenClock) -> None:
        self.clock = clock
        self.principal: Principal | None = a_principal(roles=(Role("organizer", TENANT),))
        self.key = KEY
        self.away = False
        self.asked = 0

    async def __call__(self, token: str) -> Mapping[str, Any] | None:
        self.asked += 1
        if self.away:
            raise Unavailable("away")
        if self.principal is None:
            return None
        return sign(self.principal, token, self.clock.time, self.key)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def registration(clock: FrozenClock) -> Registration:
    return Registration(clock)


@pytest.fixture
async def cache() -> Any:
    cache = open_fake_cache()
    yield cache
    await cache.close()


@pytest.fixture
def principals(
    cache: RedisCache, registration: Registration, clock: FrozenClock
) -> CachedPrincipals:
    return CachedPrincipals(cache, registration, KEY, clock)


async def test_registration_is_asked_once_a_minute(
    principals: CachedPrincipals, registration: Registration, clock: FrozenClock
) -> None:
    for _ in range(3):
        assert await principals.of(TOKEN) == registration.principal
    clock.time += timedelta(seconds=59)
    await principals.of(TOKEN)
    assert registration.asked == 1

    clock.time += timedelta(seconds=2)
    await principals.of(TOKEN)
    assert registration.asked == 2


async def test_a_credential_of_nobody_is_not_remembered_as_somebody(
    principals: CachedPrincipals, registration: Registration, clock: FrozenClock
) -> None:
    await principals.of(TOKEN)
    registration.principal = None
    clock.time += timedelta(seconds=61)

    assert await principals.of(TOKEN) is None
    registration.away = True
    with pytest.raises(Unavailable):
        await principals.of(TOKEN)


async def test_the_worst_staleness_is_60_s(
    principals: CachedPrincipals, registration: Registration, clock: FrozenClock
) -> None:
    old = await principals.of(TOKEN)
    registration.principal = a_principal(roles=(), generation=1)

    clock.time += timedelta(seconds=59)
    assert await principals.of(TOKEN) == old
    clock.time += timedelta(seconds=1)
    assert await principals.of(TOKEN) == registration.principal


async def test_a_raised_generation_is_seen_at_once(
    principals: CachedPrincipals, registration: Registration, cache: RedisCache
) -> None:
    await principals.of(TOKEN)
    registration.principal = a_principal(roles=(), generation=1)

    await raise_generation(cache, ACCOUNT, 1)

    assert await principals.of(TOKEN) == registration.principal
    await principals.of(TOKEN)
    assert registration.asked == 2


async def test_a_process_that_never_saw_the_account_sees_the_generation_too(
    principals: CachedPrincipals,
    registration: Registration,
    cache: RedisCache,
    clock: FrozenClock,
) -> None:
    await principals.of(TOKEN)
    registration.principal = None
    await raise_generation(cache, ACCOUNT, 1)

    assert await CachedPrincipals(cache, registration, KEY, clock).of(TOKEN) is None


async def test_while_registration_is_away_the_old_answer_serves_for_15_minutes(
    principals: CachedPrincipals, registration: Registration, clock: FrozenClock
) -> None:
    fresh = await principals.of(TOKEN)
    registration.away = True

    clock.time += timedelta(minutes=14, seconds=59)
    stale = await principals.of(TOKEN)
    assert fresh is not None
    assert stale is not None
    assert (fresh.stale, stale.stale) == (False, True)
    assert stale.roles == fresh.roles

    clock.time += timedelta(seconds=2)
    with pytest.raises(Unavailable):
        await principals.of(TOKEN)


async def test_a_raised_generation_ends_the_old_answer_also_while_registration_is_away(
    principals: CachedPrincipals,
    registration: Registration,
    cache: RedisCache,
) -> None:
    await principals.of(TOKEN)
    registration.away = True
    await raise_generation(cache, ACCOUNT, 1)
    with pytest.raises(Unavailable):
        await principals.of(TOKEN)


async def test_a_clock_that_goes_back_does_not_make_an_answer_fresh(
    principals: CachedPrincipals, registration: Registration, clock: FrozenClock
) -> None:
    await principals.of(TOKEN)
    clock.time -= timedelta(days=400)
    await principals.of(TOKEN)
    assert registration.asked == 2
    registration.away = True
    clock.time -= timedelta(days=400)
    with pytest.raises(Unavailable):
        await principals.of(TOKEN)


async def test_what_others_write_into_the_cache_is_not_believed(
    principals: CachedPrincipals,
    registration: Registration,
    cache: RedisCache,
    clock: FrozenClock,
) -> None:
    evil = a_principal(roles=(Role("administrator"),))
    forged = orjson.dumps(sign(evil, TOKEN, clock.time, b"another key"))
    moved = orjson.dumps(sign(evil, "another token", clock.time, KEY))
    changed = {**sign(a_principal(), TOKEN, clock.time, KEY), "generation": 99}

    for entry in (forged, moved, orjson.dumps(changed), b"{}", b"[]", b"null", b"", b"\xff"):
        await cache.set(entry_key(TOKEN), entry, 60)
        assert await principals.of(TOKEN) == registration.principal
    assert registration.asked == 8


async def test_an_answer_with_another_key_is_an_outage_and_not_a_person(
    principals: CachedPrincipals, registration: Registration
) -> None:
    registration.key = b"another key"
    with pytest.raises(Unavailable, match="not signed"):
        await principals.of(TOKEN)


async def test_without_a_cache_registration_is_asked_each_time(
    registration: Registration, clock: FrozenClock
) -> None:
    cache = open_cache("unix:///nowhere/cache.sock")
    principals = CachedPrincipals(cache, registration, KEY, clock)

    assert await principals.of(TOKEN) == registration.principal
    assert await principals.of(TOKEN) == registration.principal
    assert registration.asked == 2
    registration.away = True
    with pytest.raises(Unavailable):
        await principals.of(TOKEN)
    await cache.close()


async def test_the_token_itself_is_nowhere_in_the_cache(
    principals: CachedPrincipals, cache: RedisCache
) -> None:
    await principals.of(TOKEN)
    for key in await cache.client.keys("*"):
        assert TOKEN.encode() not in key
        assert TOKEN.encode() not in (await cache.client.get(key) or b"")


roles = st.builds(
    Role,
    st.sampled_from(["administrator", "organizer", "analyst"]),
    st.none() | st.uuids(),
    st.none() | st.uuids(),
    st.none() | st.uuids(),
)
parts = st.builds(Part, st.uuids(), st.uuids(), st.uuids(), st.booleans())
principals_ = st.builds(
    Principal,
    account_id=st.uuids(),
    person_id=st.uuids(),
    language=st.sampled_from(["zh-Hans", "en", "ru", "ar"]),
    roles=st.lists(roles, max_size=3).map(tuple),
    participations=st.lists(parts, max_size=3).map(tuple),
    organizations=st.lists(st.uuids(), max_size=3).map(tuple),
    scopes=st.none() | st.frozensets(st.sampled_from(["read", "write"])),
    generation=st.integers(0, 10**9),
)


@given(principals_)
@settings(max_examples=200)
def test_what_is_signed_comes_back_the_same(principal: Principal) -> None:
    at = FrozenClock().time
    wire = orjson.loads(orjson.dumps(sign(principal, TOKEN, at, KEY)))
    assert opened(wire, TOKEN, KEY) == (principal, at)


async def test_registration_is_asked_over_http_with_the_credential_itself() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        match len(seen):
            case 1:
                return httpx.Response(200, json={"account_id": "x"})
            case 2:
                return httpx.Response(401)
            case 3:
                return httpx.Response(500)
            case _:
                raise httpx.ConnectError("refused")

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://registration") as client:
        ask = RegistrationPrincipals(client)
        assert await ask(TOKEN) == {"account_id": "x"}
        assert await ask(TOKEN) is None
        for _ in range(2):
            with pytest.raises(Unavailable):
                await ask(TOKEN)
    assert seen[0] == f"Bearer {TOKEN}"


def test_a_role_reaches_as_far_as_it_says() -> None:
    other = uuid4()
    whole = a_principal(roles=(Role("organizer", TENANT),))
    one = a_principal(roles=(Role("organizer", TENANT, DOCKING_EVENT),))
    analyst = a_principal(roles=(Role("analyst", TENANT),))

    assert whole.organizes(TENANT)
    assert whole.organizes(TENANT, DOCKING_EVENT)
    assert not whole.organizes(other)
    assert one.organizes(TENANT, DOCKING_EVENT)
    assert not one.organizes(TENANT)
    assert not one.organizes(TENANT, other)
    assert analyst.analyses(TENANT)
    assert not analyst.analyses(other)
    assert not analyst.organizes(TENANT)
    assert not whole.is_administrator


def test_a_part_is_the_persons_own() -> None:
    part = Part(uuid4(), DOCKING_EVENT, uuid4(), head=True)
    who = a_principal(participations=(part,), organizations=(part.organization_id,))

    assert who.takes_part_as(part.participation_id)
    assert who.in_docking_event(DOCKING_EVENT)
    assert who.participation_in(DOCKING_EVENT) == part
    assert who.participation_in(TENANT) is None
    assert who.acts_for(part.organization_id)
    assert not who.acts_for(uuid4())
    assert not who.takes_part_as(uuid4())


def test_frozen_roles_say_that_they_cannot_be_verified() -> None:
    who = a_principal(roles=(Role("organizer", TENANT),), stale=True, frozen=True)
    nobody = a_principal(stale=True, frozen=True)
    with pytest.raises(Unavailable):
        who.organizes(TENANT)
    assert not nobody.organizes(TENANT)


async def test_registration_is_asked_as_part_of_the_request() -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("x-request-id"))
        return httpx.Response(401)

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://registration") as client:
        ask, request_id = RegistrationPrincipals(client), uuid4()
        with correlated(request_id):
            await ask(TOKEN)
        await ask(TOKEN)

    assert seen == [str(request_id), None]
