"""What a figure looks like outside: rounded, with its phrase, or hidden.

Until disclosure control is built, a count about participants leaves only as the total of a held
docking event as of its close, rounded to base 5, and hidden below 10.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

BASE = 5
LEAST_SHOWN = 10
_EXACT_BELOW = 10

PHRASES: Mapping[str, tuple[str, str]] = {
    # language: (exactly n, more than n); {n} is formatted by the reader's own conventions
    "zh-Hans": ("{n}{unit}", "{n}余{unit}"),
    "en": ("{n}", "more than {n}"),
    "ru": ("{n}", "более {n}"),
    "ar": ("{n}", "أكثر من {n}"),
}


@dataclass(frozen=True, slots=True)
class Safe:
    """A count as it may leave.

    Attributes:
        value: Rounded to the nearest multiple of 5; None when hidden.
        flag: "[c]" when hidden (confidential), else nothing. The flag never tells why.
    """

    value: int | None
    flag: Literal["[c]", ""]


def safe(count: int) -> Safe:
    """Return a count about participants in the form that a ministry may see.

    A count below 10 is hidden, zero too: that nobody came would be told about somebody.
    """
    if count < LEAST_SHOWN:
        return Safe(None, "[c]")
    return Safe(BASE * ((count + BASE // 2) // BASE), "")


def rounded_down(count: int) -> tuple[int, bool]:
    """Return the figure of a bulletin, and whether the true one is larger.

    Bulletins say "more than 300" for 317: below 10 exact, then down to tens, from 100 on to
    hundreds, from 10,000 on to thousands.
    """
    step = next(
        step
        for least, step in ((10_000, 1000), (100, 100), (_EXACT_BELOW, 10), (0, 1))
        if count >= least
    )
    published = count - count % step
    return published, published < count


def phrase(count: int, language: str, unit: str = "") -> str:
    """Return a count in words of a bulletin, for example 317 as 300余场.

    Args:
        language: zh-Hans, en, ru or ar.
        unit: The measure word, for the languages that need one.
    """
    published, more = rounded_down(count)
    return PHRASES[language][more].format(n=published, unit=unit)
