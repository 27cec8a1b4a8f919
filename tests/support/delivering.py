"""What is told, as a log delivers it: in order, or in no order and some of it twice."""

import random
from collections.abc import Iterable, Iterator
from itertools import groupby

from techdock_contracts.topics import Topic
from techdock_shared.messaging.consumer import Handlers
from techdock_shared.messaging.record import Record

from support.matching import record_of
from support.tales import Told


def listened(told: Iterable[Told], handlers: Handlers) -> list[Record]:
    """The records that a service with these handlers is given, in order."""
    topics = {key if isinstance(key, Topic) else key.topic for key in handlers}
    return [record_of(each) for each in told if each.topic in topics]


def in_order(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Batches as an undisturbed log gives them."""
    for _, run in groupby(records, key=lambda record: record.topic.name):
        yield list(run)


def disturbed(rng: random.Random, records: Iterable[Record]) -> Iterator[list[Record]]:
    """Batches of one topic each, in any order within and across topics, a fifth twice."""
    queues: dict[str, list[Record]] = {}
    for record in records:
        queues.setdefault(record.topic.name, []).append(record)
    for queue in queues.values():
        queue.extend(rng.sample(queue, -(-len(queue) // 5)))
        rng.shuffle(queue)
    while queues:
        name = rng.choice(sorted(queues))
        size = rng.choice((1, 2, 5, 30))
        yield queues[name][:size]
        queues[name] = queues[name][size:]
        if not queues[name]:
            del queues[name]
