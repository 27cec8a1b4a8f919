"""The story in real Chromium, in four languages; every page on its way is judged on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from support.browser import Desk, chromium
from support.browser_looking import boards, look_first
from support.browser_plan import propose, weigh
from support.browser_story import Tale
from techdock_portal.i18n import LANGUAGES

from tests.e2e.conftest import Program

pytestmark = pytest.mark.browser
FIRST_PAGE_BYTES = 100 * 1024


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_story_at_the_browser(browser: Browser, techdock: Program, language: str) -> None:
    tale = Tale(browser, techdock.url, techdock.token, language)
    tale.open_tenant()
    tale.sign_in("organizer")
    tale.open_docking_event()
    tale.add_venue_and_session()
    tale.move(times=2)
    tale.import_rows()
    tale.enter("need", "KZ", venue=1)
    tale.enter("offer", "CN", venue=0)
    for who in ("need", "offer", "analyst"):
        tale.sign_in(who)
    tale.visit("need", f"{tale.event}/matches", "no-matches")
    tale.publish("need", "need")
    tale.publish("offer", "offer")
    weigh(tale)
    tale.ask()
    tale.accept()
    tale.plan()
    tale.read_timetable()
    look_first(tale)
    boards(tale)
    tale.move()
    tale.run_the_day()
    tale.report_outcome()
    tale.move(times=2)
    tale.read_figures()
    for who, path, name in (
        ("need", f"{tale.event}/participation", "participation"),
        ("need", f"{tale.event}/profiles", "profiles"),
        ("need", "/me", "me"),
        ("need", "/me/mails", "my-mails"),
        ("organizer", tale.organize, "readiness"),
        ("organizer", f"{tale.organize}/mails", "mails"),
        ("organizer", f"{tale.organize}/figures/MEETINGS_HELD", "behind"),
    ):
        tale.visit(who, path, name)
    tale.visit("need", tale.organize, "not-mine", 404)
    tale.visit("need", tale.event, "docking-event")
    foreign = [url for desk in tale.desks.values() for url in desk.foreign]
    for desk in tale.desks.values():
        desk.close()
    assert tale.faults == []
    assert foreign == []


def test_two_times_yes_to_what_the_organizer_proposes(browser: Browser, techdock: Program) -> None:
    tale = Tale(browser, techdock.url, techdock.token, "ar")
    tale.open_tenant()
    tale.sign_in("organizer")
    tale.open_docking_event()
    tale.add_venue_and_session()
    tale.move(times=2)
    tale.enter("need", "KZ", venue=1)
    tale.enter("offer", "CN", venue=0)
    for who in ("need", "offer"):
        tale.sign_in(who)
    tale.publish("need", "need")
    tale.publish("offer", "offer")
    tale.until("both lists", lambda: _ranked(tale))
    propose(tale)
    for desk in tale.desks.values():
        desk.close()
    assert tale.faults == []


def _ranked(tale: Tale) -> bool:
    desk = tale.desks["need"]
    desk.open(f"{tale.event}/matches")
    return desk.page.locator("article.td-match").count() > 0


def test_the_first_page_weighs_less_than_100_kib(browser: Browser, techdock: Program) -> None:
    desk = Desk(browser, techdock.url, "ru")
    sizes: dict[str, int] = {}
    desk.page.on("requestfinished", lambda r: sizes.update({r.url: r.sizes()["responseBodySize"]}))
    desk.open("/docking-events")
    desk.page.evaluate("document.fonts.ready.then(() => 1)")
    desk.page.wait_for_load_state("networkidle")
    desk.close()
    assert sum(sizes.values()) < FIRST_PAGE_BYTES, sizes


def test_pages_work_without_javascript(browser: Browser, techdock: Program) -> None:
    context = browser.new_context(base_url=techdock.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/docking-events?language=ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.goto("/sign-in")
    page.fill("#email", "nobody@nowhere.example")
    page.click("form[action='/sign-in'] button[type=submit]")
    assert page.locator("h1").inner_text() == "انظر في بريدك"
    context.close()
