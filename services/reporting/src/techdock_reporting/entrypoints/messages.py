"""What reporting listens to: everything that is told it, one handler for all."""

from collections.abc import Mapping

from techdock_contracts.event import Event
from techdock_contracts.topics import Topic, read_by
from techdock_shared.messaging.broker import Broker
from techdock_shared.messaging.consumer import Begin, Consumer, Handler
from techdock_shared.messaging.subscriber import subscribe

from techdock_reporting.app.record import record

HANDLERS: Mapping[type[Event] | Topic, Handler] = dict.fromkeys(read_by("reporting"), record)


def listen(broker: Broker, begin: Begin) -> Consumer:
    """Start receiving; the broker is Kafka or the embedded log, and this line cannot tell."""
    consumer = Consumer("reporting", HANDLERS, begin)
    for topic in read_by("reporting"):
        subscribe(broker, topic, consumer)
    return consumer
