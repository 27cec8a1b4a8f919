"""Boards of organizers as pages and as files."""

import csv
import io

import pytest
from support import portal_world as w
from support.portal_api import FakeApi, problem

from .conftest import Visit

ORG = f"/organize/{w.DE}"
BOARDS = f"{ORG}/boards"
CELL = "by=country_and_stage&country=KZ&field=29&trl=7-9"


async def test_the_fairness_board_says_who_is_never_shown_and_why(visit: Visit) -> None:
    shown = (await visit("organizer").get(BOARDS)).text

    assert "Others stand before it in every list" in shown
    assert "best place: 31" in shown
    assert "0.41" in shown
    assert "75 %" in shown.replace("\u00a0", " ")


async def test_the_files_open_in_spreadsheets_and_hold_no_formula(visit: Visit) -> None:
    browser = visit("organizer")

    exposures = await browser.get(f"{BOARDS}/fairness.csv")
    needs = await browser.get(f"{BOARDS}/unmet.csv")

    assert exposures.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(exposures.text.removeprefix("\ufeff"))))
    assert rows[0][-1] == "id"
    assert rows[1][-3:] == ["31", "Others stand before it in every list", w.OFFER_3]
    assert len(rows) == 5
    titles = [row[3] for row in csv.reader(io.StringIO(needs.text.removeprefix("\ufeff")))]
    assert titles[2] == "'=cmd"


async def test_a_cell_becomes_a_brief_that_names_nobody(visit: Visit) -> None:
    browser = visit("organizer")
    unmet = (await browser.get(f"{BOARDS}/unmet")).text
    assert f"{BOARDS}/unmet/brief?{CELL}".replace("&", "&amp;") in unmet

    page = (await browser.get(f"{BOARDS}/unmet/brief?{CELL}")).text
    file = (await browser.get(f"{BOARDS}/unmet/brief.txt?{CELL}")).text

    for said in (page, file):
        assert "Drip irrigation with brackish water off the grid" in said
        assert "drip irrigation" in said
        assert "levels 7 to 9" in said
        assert "Tamshy" not in said
    assert (await browser.get(f"{BOARDS}/unmet/brief?country=XX")).status_code == 404


@pytest.mark.parametrize(
    "path", ["", "/fairness.csv", "/unmet", "/unmet.csv", f"/unmet/brief?{CELL}", "/suggested"]
)
async def test_others_find_no_boards(visit: Visit, path: str) -> None:
    assert (await visit("participant").get(f"{BOARDS}{path}")).status_code == 404


async def test_whom_to_invite_leads_to_the_form_with_the_organization_chosen(
    visit: Visit, api: FakeApi
) -> None:
    browser = visit("organizer")

    shown = (await browser.get(f"{BOARDS}/suggested")).text

    assert f'href="{ORG}/invite?organization={w.HEXI}"' in shown
    assert "<bdi>drip</bdi>, <bdi>salt</bdi>" in shown
    assert "no good match here" in shown
    form = (await browser.get(f"{ORG}/invite?organization={w.HEXI}")).text
    assert f'<option value="{w.HEXI}" selected' in form
    assert (await browser.get(f"{ORG}/invite?organization=../x")).status_code == 200


async def test_while_the_ranker_starts_the_page_says_so(visit: Visit, api: FakeApi) -> None:
    path = f"/v1/docking-events/{w.DE}/suggested-invitations"
    api.fail["GET", path] = problem(503, "ranker_starting")

    answer = await visit("organizer").get(f"{BOARDS}/suggested")

    assert answer.status_code == 200
    assert "The ranking is still starting" in answer.text
