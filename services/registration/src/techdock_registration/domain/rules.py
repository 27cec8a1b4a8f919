"""Checks that collect every fault and say what was expected and what was found."""

import re
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from techdock_shared.errors import FieldError, Invalid

MOST_FOUND_CHARACTERS = 120
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")
_EMAIL = re.compile(r"[^\s@<>,;:\"\\()\[\]]{1,64}@[^\s@<>,;:\"\\()\[\]]+\.[^\s@.]{2,63}")
MOST_EMAIL_CHARACTERS = 254
MOST_CAPACITY = 1_000_000
MOST_MEETINGS = 1_000
FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Beyond them a zone, a day more or a database can leave what a date can say."""


class Findings:
    """The faults found in one thing; all are told at once, not only the first."""

    __slots__ = ("errors",)

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def expect(self, holds: bool, where: str, expected: str, found: object) -> None:
        """Note a fault unless the condition holds."""
        if not holds:
            self.errors.append(FieldError(where, expected, str(found)[:MOST_FOUND_CHARACTERS]))

    def text(self, where: str, value: str, most: int, *, empty: bool = False) -> None:
        """Expect a text of at most so many characters, and not an empty one."""
        self.expect(len(value) <= most, where, f"at most {most} characters", len(value))
        self.expect("\0" not in value, where, "text without U+0000", "U+0000")
        if not empty:
            self.expect(bool(value.strip()), where, "a text", "nothing")

    def settle(self, what: str) -> None:
        """End the checks.

        Raises:
            Invalid: There are faults; carries all of them.
        """
        if self.errors:
            first = self.errors[0]
            raise Invalid(
                f"{what}: {first.where} must be {first.expected}, not {first.found!r}",
                errors=self.errors,
            )


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_in_reach(day: date) -> bool:
    """Whether a date or an instant is one that can be reckoned with."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def is_zone(name: str) -> bool:
    """Whether a name is an IANA time zone."""
    return name in _zones()


@cache
def is_language(tag: str) -> bool:
    """Whether a text has the form of a BCP 47 tag of language, script and region."""
    return _LANGUAGE.fullmatch(tag) is not None


def is_email(address: str) -> bool:
    """Whether a text has the form of a mail address."""
    return len(address) <= MOST_EMAIL_CHARACTERS and _EMAIL.fullmatch(address) is not None


def normal_email(address: str) -> str:
    """Return a mail address as it is compared: trimmed and in lower case."""
    return address.strip().lower()


def local_date(at: datetime, zone: str) -> date:
    """Return the date that an instant has in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()
