"""Phone numbers in texts, by the numbering plans of all countries."""

import re
from collections.abc import Iterator

from phonenumbers import Leniency, PhoneNumberMatcher

_AS_DIALLED = re.compile(r"(?<!\d)00(?=[1-9]\d)")


def phones(text: str) -> Iterator[tuple[int, int]]:
    """Yield where international numbers stand, written with + or 00 and in any script's digits."""
    # Both ways are two characters long, so places stay the same.
    for match in PhoneNumberMatcher(_AS_DIALLED.sub(" +", text), None, Leniency.VALID):
        yield match.start, match.end
