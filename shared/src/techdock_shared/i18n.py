"""Which language somebody reads, which way it runs, and what CLDR calls things in it."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from babel import Locale, UnknownLocaleError

UI_LANGUAGES = ("zh-Hans", "en", "ru", "ar")
"""BCP 47 tags of the languages that the screens speak."""

FALLBACK = "en"
MOST_RANGES = 20
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi", "ckb", "dv"})


def ranges(accept_language: str) -> Iterator[str]:
    """Yield the languages that an Accept-Language header asks for, the dearest first.

    What is malformed is passed over; of equal weight the earlier comes first.

    >>> list(ranges("ru;q=0.5, zh-CN, en;q=0, *;q=0.1"))
    ['zh-CN', 'ru', '*']
    """
    weighted: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:MOST_RANGES]:
        tag, _, parameters = part.strip().partition(";")
        name, _, text = parameters.strip().partition("=")
        try:
            weight = float(text) if name.strip().lower() == "q" else 1.0
        except ValueError:
            continue
        if tag.strip() and 0 < weight <= 1:
            weighted.append((weight, tag.strip()))
    weighted.sort(key=lambda pair: -pair[0])
    yield from (tag for _, tag in weighted)


def matching(tag: str) -> str | None:
    """Return the screen language for a language tag, by its primary language.

    Every Chinese reader is better served by Hans than by English, so zh-TW gets it too.

    >>> matching("zh-Hant-TW"), matching("AR-eg"), matching("fr")
    ('zh-Hans', 'ar', None)
    """
    primary = tag.replace("_", "-").split("-")[0].lower()
    return next((ui for ui in UI_LANGUAGES if ui.split("-")[0] == primary), None)


def negotiate(accept_language: str | None, preferred: str | None = None) -> str:
    """Choose the language to speak.

    Args:
        accept_language: The header, if there was one.
        preferred: What the account chose; wins when we speak it.

    Returns:
        One of `UI_LANGUAGES`.
    """
    chosen = matching(preferred) if preferred else None
    if chosen is None:
        chosen = next(filter(None, map(matching, ranges(accept_language or ""))), FALLBACK)
    return chosen


def direction(language: str) -> Literal["ltr", "rtl"]:
    """Say which way a language runs.

    >>> direction("ar"), direction("zh-Hans")
    ('rtl', 'ltr')
    """
    tag = language.replace("_", "-").split("-")
    return "rtl" if tag[0].lower() in RIGHT_TO_LEFT and "Latn" not in tag else "ltr"


@lru_cache(maxsize=64)
def locale(language: str) -> Locale:
    """Return the CLDR locale of a language tag; English for one that CLDR does not know."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(FALLBACK)


def language_name(code: str, language: str) -> str:
    """Return what a language is called in another; the code itself when nobody knows.

    >>> language_name("zh-Hans", "en"), language_name("ru", "ru")
    ('Simplified Chinese', 'русский')
    """
    names = locale(language).languages
    underscored = code.replace("-", "_")
    return names.get(underscored) or names.get(underscored.split("_")[0]) or code


def country_name(code: str, language: str) -> str:
    """Return what a country (ISO 3166-1 alpha-2) is called; the code when nobody knows.

    >>> country_name("UZ", "ru"), country_name("CN", "ar")
    ('Узбекистан', 'الصين')
    """
    return locale(language).territories.get(code.upper()) or code
