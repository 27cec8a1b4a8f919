"""A run of records inside one transaction: each is judged by its place, then takes effect."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Any

from techdock_contracts.event import Event
from techdock_contracts.topics import Topic

from techdock_shared import crash
from techdock_shared.errors import Invalid, Unavailable
from techdock_shared.messaging.record import Record, from_parked, to_parked
from techdock_shared.messaging.set_aside import announcement, letter_of
from techdock_shared.sql.dead_letters import DeadLetter
from techdock_shared.sql.progress import Progress
from techdock_shared.sql.unit import SqlUnit
from techdock_shared.telemetry import DEAD_LETTERS, PARKED, set_correlation, span

Handler = Callable[[Any, Any], Awaitable[None]]
"""(event or tombstone, the service's transaction) -> None; a table of handlers mixes kinds."""

Handlers = Mapping[type[Event] | Topic, Handler]


NOWHERE = Progress()
PARKED_TOGETHER = 500
"""Parked records of a subject that are read at a time."""


class Apart(Exception):  # noqa: N818 - a signal to roll back, not a failure
    """A record of the run needs a transaction of its own."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Place(Enum):
    """Where a record stands among the events of its subject."""

    DUE = auto()
    PAST = auto()
    EARLY = auto()


def place_of(record: Record, reached: Progress) -> Place:
    """Say whether it is a record's turn.

    A state topic tells the newest state, so gaps are none; what is older than known is past.
    """
    if not record.ordered:
        return Place.DUE
    if record.sequence <= reached.sequence:
        return Place.PAST
    if record.topic.compacted or record.sequence == reached.sequence + 1:
        return Place.DUE
    return Place.EARLY


class Batch:
    """The work on one run of records of one topic, inside one transaction.

    Attributes:
        tally: How many records were handled, skipped, repeated, parked or set aside.
        waiting: Whether parked events of a handled record may now have their turn.
    """

    def __init__(self, unit: SqlUnit, group: str, service: str, handlers: Handlers) -> None:
        self._unit = unit
        self._group = group
        self._service = service
        self._handlers = handlers
        self._reached: dict[str, Progress] = {}
        self._changed: dict[str, Progress] = {}
        self._early: dict[str, dict[int, Record]] = {}
        self._stored: dict[str, dict[int, Record]] = {}
        self._letters: list[DeadLetter] = []
        self.tally: Counter[str] = Counter()
        self.waiting = False

    async def take(self, run: Sequence[Record], most_parked: int) -> None:
        """Give effect to the records; nothing is committed here.

        Raises:
            Apart: A record failed, or a parked one that it let go; the others did not.
            Unavailable: An outage, or more are parked than the group may park.
        """
        crash.point("consumer.before_claim")
        consumption = self._unit.consumption
        claimed = await consumption.claim(self._group, list({record.id: 0 for record in run}))
        crash.point("consumer.after_claim")
        await self.look_up([record for record in run if record.id in claimed])
        for index, record in enumerate(run):
            if record.id not in claimed:
                self.tally["repeated"] += 1
                continue
            claimed.remove(record.id)
            try:
                await self._take_one(record, alone=len(run) == 1)
            except Unavailable:
                raise
            except Exception as error:
                if len(run) == 1:
                    raise
                raise Apart(index) from error
        await self.store(run[0].topic)
        early = [
            (subject, to_parked(record))
            for subject, records in self._early.items()
            for record in records.values()
        ]
        if early:
            await consumption.park(self._group, run[0].topic.name, early)
            self.tally["parked"] += len(early)
            if await self.count_parked() > most_parked:
                raise Unavailable(f"too many events wait for earlier ones; {self._group} stops")

    async def count_parked(self) -> int:
        """Return, and tell the metrics, how many events of the group wait for their turn."""
        waiting = await self._unit.consumption.count_parked(self._group)
        PARKED.labels(self._group).set(waiting)
        return waiting

    async def look_up(self, records: Sequence[Record]) -> None:
        """Learn, and lock, where the subjects of these records stand."""
        subjects = {r.subject for r in records if r.ordered and r.subject is not None}
        if subjects:
            name = records[0].topic.name
            self._reached = await self._unit.consumption.progress(self._group, name, subjects)

    async def store(self, topic: Topic) -> None:
        """Write what was decided, and what the handlers buffered."""
        consumption = self._unit.consumption
        await consumption.advance(self._group, topic.name, self._changed)
        if self._letters:
            letters = self._letters
            DEAD_LETTERS.labels(self._service).set(await consumption.set_aside(letters))
            self._unit.tell(*(announcement(letter, self._service) for letter in letters))
        await self._unit.flush()

    def reached(self, record: Record) -> Progress:
        """Return where the record's subject stands."""
        if record.subject is None:
            return NOWHERE
        return self._changed.get(record.subject) or self._reached.get(record.subject) or NOWHERE

    def move(self, record: Record, sequence: int, waiting: int) -> None:
        """Note where the record's subject stands from now on."""
        if record.ordered and record.subject is not None:
            self._changed[record.subject] = Progress(sequence, waiting)

    def set_aside(self, record: Record, error: Exception | None, attempts: int) -> None:
        """Note that a record cannot be handled; later ones of its subject queue behind it."""
        letter = letter_of(record, self._group, error, attempts, self._unit.clock)
        self._letters.append(letter)
        self.tally["dead"] += 1

    async def _take_one(self, record: Record, *, alone: bool) -> None:
        reached = self.reached(record)
        place = place_of(record, reached)
        if place is Place.PAST:
            self.tally["repeated"] += 1
        elif record.broken is not None:
            self.set_aside(record, None, attempts=0)
            # The row makes a replay by an operator and the next event meet at one lock.
            self.move(record, reached.sequence, reached.waiting)
        elif place is Place.EARLY and record.subject is not None:
            self._early.setdefault(record.subject, {})[record.sequence] = record
            self.move(record, reached.sequence, reached.waiting + 1)
        else:
            await self.handle(record)
            self.move(record, record.sequence, reached.waiting)
            self.waiting = reached.waiting > 0
            if self.waiting and not alone and not record.topic.compacted:
                await self._follow(record)

    async def _follow(self, before: Record) -> None:
        """Handle what came before its turn, as far as its turn has come now."""
        topic, subject = before.topic, before.subject or ""
        early = self._early.get(subject, {})
        first = sequence = before.sequence + 1
        while True:
            record = early.pop(sequence, None) or await self._stored_at(topic, subject, sequence)
            if record is None:
                break
            await self.handle(record)
            self.move(record, sequence, self.reached(record).waiting - 1)
            sequence += 1
        if self._has_stored(subject) and sequence > first:
            consumption = self._unit.consumption
            await consumption.unpark(self._group, topic.name, subject, first, sequence - 1)
            await self.count_parked()

    async def _stored_at(self, topic: Topic, subject: str, sequence: int) -> Record | None:
        """Return the parked record of a subject with this sequence, if there is one."""
        if not self._has_stored(subject):
            return None
        stored = self._stored.setdefault(subject, {})
        if sequence not in stored:
            consumption = self._unit.consumption
            parked = await consumption.parked(
                self._group, topic.name, subject, sequence, PARKED_TOGETHER
            )
            stored.update((each.sequence, from_parked(topic, each)) for each in parked)
        return stored.pop(sequence, None)

    def _has_stored(self, subject: str) -> bool:
        return self._reached.get(subject, NOWHERE).waiting > 0

    async def handle(self, record: Record) -> None:
        """Call the handler of a record, if there is one.

        Raises:
            Invalid: The record cannot be read.
        """
        content = record.content
        if record.broken is not None:
            raise Invalid(record.broken)
        handler = self._handlers.get(type(content)) if isinstance(content, Event) else None
        handler = handler or self._handlers.get(record.topic)
        if content is None or handler is None:
            self.tally["skipped"] += 1
            return
        if isinstance(content, Event):
            set_correlation(content.correlationid)
            with span(f"handle {content.type}", content.traceparent):
                await handler(content, self._unit)
        else:
            set_correlation(None)
            await handler(content, self._unit)
        self.tally["handled"] += 1
