"""The language of a text: as declared, unless its script says otherwise."""

from collections.abc import Mapping

from techdock_matching.domain.ranking.normal import Script, primary, script_of

UNKNOWN = "und"
_DETECTED_CHARACTERS = 600

_LANGUAGES = {
    Script.CYRILLIC: "ru uk be bg mk ky tg mn",
    Script.ARABIC: "ar fa ur ps ug",
    Script.LATIN: "en fr es de pt it nl pl cs sk ro hu tr vi id ms sv da no nb fi et lv lt sl hr",
    Script.HAN: "zh",
    Script.KANA: "ja",
    Script.HANGUL: "ko",
}
_SCRIPTS: Mapping[str, Script] = {
    language: script for script, languages in _LANGUAGES.items() for language in languages.split()
}
"""Languages of one script. Those of several, such as kk, uz and sr, are believed."""

_DECIDED: Mapping[Script, str] = {
    Script.HAN: "zh",
    Script.KANA: "ja",
    Script.HANGUL: "ko",
    Script.ARABIC: "ar",
}


def script_of_language(language: str) -> Script | None:
    """Return the script of a language; none when it has several, or is not known."""
    return _SCRIPTS.get(language)


def language_of(text: str, declared: str) -> str:
    """Return the primary subtag of a text's language.

    A declared language is believed when the script of the text is one of its own; else the script
    decides, and a detector where the script does not.

    Args:
        declared: BCP 47 tag; `und` or empty when nobody said.
    """
    language = primary(declared)
    script = script_of(text)
    if language not in {"", UNKNOWN}:
        own = _SCRIPTS.get(language)
        japanese = language == "ja" and script is Script.HAN
        if own is None or script in {own, Script.OTHER} or japanese:
            return language
    if script is Script.OTHER:
        return language or UNKNOWN
    return _DECIDED.get(script) or _detected(text, script)


def _detected(text: str, script: Script) -> str:
    # Its model takes a second to load, and most collections never need it.
    import py3langid  # noqa: PLC0415

    found: list[tuple[str, float]] = py3langid.rank(text[:_DETECTED_CHARACTERS])
    known = (language for language, _ in found if _SCRIPTS.get(language) is script)
    return next(known, UNKNOWN)
