# ruff: noqa: RUF001 - texts in four scripts
"""Every page, in four languages, for each of the users."""

import re
from html.parser import HTMLParser

import pytest
from support import portal_answers as a
from support import portal_plan as p
from support import portal_world as w
from support.portal_api import FakeApi
from techdock_portal.i18n import LANGUAGES

from .conftest import Visit

E, ORG = f"/docking-events/{w.DE}", f"/organize/{w.DE}"
PAGES = {
    "": ("/docking-events", E, "/sign-in", "/sign-in/some-ticket", "/about", "/t/285eaf6e"),
    "participant": (
        f"{E}/matches", f"{E}/requests", f"{E}/my-timetable", f"{E}/participation", f"{E}/profiles", f"{E}/profiles/new?kind=offer",
        f"{E}/profiles/{w.NEED}/edit", f"{E}/profiles/{w.NEED}/edit?add=ar", f"{E}/profiles/{w.OFFER}", f"{E}/profiles/{w.NEED}/publish", f"{E}/profiles/{w.DRAFT}/publish", f"{E}/apply",
        f"{E}/ask?with={w.P_QILIAN}&mine={w.NEED}&theirs={w.OFFER}", f"{E}/requests/{w.R_IN}/propose", f"{E}/requests/{w.R_PLACED}/choose", f"{E}/requests/{w.R_SENT}/choose", f"{E}/contacts/{w.P_QILIAN}",
        f"/meetings/{w.MEETING}", f"/meetings/{w.MEETING_2}", "/projects", f"/projects/{w.PROJECT}", "/me", "/me/mails",
        "/catalogue", f"{E}/catalogue?q=drip&country=CN", "/catalogue?q=away", f"{E}/profiles/{w.OFFER}/like",
    ),
    "organizer": (
        "/organize", "/organize/new", ORG, f"{ORG}?all=1", f"{ORG}?lack=answers", f"{ORG}/edit", f"{ORG}/edit?q=dry", f"{ORG}/venues", f"{ORG}/venues?venue={w.ALMATY}",
        f"{ORG}/agenda", f"{ORG}/agenda?session={w.MATCHMAKING}", f"{ORG}/vetting", f"{ORG}/vetting?state=confirmed", f"{ORG}/import", f"{ORG}/import/{w.IMPORT}", f"{ORG}/invite", f"{ORG}/invite?q=dry",
        f"{ORG}/weights", f"{ORG}/weights?preview={p.PREVIEW}", f"{ORG}/mutual", f"{ORG}/mutual?outcome=waiting", f"{ORG}/boards", f"{ORG}/boards/unmet", f"{ORG}/boards/unmet?by=field", f"{ORG}/boards/suggested", f"{ORG}/invite?organization={w.HEXI}", f"{ORG}/boards/unmet/brief?country=KZ&field=29&trl=7-9", f"{ORG}/timetable", f"{ORG}/timetable/runs/{w.RUN}", f"{ORG}/timetables/{w.TIMETABLE}", f"{ORG}/day",
        f"{ORG}/timetables/{w.TIMETABLE}/move/{w.R_IN}", f"{ORG}/timetables/{w.TIMETABLE}/move/{w.R_PLACED}", f"{ORG}/timetables/{w.TIMETABLE}/move/{w.R_SENT}", f"{ORG}/timetables/{w.TIMETABLE}/move/{w.R_COUNTERED}",
        f"{ORG}/timetable/compare?timetable={w.TIMETABLE}&timetable={w.TIMETABLE_2}", f"{ORG}/timetable/compare", f"{ORG}/timetables/{w.TIMETABLE_2}", f"{ORG}/day?day=2027-04-21&ticket=x", f"{ORG}/day/away", f"{ORG}/interpreters", f"{ORG}/interpreters/{w.uid(121)}", f"{ORG}/interpreters/{w.uid(122)}", f"{ORG}/mails",
        f"{ORG}/figures", f"{ORG}/figures/MEETINGS_HELD", f"/meetings/{w.MEETING}", "/t/285eaf6e",
    ),
    "analyst": ("/ministry", "/ministry?from=2027-01-01", "/ministry/answers"),
    "administrator": (
        "/administration", f"/administration/tenants/{w.TENANT}", "/administration/tokens", "/administration/dead-letters", "/administration/mails",
        "/administration/health",
    ),
}  # fmt: skip
EVERY = [(who, path) for who, paths in PAGES.items() for path in paths]


class Outline(HTMLParser):
    """Headings, ids, landmarks and forbidden attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.faults: list[str] = []
        self.labelled: list[str] = []
        self.pointers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "id" in given:
            self.ids.append(str(given["id"]))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "style" in given or any(name.startswith("on") for name in given):
            self.faults.append(f"{tag} {attrs}")
        if tag == "script" and "src" not in given:
            self.faults.append("script without src")
        for name in ("aria-labelledby", "aria-describedby", "for"):
            self.pointers += str(given.get(name) or "").split()
        if tag == "form" and given.get("method") == "post":
            self.labelled.append(str(given.get("action") or ""))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("who", "path"), EVERY)
async def test_a_page_is_drawn_in_its_language(
    visit: Visit, who: str, path: str, language: str
) -> None:
    answer = await visit(who, language).get(path)
    assert answer.status_code == 200, answer.text[:2000]
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}"' in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    outline = Outline()
    outline.feed(answer.text)
    assert outline.faults == []
    assert len(outline.ids) == len(set(outline.ids)), [
        i for i in outline.ids if outline.ids.count(i) > 1
    ]
    assert set(outline.pointers) - set(outline.ids) == set()
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert all(
        after - before <= 1
        for before, after in zip(outline.headings, outline.headings[1:], strict=False)
    ), outline.headings
    assert not re.search(r">None<|\"None\"", answer.text)


@pytest.mark.parametrize(("who", "path"), [(who, path) for who, path in EVERY if who])
async def test_a_stranger_is_sent_to_the_sign_in_page_and_back(
    visit: Visit, who: str, path: str
) -> None:
    if path.startswith("/t/"):
        return
    answer = await visit().get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=/")


@pytest.mark.parametrize("who", ["participant", "analyst", "administrator"])
async def test_what_others_organize_does_not_exist(visit: Visit, who: str) -> None:
    for path in (
        ORG,
        f"{ORG}/edit",
        f"{ORG}/day",
        f"{ORG}/figures",
        f"{ORG}/mails",
        f"{ORG}/vetting",
    ):
        assert (await visit(who).get(path)).status_code == 404


async def test_one_role_does_not_open_the_pages_of_another(visit: Visit) -> None:
    assert (await visit("organizer").get(f"{E}/matches")).status_code == 404
    assert (await visit("participant").get("/ministry")).status_code == 403
    assert (await visit("organizer").get("/administration")).status_code == 403
    assert (await visit("participant").get("/organize")).status_code == 403


async def test_a_page_that_is_not_there_says_so_in_the_reader_s_language(visit: Visit) -> None:
    answer = await visit("participant", "ru").get("/nothing/here")
    assert answer.status_code == 404
    assert "Такой страницы для вас нет" in answer.text


async def test_names_are_asked_for_once_per_page(visit: Visit, api: FakeApi) -> None:
    await visit("participant").get(f"{E}/requests")
    assert len(api.posted("/names")) == 1


async def test_readiness_counts_nothing_itself_and_names_all_at_once(
    visit: Visit, api: FakeApi
) -> None:
    page = (await visit("organizer").get(ORG)).text
    assert "1 of 3 confirmed organizations are ready." in page
    assert "9,876" in page
    assert "戈壁缘技术转移中心" in page
    assert "祁连旱作节水研究所" not in page
    asked = [path for method, path, *_ in api.sent if method == "GET"]
    assert f"/v1{E}/readiness" in asked
    assert f"/v1{E}/participations/counts" in asked
    assert not {f"/v1{E}/participations", f"/v1{E}/requests", "/v1/profiles"} & set(asked)
    assert len(api.posted("/names")) == 1


async def test_readiness_goes_on_by_pages(visit: Visit) -> None:
    organizer = visit("organizer")
    page = (await organizer.get(f"{ORG}?all=1")).text
    assert "祁连旱作节水研究所" in page
    assert 'all=1&amp;cursor=more">Next page' in page
    assert "Next page" not in (await organizer.get(f"{ORG}?all=1&cursor=more")).text
    only = (await organizer.get(f"{ORG}?lack=answers")).text
    assert "Жетісу Тамшы" in only
    assert "戈壁缘技术转移中心" not in only.split('id="who"')[1]


async def test_vetting_shows_counts_without_reading_everybody(visit: Visit, api: FakeApi) -> None:
    page = (await visit("organizer").get(f"{ORG}/vetting")).text
    assert "2 applications wait." in page
    assert [path for _, path, *_ in api.sent].count(f"/v1{E}/participations") == 1


async def test_user_text_stands_apart_in_its_own_language(visit: Visit) -> None:
    page = (await visit("participant", "en").get(f"{E}/matches")).text
    assert (
        '<bdi lang="zh-Hans">祁连旱作节水研究所</bdi> · <bdi>Qilian Dryland Institute</bdi>' in page
    )
    assert '<blockquote lang="ru" dir="ltr">' in page
    assert "<mark>капельные</mark>" in page


async def test_a_list_comes_at_once_and_asks_again_for_its_reasons(
    visit: Visit, api: FakeApi
) -> None:
    api.reasons_written = False
    at_once = (await visit("participant", "en").get(f"{E}/matches")).text
    assert f'hx-get="{E}/matches"' in at_once
    assert "The list is still being made." in at_once
    again = await visit("participant", "en").get(f"{E}/matches", headers={"HX-Request": "true"})
    assert 'id="list"' in again.text
    assert "hx-get" not in again.text


async def test_a_sentence_in_another_language_is_marked_in_its_own_words(
    visit: Visit, api: FakeApi
) -> None:
    api.matches = [{**a.MATCHES[0], "reasons": [], "reasons_there": [], "quotes": [{
        "language": "ru", "mine": "Ищем капельное орошение.", "terms": ["капельное орошение"],
        "language_there": "zh", "theirs": "棉花滴灌系统", "terms_there": ["滴灌"]}]}]  # fmt: skip
    page = (await visit("participant", "en").get(f"{E}/matches")).text
    assert '<blockquote lang="zh" dir="ltr">棉花<mark>滴灌</mark>系统</blockquote>' in page
    assert "<mark>капельное</mark> <mark>орошение</mark>" in page
    assert page.count("<li><bdi>") == 1


async def test_times_name_their_place_and_the_reader_s_own(visit: Visit) -> None:
    page = (await visit("participant", "en").get(f"{E}/my-timetable")).text
    assert "12:00–12:30" in page
    assert "Almaty, UTC+5" in page
    assert "08:00–08:30 Lisbon, UTC+1" in page


async def test_the_code_holds_a_short_address_and_nothing_else(visit: Visit) -> None:
    page = (await visit("participant", "en").get(f"{E}/my-timetable")).text
    assert "<svg" in page
    assert "285eaf6e-3fb8-4857-ade5-539a943cd025" in page


async def test_a_hidden_cell_says_so_and_never_a_nought(visit: Visit) -> None:
    page = (await visit("analyst", "ru").get("/ministry")).text
    assert "более 300" in page
    assert 'title="конфиденциально">[c]</abbr>' in page


async def test_one_side_s_word_is_shown_as_unconfirmed(visit: Visit) -> None:
    page = (await visit("participant", "en").get(f"/projects/{w.PROJECT}")).text
    assert "Unconfirmed: one side says so" in page
    assert "Disputed" in page
    assert "尚未签署" in page
