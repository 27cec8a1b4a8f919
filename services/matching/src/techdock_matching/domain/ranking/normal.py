"""Texts as they are compared: one spelling of each letter, and the script they are written in."""

# ruff: noqa: RUF001, RUF002 - letters of other scripts are what this file is about

import re
import unicodedata
from enum import StrEnum

_ARABIC_MARKS = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
_ARABIC_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي"})
_ARABIC = re.compile("[\u0600-\u06ff]")
_SAMPLE_CHARACTERS = 400


class Script(StrEnum):
    """A script as far as the ranking tells scripts apart (ISO 15924)."""

    LATIN = "Latn"
    CYRILLIC = "Cyrl"
    ARABIC = "Arab"
    HAN = "Hani"
    KANA = "Kana"
    HANGUL = "Hang"
    OTHER = "Zyyy"


_RANGES = (
    ("\u0041", "\u024f", Script.LATIN),
    ("\u0400", "\u052f", Script.CYRILLIC),
    ("\u0600", "\u06ff", Script.ARABIC),
    ("\u0750", "\u077f", Script.ARABIC),
    ("\u1e00", "\u1eff", Script.LATIN),
    ("\u3040", "\u30ff", Script.KANA),
    ("\u3400", "\u9fff", Script.HAN),
    ("\uac00", "\ud7af", Script.HANGUL),
    ("\uf900", "\ufaff", Script.HAN),
)


def normalised(text: str) -> str:
    """Return a text as it is compared: NFKC, case folded, Arabic marks and variants gone.

    >>> normalised("Ｈ２Ｏ, Ёлка, كِتَابٌ")
    'h2o, елка, كتاب'
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    if _ARABIC.search(folded):
        return _ARABIC_MARKS.sub("", folded).translate(_ARABIC_LETTERS)
    return folded


def primary(tag: str) -> str:
    """Return the language of a BCP 47 tag without script and region, in lower case.

    >>> primary("zh-Hans-CN")
    'zh'
    """
    return tag.partition("-")[0].lower()


def script_of(text: str) -> Script:
    """Return the script of most letters at the beginning of a text; OTHER when none is known.

    Kana wins over Han, since Japanese mixes them and Chinese does not.
    """
    sample = text[:_SAMPLE_CHARACTERS]
    if sample.isascii():
        return Script.LATIN if any(map(str.isalpha, sample)) else Script.OTHER
    counts: dict[Script, int] = {}
    for character in sample:
        if character.isalpha():
            for first, last, script in _RANGES:
                if first <= character <= last:
                    counts[script] = counts.get(script, 0) + 1
                    break
    if not counts:
        return Script.OTHER
    if Script.KANA in counts:
        return Script.KANA
    # A Chinese sign says about as much as two letters of an alphabet.
    counts[Script.HAN] = counts.get(Script.HAN, 0) * 2
    return max(counts, key=lambda script: (counts[script], script))
