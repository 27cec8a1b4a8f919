"""Every event is recorded: in the journal as it came, and as the facts that it makes so."""

from techdock_contracts.event import Event, Tombstone

from techdock_reporting.app.derive import derive, needs_earlier
from techdock_reporting.app.ports import Facts, Transaction


async def record(event: Event | Tombstone, transaction: Transaction) -> None:
    """Take an event down.

    A tombstone ends a state; no figure depends on it, and it has no message to keep.
    """
    if isinstance(event, Event):
        transaction.hear(event)


async def tell(event: Event, facts: Facts) -> None:
    """Add the facts of an event."""
    earlier = await facts.about(event.subject) if needs_earlier(event) else []
    for fact in derive(event, earlier):
        facts.add(event.subject, fact)
