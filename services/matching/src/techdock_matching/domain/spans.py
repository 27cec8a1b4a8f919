"""Spans of time, and the ticks in which things are occupied."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from techdock_shared.errors import Invalid

TICK_MINUTES = 5
_TICK_S = TICK_MINUTES * 60


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open span of time, `[start, end)`, timezone-aware."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise Invalid("a span needs times with an offset from UTC")
        if self.start >= self.end:
            raise Invalid(f"a span must end after it starts, not {self.start} .. {self.end}")

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a moment; spans that only touch do not."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Span") -> bool:
        """Whether all of the other lies within this one."""
        return self.start <= other.start and other.end <= self.end


def tick(at: datetime) -> int:
    """Return the number of the 5 minutes of UTC in which an instant lies, counted from 1970."""
    return int(at.timestamp()) // _TICK_S


def tick_start(number: int) -> datetime:
    """Return the instant at which a tick begins, in UTC."""
    return datetime.fromtimestamp(number * _TICK_S, UTC)


def ticks(start: datetime, end: datetime) -> range:
    """Return every tick that `[start, end)` touches."""
    return range(tick(start), tick(end - timedelta(microseconds=1)) + 1)


def on_ticks(at: datetime) -> bool:
    """Whether an instant is a boundary between two ticks."""
    return at.timestamp() % _TICK_S == 0


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the same time as the fewest spans, in order: touching and overlapping ones join."""
    whole: list[Span] = []
    for span in sorted(spans):
        if whole and span.start <= whole[-1].end:
            whole[-1] = Span(whole[-1].start, max(whole[-1].end, span.end))
        else:
            whole.append(span)
    return tuple(whole)


def less(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of some spans without others, in order."""
    left = list(joined(spans))
    for out in taken:
        pieces: list[Span] = []
        for span in left:
            if not span.overlaps(out):
                pieces.append(span)
                continue
            if span.start < out.start:
                pieces.append(Span(span.start, out.start))
            if out.end < span.end:
                pieces.append(Span(out.end, span.end))
        left = pieces
    return tuple(left)


def local_date(at: datetime, zone: str) -> date:
    """Return the date that an instant has in a zone."""
    return at.astimezone(ZoneInfo(zone)).date()
