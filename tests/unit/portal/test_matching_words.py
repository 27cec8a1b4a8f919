# ruff: noqa: RUF001 - texts in four scripts
"""Reasons in words, quotes with marks, grids and agendas."""

import pytest
from support import portal_answers as a
from support import portal_world as w
from techdock_portal import agenda, grid, quotes, reasons
from techdock_portal.i18n import LANGUAGES, language
from techdock_portal.times import Clocks

ISOLATES = str.maketrans("", "", "\u2068\u2069")


def facts(code: str, fits: bool | None = True, kind: str = "need", **params: object) -> str:
    told = reasons.said(language("en"), {"code": code, "fits": fits, "params": params}, kind)
    return told.facts.translate(ISOLATES)


def test_a_reason_tells_both_sides_facts() -> None:
    assert facts("trl", least=7, most=9, stated=8) == "you: 7–9; they: 8"
    assert facts("trl", kind="offer", least=7, most=9, stated=8) == "you: 8; they: 7–9"
    assert (
        facts("power", need=["off_grid"], offer=["grid"], shared=[]) == "you: Off grid; they: Grid"
    )
    assert facts("climate", need=["arid"], offer=["arid"], shared=["arid"]) == "Arid on both sides"
    assert facts("price_band", None, need="middle", offer=None) == "you: Middle; they have not said"
    assert facts("certificates", False, need=["eac"], offer=[], lacks=["eac"]) == "EAC missing"
    assert facts("language", shared=["ru", "en"]) == "Russian, English on both sides"
    assert facts("codes", keyword=["b", "a"], sdg=[13, 6]) == "a, b, SDG 6, 13 on both sides"
    assert facts("codes", False) == "nothing in common"
    assert (
        facts("missing", None, fields=["trl", "description"])
        == "Readiness level, a fuller description"
    )
    assert facts("ipr", status="granted") == "they: Patent granted; you have not said"


def test_what_holds_for_a_place_is_told() -> None:
    assert facts("acceptance", willing="often") == "often accepts the meetings it is asked for"
    assert facts("acceptance", False, willing="seldom").startswith("seldom accepts")
    assert facts("kin", None, before=3, most=3) == (
        "others of the same organization stand before it; it has at most 3 of the first ten places"
    )


def test_what_joins_two_languages_is_told_in_both_mine_first() -> None:
    told = {"reader": "need", "terms": ["капельное орошение"], "terms_there": ["滴灌"]}
    assert facts("concepts", **told) == "капельное орошение (滴灌) in both"
    assert facts("concepts", kind="offer", **told) == "滴灌 (капельное орошение) in both"


def test_wishes_of_the_other_side_are_told_from_my_place() -> None:
    mine = facts("partner_kind", reader="need", wants=["institute"], **{"is": "enterprise"})
    theirs = facts("partner_kind", reader="offer", wants=["enterprise"], **{"is": "park"})
    assert mine == "you: Research institute; they: Enterprise"
    assert theirs == "you: Technology park; they: Enterprise"


def test_the_other_side_s_column_says_only_what_is_new() -> None:
    mine, theirs = reasons.fits(language("en"), a.MATCHES[0], "need")
    assert [told.about for told in theirs.shown] == ["Country", "Kind of partner"]
    assert all(told not in theirs.shown for told in mine.shown)
    assert {told.about for told in mine.shown if not told.fits} == {
        "Language",
        "Certificates",
        "Price",
        "Missing in yours",
    }
    assert [told.about for told in mine.rest] == ["Cooperation", "Rights"]


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("code", [*reasons.NO_PLACE, "unheard_of"])
def test_every_reason_without_a_place_has_words(tag: str, code: str) -> None:
    assert reasons.no_place(language(tag), {"code": code, "params": {}})
    assert reasons.no_place(language(tag), code)


@pytest.mark.parametrize("code", reasons.WOULD_HELP)
def test_every_change_has_words(code: str) -> None:
    said = reasons.would_help(language("en"), {"code": code, "params": {"languages": ["zh", "ru"]}})
    assert said.endswith("(Chinese, Russian)")
    assert reasons.would_help(language("en"), None) == ""


@pytest.mark.parametrize(
    ("sentence", "terms", "marked"),
    [
        ("Ищем капельные линии", ["капельницы"], "Ищем <mark>капельные</mark> линии"),
        ("滴灌带与微咸水", ["微咸水"], "滴灌带与<mark>微咸水</mark>"),
        ("ينظف الألواح ليلا", ["للألواح"], "ينظف <mark>الألواح</mark> ليلا"),
        ("a < b & water", ["water"], "a &lt; b &amp; <mark>water</mark>"),
        ("car carpet", ["car"], "<mark>car</mark> carpet"),
        ("nothing", [], "nothing"),
    ],
)
def test_shared_words_are_marked_whatever_their_endings(
    sentence: str, terms: list[str], marked: str
) -> None:
    assert str(quotes.marked(sentence, terms)) == marked


def test_a_draft_becomes_a_grid_by_the_slots_of_the_frame() -> None:
    meetings = grid.drawn(a.PLACEMENTS, list(a.REQUESTS.values()), a.FRAME)
    assert (meetings[1]["start"], meetings[1]["end"]) == (
        "2027-04-21T07:30:00Z",
        "2027-04-21T08:30:00Z",
    )
    (sheet,) = grid.sheets(w.DOCKING_EVENT, meetings, Clocks(language("en"), None))
    assert (sheet.city, sheet.place, sheet.tables) == ("Lanzhou", "Lanzhou, UTC+8", ("L1", "L2"))
    assert [slot.hours for slot in sheet.slots] == ["15:00", "15:30"]
    assert sheet.slots[0].elsewhere == ("Almaty 12:00", "Riyadh 10:00")
    assert [len(cell) for cell in sheet.slots[0].cells] == [1, 0]


def test_each_venue_has_its_own_grid() -> None:
    sheets = grid.sheets(w.DOCKING_EVENT, list(a.MEETINGS.values()), Clocks(language("ru"), None))
    assert [(sheet.city, sheet.tables) for sheet in sheets] == [("Алматы", ("A1",))]


def test_an_agenda_shows_each_city_s_clock_and_its_night() -> None:
    days = agenda.days(w.DOCKING_EVENT, w.SESSIONS, Clocks(language("en"), "Europe/Lisbon"))
    assert [day.date.isoformat() for day in days] == ["2027-04-21", "2027-04-22"]
    first = days[0]
    assert [(c.cities, c.offset) for c in first.columns] == [
        ("Lanzhou", "UTC+8"),
        ("Almaty", "UTC+5"),
        ("Riyadh", "UTC+3"),
        ("Lisbon", "UTC+1"),
    ]
    opening = first.rows[0].cells
    assert [cell.hours for cell in opening] == [
        "10:00–11:00",
        "07:00–08:00",
        "05:00–06:00",
        "03:00–04:00",
    ]
    assert [cell.here for cell in opening] == [True, False, False, False]
    assert [cell.night for cell in opening] == [False, False, True, True]
