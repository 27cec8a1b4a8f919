"""The languages of the pages: catalogues, numbers, plurals, dates; all after CLDR.

Catalogues are `locale/<language>/LC_MESSAGES/techdock.po`, read and compiled in memory the
first time a language is asked for.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations
from techdock_shared.i18n import UI_LANGUAGES, direction, matching, negotiate

HERE = Path(__file__).parent / "locale"
LANGUAGES = UI_LANGUAGES
NATIVE = {"zh-Hans": "中文", "en": "English", "ru": "Русский", "ar": "العربية"}
# English as it is read all over the world: day before month, 24 hours.
CLDR = {"zh-Hans": "zh_Hans_CN", "en": "en_GB", "ru": "ru_RU", "ar": "ar"}
DAY_OF_WEEK = {
    "zh-Hans": "M月d日 EEEE", "en": "EEEE d MMMM", "ru": "EEEE, d MMMM", "ar": "EEEE، d MMMM"
}  # fmt: skip
PLACE_COMMA = {
    "zh-Hans": "\N{FULLWIDTH COMMA}", "en": ", ", "ru": ", ", "ar": "\N{ARABIC COMMA} "
}  # fmt: skip
COMMA = {"zh-Hans": "、", "en": ", ", "ru": ", ", "ar": "، "}
ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
ARABIC_NUMBER = ARABIC_DIGITS | str.maketrans(
    {",": "\N{ARABIC THOUSANDS SEPARATOR}", ".": "\N{ARABIC DECIMAL SEPARATOR}"}
)
EN_DASH = "\N{EN DASH}"


def N_(message: str) -> str:  # noqa: N802 - the usual name of this marker
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages.

    Attributes:
        tag: BCP 47, as in `lang`.
        direction: `ltr` or `rtl`, as in `dir`.
    """

    tag: str
    direction: str
    locale: Locale
    catalogue: Translations

    def text(self, message: str, **values: object) -> str:
        """Return a message, its %(name)s places filled."""
        found = str(self.catalogue.ugettext(message))
        return found % values if values else found

    def word(self, context: str, message: str) -> str:
        """Return a word of a vocabulary, such as the state of a meeting."""
        return str(self.catalogue.upgettext(context, message))

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """Return the form that goes with a count; %(n)s is the count as it is written here."""
        form = str(self.catalogue.ungettext(one, many, count))
        return form % {"n": self.number(count), **values}

    def number(self, value: float | Decimal | None) -> str:
        """Write a number: 1,046 in English; Arabic has digits of its own."""
        if value is None:
            return ""
        written = str(format_decimal(value, locale=self.locale))
        return written.translate(ARABIC_NUMBER) if self.tag == "ar" else written

    def digits(self, text: str) -> str:
        """Write the digits of a text as this language does."""
        return text.translate(ARABIC_DIGITS) if self.tag == "ar" else text

    def day(self, value: date, *, weekday: bool = False, year: bool = True) -> str:
        """Write a date with the month in words: 21 April 2027."""
        if weekday:
            # CLDR's own pattern without a year shortens both names in Russian.
            form = "full" if year else DAY_OF_WEEK[self.tag]
            written = self.digits(str(format_date(value, form, locale=self.locale)))
            return written[:1].upper() + written[1:]  # It begins a heading.
        if year:
            return self.digits(str(format_date(value, "long", locale=self.locale)))
        at = datetime.combine(value, time())
        return self.digits(str(format_skeleton("MMMMd", at, locale=self.locale)))

    def days(self, first: date, last: date) -> str:
        """Write a span of days: the month once, if it is one month."""
        if first == last:
            return self.day(first)
        if (first.year, first.month) == (last.year, last.month):
            whole, start = self.day(last), self.digits(str(first.day))
            end = self.digits(str(last.day))
            # Only the day number changes; CLDR's own interval patterns shorten the month.
            head, _, tail = whole.rpartition(end) if self.tag == "zh-Hans" else whole.partition(end)
            return f"{head}{start}{EN_DASH}{end}{tail}"
        start = self.day(first, year=first.year != last.year)
        return f"{start} {EN_DASH} {self.day(last)}"

    def hour(self, value: datetime) -> str:
        """Write a time of day in 24 hours: 15:30."""
        return self.digits(str(format_time(value, "HH:mm", locale=self.locale)))

    def listed(self, items: Sequence[str]) -> str:
        """Write a list: a, b, c."""
        return COMMA[self.tag].join(items)

    def country(self, code: str | None) -> str:
        """Return the name of a country or region by its ISO 3166-1 code."""
        return str(self.locale.territories.get(str(code or ""), code or ""))

    def language(self, tag: str | None) -> str:
        """Return the name of a language by its BCP 47 tag."""
        plain = (tag or "").replace("-", "_")
        names: Any = self.locale.languages
        return str(names.get(plain) or names.get(plain.split("_")[0]) or tag or "")


@cache
def language(tag: str) -> Language:
    """Return a language by its tag, one of LANGUAGES."""
    locale = Locale.parse(CLDR[tag])
    folder = tag.replace("-", "_")
    with (HERE / folder / "LC_MESSAGES" / "techdock.po").open("rb") as file:
        catalogue = read_po(file, locale=folder, domain="techdock")
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(tag, direction(tag), locale, Translations(compiled, domain="techdock"))


def nearest(wanted: str | None) -> str | None:
    """Return the tag of ours that a BCP 47 tag means, or None."""
    return matching(wanted) if wanted else None


def accepted(header: str | None) -> str:
    """Return the best of our languages for an Accept-Language header."""
    return negotiate(header)


def direction_of(tag: object) -> str:
    """Return in which direction a language of a text is written."""
    return direction(str(tag or "en"))
