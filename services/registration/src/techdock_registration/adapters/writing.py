"""Mails in the language of who reads them."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.dates import format_date
from typing_extensions import override

from techdock_registration.adapters import letter_texts
from techdock_registration.app import ports
from techdock_registration.domain.mail import WITHOUT_EVENT

FALLBACK = "en"


@cache
def _texts() -> Mapping[str, Mapping[str, Any]]:
    return {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8"))
        for file in files(letter_texts).iterdir()
        if file.name.endswith(".toml")
    }


def language_of(wanted: str) -> str:
    """Return the language of the texts that fits a BCP 47 tag: the same, or a relative."""
    if wanted in _texts():
        return wanted
    stem = wanted.split("-", maxsplit=1)[0]
    return next((tag for tag in _texts() if tag.split("-")[0] == stem), FALLBACK)


class FiledLetters(ports.Letters):
    """Mails from the files in `letter_texts`."""

    @override
    def write(self, reason: str, language: str, values: Mapping[str, str]) -> ports.Letter:
        texts = _texts()[language_of(language)]
        text = texts.get(f"{reason}.{values.get('variant')}") or texts[reason]
        why = texts["why_self" if reason in WITHOUT_EVENT else "why"]
        parts = (texts["hello"], text["body"], why)
        body = "\n\n".join(part.format_map(values) for part in parts)
        # A line break in a subject would begin another header.
        subject = " ".join(text["subject"].format_map(values).split())
        return ports.Letter(subject, body + "\n")

    @override
    def moment(self, at: datetime, language: str) -> str:
        locale = Locale.parse(language_of(language), sep="-")
        return f"{format_date(at, 'full', locale=locale)}, {at:%H:%M}"
