"""Every event is recorded: in the journal as it came, and as the facts that it makes so."""

from techdock_contracts.event import Event, Tombstone

from techdock_reporting.app.derive import derive, needs_earlier
from techdock_reporting.app.ports import Facts, Transaction
from techdock_reporting.domain.journal import Entry


async def record(event: Event | Tombstone, transaction: Transaction) -> None:
    """Put an event in the journal, and its facts beside.

    A tombstone ends a state; no figure depends on it, and it has no message to keep.
    """
    if isinstance(event, Tombstone):
        return
    transaction.journal.append(
        Entry(event.id, event.type, event.topic.name, event.subject, event.to_bytes())
    )
    await tell(event, transaction.facts)


async def tell(event: Event, facts: Facts) -> None:
    """Add the facts of an event."""
    earlier = await facts.about(event.subject) if needs_earlier(event) else []
    for fact in derive(event, earlier):
        facts.add(event.subject, fact)
