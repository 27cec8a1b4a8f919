"""From record to effect: claim, order, handle, and set aside what cannot be handled."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from time import perf_counter
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from techdock_contracts.topics import Topic

from techdock_shared import crash
from techdock_shared.backoff import Backoff
from techdock_shared.errors import Conflict, Invalid, NotFound, Unavailable
from techdock_shared.messaging.batch import Apart, Batch, Handler, Handlers, Place, place_of
from techdock_shared.messaging.record import Record, from_letter, from_parked
from techdock_shared.sql.dead_letters import DISCARDED, OPEN, REPLAYED, DeadLetter
from techdock_shared.sql.unit import SqlUnit
from techdock_shared.telemetry import CONSUMED, DEAD_LETTERS, HANDLER_SECONDS

__all__ = ["Begin", "Consumer", "Handler", "Handlers"]

log = logging.getLogger(__name__)

Begin = Callable[[], AbstractAsyncContextManager[Any]]
"""Opens the service's transaction, a `SqlUnit`."""

OUTAGE_PATIENCE_S = 30.0
"""How long a batch waits for an outage to end before it is fetched again: well below the
subscriber's POLL_INTERVAL_MS, or Kafka would give its partitions away."""


class Consumer:
    """One consumer group's way through its topics.

    What the log promises (at least once, in key order) becomes an effect that happens once, in
    the order of each subject. The proof of it lies in the service's own transaction.
    """

    def __init__(
        self,
        group: str,
        handlers: Handlers,
        begin: Begin,
        *,
        service: str | None = None,
        attempts: int = 5,
        first_pause_s: float = 0.1,
        longest_pause_s: float = 5.0,
        most_parked: int = 100_000,
    ) -> None:
        """Prepare to consume.

        Args:
            group: Names the group on the log, and the claims of its events.
            handlers: What to do for each kind of event. A topic as key gets the tombstones of
                a state topic, and every event of the topic that has no handler of its own.
            begin: Opens the service's transaction.
            service: Whose dead-letter topic to use; None takes the group's name.
            attempts: Tries before a message is set aside that fails for no known reason.
            first_pause_s: Upper bound of the pause after the first failure; it doubles.
            longest_pause_s: Upper bound of every pause.
            most_parked: Events that may wait for an earlier one; with more the group stands
                still, because nothing is lost that way.
        """
        self.group = group
        self.handlers = handlers
        self._begin = begin
        self._service = service or group
        self._attempts = attempts
        self._pauses_s = (first_pause_s, longest_pause_s)
        self._most_parked = most_parked
        topics = (key if isinstance(key, Topic) else key.topic for key in handlers)
        self._topics = {topic.name: topic for topic in topics}

    async def take(self, records: Sequence[Record]) -> None:
        """Give effect to records of one topic, in order, each once.

        Returns normally when they are done with: handled, skipped, parked or set aside; then
        their offsets may be committed.

        Raises:
            Unavailable: An outage that lasts; deliver them again.
        """
        begun = perf_counter()
        now = asyncio.get_running_loop().time
        backoff, patience_ends = Backoff(*self._pauses_s), now() + OUTAGE_PATIENCE_S
        runs = [list(records)] if records else []
        while runs:
            run = runs.pop()
            try:
                await (self._alone(run[0]) if len(run) == 1 else self._together(run))
                backoff.reset()
            except Apart as apart:
                at = apart.index
                runs.extend(part for part in (run[at + 1 :], run[at : at + 1], run[:at]) if part)
            except Unavailable as error:
                if now() > patience_ends:
                    raise
                log.warning("a batch waits: %s", error, extra={"group": self.group})
                await asyncio.sleep(backoff.next_s())
                runs.append(run)
            except Exception:  # noqa: BLE001 - the culprit is found, and logged, in a smaller run
                half = len(run) // 2
                runs.extend((run[half:], run[:half]))
        if records:
            seconds = HANDLER_SECONDS.labels(self.group, records[0].topic.name)
            seconds.observe(perf_counter() - begun)
        crash.point("consumer.before_ack")

    async def replay(self, id: UUID) -> int:
        """Handle a dead letter again, then the events that queue behind it, in order.

        Returns:
            How many events took effect, the dead letter included. One that fails on the way
            becomes a dead letter itself, and the rest goes on waiting behind it.

        Raises:
            NotFound: There is no such dead letter of this group.
            Conflict: It is settled already, or an earlier event of its subject is missing.
            Invalid: It still cannot be read. Other failures are the handler's own.
        """
        return await self._settle(id, REPLAYED)

    async def discard(self, id: UUID) -> int:
        """Give a dead letter up, then handle the events that queue behind it, in order.

        Returns:
            How many events took effect.

        Raises:
            NotFound: There is no such dead letter of this group.
            Conflict: It is settled already, or an earlier event of its subject is missing.
        """
        return await self._settle(id, DISCARDED)

    async def _settle(self, id: UUID, state: str) -> int:
        async with self._begin() as unit:
            letter: DeadLetter = await unit.consumption.letter(id)
            topic = self._topics.get(letter.topic)
            if letter.consumer != self.group or topic is None:
                raise NotFound(f"no dead letter {id} of {self.group}")
            if letter.state != OPEN:
                raise Conflict(f"dead letter {id} is {letter.state} already")
            record = from_letter(topic, letter)
            batch = self._batch(unit)
            await batch.look_up((record,))
            reached = batch.reached(record)
            place = place_of(record, reached)
            if place is Place.EARLY:
                last = reached.sequence
                raise Conflict(f"an earlier event is missing: {last} took effect, then nothing")
            if place is Place.DUE:
                if state == REPLAYED:
                    await batch.handle(record)
                batch.move(record, record.sequence, reached.waiting)
            await batch.store(topic)
            left = await unit.consumption.settle(letter, unit.clock, state)
        DEAD_LETTERS.labels(self._service).set(left)
        self._count(topic, batch.tally)
        return batch.tally["handled"] + await self._drain(record)

    async def _together(self, run: Sequence[Record]) -> bool:
        """Take a run in one transaction; say whether parked events may have their turn now."""
        async with self._begin() as unit:
            batch = self._batch(unit)
            await batch.take(run, self._most_parked)
            crash.point("consumer.before_commit")
        crash.point("consumer.after_commit")
        self._count(run[0].topic, batch.tally)
        return batch.waiting

    async def _alone(self, record: Record) -> None:
        once = partial(self._together, (record,))
        if await self._try(record, once, partial(self._give_up, record)):
            await self._drain(record)

    async def _drain(self, before: Record) -> int:
        """Handle what was parked of a subject, as far as its turn has come; count it."""
        handled = 0
        while (record := await self._next_parked(before)) is not None:
            once = partial(self._take_parked, record)
            done = await self._try(record, once, partial(self._give_up_parked, record))
            if done is None:
                break
            handled += done
        return handled

    async def _next_parked(self, before: Record) -> Record | None:
        """Return the parked record whose turn has come."""
        if before.subject is None or before.topic.compacted:
            return None
        name = before.topic.name
        async with self._begin() as unit:
            parked = await unit.consumption.parked(self.group, name, before.subject, 0, 1)
            if not parked:
                return None
            record = from_parked(before.topic, parked[0])
            batch = self._batch(unit)
            await batch.look_up((record,))
            return None if place_of(record, batch.reached(record)) is Place.EARLY else record

    async def _take_parked(self, record: Record) -> int:
        async with self._begin() as unit:
            batch = self._batch(unit)
            await batch.look_up((record,))
            reached = batch.reached(record)
            place = place_of(record, reached)
            if place is Place.DUE:
                await batch.handle(record)
                batch.move(record, record.sequence, reached.waiting - 1)
            else:
                batch.move(record, reached.sequence, reached.waiting - 1)
            await self._unpark(unit, record)
            await batch.store(record.topic)
        self._count(record.topic, batch.tally)
        return int(place is Place.DUE)

    async def _give_up(self, record: Record, error: Exception, attempts: int) -> None:
        async with self._begin() as unit:
            if not await unit.consumption.claim(self.group, (record.id,)):
                return
            batch = self._batch(unit)
            await batch.look_up((record,))
            reached = batch.reached(record)
            batch.set_aside(record, error, attempts)
            if not record.topic.compacted:
                batch.move(record, reached.sequence, reached.waiting)
            await batch.store(record.topic)
        self._count(record.topic, batch.tally)

    async def _give_up_parked(self, record: Record, error: Exception, attempts: int) -> None:
        async with self._begin() as unit:
            batch = self._batch(unit)
            await batch.look_up((record,))
            reached = batch.reached(record)
            await self._unpark(unit, record)
            batch.set_aside(record, error, attempts)
            batch.move(record, reached.sequence, reached.waiting - 1)
            await batch.store(record.topic)
        self._count(record.topic, batch.tally)

    async def _unpark(self, unit: SqlUnit, record: Record) -> None:
        subject, n = record.subject or "", record.sequence
        await unit.consumption.unpark(self.group, record.topic.name, subject, n, n)
        await self._batch(unit).count_parked()

    async def _try(
        self,
        record: Record,
        once: Callable[[], Awaitable[int]],
        give_up: Callable[[Exception, int], Awaitable[None]],
    ) -> int | None:
        """Do it until it works and return its result; None after giving up.

        Raises:
            Unavailable: An outage; it is not the record's fault and costs no attempt.
        """
        backoff = Backoff(*self._pauses_s)
        attempt = 0
        while True:
            attempt += 1
            try:
                return await once()
            except Unavailable:
                raise
            except Exception as error:
                expected = isinstance(error, Invalid | ValidationError)
                log.warning(
                    "a record failed",
                    extra={
                        "group": self.group,
                        "topic": record.topic.name,
                        "event_id": str(record.id),
                        "attempt": attempt,
                    },
                    exc_info=not expected,
                )
                if expected or attempt >= self._attempts:
                    await give_up(error, attempt)
                    return None
            await asyncio.sleep(backoff.next_s())

    def _batch(self, unit: SqlUnit) -> Batch:
        return Batch(unit, self.group, self._service, self.handlers)

    def _count(self, topic: Topic, tally: Counter[str]) -> None:
        for outcome, records in tally.items():
            CONSUMED.labels(self.group, topic.name, outcome).inc(records)
