"""Coming in: nobody gets in twice with one key, and nobody learns who has an account."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from support.caches import cache_on, own_valkey
from support.registration import Person, World, problem
from techdock_registration.adapters import tables
from techdock_registration.app import sign_in
from techdock_registration.wiring import asking
from techdock_shared.http.principals import opened
from techdock_shared.http.rate import TRIES, TRIES_S
from techdock_shared.sql.engine import reading

KEY = b"a deployment key of the tests...."


async def test_a_ticket_opens_one_session(world: World) -> None:
    await sign_in.create_administrator("admin@example.org", world.begin, world.clock)
    ticket = await sign_in.issue_sign_in_link("admin@example.org", world.begin, world.clock)

    session = await world.anybody.post("sessions", {"ticket": ticket})
    again = await world.anybody.call("POST", "sessions", {"ticket": ticket})

    assert problem(again, 401) == "unauthorized"
    me = await Person(world.client, session["token"]).get("me")
    assert (me["email"], me["roles"][0]["name"]) == ("admin@example.org", "administrator")


async def test_a_ticket_ends_after_fifteen_minutes(world: World) -> None:
    await sign_in.create_administrator("admin@example.org", world.begin, world.clock)
    ticket = await sign_in.issue_sign_in_link("admin@example.org", world.begin, world.clock)
    world.clock.time += timedelta(minutes=15)

    problem(await world.anybody.call("POST", "sessions", {"ticket": ticket}), 401)


async def test_the_same_request_sent_again_gets_the_same_session(world: World) -> None:
    await sign_in.create_administrator("admin@example.org", world.begin, world.clock)
    ticket = await sign_in.issue_sign_in_link("admin@example.org", world.begin, world.clock)

    first = await world.anybody.call("POST", "sessions", {"ticket": ticket}, key="k1")
    second = await world.anybody.call("POST", "sessions", {"ticket": ticket}, key="k1")

    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_asking_for_a_link_tells_nobody_who_has_an_account(world: World) -> None:
    admin = await world.administrator()

    known = await world.anybody.call("POST", "sign-in-links", {"email": "ADMIN@example.org "})
    unknown = await world.anybody.call("POST", "sign-in-links", {"email": "no@example.org"})

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert await world.deliver() == 1
    (mail,) = (await admin.get("mails", to="admin@example.org"))["items"]
    assert (mail["reason"], mail["kept"], mail["state"]) == ("sign_in_link", True, "sent")
    session = await world.anybody.post("sessions", {"ticket": mail["ticket"]})
    assert session["account"]["email"] == "admin@example.org"


async def test_secrets_are_nowhere_in_the_database(world: World) -> None:
    admin = await world.administrator()
    made = await admin.post("tokens", {"name": "program", "scopes": ["read"]})
    ticket = await sign_in.issue_sign_in_link("admin@example.org", world.begin, world.clock)

    async with reading(world.engine) as connection:
        for table in tables.metadata.sorted_tables:
            rows = repr((await connection.execute(select(table))).all())
            for secret in (admin.token, made["token"], ticket):
                assert secret not in rows, table.name


async def test_a_used_or_dead_link_is_forgotten_in_kept_mails(world: World) -> None:
    admin = await world.administrator()
    await world.anybody.post("sign-in-links", {"email": "admin@example.org"})
    await world.deliver()
    (mail,) = (await admin.get("mails"))["items"]
    await world.anybody.post("sessions", {"ticket": mail["ticket"]})

    (after,) = (await admin.get("mails"))["items"]

    assert after["ticket"] is None
    assert mail["ticket"] not in after["body"]
    await world.anybody.post("sign-in-links", {"email": "admin@example.org"})
    await world.deliver()
    world.clock.time += timedelta(minutes=16)
    await sign_in.sweep(world.begin, world.clock)
    assert all(m["ticket"] is None for m in (await admin.get("mails"))["items"])


async def test_signing_out_ends_the_session(world: World) -> None:
    admin = await world.administrator()

    assert (await admin.call("DELETE", "sessions/current")).status_code == 204

    assert problem(await admin.call("GET", "me"), 401) == "unauthorized"


async def test_a_session_ends_after_seven_days(world: World) -> None:
    admin = await world.administrator()
    world.clock.time += timedelta(days=7)

    problem(await admin.call("GET", "me"), 401)


async def test_a_password_signs_in_and_changing_it_ends_other_sessions(world: World) -> None:
    admin, other = await world.administrator(), await world.administrator()
    long, longer = "correct horse battery", "correct horse battery staple"
    assert problem(await admin.call("PUT", "me/password", {"password": "short"}), 422) == "invalid"
    assert (await admin.call("PUT", "me/password", {"password": long})).status_code == 204
    problem(await other.call("GET", "me"), 401)
    wrong = {"password": longer, "current": "a wrong one indeed"}
    problem(await admin.call("PUT", "me/password", wrong), 401)

    credentials = {"email": "Admin@example.org", "password": long}
    session = await world.anybody.post("sessions", credentials)
    for body in (
        {"email": "admin@example.org", "password": longer},
        {"email": "nobody@example.org", "password": long},
    ):
        refused = await world.anybody.call("POST", "sessions", body)
        assert "do not fit" in refused.json()["detail"]
    assert (await Person(world.client, session["token"]).get("me"))["has_password"]
    await admin.get("me")


@pytest.fixture(params=["a cache", "no cache"])
async def limited(
    request: pytest.FixtureRequest, world: World, tmp_path: Path
) -> AsyncIterator[World]:
    """Registration that counts tries in a cache, or by itself while the cache is away."""
    async with AsyncExitStack() as stack:
        cache = None
        if request.param == "a cache":
            valkey = await stack.enter_async_context(own_valkey(tmp_path / "run"))
            cache = await stack.enter_async_context(cache_on(valkey))
        world.service.http.state.cache = cache
        yield world


async def test_an_address_has_ten_tries_whether_it_is_known_or_not(limited: World) -> None:
    await limited.administrator()
    password = "a password that nobody has"

    for path, body, usual in (
        ("sessions", {"password": password}, 401),
        ("sign-in-links", {}, 202),
    ):
        answers = []
        for email in ("admin@example.org", "nobody@example.org"):
            tries = [
                await limited.anybody.call("POST", path, {**body, "email": email})
                for _ in range(TRIES)
            ]
            assert [answer.status_code for answer in tries] == [usual] * TRIES
            written = {**body, "email": f" {email.upper()}"}
            answers.append(await limited.anybody.call("POST", path, written))
        known, unknown = answers
        assert problem(known, 429) == problem(unknown, 429) == "too_many"
        assert known.json()["detail"] == unknown.json()["detail"]
        for answer in answers:
            assert 60 <= int(answer.headers["Retry-After"]) <= TRIES_S / TRIES
    other = await limited.anybody.call("POST", "sign-in-links", {"email": "other@example.org"})
    assert other.status_code == 202


async def test_a_token_does_what_its_scopes_say(world: World) -> None:
    admin = await world.administrator()
    made = await admin.post("tokens", {"name": "reader", "scopes": ["read"]})
    assert made["token"].startswith("td_")
    reader = Person(world.client, made["token"])

    await reader.get("me")
    problem(await reader.call("POST", "tokens", {"name": "x", "scopes": ["read"]}), 403)
    (listed,) = (await admin.get("tokens"))["items"]
    assert listed["beginning"] == made["token"][:8]
    assert "token" not in listed
    await admin.call("DELETE", f"tokens/{made['id']}")
    problem(await reader.call("GET", "me"), 401)


async def test_a_token_ends_on_its_day(world: World) -> None:
    admin = await world.administrator()
    tomorrow = (world.clock.now() + timedelta(days=1)).date().isoformat()
    made = await admin.post("tokens", {"name": "brief", "scopes": ["read"], "expires_on": tomorrow})
    brief = Person(world.client, made["token"])
    await brief.get("me")
    world.clock.time += timedelta(days=1)

    problem(await brief.call("GET", "me"), 401)


async def test_the_principal_is_signed_and_its_generation_rises(world: World) -> None:
    admin = await world.administrator()
    before = await admin.get("principal")

    verified = opened(before, admin.token, KEY)
    made = await admin.post("tokens", {"name": "t", "scopes": ["read"]})
    await admin.call("DELETE", f"tokens/{made['id']}")
    after = await admin.get("principal")

    assert verified
    assert verified[0].is_administrator
    assert opened(before, "another credential", KEY) is None
    assert after["generation"] == before["generation"] + 1
    assert await asking(world.engine, KEY, world.clock)("nobody's") is None


async def test_making_an_administrator_again_changes_nothing(world: World) -> None:
    first = await sign_in.create_administrator("a@example.org", world.begin, world.clock)
    again = await sign_in.create_administrator("A@example.org", world.begin, world.clock)

    assert first.id == again.id
    me = await (await world.sign_in("a@example.org")).get("me")
    assert len(me["roles"]) == 1
