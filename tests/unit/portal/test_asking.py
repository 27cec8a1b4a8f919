"""What the portal says about its visitor when it asks a service."""

import uuid

import httpx
import pytest
from support.portal_api import FakeApi
from techdock_portal.settings import Settings
from techdock_portal.wiring import build


def visitor(api: FakeApi, address: str) -> httpx.AsyncClient:
    app = build(api, api, api, public_url="http://testserver")
    transport = httpx.ASGITransport(app, client=(address, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://testserver")


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::7"])
async def test_services_are_told_the_address_of_the_visitor(api: FakeApi, address: str) -> None:
    async with visitor(api, address) as browser:
        await browser.get("/docking-events", headers={"x-forwarded-for": "198.51.100.1"})
    assert {sent["x-forwarded-for"] for *_, sent in api.sent} == {address}


async def test_one_id_goes_from_the_page_through_all_services(api: FakeApi) -> None:
    given = str(uuid.uuid4())
    async with visitor(api, "203.0.113.9") as browser:
        answer = await browser.get("/docking-events", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] == given
    assert {sent["x-request-id"] for *_, sent in api.sent} == {given}


def test_only_this_machine_is_believed_unless_the_operator_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Settings().gateways == "127.0.0.1"
    monkeypatch.setenv("TECHDOCK_PORTAL_GATEWAYS", "10.0.0.0/8")
    assert Settings().gateways == "10.0.0.0/8"
