"""Figures as they were known on a chosen day: the page, the downloads and the lists agree."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from support import portal_world as w
from support.portal_api import FakeApi
from techdock_portal.wiring import build

FIGURES = f"/organize/{w.DE}/figures"


class Listening(FakeApi):
    """Remembers what reporting was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[httpx.QueryParams] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if "/figures" in request.url.path:
            self.asked.append(request.url.params)
        return await super().handle_async_request(request)


@pytest.fixture
def api() -> Listening:
    return Listening()


def browser(api: Listening, who: str) -> httpx.AsyncClient:
    portal = build(api, api, api, public_url="http://testserver")
    cookies = {"techdock_session": who, "techdock_language": "en"}
    transport = httpx.ASGITransport(portal)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", cookies=cookies)


@pytest.fixture
async def organizer(api: Listening) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(api, "organizer") as client:
        yield client


@pytest.fixture
async def analyst(api: Listening) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(api, "analyst") as client:
        yield client


PLACES = [FIGURES, f"{FIGURES}.csv", f"{FIGURES}/MEETINGS_HELD"]


@pytest.mark.parametrize("place", PLACES)
async def test_a_day_means_its_end(
    organizer: httpx.AsyncClient, api: Listening, place: str
) -> None:
    await organizer.get(place, params={"as_of": "2027-04-20", "as_known": "2025-05-01"})
    asked = api.asked[-1]
    assert (asked["as_of"], asked["as_known"]) == ("2027-04-20", "2025-05-01T23:59:59Z")


@pytest.mark.parametrize("place", PLACES)
async def test_today_means_now_because_its_end_lies_ahead(
    organizer: httpx.AsyncClient, api: Listening, place: str
) -> None:
    await organizer.get(place, params={"as_known": datetime.now(UTC).date().isoformat()})
    assert "as_known" not in api.asked[-1]


async def test_what_is_hidden_says_so_once(analyst: httpx.AsyncClient) -> None:
    page = (await analyst.get("/ministry")).text
    assert ">[c]</abbr>" in page
    assert "[[c]]" not in page


async def test_the_list_behind_a_figure_is_of_the_same_day(
    organizer: httpx.AsyncClient,
) -> None:
    page = await organizer.get(FIGURES, params={"as_of": "2027-04-20"})
    assert "/figures/MEETINGS_HELD?as_of=2027-04-20&amp;as_known=" in page.text
