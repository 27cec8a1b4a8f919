"""Whom the services see behind the portal of the embedded program: the visitor, not the portal."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from techdock_embedded.compose import Techdock, running
from techdock_embedded.folder import Folder
from techdock_shared.http.rate import Rate, Rates

ORIGIN = "http://techdock.test"


@pytest.fixture
async def techdock(tmp_path: Path) -> AsyncIterator[Techdock]:
    folder = Folder(tmp_path / "data")
    with folder.taken():
        async with running(folder, public_url=ORIGIN) as made:
            yield made


async def ask_for_links(techdock: Techdock, address: str, times: int, **headers: str) -> list[int]:
    transport = httpx.ASGITransport(techdock.app, client=(address, 40_000))
    headers = {"sec-fetch-site": "same-origin", **headers}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as browser:
        form = {"email": "nobody@x.example"}
        return [(await browser.post("/sign-in", data=form)).status_code for _ in range(times)]


async def test_strangers_do_not_share_one_bucket_behind_the_portal(techdock: Techdock) -> None:
    techdock.services["registration"].http.state.rates = Rates(address=Rate(per_s=0.01, burst=2))
    assert await ask_for_links(techdock, "11.0.0.7", 3) == [200, 200, 429]
    assert await ask_for_links(techdock, "11.0.0.8", 1) == [200]


async def test_a_visitor_cannot_choose_an_address(techdock: Techdock) -> None:
    techdock.services["registration"].http.state.rates = Rates(address=Rate(per_s=0.01, burst=2))
    asked = [
        (await ask_for_links(techdock, "11.0.0.7", 1, **{"x-forwarded-for": f"198.51.100.{n}"}))[0]
        for n in range(3)
    ]
    assert asked == [200, 200, 429]
