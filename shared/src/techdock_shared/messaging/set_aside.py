"""What is kept, and what is told to operators, of a message that could not be handled."""

from collections.abc import Callable

from techdock_contracts.dead import SET_ASIDE
from techdock_contracts.event import Event

from techdock_shared.clock import Clock
from techdock_shared.errors import kind_of
from techdock_shared.ids import uuid7
from techdock_shared.messaging.record import Record, why
from techdock_shared.sql.dead_letters import DeadLetter

BROKEN = "broken_contract"


def letter_of(
    record: Record, group: str, error: Exception | None, attempts: int, clock: Clock
) -> DeadLetter:
    """Return the dead letter of a record.

    Args:
        record: What could not be handled.
        group: Who could not.
        error: The failure; None when the record cannot even be read.
        attempts: How often it was tried.
        clock: Tells when.
    """
    return DeadLetter(
        id=uuid7(),
        consumer=group,
        topic=record.topic.name,
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        event_id=record.id,
        subject=record.subject,
        sequence=record.sequence,
        body=record.body,
        headers=record.headers,
        error=BROKEN if error is None else kind_of(error),
        detail=(record.broken or "") if error is None else why(error),
        attempts=attempts,
        set_aside_at=clock.now(),
    )


def announcement(letter: DeadLetter, service: str) -> Event:
    """Return the event that tells operators of a dead letter.

    Raises:
        KeyError: The service has no topic for its dead letters.
    """
    kind: Callable[..., Event] = SET_ASIDE[service]
    return kind(
        id=uuid7(),
        time=letter.set_aside_at,
        subject=str(letter.id),
        origin_topic=letter.topic,
        origin_partition=letter.partition,
        origin_offset=letter.offset,
        origin_key=letter.key,
        group=letter.consumer,
        error=letter.error,
    )
