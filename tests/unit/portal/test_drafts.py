"""A draft in hand: what is sent, and what a dragged meeting is told."""

import csv
import io

import pytest
from support import portal_world as w
from support.portal_api import FakeApi, problem

from .conftest import Visit
from .test_deeds import last

ORG = f"/organize/{w.DE}"
DRAFT = f"{ORG}/timetables/{w.TIMETABLE}"


async def test_a_draft_can_be_taken_hold_of_and_a_published_one_not(visit: Visit) -> None:
    browser = visit("organizer")
    draft = (await browser.get(DRAFT)).text
    assert f'data-meeting="{w.R_IN}"' in draft
    assert f'data-spot="{w.MATCHMAKING}/6"' in draft, "free slots are shown, too"
    assert f'data-meeting="{w.R_PLACED}"' not in draft, "it is locked"
    assert f'href="{DRAFT}/move/{w.R_PLACED}"' in draft, "the keyboard reaches it all the same"
    old = (await browser.get(f"{ORG}/timetables/{w.TIMETABLE_2}")).text
    assert "data-meeting" not in old
    assert "data-drop" not in old


async def test_a_dragged_meeting_hears_what_is_in_the_way(visit: Visit) -> None:
    told = (await visit("organizer").get(f"{DRAFT}/spots/{w.R_IN}")).json()
    assert told[f"{w.MATCHMAKING}/0"] == {"free": True, "told": "free"}
    busy = told[f"{w.MATCHMAKING}/3"]
    assert not busy["free"]
    assert "is in the meeting" in busy["told"]
    assert "Qilian" in busy["told"]


@pytest.mark.parametrize(
    ("act", "form", "method", "path"),
    [
        ("put", {"session": w.MATCHMAKING, "slot": "4"}, "PUT", "places"),
        ("lock", {}, "PUT", "locks"),
        ("change", {}, "PUT", "changes"),
    ],
)
async def test_deeds_rest_on_the_version_that_was_seen(
    visit: Visit, api: FakeApi, act: str, form: dict[str, str], method: str, path: str
) -> None:
    data = {"request": w.R_IN, "_version": "3", **form}
    answer = await visit("organizer").post(f"{DRAFT}/{act}", data=data)
    assert answer.headers["location"] == DRAFT
    body, headers = last(api, method, f"/timetables/{w.TIMETABLE}/{path}/{w.R_IN}")
    assert headers["if-match"] == '"3"'
    if act == "put":
        assert body == {"session_id": w.MATCHMAKING, "first_slot": 4}


async def test_what_is_taken_out_or_released_goes(visit: Visit, api: FakeApi) -> None:
    for act, path, form in (("take-out", "places", {}), ("lock", "locks", {"release": "1"})):
        data = {"request": w.R_IN, "_version": "3", **form}
        await visit("organizer").post(f"{DRAFT}/{act}", data=data)
        last(api, "DELETE", f"/timetables/{w.TIMETABLE}/{path}/{w.R_IN}")


async def test_a_run_is_stopped_with_its_best_or_cancelled(visit: Visit, api: FakeApi) -> None:
    url = f"{ORG}/timetable/runs/{w.RUN}"
    page = (await visit("organizer").get(url)).text
    assert "It cannot become less than" in page
    for act in ("stop", "cancel"):
        assert f'action="{url}/{act}"' in page
        await visit("organizer").post(f"{url}/{act}", data={"_key": act})
        assert last(api, "POST", f"/timetable-runs/{w.RUN}/{act}")[1]["idempotency-key"] == act


async def test_a_run_may_begin_in_a_draft(visit: Visit, api: FakeApi) -> None:
    data = {"seconds": "5", "draft": w.TIMETABLE}
    await visit("organizer").post(f"{ORG}/timetable/run", data=data)
    body, _ = last(api, "POST", f"/docking-events/{w.DE}/timetable-runs")
    assert body == {"seconds": 5, "draft_id": w.TIMETABLE}


async def test_a_participant_takes_a_free_place(visit: Visit, api: FakeApi) -> None:
    browser, event = visit("participant"), f"/docking-events/{w.DE}"
    mine = (await browser.get(f"{event}/my-timetable")).text
    assert f"{event}/requests/" in mine
    assert "/choose" in mine
    data = {"session": w.MATCHMAKING, "slot": "2", "_key": "k"}
    answer = await browser.post(f"{event}/requests/{w.R_PLACED}/choose", data=data)
    assert answer.headers["location"] == f"{event}/my-timetable"
    body, headers = last(api, "POST", f"/requests/{w.R_PLACED}/meeting")
    assert body == {"session_id": w.MATCHMAKING, "first_slot": 2}
    assert headers["idempotency-key"] == "k"


async def test_the_organizer_lets_participants_choose(visit: Visit, api: FakeApi) -> None:
    for given, wanted in (({"self_booking": "1"}, True), ({}, False)):
        await visit("organizer").post(f"{ORG}/planning", data={"_version": "2", **given})
        assert last(api, "PUT", f"/docking-events/{w.DE}/frame")[0]["self_booking"] is wanted


async def test_a_draft_comes_down_as_it_can_be_handed_in_again(visit: Visit) -> None:
    answer = await visit("organizer").get(f"{DRAFT}.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="timetable-2.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    by_request = {row["request"]: row for row in rows}
    placed = by_request[w.R_PLACED]
    assert (placed["start"], placed["venue"]) == ("2027-04-21 15:00+08:00", w.MAIN)
    assert placed["table"]
    assert placed["first"]
    assert {row["request"] for row in rows if not row["start"]} == {w.R_SENT, w.R_COUNTERED}


async def test_a_timetable_is_handed_in_or_told_what_is_wrong(visit: Visit, api: FakeApi) -> None:
    browser, url = visit("organizer"), f"{ORG}/timetable/hand-in"
    files = {"file": ("plan.csv", b"request;start", "text/csv")}
    answer = await browser.post(url, files=files)
    assert answer.headers["location"] == f"{ORG}/timetables/{w.TIMETABLE_2}"
    error = {"where": "row 3, column start", "expected": "a day and time", "found": "tomorrow"}
    api.fail["POST", f"/v1/docking-events/{w.DE}/timetables"] = problem(
        422, "invalid_rows", "1 row(s) cannot be read", errors=[error]
    )
    refused = await browser.post(url, files=files)
    assert refused.status_code == 422
    for told in error.values():
        assert told in refused.text
    nothing = await browser.post(url, data={"_key": "k"})
    assert nothing.status_code == 422
    assert "Choose a file." in nothing.text


async def test_on_the_day_what_is_away_is_noted_and_the_timetable_mended(
    visit: Visit, api: FakeApi
) -> None:
    browser, day = visit("organizer"), f"{ORG}/day"
    page = (await browser.get(f"{day}/away")).text
    assert "2 meetings would change." in page
    assert "makes room for another" in page
    assert "no place; it waits" in page
    assert f'value="table:{w.TABLE_1}"' in page
    data = {"thing": f"table:{w.TABLE_1}", "until": "16:30", "_key": "k"}
    await browser.post(f"{day}/away", data=data)
    body, _ = last(api, "POST", f"/docking-events/{w.DE}/outages")
    assert (body["kind"], body["thing_id"]) == ("table", w.TABLE_1)
    assert body["end"].endswith("T16:30:00+08:00")
    await browser.post(f"{day}/away/{w.uid(950)}")
    last(api, "DELETE", f"/docking-events/{w.DE}/outages/{w.uid(950)}")
    for given, agreed in (({}, False), ({"agreed": "1"}, True)):
        answer = await browser.post(f"{day}/mend", data=given)
        assert answer.headers["location"] == f"{day}/away"
        assert last(api, "POST", f"/docking-events/{w.DE}/repair")[0] == {"agreed": agreed}


async def test_an_interpreter_gets_a_calendar_from_the_organizer(
    visit: Visit, api: FakeApi
) -> None:
    url = f"{ORG}/interpreters/{w.uid(121)}/calendar"
    answer = await visit("organizer").post(url, data={"_key": "k"})
    assert "/api/matching/v1/calendars/abc.ics" in answer.text
    assert "/revoke" not in answer.text, "it is not the organizer's own"
    path = f"/docking-events/{w.DE}/interpreters/{w.uid(121)}/calendar"
    assert last(api, "POST", path)[1]["idempotency-key"] == "k"


async def test_ones_own_calendar_address_can_be_switched_off(visit: Visit) -> None:
    answer = await visit("participant").post(f"/docking-events/{w.DE}/calendar", data={"_key": "k"})
    assert "/revoke" in answer.text
