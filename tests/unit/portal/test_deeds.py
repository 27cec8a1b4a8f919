"""What forms do: once, on the version that was seen, and nothing that was typed is lost."""

import re

import httpx
import pytest
from support import portal_world as w
from support.portal_api import FakeApi, problem

from .conftest import Visit

E, ORG = f"/docking-events/{w.DE}", f"/organize/{w.DE}"
TYPED = {
    "tag-0": "ru",
    "title-0": "Новый заголовок",
    "summary-0": "Текст",
    "kind": "need",
    "_version": "2",
    "trl_least": "7",
}


def last(api: FakeApi, method: str, path: str) -> tuple[dict, dict]:
    return next(
        (body, headers)
        for m, p, body, headers in reversed(api.sent)
        if (m, p) == (method, f"/v1{path}")
    )


async def test_a_form_sent_twice_is_one_deed(visit: Visit, api: FakeApi) -> None:
    browser = visit("participant")
    for _ in range(2):
        await browser.post(
            f"{E}/requests/{w.R_IN}/answer", data={"_key": "k-1", "_version": "1", "to": "accepted"}
        )
    keys = [headers["idempotency-key"] for _, p, _, headers in api.sent if p.endswith("/state")]
    assert keys == ["k-1", "k-1"]
    body, headers = last(api, "POST", f"/requests/{w.R_IN}/state")
    assert body == {"to": "accepted"}
    assert headers["if-match"] == '"1"'
    assert headers["authorization"] == "Bearer participant"


async def test_asking_for_a_meeting_sends_both_sides(visit: Visit, api: FakeApi) -> None:
    data = {
        "with": w.P_QILIAN,
        "mine": w.NEED,
        "theirs": w.OFFER,
        "message": "Здравствуйте",
        "language": "ru",
        "slots": "1",
    }
    answer = await visit("participant").post(f"{E}/ask", data=data)
    assert answer.headers["location"] == f"{E}/requests"
    body, _ = last(api, "POST", f"/docking-events/{w.DE}/requests")
    assert body == {
        "asked_participation_id": w.P_QILIAN, "asking_participation_id": w.P_TAMSHY, "asking_profile_id": w.NEED, "asked_profile_id": w.OFFER,
        "slots": 1, "message": {"language": "ru", "text": "Здравствуйте"},
    }  # fmt: skip


async def test_a_refused_request_keeps_the_message(visit: Visit, api: FakeApi) -> None:
    api.fail["POST", f"/v1/docking-events/{w.DE}/requests"] = problem(
        409, "open_request", "there is an open request"
    )
    answer = await visit("participant").post(
        f"{E}/ask", data={"with": w.P_QILIAN, "message": "моё письмо", "slots": "1"}
    )
    assert answer.status_code == 409
    assert "моё письмо</textarea>" in answer.text


async def test_saving_and_publishing_goes_through_all_states(visit: Visit, api: FakeApi) -> None:
    answer = await visit("participant").post(f"{E}/profiles/new", data={**TYPED, "act": "publish"})
    assert answer.headers["location"].startswith(f"{E}/matches?profile=")
    sent = [body["to"] for m, p, body, _ in api.sent if p == f"/v1/profiles/{w.DRAFT}/state"]
    assert sent == ["submitted", "published"]


async def test_two_people_change_one_need_and_the_second_keeps_what_they_typed(
    visit: Visit, api: FakeApi
) -> None:
    api.fail["PATCH", f"/v1/profiles/{w.NEED}"] = problem(
        409, "changed_meanwhile", "it is at version 5, not 2"
    )
    answer = await visit("participant", "ru").post(
        f"{E}/profiles/{w.NEED}/edit", data={**TYPED, "act": "save"}
    )
    assert answer.status_code == 409
    assert "Новый заголовок</textarea>" in answer.text
    assert 'name="_version" value="2"' in answer.text
    assert "Введённое вами осталось в форме" in answer.text


async def test_a_fault_stands_at_its_field_and_in_the_summary(visit: Visit, api: FakeApi) -> None:
    errors = [
        {"where": "texts.title", "expected": "a title", "found": "none"},
        {"where": "trl_least", "expected": "1 to 9", "found": 12},
    ]
    api.fail["PATCH", f"/v1/profiles/{w.NEED}"] = problem(422, "invalid", "2 errors", errors)
    answer = await visit("participant").post(
        f"{E}/profiles/{w.NEED}/edit", data={**TYPED, "act": "save"}
    )
    assert answer.status_code == 422
    assert '<a href="#title-0">' in answer.text
    assert 'id="title-0-e"' in answer.text
    assert 'aria-describedby=" title-0-e"' in answer.text or "title-0-e" in answer.text
    assert "2 places have to be corrected" in answer.text


async def test_a_session_that_ended_while_typing_loses_nothing(visit: Visit) -> None:
    answer = await visit("", "en").post(
        f"{E}/profiles/{w.NEED}/edit", data={**TYPED, "act": "save"}
    )
    assert answer.status_code == 401
    assert 'name="title-0" value="Новый заголовок"' in answer.text
    assert "Send again" in answer.text


async def test_an_outage_while_sending_offers_to_send_again(visit: Visit, api: FakeApi) -> None:
    api.fail["POST", f"/v1/requests/{w.R_IN}/state"] = problem(503, "unavailable")
    answer = await visit("participant").post(
        f"{E}/requests/{w.R_IN}/answer", data={"to": "declined", "reason": "zu spät"}
    )
    assert answer.status_code == 503
    assert 'name="reason" value="zu spät"' in answer.text


async def test_passwords_are_never_written_back(visit: Visit, api: FakeApi) -> None:
    api.fail["PUT", "/v1/me/password"] = problem(422, "invalid", "too short")
    answer = await visit("participant").post(
        "/me/password", data={"password": "geheim-geheim", "current": "alt-alt-alt"}
    )
    assert answer.status_code == 422
    assert "geheim" not in answer.text
    assert "alt-alt" not in answer.text


async def test_confirming_an_application_goes_through_vetting(visit: Visit, api: FakeApi) -> None:
    await visit("organizer").post(
        f"{ORG}/vetting/{w.P_WADI}",
        data={"to": "confirmed", "from": "applied", "_version": "2", "back": "applied"},
    )
    sent = [
        (body["to"], headers["if-match"])
        for _, p, body, headers in api.sent
        if p == f"/v1/participations/{w.P_WADI}/state"
    ]
    assert sent == [("vetted", '"2"'), ("confirmed", '"9"')]


async def test_opening_a_docking_event_sends_its_main_venue(visit: Visit, api: FakeApi) -> None:
    data = {
        "tenant_id": w.TENANT, "code": "NEW-1", "names-ru": "Имя", "names-en": "Name", "names-original": "ru", "starts_on": "2027-05-01",
        "ends_on": "2027-05-02", "languages": ["ru", "en"], "venue_kind": "main", "city-en": "Almaty", "city-original": "en", "country": "kz",
        "zone": "Asia/Almaty", "capacity": "100", "tables": "L1-L2", "equipment": "video_link", "apply_until": "2027-04-20T18:00",
    }  # fmt: skip
    await visit("organizer").post("/organize/new", data=data)
    body, _ = last(api, "POST", f"/tenants/{w.TENANT}/docking-events")
    assert body["names"] == {
        "original": "ru",
        "versions": {
            "en": {"text": "Name", "status": "human"},
            "ru": {"text": "Имя", "status": "human"},
        },
    }
    assert body["deadlines"] == {"apply_until": "2027-04-20T13:00:00Z"}
    (venue,) = body["venues"]
    assert (
        venue["kind"],
        venue["country"],
        venue["zone"],
        [t["label"] for t in venue["tables"]],
    ) == ("main", "KZ", "Asia/Almaty", ["L1", "L2"])


async def test_changing_a_venue_keeps_the_ids_of_its_tables(visit: Visit, api: FakeApi) -> None:
    data = {
        "venue_id": w.MAIN,
        "venue_kind": "main",
        "city-en": "Lanzhou",
        "zone": "Asia/Shanghai",
        "country": "CN",
        "tables": "L1; L9",
        "_version": "4",
    }
    await visit("organizer").post(f"{ORG}/venues", data=data)
    body, headers = last(api, "PUT", f"/docking-events/{w.DE}/venues/{w.MAIN}")
    assert headers["if-match"] == '"4"'
    assert body["tables"][0]["id"] == w.TABLE_1
    assert body["tables"][1]["label"] == "L9"
    assert body["local_host_id"] == w.GOBI


async def test_a_local_host_is_looked_for_chosen_and_taken_away(visit: Visit, api: FakeApi) -> None:
    browser = visit("organizer")
    found = await browser.get(f"{ORG}/venues?venue={w.ALMATY}&q=dry")
    assert f'<option value="{w.TAMSHY}" selected>' in found.text
    assert f'<option value="{w.QILIAN}">' in found.text
    data = {"venue_id": w.ALMATY, "venue_kind": "sub_venue", "city-en": "Almaty",
            "zone": "Asia/Almaty", "country": "KZ", "_version": "4"}  # fmt: skip
    hosts = []
    for chosen in (w.QILIAN, ""):
        await browser.post(f"{ORG}/venues", data={**data, "local_host_id": chosen})
        body, _ = last(api, "PUT", f"/docking-events/{w.DE}/venues/{w.ALMATY}")
        hosts.append(body.get("local_host_id"))
    assert hosts == [w.QILIAN, None]


async def test_a_closed_roundtable_is_for_its_invited_whatever_was_ticked(
    visit: Visit, api: FakeApi
) -> None:
    data = {
        "kind": "closed_roundtable", "names-en": "X", "venue_id": w.ALMATY, "start": "2027-04-21T09:00", "end": "2027-04-21T10:00", "visibility": "public"
    }  # fmt: skip
    await visit("organizer").post(f"{ORG}/agenda", data=data)
    body, _ = last(api, "POST", f"/docking-events/{w.DE}/sessions")
    assert (body["visibility"], body["start"]) == ("invited", "2027-04-21T04:00:00Z")
    assert body["invited"] == []
    data["invited"] = [w.P_TAMSHY, w.P_QILIAN]
    await visit("organizer").post(f"{ORG}/agenda", data=data)
    body, _ = last(api, "POST", f"/docking-events/{w.DE}/sessions")
    assert body["invited"] == [w.P_TAMSHY, w.P_QILIAN]
    data |= {"kind": "plenary", "visibility": "public"}
    await visit("organizer").post(f"{ORG}/agenda", data=data)
    body, _ = last(api, "POST", f"/docking-events/{w.DE}/sessions")
    assert body["invited"] == []


async def test_the_invited_are_ticked_first_whoever_else_is_listed(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    roundtable = next(s for s in w.SESSIONS if s["kind"] == "closed_roundtable")
    # One is confirmed; the other was once, and stays invited until somebody unticks it.
    invited = [w.P_QILIAN, w.P_WADI]
    monkeypatch.setitem(roundtable, "invited", invited)
    shown = await visit("organizer").get(f"{ORG}/agenda?session={roundtable['id']}")
    ticks = re.findall(r'name="invited" value="([^"]+)"( checked)?', shown.text)
    assert {ident for ident, ticked in ticks if ticked} == set(invited)
    assert [bool(ticked) for _, ticked in ticks] == sorted(
        (bool(ticked) for _, ticked in ticks), reverse=True
    )
    assert len(ticks) > len(invited)
    assert "2 invited" in shown.text


async def test_a_dry_run_lists_every_error_by_its_place(visit: Visit) -> None:
    files = {"file": ("needs.xlsx", b"PK", "application/octet-stream")}
    answer = await visit("organizer", "ru").post(
        f"{ORG}/import", data={"kind": "needs", "act": "dry"}, files=files
    )
    assert answer.status_code == 200
    assert "можно взять 18 из 23 строк" in answer.text
    for word in ("Запросы", "trl", "шесть", "a number 1 to 9"):
        assert word in answer.text


async def test_taking_the_rows_shows_the_progress(visit: Visit) -> None:
    files = {"file": ("needs.xlsx", b"PK", "application/octet-stream")}
    browser = visit("organizer")
    answer = await browser.post(f"{ORG}/import", data={"kind": "needs", "act": "take"}, files=files)
    assert answer.headers["location"] == f"{ORG}/import/{w.IMPORT}"
    part = await browser.get(f"{ORG}/import/{w.IMPORT}", headers={"hx-request": "true"})
    assert part.text.lstrip().startswith('<div class="td-panel" id="progress"')
    assert 'value="500"' in part.text


async def test_without_a_file_nothing_is_sent(visit: Visit, api: FakeApi) -> None:
    answer = await visit("organizer").post(f"{ORG}/import", data={"kind": "needs", "act": "dry"})
    assert answer.status_code == 422
    assert api.posted(f"/docking-events/{w.DE}/imports") == []


async def test_a_finished_run_leads_to_its_draft(visit: Visit, api: FakeApi) -> None:
    browser = visit("organizer")
    url = f"{ORG}/timetable/runs/{w.RUN}"
    assert 'hx-trigger="every 1s"' in (await browser.get(url)).text
    api.run_state = "done"
    part = await browser.get(url, headers={"hx-request": "true"})
    assert part.headers["hx-redirect"] == f"{ORG}/timetables/{w.TIMETABLE}"
    assert (await browser.get(url)).headers["location"] == f"{ORG}/timetables/{w.TIMETABLE}"


async def test_a_scanned_address_or_a_typed_ticket_checks_in(visit: Visit, api: FakeApi) -> None:
    ticket = "285eaf6e-3fb8-4857-ade5-539a943cd025"
    for typed in (ticket, f"https://dock.example/t/{ticket}", f" {ticket}/ "):
        assert (
            await visit("organizer").post(f"{ORG}/day/check-in", data={"ticket": typed})
        ).status_code == 200
        assert last(api, "POST", f"/docking-events/{w.DE}/attendance")[0] == {"ticket": ticket}


async def test_an_unknown_ticket_stays_in_the_field(visit: Visit, api: FakeApi) -> None:
    api.fail["POST", f"/v1/docking-events/{w.DE}/attendance"] = problem(
        404, "not_found", "no such ticket"
    )
    answer = await visit("organizer").post(f"{ORG}/day/check-in", data={"ticket": "nix"})
    assert answer.status_code == 404
    assert 'value="nix"' in answer.text


async def test_a_no_show_names_who_did_not_come(visit: Visit, api: FakeApi) -> None:
    await visit("organizer").post(
        f"{ORG}/day/meetings/{w.MEETING}",
        data={"to": "no_show", "absent": w.P_QILIAN, "_version": "1", "day": "2027-04-21"},
    )
    assert last(api, "POST", f"/meetings/{w.MEETING}/state")[0] == {
        "to": "no_show",
        "absent": [w.P_QILIAN],
    }


async def test_the_calendar_has_the_public_address(visit: Visit) -> None:
    answer = await visit("participant").post(f"{E}/calendar", data={})
    assert "http://testserver/api/matching/v1/calendars/abc.ics" in answer.text


async def test_an_outcome_is_a_project_with_its_first_stage(visit: Visit, api: FakeApi) -> None:
    data = {
        "docking_event_id": w.DE,
        "meeting_id": w.MEETING,
        "party": [w.TAMSHY, w.QILIAN],
        "stage": "intention",
        "occurred_on": "2027-04-21",
    }
    answer = await visit("participant").post("/projects", data=data)
    assert answer.headers["location"] == f"/projects/{w.PROJECT}"
    assert last(api, "POST", f"/projects/{w.PROJECT}/stages")[0] == {
        "stage": "intention",
        "occurred_on": "2027-04-21",
    }


async def test_a_participation_keeps_the_other_persons(visit: Visit, api: FakeApi) -> None:
    data = {
        "venue_id": "",
        "zone": "Africa/Cairo",
        "languages": ["ar", "en"],
        "from-0": "2027-04-21T10:00",
        "until-0": "2027-04-21T12:00",
        "_version": "2",
    }
    await visit("participant").post(f"{E}/participation", data=data)
    body, _ = last(api, "PATCH", f"/participations/{w.P_TAMSHY}")
    (person,) = body["persons"]
    assert (person["mode"], person["venue_id"], person["zone"], person["languages"]) == (
        "remote",
        None,
        "Africa/Cairo",
        ["ar", "en"],
    )
    assert person["hours"] == [{"start": "2027-04-21T08:00:00Z", "end": "2027-04-21T10:00:00Z"}]


async def test_erasing_needs_the_box(visit: Visit, api: FakeApi) -> None:
    await visit("participant").post("/me/erase", data={})
    assert not [m for m, p, _, _ in api.sent if m == "DELETE"]
    await visit("participant").post("/me/erase", data={"sure": "yes"})
    assert [p for m, p, _, _ in api.sent if m == "DELETE"] == ["/v1/me"]


@pytest.mark.parametrize(
    ("who", "path", "start"),
    [
        ("organizer", f"{ORG}/figures.csv", b"\xef\xbb\xbf"),
        ("participant", "/me/export.json", b"{"),
    ],
)
async def test_downloads_come_as_they_are(visit: Visit, who: str, path: str, start: bytes) -> None:
    answer: httpx.Response = await visit(who).get(path)
    assert answer.status_code == 200
    assert answer.content.startswith(start)
    assert "attachment" in answer.headers["content-disposition"]


async def test_kept_mails_have_their_links(visit: Visit) -> None:
    page = (await visit("participant").get("/me/mails")).text
    assert '<a href="http://testserver/sign-in?ticket=participant"><bdi>' in page
