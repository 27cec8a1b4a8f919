# ruff: noqa: RUF001 - texts in four scripts
"""From what was typed to what is sent, and back; nothing of it is lost."""

from starlette.datastructures import FormData
from support import portal_world as w
from techdock_portal import profile_form
from techdock_portal.client import ApiProblem
from techdock_portal.pages.organizer.venues import labels_of

TYPED = FormData(
    [
        ("tag-0", "ru"), ("title-0", "Капельный полив"), ("summary-0", "Ищем\r\nлинии"),
        ("tag-1", "en"), ("title-1", "Drip irrigation with brackish water off the grid"), ("status-1", "machine"),
        ("tag-2", "ar"), ("title-2", ""),
        ("trl_least", "7"), ("trl_most", "9"), ("cooperation", "licence"), ("cooperation", "training"),
        ("technology_keywords", "полив；вода; полив"), ("ipc", "a01g 25/02"), ("excluded_countries", "xx，yy"),
        ("climate", "arid"), ("skill_level", "trained"), ("price_band", ""), ("disclosure-description", "accepted"),
        ("sdg", "6"), ("technology_field", "29"), ("valid_until", "2028-03-31"),
    ]
)  # fmt: skip


def test_a_form_becomes_what_registration_takes() -> None:
    body = profile_form.to_body(TYPED, "need", None)
    assert body["texts"]["title"]["original"] == "ru"
    assert set(body["texts"]["title"]["versions"]) == {"ru", "en"}
    assert body["texts"]["summary"]["versions"] == {
        "ru": {"text": "Ищем\nлинии", "status": "human"}
    }
    assert (body["trl_least"], body["trl_most"], body["sdg"], body["technology_field"]) == (
        7,
        9,
        [6],
        29,
    )
    assert body["cooperation"] == ["licence", "training"]
    assert (body["technology_keywords"], body["ipc"], body["excluded_countries"]) == (
        ["полив", "вода"],
        ["A01G25/02"],
        ["XX", "YY"],
    )
    assert body["conditions"]["climate"] == ["arid"]
    assert body["conditions"]["price_band"] is None
    assert body["disclosure"] == {"description": "accepted"}
    assert "trl" not in body


def test_a_machine_translation_that_nobody_touched_stays_one() -> None:
    untouched = profile_form.to_body(TYPED, "need", w.PROFILES[w.NEED])["texts"]["title"][
        "versions"
    ]["en"]
    touched = profile_form.to_body(TYPED, "need", None)["texts"]["title"]["versions"]["en"]
    approved = FormData([*TYPED.multi_items(), ("approved-1", "yes")])
    assert untouched["status"] == "machine"
    assert touched["status"] == "human"
    assert (
        profile_form.to_body(approved, "need", None)["texts"]["title"]["versions"]["en"]["status"]
        == "approved"
    )


def test_what_was_typed_comes_back_into_the_form() -> None:
    draft = profile_form.from_typed(TYPED, "need", add="zh")
    assert draft.tags == ("ru", "en", "ar", "zh")
    assert draft.columns[0].texts["title"] == "Капельный полив"
    assert draft.values["trl_least"] == 7


def test_a_profile_shows_its_original_first() -> None:
    draft = profile_form.from_profile(w.PROFILES[w.OFFER], add="ar")
    assert draft.tags == ("zh-Hans", "en", "ru", "ar")
    assert [column.is_original for column in draft.columns] == [True, False, False, False]
    assert draft.columns[1].status == "machine"


def test_faults_are_found_at_the_fields_they_belong_to() -> None:
    errors = [
        {"where": where, "expected": "x", "found": "y"}
        for where in (
            "texts.title.versions.en",
            "texts.title",
            "conditions.climate",
            "body.trl_most",
        )
    ]
    names = profile_form.errors_of(ApiProblem(422, "invalid", errors=errors), TYPED)
    assert list(names.values()) == ["title-1", "title-0", "climate", "trl_most"]


def test_labels_of_tables_may_be_ranges() -> None:
    assert labels_of("L1-L3; B1，T08–T10") == ["L1", "L2", "L3", "B1", "T08", "T09", "T10"]
    assert labels_of("") == []
    assert len(labels_of("A1-A99999")) == 200
