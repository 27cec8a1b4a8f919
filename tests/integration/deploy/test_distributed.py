"""The distributed Techdock behind its gateway, as its containers run it."""

import httpx
import pytest
from support.servers import Distributed, distributed

pytestmark = pytest.mark.kafka

SERVICES = ("registration", "matching", "reporting")


@pytest.fixture
def running() -> Distributed:
    return distributed()


async def test_every_program_is_ready_behind_the_gateway(running: Distributed) -> None:
    async with httpx.AsyncClient(base_url=running.url) as client:
        for path in ["/health/ready", *(f"/api/{service}/health/ready" for service in SERVICES)]:
            answer = await client.get(path)
            assert answer.json() == {"status": "ready", "failing": []}, path
        for service in SERVICES:
            document = (await client.get(f"/api/{service}/openapi.json")).json()
            assert document["openapi"].startswith("3.1"), service


async def test_every_service_knows_the_administrator_by_the_token(running: Distributed) -> None:
    headers = {"Authorization": f"Bearer {running.token()}"}
    async with httpx.AsyncClient(base_url=running.url, headers=headers) as client:
        me = (await client.get("/api/registration/v1/me")).json()
        assert [role["name"] for role in me["roles"]] == ["administrator"]
        for service in SERVICES:
            answer = await client.get(f"/api/{service}/v1/dead-letters")
            assert answer.json()["items"] == [], service
            client.headers.pop("Authorization")
            assert (await client.get(f"/api/{service}/v1/dead-letters")).status_code == 401
            client.headers.update(headers)


async def test_a_service_that_was_killed_comes_back(running: Distributed) -> None:
    async with httpx.AsyncClient(base_url=running.url) as client:
        running.kill("reporting")
        running.start("reporting")
        assert (await client.get("/api/reporting/v1/indicators")).status_code == 200
