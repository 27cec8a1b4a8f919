"""A clock that stands still."""

from dataclasses import dataclass
from datetime import UTC, datetime

NOON = datetime(2027, 5, 17, 12, tzinfo=UTC)


@dataclass
class FrozenClock:
    """Tells the same time until moved."""

    time: datetime = NOON

    def now(self) -> datetime:
        return self.time
