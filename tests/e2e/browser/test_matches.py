"""A list of matches at the browser: it comes alive by itself, and learns from its reader."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import Desk, chromium
from support.story import Story, text
from techdock_embedded.client import Client

from tests.e2e.conftest import Program

pytestmark = pytest.mark.browser
PATIENCE_MS = 40_000
T = TypeVar("T")
PHONE = 320


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


OFFERS = {
    "pump": ("Солнечный насос для капельного полива солоноватой водой", 3),
    "lines": ("Капельный полив солоноватой водой: линии для хлопка", 8),
}


@contextmanager
def asking(program: Program) -> Iterator[Callable[[Callable[[Client], Awaitable[T]]], T]]:
    """Give what asks the interface beside the browser, which keeps the loop of this thread."""

    async def ask(do: Callable[[Client], Awaitable[T]]) -> T:
        async with httpx.AsyncClient(base_url=program.url, timeout=30) as http:
            return await do(Client(http, program.token))

    with ThreadPoolExecutor(1) as thread:
        yield lambda do: thread.submit(lambda: asyncio.run(ask(do))).result()


async def begin(administrator: Client) -> Story:
    """A docking event with one need and the first of two offers."""
    story = Story(administrator)
    await story.open_tenant()
    await story.open_docking_event()
    for who, country in (("asker", "KZ"), ("maker", "CN"), ("rival", "CN")):
        await story.take_part(who, country, "ru", zone="Asia/Urumqi")
    title = "Капельный полив солоноватой водой для хлопка"
    texts = {"title": text("ru", ru=title), "summary": text("ru", ru=title)}
    await story.publish_profile("need", "asker", "need", texts=texts)
    await offer(story, "pump", "maker")
    await story.see_each_other("need", "asker", "pump", within_s=40)
    return story


async def offer(story: Story, name: str, who: str) -> None:
    words, stage = OFFERS[name]
    texts = {
        "title": text("ru", ru=words, en=f"In English: {name}"),
        "summary": text("ru", ru=f"{words}."),
    }
    await story.publish_profile(name, who, "offer", texts=texts, trl=stage, technology_field=29)


def cards(page: Page) -> list[str]:
    return [card.inner_text() for card in page.locator("article.td-match h2").all()]


def test_a_list_changes_under_its_reader_and_learns_from_them(
    browser: Browser, techdock: Program
) -> None:
    with asking(techdock) as ask:
        story = ask(begin)
        desk = Desk(browser, techdock.url, "en")
        desk.carry(str(story.people["asker"].token))
        address = (
            f"/docking-events/{story.docking_event['id']}/matches"
            f"?profile={story.profiles['need']['id']}"
        )
        _comes_alive(desk, story, address, ask)
        _is_saved(desk)
        _is_dismissed_and_comes_back(desk, browser, techdock, address)
        assert desk.page.evaluate("window.notReloaded") is True
        assert desk.said == []
        desk.close()


def _comes_alive(desk: Desk, story: Story, address: str, ask: Callable[..., Any]) -> None:
    """Another offer is published: it is there without a reload, with its reasons."""
    page = desk.page
    assert desk.open(address) == 200
    page.evaluate("window.notReloaded = true")
    expect(page.locator("article.td-match")).to_have_count(1)

    async def publish(client: Client) -> None:
        story.people["rival"] = client.signed_in(story.people["rival"].token)
        await offer(story, "lines", "rival")

    ask(publish)
    expect(page.locator("article.td-match")).to_have_count(2, timeout=PATIENCE_MS)
    expect(page.locator("article.td-match .td-fit").last).to_be_visible(timeout=PATIENCE_MS)
    assert {"In English: pump", "In English: lines"} == set(cards(page))


def _is_saved(desk: Desk) -> None:
    """Saving is said, shows what it did, and is taken back."""
    page = desk.page
    page.locator("form[action$='/save'] button").first.click()
    expect(page.locator("#kept-unsave")).to_be_visible()
    assert page.locator("#list .td-said").count() == 1
    expect(page.locator(".td-learnt").first).to_be_visible(timeout=PATIENCE_MS)
    assert desk.faults(PHONE) == []
    desk.shoot("matches-taught.en")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator("#kept-unsave button").click()
    expect(page.locator("#kept-unsave")).to_have_count(0)


def _is_dismissed_and_comes_back(
    desk: Desk, browser: Browser, program: Program, address: str
) -> None:
    """Dismissing asks for the reason; what is undone in another window is seen in the first."""
    page = desk.page
    card = page.locator("article.td-match", has_text="In English: pump")
    card.locator("summary", has_text="Do not show").click()
    card.locator("button[value=too_early]").click()
    expect(page.locator("article.td-match")).to_have_count(1)
    elsewhere = Desk(browser, program.url, "ar")
    elsewhere.carry(next(c["value"] for c in page.context.cookies() if "session" in c["name"]))
    elsewhere.open(address)
    elsewhere.page.locator("#kept-restore > summary").click()
    assert elsewhere.faults(PHONE) == []
    elsewhere.page.locator("#kept-restore form button").click()
    expect(page.locator("article.td-match")).to_have_count(2, timeout=PATIENCE_MS)
    elsewhere.close()


def test_without_scripts_a_list_is_taught_all_the_same(browser: Browser, techdock: Program) -> None:
    with asking(techdock) as ask:
        story = ask(begin)
    session = str(story.people["asker"].token)
    context = browser.new_context(base_url=techdock.url, java_script_enabled=False)
    context.add_cookies([
        {"name": "techdock_session", "value": session, "url": techdock.url},
        {"name": "techdock_language", "value": "en", "url": techdock.url},
    ])  # fmt: skip
    page = context.new_page()
    page.goto(f"/docking-events/{story.docking_event['id']}/matches")
    page.locator("form[action$='/save'] button").click()
    assert page.locator("main .td-said").count() == 1
    page.locator(".td-dismiss summary").click()
    page.locator(".td-dismiss button[value=known]").click()
    assert page.locator("article.td-match").count() == 0
    page.locator("#kept-restore > summary").click()
    page.locator("#kept-restore form button").click()
    assert page.locator("article.td-match").count() == 1
    context.close()
