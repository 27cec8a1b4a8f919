# ruff: noqa: RUF001 - texts in four scripts
"""Dates, numbers, times and texts as readers of four languages need them."""

from datetime import UTC, date, datetime

import pytest
from techdock_portal.i18n import LANGUAGES, accepted, direction_of, language, nearest
from techdock_portal.texts import best, named, original, others
from techdock_portal.times import Clocks, offset, to_field, to_utc, zone_of

AT = datetime(2027, 4, 21, 7, tzinfo=UTC)


def plain(text: str) -> str:
    """CLDR puts narrow and unbreakable spaces where a person types a common one."""
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def text(original: str, **versions: str) -> dict:
    return {
        "original": original,
        "versions": {
            tag.replace("_", "-"): {"text": t, "status": "machine"} for tag, t in versions.items()
        },
    }


@pytest.mark.parametrize(
    ("tag", "whole", "span"),
    [
        ("en", "21 April 2027", "21–22 April 2027"),
        ("ru", "21 апреля 2027 г.", "21–22 апреля 2027 г."),
        ("zh-Hans", "2027年4月21日", "2027年4月21–22日"),
        ("ar", "٢١ أبريل ٢٠٢٧", "٢١–٢٢ أبريل ٢٠٢٧"),
    ],
)
def test_months_are_words_and_digits_those_of_the_language(tag: str, whole: str, span: str) -> None:
    tongue = language(tag)
    assert plain(tongue.day(date(2027, 4, 21))) == whole
    assert plain(tongue.days(date(2027, 4, 21), date(2027, 4, 22))) == span


def test_a_span_over_two_months_names_both() -> None:
    assert language("en").days(date(2027, 4, 30), date(2027, 5, 2)) == "30 April – 2 May 2027"
    assert "2027" in language("en").days(date(2027, 12, 31), date(2028, 1, 1))


def test_numbers_follow_the_language() -> None:
    assert language("en").number(10980) == "10,980"
    assert plain(language("ru").number(10980)) == "10 980"
    assert language("ar").number(10980) == "١٠٬٩٨٠"


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("zh-CN", "zh-Hans"),
        ("fr, ar;q=0.5", "ar"),
        ("xx", "en"),
        (None, "en"),
        ("en;q=x, ru", "ru"),
    ],
)
def test_the_browser_says_which_language(header: str | None, tag: str) -> None:
    assert accepted(header) == tag


def test_tags_of_any_form_find_their_language() -> None:
    assert (nearest("zh"), nearest("zh-Hant-TW"), nearest("AR"), nearest("de"), nearest("")) == (
        "zh-Hans",
        "zh-Hans",
        "ar",
        None,
        None,
    )
    assert (direction_of("ar"), direction_of("zh-Hans"), direction_of(None)) == (
        "rtl",
        "ltr",
        "ltr",
    )


def test_the_place_s_time_stands_first_and_the_reader_s_own_under_it() -> None:
    shown = str(
        Clocks(language("en"), "Europe/Lisbon").span(
            "2027-04-21T07:00:00Z", "2027-04-21T07:30:00Z", "Asia/Riyadh", "Riyadh"
        )
    )
    assert "<b><time" in shown
    assert (
        shown.index("10:00–10:30")
        < shown.index("Riyadh, UTC+3")
        < shown.index("08:00–08:30 Lisbon, UTC+1")
    )


def test_nothing_stands_under_a_time_that_is_the_reader_s_own() -> None:
    shown = str(
        Clocks(language("en"), "Asia/Baghdad").span("2027-04-21T07:00:00Z", None, "Asia/Riyadh")
    )
    assert "td-yours" not in shown


def test_the_reader_s_day_is_named_where_it_is_another() -> None:
    shown = str(
        Clocks(language("en"), "America/Sao_Paulo").moment(
            "2027-04-21T01:00:00Z", "Asia/Shanghai", "Lanzhou"
        )
    )
    assert "21 April 2027, 09:00" in shown
    assert (
        "20 April, 22:00 São Paulo, UTC−3" in shown or "20 April, 22:00 Sao Paulo, UTC−3" in shown
    )


def test_offsets_may_have_minutes_and_a_true_minus() -> None:
    assert offset(AT.astimezone(zone_of("Asia/Kolkata"))) == "UTC+5:30"
    assert offset(AT.astimezone(zone_of("America/Sao_Paulo"))) == "UTC−3"
    assert offset(AT) == "UTC+0"


def test_a_typed_time_goes_by_the_clock_of_its_place_and_back() -> None:
    assert to_utc("2027-04-21T09:00", "Asia/Almaty") == "2027-04-21T04:00:00Z"
    assert to_field("2027-04-21T04:00:00Z", "Asia/Almaty") == "2027-04-21T09:00"
    assert to_utc("nonsense", "Asia/Almaty") is None
    assert to_utc("2027-04-21T09:00", "Nowhere/There") is None
    assert to_field(None, "UTC") == ""


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_reader_gets_their_own_version_of_a_text(tag: str) -> None:
    shown = best(
        text("kk", kk="қазақша", zh_Hans="中文", en="English", ru="русский", ar="عربي"), tag
    )
    assert shown.tag == tag
    assert shown.original == "kk"


def test_without_an_own_version_there_is_english_then_the_original() -> None:
    assert best(text("fr", fr="texte", en="text"), "ar").text == "text"
    assert best(text("fr", fr="texte"), "ar").text == "texte"
    assert best(text("zh", zh="文"), "zh-Hans").text == "文"
    assert not best(None, "en")
    assert str(original(text("fr", fr="texte", en="text"))) == "texte"


def test_a_foreign_text_is_kept_apart_and_escaped() -> None:
    shown = best(text("ar", ar="<b>نص</b>"), "en")
    assert shown.__html__() == '<bdi lang="ar" dir="rtl">&lt;b&gt;نص&lt;/b&gt;</bdi>'
    assert [
        str(other)
        for other in others(text("ru", ru="а", en="a"), best(text("ru", ru="а", en="a"), "en"))
    ] == ["а"]


def test_a_name_shows_its_own_script_and_the_latin_form() -> None:
    name = named({"native": "李青", "latin": "Li Qing", "language": "zh-Hans"})
    assert name.__html__() == '<bdi lang="zh-Hans">李青</bdi> · <bdi>Li Qing</bdi>'
    assert str(name.short) == "<bdi>Li Qing</bdi>"
    assert named(None).__html__() == ""
    assert not named({})
