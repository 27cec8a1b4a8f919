"""One transaction of matching, as its repositories see it."""

from sqlalchemy.ext.asyncio import AsyncConnection
from techdock_shared.clock import Clock
from techdock_shared.sql.unit import SqlUnit

from techdock_matching.adapters import tables


class MatchingUnit(SqlUnit):
    """A transaction that also knows which live pages have news once it is committed.

    Attributes:
        pokes: Channels to poke after the commit.
    """

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        super().__init__(connection, tables.plumbing, clock)
        self.pokes: dict[str, None] = {}

    def poke(self, channel: str) -> None:
        """Tell live pages on a channel that there is news, after the commit; may be lost."""
        self.pokes[channel] = None
