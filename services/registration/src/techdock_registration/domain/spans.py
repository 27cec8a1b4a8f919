"""Spans of time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from techdock_shared.errors import Invalid

from techdock_registration.domain.rules import FIRST_YEAR, LAST_YEAR, is_in_reach


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open span of time, `[start, end)`, timezone-aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise Invalid("a span needs times with an offset from UTC")
        if not (is_in_reach(self.start) and is_in_reach(self.end)):
            raise Invalid(
                f"a span lies between {FIRST_YEAR} and {LAST_YEAR}, not {self.start} .. {self.end}"
            )
        if self.start >= self.end:
            raise Invalid(f"a span must end after it starts, not {self.start} .. {self.end}")


def disjoint(spans: Iterable[Span]) -> bool:
    """Whether no two of the spans share a moment; spans that only touch do not."""
    return all(a.end <= b.start for a, b in pairwise(sorted(spans)))
