# ruff: noqa: RUF001 - texts in two scripts
"""The story of one docking event at the browser: who does what on which page.

Fields are found by their names, so that the same story runs in every language.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
from playwright.sync_api import Browser

from support.browser import Desk

PATIENCE_S = 40.0
PHONE, DESKTOP = 320, 1280
TITLES = {
    "need": "Капельный полив солоноватой водой для садов без внешней сети",
    "offer": "Капельный полив солоноватой водой с питанием от солнечной панели",
}
SUMMARIES = {
    "need": "Ищем капельный полив, который не забивается при солоноватой воде, для сада 600 гектаров без внешней сети.",
    "offer": "Предлагаем капельный полив для солоноватой воды: узел питается от солнечной панели и не забивается два сезона.",
}


@dataclass
class Tale:
    """One docking event, from the opening to the figures.

    Attributes:
        url: Where Techdock answers.
        token: Of its administrator.
        language: In which everybody reads.
        faults: What was found on the pages that were looked at.
    """

    browser: Browser
    url: str
    token: str
    language: str
    tag: str = field(default_factory=lambda: uuid4().hex[:8])
    desks: dict[str, Desk] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    docking_event: str = ""
    ticket: str = ""

    def mail(self, who: str) -> str:
        return f"{who}.{self.tag}@story.example"

    @property
    def day(self) -> str:
        return datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()

    @property
    def event(self) -> str:
        return f"/docking-events/{self.docking_event}"

    @property
    def organize(self) -> str:
        return f"/organize/{self.docking_event}"

    def api(self, method: str, path: str, **more: object) -> httpx.Response:
        """Ask the interface as its administrator, for what no page of the story is about."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid4())}
        answer = httpx.request(
            method, f"{self.url}/api/registration/v1{path}", headers=headers, timeout=30, **more
        )  # type: ignore[arg-type]
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def until(self, what: str, look: Callable[[], object]) -> None:
        """Look again until it is so; fails naming what."""
        deadline = time.monotonic() + PATIENCE_S
        while not look():
            assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_S} s"

    def look(self, desk: Desk, name: str) -> None:
        """Judge the present page on a phone and keep its picture."""
        found = desk.faults(PHONE)
        desk.page.set_viewport_size({"width": DESKTOP, "height": 900})
        desk.shoot(f"{name}.{self.language}")
        self.faults += [f"{self.language} {name}: {fault}" for fault in found]

    def visit(self, who: str, path: str, name: str, status: int = 200) -> Desk:
        """Open a page, insist that it is there, and look at it."""
        desk = self.desks[who]
        assert desk.open(path) == status, f"{path}: {desk.page.inner_text('h1')}"
        self.look(desk, name)
        return desk

    # --- the steps --------------------------------------------------------------------------

    def open_tenant(self) -> None:
        names = {
            "original": "en",
            "versions": {"en": {"text": f"Centre {self.tag}", "status": "human"}},
        }
        body = {
            "code": f"b-{self.tag}",
            "names": names,
            "zone": "Asia/Shanghai",
            "languages": ["en"],
        }
        tenant = self.api("POST", "/tenants", json=body).json()
        for who, role in (("organizer", "organizer"), ("analyst", "analyst")):
            given = {"email": self.mail(who), "role": role, "language": self.language}
            self.api("POST", f"/tenants/{tenant['id']}/roles", json=given)

    def sign_in(self, who: str) -> Desk:
        """Ask for a link on the page, take it from the kept mails, press the button."""
        desk = self.desks[who] = Desk(self.browser, self.url, self.language)
        desk.open("/sign-in")
        desk.page.fill("#email", self.mail(who))
        desk.press("form[action='/sign-in'] button[type=submit]")
        tickets: list[str] = []

        def kept() -> list[str]:
            mails = self.api("GET", "/mails", params={"to": self.mail(who)}).json()["items"]
            tickets[:] = [mail["ticket"] for mail in mails if mail.get("ticket")]
            return tickets

        self.until(f"a link for {who}", kept)
        desk.open(f"/sign-in?ticket={tickets[0]}")
        self.look(desk, f"redeem-{who}")
        desk.press("main form button[type=submit]")
        assert "/sign-in" not in desk.page.url
        return desk

    def open_docking_event(self) -> None:
        desk = self.visit("organizer", "/organize/new", "new")
        page = desk.page
        page.fill("#code", f"SB-{self.tag}")
        page.fill(f"#names-{self.language}", f"Docking {self.tag}")
        page.select_option("#names-original", self.language)
        page.fill("#starts_on", self.day)
        page.fill("#ends_on", self.day)
        page.check("input[name=languages][value=ru]")
        page.fill("#city-en", "Lanzhou")
        page.select_option("#city-original", "en")
        page.fill("#country", "CN")
        page.fill("#zone", "Asia/Shanghai")
        page.fill("#tables", "L1-L3")
        page.check("input[name=equipment][value=video_link]")
        desk.press("main form .btn-primary")
        self.docking_event = page.url.split("/organize/")[1].split("/")[0]
        desk.press(".td-title form .btn-primary")
        self.look(desk, "not-ready")
        assert page.locator("[role=alert]").count() == 1, "announced without a host"
        self.add_host(desk)

    def add_host(self, desk: Desk) -> None:
        names = {
            "native": f"示例科技厅 {self.tag}",
            "latin": f"Science Dept {self.tag}",
            "language": "zh-Hans",
        }
        self.api(
            "POST",
            "/organizations",
            json={"kind": "authority", "names": names, "country": "CN", "example": True},
        )
        desk.open(f"{self.organize}/edit?q={self.tag}")
        desk.page.select_option("#new_organizer_id", index=1)
        desk.page.select_option("#new_organizer_role", "host")
        desk.press("main form[data-keep] .btn-primary")
        desk.open(f"{self.organize}/edit")
        assert desk.page.locator("select[name=organizer_role]").input_value() == "host"
        self.look(desk, "edit")

    def add_venue_and_session(self) -> None:
        desk = self.visit("organizer", f"{self.organize}/venues", "venues")
        page = desk.page
        page.select_option("#venue_kind", "sub_venue")
        page.fill("#city-ru", "Алматы")
        page.select_option("#city-original", "ru")
        page.fill("#country", "KZ")
        page.fill("#zone", "Asia/Almaty")
        page.fill("#tables", "A1; A2")
        desk.press("section[aria-labelledby=form] .btn-primary")
        assert page.locator("td bdi", has_text="A1, A2").count() == 1
        self.visit("organizer", f"{self.organize}/agenda", "agenda")
        page.select_option("#kind", "matchmaking")
        page.fill(f"#names-{self.language}", "Meetings")
        page.fill("#start", f"{self.day}T10:00")
        page.fill("#end", f"{self.day}T18:00")
        desk.press("section[aria-labelledby=form] .btn-primary")
        assert page.locator("section table tbody tr").count() == 1

    def move(self, *, times: int = 1) -> None:
        """Press the button that leads to the next state."""
        desk = self.desks["organizer"]
        for _ in range(times):
            desk.open(f"{self.organize}/edit")
            desk.press(".td-title form .btn-primary")
            assert desk.page.url.endswith("/edit"), desk.page.inner_text("main")[:600]

    def enter(self, who: str, country: str, venue: int) -> None:
        """The organizer enters an organization with its person, confirmed at once."""
        desk = self.visit("organizer", f"{self.organize}/invite", "invite")
        page = desk.page
        page.fill("#name_native", f"Организация {who} {self.tag}")
        page.fill("#name_latin", f"Organization {who} {self.tag}")
        page.fill("#country", country)
        page.fill("#email", self.mail(who))
        page.fill("#person_native", f"Человек {who}")
        page.select_option("#venue_id", index=venue)
        page.check("input[name=languages][value=ru]")
        desk.press("main form[data-keep] .btn-primary")
        assert "state=confirmed" in page.url, page.inner_text("main")[:600]
        self.look(desk, "vetting")

    def import_rows(self) -> None:
        """A dry run names the fault; the corrected file is taken by a job."""
        desk = self.visit("organizer", f"{self.organize}/import", "import")
        page = desk.page
        rows = "external_id,kind,name_native,name_latin,name_language,country\nx-{0},{1},Имя,Name,ru,KZ\n"
        for kind, act in (("zavod", "dry"), ("enterprise", "take")):
            file = {
                "name": "o.csv",
                "mimeType": "text/csv",
                "buffer": rows.format(self.tag, kind).encode(),
            }
            page.set_input_files("#file", file)
            desk.press(f"button[name=act][value={act}]")
            self.look(desk, f"import-{act}")
            if act == "dry":
                assert page.locator(".td-errs tbody tr", has_text="zavod").count() == 1
        page.locator("#progress .td-status.is-ok").wait_for(timeout=PATIENCE_S * 1000)

    def publish(self, who: str, kind: str) -> None:
        """A participant writes a need or an offer in Russian and publishes it."""
        desk = self.visit(who, f"{self.event}/profiles/new?kind={kind}", f"editor-{kind}")
        page = desk.page
        page.select_option("#tag-0", "ru")
        page.fill("#title-0", TITLES[kind])
        page.fill("#summary-0", SUMMARIES[kind])
        for name, code in (("cooperation", "licence"), ("languages", "ru"), ("climate", "arid")):
            page.check(f"input[name={name}][value={code}]")
        for name in ("trl_least", "trl_most") if kind == "need" else ("trl",):
            page.select_option(f"#{name}", "8")
        desk.press("button[name=act][value=publish]")
        assert "/matches" in page.url, page.inner_text("main")

    def ask(self) -> None:
        desk = self.desks["need"]

        def listed() -> bool:
            desk.open(f"{self.event}/matches")
            return desk.page.locator("article.td-match a[href*='/ask?']").count() > 0

        self.until("the offer in the list of the need", listed)
        self.look(desk, "matches")
        desk.press("article.td-match a[href*='/ask?']")
        self.look(desk, "ask")
        desk.page.fill("#message", "Здравствуйте! Поговорим о пробном участке?")
        desk.press("main form .btn-primary")
        assert desk.page.url.endswith("/requests")
        self.look(desk, "requests-sent")

    def accept(self) -> None:
        desk = self.visit("offer", f"{self.event}/requests", "requests-got")
        assert desk.page.locator("blockquote", has_text="пробном участке").count() == 1
        desk.press("article .btn-primary")
        desk.open(f"{self.event}/matches")

    def plan(self) -> None:
        """The organizer generates a timetable, sees what was placed, publishes it."""
        desk = self.visit("organizer", f"{self.organize}/timetable", "timetable")
        desk.page.fill("#seconds", "1")
        desk.press("section[aria-labelledby=run] .btn-primary")
        desk.page.wait_for_url("**/timetables/**", timeout=PATIENCE_S * 1000)
        assert desk.page.locator(".td-meet").count() == 1
        self.look(desk, "timetable-draft")
        desk.press("a.td-meet")
        self.look(desk, "draft-move")
        desk.press(".td-title form[action$='/lock'] button")
        assert desk.page.locator(".td-meet.is-locked").count() == 1
        desk.press("a.td-meet")
        desk.press(".td-title form[action$='/lock'] button")
        self.drag(desk)
        self.look(desk, "timetable-dragged")
        desk.press(".td-title form .btn-primary")
        assert desk.page.locator(".td-title form").count() == 0

    def drag(self, desk: Desk) -> None:
        """Drag the one meeting into the last free slot; where it can go is marked meanwhile."""
        meeting, mouse = desk.page.locator("a.td-meet"), desk.page.mouse
        cell = "each => [each.closest('td').dataset.spot, each.closest('td').dataset.table]"
        meeting.scroll_into_view_if_needed()
        start = meeting.bounding_box()
        assert start
        mouse.move(start["x"] + 8, start["y"] + 8)
        mouse.down()
        mouse.move(start["x"] + 16, start["y"] + 16, steps=4)
        room = desk.page.locator("td.is-room:not(:has(.td-meet))").first
        room.wait_for(timeout=PATIENCE_S * 1000)
        wanted, end = room.evaluate(cell), room.bounding_box()
        assert end
        mouse.move(end["x"] + 10, end["y"] + 10, steps=8)
        with desk.page.expect_navigation():
            mouse.up()
        assert desk.page.locator("a.td-meet").evaluate(cell) == wanted

    def read_timetable(self) -> None:
        desk = self.visit("need", f"{self.event}/my-timetable", "my-timetable")
        assert desk.page.locator("li.td-meeting").count() == 1
        assert desk.page.locator("li.td-meeting .td-yours").count() == 1, "no own zone beside"
        self.ticket = desk.page.inner_text("section[aria-labelledby=qr] b")
        desk.press("form[action$='/calendar'] button")
        address = desk.page.locator("main a[href$='.ics']").first.get_attribute("href")
        assert address
        feed = httpx.get(address.replace(address.split("/api/")[0], self.url), timeout=30).text
        assert "BEGIN:VEVENT" in feed
        self.look(desk, "calendar")

    def run_the_day(self) -> None:
        desk = self.visit("organizer", f"{self.organize}/day", "day")
        desk.page.fill("#ticket", f"{self.url}/t/{self.ticket}")
        desk.press("form[action$='/check-in'] button")
        assert desk.page.locator("[role=status] b").count() == 1
        desk.press("table form[action*='/day/meetings/'] button")
        desk.open(f"{self.organize}/day")
        assert desk.page.locator(".td-daytable form").count() == 0

    def report_outcome(self) -> None:
        """One side records the outcome, unconfirmed; the other confirms it."""
        desk = self.desks["need"]
        desk.open(f"{self.event}/my-timetable")
        desk.press("li.td-meeting h3 a")
        self.look(desk, "meeting")
        desk.press("form[action='/projects'] .btn-primary")
        self.look(desk, "project-declared")
        assert desk.page.locator(".td-status.is-warn").count() == 1
        other = self.visit("offer", "/projects", "projects")
        other.press("table a")
        other.press("form[action$='/confirm'] button")
        assert other.page.locator("article .td-status.is-ok").count() == 1
        self.look(other, "project-confirmed")

    def read_figures(self) -> None:
        desk = self.desks["organizer"]

        def counted() -> bool:
            desk.open(f"{self.organize}/figures")
            held = desk.page.locator("tr:has(a[href*='/MEETINGS_HELD']) td.td-num")
            return held.count() == 1 and held.inner_text() in {"1", "١"}

        try:
            self.until("the meeting in the figures", counted)
        except AssertionError:
            desk.shoot("figures-missing")
            raise
        self.look(desk, "figures")
        table = desk.page.request.get(f"{self.organize}/figures.csv")
        assert table.body().startswith(b"\xef\xbb\xbf")
        analyst = self.desks["analyst"]

        def told() -> bool:
            analyst.open("/ministry")
            return analyst.page.locator("[aria-labelledby=by] tbody tr").count() == 1

        self.until("the docking event in the ministry's figures", told)
        assert analyst.page.locator("td abbr.td-flag").count() > 0, "small counts are not hidden"
        self.look(analyst, "ministry")
        assert analyst.page.request.get("/ministry/figures.json").json()["figures"]
        self.visit("analyst", "/ministry/answers", "answers")
