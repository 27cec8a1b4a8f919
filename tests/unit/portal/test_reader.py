"""Signing in, cookies, languages, foreign sites."""

import pytest
from support import portal_world as w
from support.portal_api import FakeApi, problem

from .conftest import Visit

E = f"/docking-events/{w.DE}"


async def test_a_link_is_used_up_by_the_button_only(visit: Visit, api: FakeApi) -> None:
    browser = visit()
    shown = await browser.get("/sign-in/participant")
    assert shown.status_code == 200
    assert api.posted("/sessions") == []
    pressed = await browser.post("/sign-in/participant", data={})
    assert pressed.status_code == 303
    cookie = pressed.headers["set-cookie"]
    assert "techdock_session=participant" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


async def test_over_https_no_other_host_can_set_the_session(visit: Visit) -> None:
    pressed = await visit(public_url="https://dock.example").post("/sign-in/participant", data={})
    cookie = pressed.headers["set-cookie"]
    assert cookie.startswith("__Host-techdock_session=participant")
    assert "Secure" in cookie
    assert "Path=/" in cookie


async def test_mails_may_name_the_ticket_as_a_parameter(visit: Visit) -> None:
    assert (await visit().get("/sign-in?ticket=participant")).headers[
        "location"
    ] == "/sign-in/participant"


async def test_a_used_link_says_what_to_do(visit: Visit) -> None:
    answer = await visit("", "zh-Hans").post("/sign-in/used", data={})
    assert answer.status_code == 410
    assert "索取新链接" in answer.text


@pytest.mark.parametrize(
    "target", ["//evil.example/", "https://evil.example", "/\\evil.example", "javascript:x"]
)
async def test_signing_in_never_leads_to_another_site(visit: Visit, target: str) -> None:
    answer = await visit().post("/sign-in/participant", data={"next": target})
    assert answer.headers["location"] == "/"


async def test_the_answer_does_not_tell_whether_an_address_is_known(
    visit: Visit, api: FakeApi
) -> None:
    answer = await visit().post("/sign-in", data={"email": "<nobody@x.example>", "next": "/"})
    assert answer.status_code == 200
    assert "&lt;nobody@x.example&gt;" in answer.text
    assert api.posted("/sign-in-links") == [{"email": "<nobody@x.example>", "language": "en"}]


async def test_a_password_signs_in_too_and_a_wrong_one_stays_on_the_page(visit: Visit) -> None:
    right = await visit().post(
        "/sign-in/password",
        data={"email": "a@b.example", "password": "participant", "next": f"{E}/matches"},
    )
    assert right.headers["location"] == f"{E}/matches"
    wrong = await visit().post(
        "/sign-in/password", data={"email": "a@b.example", "password": "wrong"}
    )
    assert wrong.status_code == 401
    assert 'value="a@b.example"' in wrong.text
    assert "wrong" not in wrong.text.replace("is-wrong", "").replace("What is not right", "")


@pytest.mark.parametrize("who", ["", "participant"])
async def test_a_form_sent_by_another_site_does_nothing(
    visit: Visit, api: FakeApi, who: str
) -> None:
    browser = visit(who)
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": "https://evil.example"},
    ):
        answer = await browser.post("/sign-in/participant", data={}, headers=headers)
        assert answer.status_code == 403
    assert api.posted("/sessions") == []


@pytest.mark.parametrize(
    ("who", "start"),
    [
        ("participant", "/my"),
        ("organizer", "/organize"),
        ("analyst", "/ministry"),
        ("administrator", "/administration"),
        ("", "/docking-events"),
    ],
)
async def test_everybody_begins_with_what_they_look_at_first(
    visit: Visit, who: str, start: str
) -> None:
    assert (await visit(who).get("/")).headers["location"] == start


async def test_with_one_docking_event_my_page_is_its_matches(visit: Visit) -> None:
    assert (await visit("participant").get("/my")).headers["location"] == f"{E}/matches"


async def test_a_chosen_language_is_remembered_and_the_page_shown_again(visit: Visit) -> None:
    answer = await visit().get("/docking-events?state=open&language=ar")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/docking-events?state=open"
    assert "techdock_language=ar" in answer.headers["set-cookie"]


async def test_the_profile_s_language_wins_over_the_browser_s(visit: Visit) -> None:
    browser = visit("participant", language="")
    answer = await browser.get("/me", headers={"accept-language": "ar"})
    assert '<html lang="ru"' in answer.text
    stranger = await visit("", language="").get(
        "/sign-in", headers={"accept-language": "ar, en;q=0.5"}
    )
    assert '<html lang="ar" dir="rtl"' in stranger.text


async def test_signing_out_ends_the_session_and_says_so_once(visit: Visit, api: FakeApi) -> None:
    browser = visit("participant", "ru")
    answer = await browser.post("/sign-out", data={})
    assert ("DELETE", "/v1/sessions/current") in [(method, path) for method, path, _, _ in api.sent]
    cookies = answer.headers.get_list("set-cookie")
    assert any(c.startswith("techdock_session=") and "Max-Age=0" in c for c in cookies)
    said = next(c for c in cookies if c.startswith("techdock_said=")).split(";")[0].split("=", 1)[1]
    after = await visit("", "ru", techdock_said=said).get("/docking-events")
    assert "Вы вышли." in after.text
    assert any(
        c.startswith("techdock_said=") and "Max-Age=0" in c
        for c in after.headers.get_list("set-cookie")
    )


async def test_a_session_that_ended_is_forgotten(visit: Visit) -> None:
    answer = await visit("long-gone").get("/docking-events")
    assert answer.status_code == 200
    assert "Max-Age=0" in answer.headers["set-cookie"]


async def test_a_service_that_is_away_is_said_in_words(visit: Visit, api: FakeApi) -> None:
    api.away = True
    answer = await visit("participant", "zh-Hans").get(f"{E}/matches")
    assert answer.status_code == 503
    assert "Techdock 的一个部分目前没有响应" in answer.text


async def test_only_one_service_away_leaves_the_other_pages(visit: Visit, api: FakeApi) -> None:
    api.fail["GET", f"/v1/docking-events/{w.DE}/figures"] = problem(503, "unavailable")
    assert (await visit("organizer").get(f"/organize/{w.DE}/figures")).status_code == 503
    assert (await visit("organizer").get(f"/organize/{w.DE}/day")).status_code == 200
