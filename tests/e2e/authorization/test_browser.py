"""What a browser is told and made to do: cookies, headers, other sites, and how often one asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest
from support.authorization import World
from support.inside import URL, Direct
from support.waiting import until
from techdock_shared.http.rate import Rate, Rates

pytestmark = pytest.mark.asyncio(loop_scope="session")

COOKIE = "__Host-techdock_session"
FOREIGN = "https://elsewhere.example"


def browser(world: World, address: str = "127.0.0.1", **cookies: str) -> httpx.AsyncClient:
    transport = Direct(world.inside.techdock.app, address)
    return httpx.AsyncClient(transport=transport, base_url=URL, cookies=cookies, timeout=60)


async def signed_in(world: World) -> tuple[httpx.AsyncClient, httpx.Response]:
    """A browser that has redeemed a sign-in link, and the answer that signed it in."""
    me = await world.client("analyst").get("registration/v1/me")
    await world.client("analyst").post("registration/v1/sign-in-links", {"email": me["email"]})

    async def link() -> str | None:
        mails = world.inside.administrator.every("registration/v1/mails", to=me["email"])
        return next((m["ticket"] for m in [m async for m in mails] if m["ticket"]), None)

    ticket = await until("a sign-in link", link)
    reader = browser(world)
    for _ in range(2):  # a mail scanner looks at the link and does not use it up
        shown = await reader.get(f"/sign-in/{ticket}")
        assert shown.status_code == 200
        assert "set-cookie" not in shown.headers or COOKIE not in shown.headers["set-cookie"]
    redeemed = await reader.post(f"/sign-in/{ticket}", headers={"Sec-Fetch-Site": "same-origin"})
    again = await reader.post(f"/sign-in/{ticket}", headers={"Sec-Fetch-Site": "same-origin"})
    assert again.status_code == 410
    return reader, redeemed


async def test_the_session_cookie_is_for_this_host_and_no_script(world: World) -> None:
    reader, redeemed = await signed_in(world)
    cookie = next(c for c in redeemed.headers.get_list("set-cookie") if c.startswith(COOKIE))
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
    assert not [part for part in parts if part.startswith("domain")]
    assert (await reader.get("/ministry")).status_code == 200

    out = await reader.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})
    gone = next(c for c in out.headers.get_list("set-cookie") if c.startswith(COOKIE))
    assert "max-age=0" in gone.lower()


SITES = [
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": URL}, False),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Origin": FOREIGN}, False),
    ({"Origin": "null"}, False),
    ({"Origin": f"{FOREIGN}/?techdock.example"}, False),
    ({"Origin": URL}, True),
    ({}, False),
]


@pytest.mark.parametrize(("headers", "taken"), SITES)
@pytest.mark.parametrize("name", [COOKIE, "techdock_session"])
async def test_another_site_changes_nothing_with_the_session(
    world: World, name: str, headers: dict[str, str], taken: bool
) -> None:
    token = world.tokens["analyst"] or ""
    path = "/api/registration/v1/me/consents"
    body = {"purpose": "cross_border", "text_version": uuid4().hex, "given": True}
    sent = {**headers, "Idempotency-Key": str(uuid4()), "Cookie": f"{name}={token}"}
    async with browser(world) as reader:
        answer = await reader.post(path, json=body, headers=sent)
        assert answer.status_code == (201 if taken else 403)
        if not taken:
            assert answer.json()["code"] == "cross_site"
    kept = await world.client("analyst").get("registration/v1/me/consents")
    assert (body["text_version"] in str(kept)) is taken


async def test_a_bearer_token_needs_no_origin_and_reading_is_free(world: World) -> None:
    token = world.tokens["analyst"]
    async with browser(world) as reader:
        headers = {"Authorization": f"Bearer {token}", "Sec-Fetch-Site": "cross-site"}
        body = {"purpose": "cross_border", "text_version": "1", "given": True}
        sent = {**headers, "Idempotency-Key": str(uuid4())}
        answer = await reader.post("/api/registration/v1/me/consents", json=body, headers=sent)
        assert answer.status_code == 201
        cookie = {"Cookie": f"{COOKIE}={token}", "Sec-Fetch-Site": "cross-site"}
        assert (await reader.get("/api/registration/v1/me", headers=cookie)).status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/password", "/sign-out", "/sign-in/ticket"])
async def test_another_site_sends_no_form_of_ours(world: World, path: str) -> None:
    async with browser(world) as reader:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": FOREIGN}):
            answer = await reader.post(path, data={"email": "a@b.example"}, headers=headers)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers


HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/registration/v1/codes/country", 200),
        ("/api/registration/v1/me", 401),
        ("/api/matching/v1/nothing", 404),
        ("/api/registration/v1/codes/%00", 422),
        ("/api/reporting/v1/indicators", 200),
        ("/docking-events", 200),
        ("/nothing", 404),
        ("/ministry", 303),
        ("/sign-in", 200),
    ],
)
async def test_every_answer_carries_the_headers_that_protect_its_reader(
    world: World, path: str, status: int
) -> None:
    async with browser(world) as reader:
        answer = await reader.get(path)
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'" if "/api/" in path else "default-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers


@contextmanager
def limited(world: World, rates: Rates) -> Iterator[None]:
    """Let registration limit how often somebody asks."""
    state = world.inside.techdock.services["registration"].http.state
    before, state.rates = state.rates, rates
    try:
        yield
    finally:
        state.rates = before


FEW = Rate(per_s=0.01, burst=3)


async def statuses(reader: httpx.AsyncClient, path: str, **headers: str) -> list[httpx.Response]:
    return [await reader.get(path, headers=headers) for _ in range(5)]


async def test_who_asks_too_often_is_told_when_to_come_back(world: World) -> None:
    token = world.tokens["other_analyst"]
    with limited(world, Rates(principal=FEW, address=None)):
        async with browser(world) as reader:
            answers = await statuses(
                reader, "/api/registration/v1/me", Authorization=f"Bearer {token}"
            )
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["code"] == "too_many"
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_stranger_is_limited_by_address(world: World) -> None:
    path = "/api/registration/v1/codes/country"
    with limited(world, Rates(principal=None, address=FEW)):
        async with browser(world, "11.0.0.7") as one, browser(world, "11.0.0.8") as other:
            # A stranger who claims to speak for others is still the stranger.
            answers = await statuses(one, path, X_Forwarded_For="11.0.0.9")
            assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
            assert int(answers[-1].headers["retry-after"]) >= 1
            assert (await other.get(path)).status_code == 200


async def test_guessing_a_password_on_the_page_is_limited_by_the_guesser(world: World) -> None:
    form = {"email": "analyst@story.example", "password": "guess"}
    headers = {"Sec-Fetch-Site": "same-origin"}
    with limited(world, Rates(principal=None, address=FEW)):
        async with browser(world, "11.0.0.10") as guesser, browser(world, "11.0.0.11") as other:
            tried = [
                await guesser.post("/sign-in/password", data=form, headers=headers)
                for _ in range(5)
            ]
            others = await other.post("/sign-in/password", data=form, headers=headers)
    assert [answer.status_code for answer in tried] == [401, 401, 401, 429, 429]
    assert others.status_code == 401
