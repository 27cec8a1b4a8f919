"""What registration listens to."""

from techdock_contracts import matching as told
from techdock_contracts.topics import MEETINGS, REQUESTS
from techdock_shared.messaging.broker import Broker
from techdock_shared.messaging.consumer import Begin, Consumer, Handlers
from techdock_shared.messaging.subscriber import subscribe

from techdock_registration.app import reactions

GROUP = "registration"

HANDLERS: Handlers = {
    told.MeetingRequested: reactions.requested,
    told.MeetingProposed: reactions.proposed,
    told.MeetingCountered: reactions.countered,
    told.MeetingAccepted: reactions.accepted,
    told.MeetingDeclined: reactions.declined,
    told.MeetingBooked: reactions.booked,
    told.MeetingMoved: reactions.moved,
    told.MeetingCancelled: reactions.cancelled,
    told.TimetablePublished: reactions.published,
}


def listen(broker: Broker, begin: Begin) -> Consumer:
    """Start receiving; the broker is Kafka or the embedded log, and this line cannot tell."""
    consumer = Consumer(GROUP, HANDLERS, begin, service=GROUP)
    for topic in (REQUESTS, MEETINGS):
        subscribe(broker, topic, consumer)
    return consumer
