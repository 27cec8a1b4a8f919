"""A real Chromium, and what it must not find on any page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
AXE = ROOT / "services/portal/assets/node_modules/axe-core/axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHOTS = Path(os.environ.get("TECHDOCK_TEST_SHOTS", ROOT / "build" / "screenshots"))

# A box that hides what overflows it, unless it scrolls: axe does not see clipped text.
CLIPPED = """[...document.querySelectorAll("main *, header *, footer *")]
  .filter((box) => !["INPUT", "TEXTAREA", "SELECT"].includes(box.tagName))
  .filter((box) => {
    const style = getComputedStyle(box);
    return !box.closest("svg, .td-fold thead, .visually-hidden, summary")
      && ["hidden", "clip"].includes(style.overflowX)
      && box.clientWidth > 1 && box.scrollWidth > box.clientWidth + 1;
  }).map((box) => box.className || box.tagName)"""
TOO_WIDE = """[...document.querySelectorAll("body *")].filter((box) => {
    const edge = box.getBoundingClientRect();
    return (edge.right > innerWidth + 1 || edge.left < -1) && !box.closest(".td-scroll");
  }).slice(0, 5).map((box) => `${box.tagName}.${box.className}`)"""
UNFOLD = (
    "document.querySelectorAll('details:not(.td-menu)').forEach((fold) => { fold.open = true; })"
)


def executable() -> str:
    """The Chromium of this machine; without one the test is skipped by name."""
    named = os.environ.get("TECHDOCK_TEST_CHROMIUM")
    found = named or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium: install one, or name it in TECHDOCK_TEST_CHROMIUM")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that loads nothing from anywhere but the pages."""
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


class Desk:
    """One person at one browser; what the console says against a page is collected.

    Attributes:
        page: The tab.
        said: Errors, warnings of the console and violations of the content policy.
    """

    def __init__(self, browser: Browser, url: str, language: str, *, width: int = 1280) -> None:
        self.url = url
        self.said: list[str] = []
        self.foreign: list[str] = []
        self._context = browser.new_context(
            base_url=url,
            viewport={"width": width, "height": 900},
            timezone_id="Europe/Lisbon",
            reduced_motion="reduce",
        )
        self._context.add_cookies([{"name": "techdock_language", "value": language, "url": url}])
        self.page: Page = self._context.new_page()
        self.page.on("console", lambda m: self._hear(m.type, m.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda r: self._outside(r.url))

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(f"status of {n}" in text for n in (404, 409)):
            self.said.append(text)

    def _outside(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.foreign.append(url)

    def carry(self, session: str) -> None:
        """Sign in with a session that exists already."""
        cookie = {"name": "techdock_session", "value": session, "url": self.url}
        self._context.add_cookies([cookie])

    def open(self, path: str) -> int:
        """Go to a page; returns its status."""
        answer = self.page.goto(path)
        assert answer is not None
        return answer.status

    def press(self, selector: str) -> None:
        """Press a button that sends a form, and wait for the page behind it."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def shoot(self, name: str) -> None:
        """Keep a picture of the page as a test artefact."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        path = SHOTS / f"{name}.jpeg"
        self.page.screenshot(path=path, full_page=True, type="jpeg", quality=70)

    def faults(self, width: int, *, axe: bool = True) -> list[str]:
        """What is wrong with the present page at a width, with every fold open."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.evaluate("document.fonts.ready.then(() => 1)")
        self.page.evaluate(UNFOLD)
        found: list[str] = []
        if self.page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"wider than {width} px: {self.page.evaluate(TOO_WIDE)}")
        if clipped := self.page.evaluate(CLIPPED):
            found.append(f"clipped text: {clipped}")
        if axe:
            found += self._axe()
        found += self.said
        self.said.clear()
        return found

    def _axe(self) -> list[str]:
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result = self.page.evaluate("(rules) => axe.run(document, { runOnly: rules })", RULES)
        return [
            f"{hit['id']}: {[' '.join(map(str, node['target'])) for node in hit['nodes'][:3]]}"
            for hit in result["violations"]
        ]

    def close(self) -> None:
        """Leave."""
        self._context.close()
