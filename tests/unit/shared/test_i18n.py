"""Which language somebody gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from techdock_shared.i18n import (
    UI_LANGUAGES,
    country_name,
    direction,
    language_name,
    negotiate,
    ranges,
)


@pytest.mark.parametrize(
    ("header", "preferred", "language"),
    [
        (None, None, "en"),
        ("", None, "en"),
        ("*", None, "en"),
        ("ru", None, "ru"),
        ("ru-KZ,ru;q=0.9,en;q=0.8", None, "ru"),
        ("fr-FR,fr;q=0.9,ar;q=0.5,en;q=0.4", None, "ar"),
        ("zh-CN,zh;q=0.9", None, "zh-Hans"),
        ("zh-TW", None, "zh-Hans"),
        ("zh_Hans_CN", None, "zh-Hans"),
        ("en;q=0.1, ar;q=0.2", None, "ar"),
        ("en;q=0, ru;q=0.1", None, "ru"),
        ("en;q=x, ar", None, "ar"),
        ("fr", None, "en"),
        ("ru", "ar", "ar"),
        ("ru", "fr", "ru"),
        ("ru", "zh-Hant", "zh-Hans"),
    ],
)
def test_the_dearest_language_that_we_speak_wins(
    header: str | None, preferred: str | None, language: str
) -> None:
    assert negotiate(header, preferred) == language


@given(st.text(), st.none() | st.text())
def test_whatever_a_browser_sends_gets_a_language(header: str, preferred: str | None) -> None:
    assert negotiate(header, preferred) in UI_LANGUAGES


def test_equal_weights_keep_their_order() -> None:
    assert list(ranges("ru, ar, en;q=1.0, zh;q=0.9")) == ["ru", "ar", "en", "zh"]


@pytest.mark.parametrize(
    ("language", "way"),
    [
        ("ar", "rtl"),
        ("ar-EG", "rtl"),
        ("fa", "rtl"),
        ("ar-Latn", "ltr"),
        ("ru", "ltr"),
        ("zh-Hans", "ltr"),
    ],
)
def test_each_language_has_its_direction(language: str, way: str) -> None:
    assert direction(language) == way


def test_names_come_from_cldr_and_unknown_codes_stay() -> None:
    assert language_name("ar", "ru") == "арабский"
    assert language_name("zh-Hans", "zh-Hans") == "简体中文"
    assert country_name("kz", "en") == "Kazakhstan"
    assert country_name("XQ", "en") == "XQ"
    assert language_name("qqq", "en") == "qqq"
    assert country_name("CN", "no such language") == "China"
