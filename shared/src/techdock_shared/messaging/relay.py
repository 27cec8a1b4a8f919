"""The relay: moves committed outbox rows to the log, at least once and in order.

It takes the oldest unsent rows, never those "after the last": an id is drawn before its
transaction commits, so a late committer's row appears behind the relay's back. Rows are deleted
once the log has them; the log and the reader's journal keep what was said, and a small table is
the fastest queue.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, Protocol, cast

import orjson
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from techdock_shared import crash
from techdock_shared.backoff import Backoff
from techdock_shared.errors import Unavailable
from techdock_shared.sql import wake
from techdock_shared.sql.engine import reading, transaction
from techdock_shared.sql.lease import Held, exclusive
from techdock_shared.sql.outbox import CHANNEL, WAKE
from techdock_shared.sql.raw import Raw
from techdock_shared.telemetry import OUTBOX_AGE, OUTBOX_DEPTH

log = logging.getLogger(__name__)

MOST_TOGETHER = 500
POLL_S = 1.0
SEND_S = 60.0
LONGEST_PAUSE_S = 5.0

JSON = (("content-type", b"application/cloudevents+json"),)

_OLDEST = Raw(
    sqlite="SELECT id, topic, key, body, headers FROM {table} ORDER BY id LIMIT ?",
    postgresql="SELECT id, topic, key, body, headers FROM {table} ORDER BY id LIMIT $1",
)
_DELETE = Raw(
    sqlite="DELETE FROM {table} WHERE id IN (SELECT value FROM json_each(?))",
    postgresql="DELETE FROM {table} WHERE id = ANY($1::bigint[])",
)
Headers = Sequence[tuple[str, bytes]]
Row = tuple[int, str, str, bytes | None, str | None]


class Sender(Protocol):
    """The part of a broker that a relay needs."""

    async def send(
        self, topic: str, key: bytes, body: bytes | None, headers: Headers
    ) -> "asyncio.Future[Any]":
        """Send a message; the future is done when the log has it for good."""
        ...


class Relay:
    """Sends what a service has committed. Exactly one runs per service, whatever the replicas."""

    def __init__(
        self, engine: AsyncEngine, outbox: Table, broker: Sender, service: str = "techdock"
    ) -> None:
        """Prepare to relay.

        Args:
            engine: The service's database.
            outbox: Its outbox.
            broker: Kafka or the embedded log.
            service: Names the metrics.
        """
        self._engine = engine
        self._outbox = outbox
        self._broker = broker
        self._depth = OUTBOX_DEPTH.labels(service)
        self._age = OUTBOX_AGE.labels(service)
        self._oldest: tuple[int, float] | None = None

    async def run(self) -> None:
        """Relay for ever; outages of database and log are waited for."""
        backoff = Backoff(0.1, LONGEST_PAUSE_S)
        while True:
            try:
                async with exclusive(self._engine, f"relay.{self._outbox.fullname}") as held:
                    await self._relay(held, backoff)
            except Exception as error:  # noqa: BLE001 - rows stay in the outbox whatever it is
                log.warning("the relay waits: %s", error)
            await asyncio.sleep(backoff.next_s())

    async def drain(self) -> int:
        """Send up to 500 rows, oldest first, and return how many the log has now.

        Raises:
            Unavailable: The log did not take all of them; the rest is sent again, in order.
        """
        async with reading(self._engine) as connection:
            found = await _OLDEST.run(connection, self._outbox, MOST_TOGETHER)
        rows = cast(list[Row], found)
        self._look_at(rows)
        if not rows:
            return 0
        crash.point("relay.before_send")
        sent, failure = await self._send(rows)
        crash.point("relay.before_mark")
        if sent:
            # A power loss that brings rows back makes them go twice, which readers notice.
            async with transaction(self._engine, durable=False) as connection:
                await _DELETE.run(connection, self._outbox, sent)
        crash.point("relay.after_mark")
        if failure is not None:
            raise Unavailable(f"the log did not take an event: {failure!r}") from failure
        return len(sent)

    async def _relay(self, held: Held, backoff: Backoff) -> None:
        wakened = wake.of(self._engine, WAKE)
        await held.listen(CHANNEL, wakened.set)
        with wake.served(self._engine, WAKE):
            while True:
                # Cleared before looking: a commit after the look sets it again.
                wakened.clear()
                # Without the lock another relay may run, and two would break the order of a key.
                await held.check()
                sent = await self.drain()
                backoff.reset()
                if sent < MOST_TOGETHER:
                    with suppress(TimeoutError):
                        # Not wait_for: it swallows a cancellation that comes with the wake-up.
                        async with asyncio.timeout(POLL_S):
                            await wakened.wait()

    async def _send(self, rows: Sequence[Row]) -> tuple[list[int], BaseException | None]:
        """Send rows and return the ids of those the log has, and the first failure."""
        acknowledgements: list[asyncio.Future[Any]] = []
        failure: BaseException | None = None
        try:
            async with asyncio.timeout(SEND_S):
                for _, topic, key, body, headers in rows:
                    acknowledgements.append(
                        await self._broker.send(topic, key.encode(), body, _headers(headers))
                    )
                await asyncio.gather(*acknowledgements, return_exceptions=True)
        except Exception as error:  # noqa: BLE001 - told to the caller, after what was sent
            failure = error
        sent: list[int] = []
        held: set[tuple[str, str]] = set()
        for index, (id_, topic, key, *_) in enumerate(rows):
            problem = (
                _problem(acknowledgements[index]) if index < len(acknowledgements) else failure
            )
            # What follows a failure is sent again behind it, or the log would end with an
            # older state of the key than it had.
            if problem is None and (topic, key) not in held:
                sent.append(id_)
            else:
                held.add((topic, key))
                failure = failure or problem
        return sent, failure

    def _look_at(self, rows: Sequence[Row]) -> None:
        """Keep the metrics: how many wait, and since when the oldest has been seen waiting."""
        if not rows:
            self._oldest = None
            self._depth.set(0)
            self._age.set(0.0)
            return
        # A full batch says that there are more; the number itself is not worth a scan.
        self._depth.set(len(rows))
        oldest = rows[0][0]
        if self._oldest is None or self._oldest[0] != oldest:
            self._oldest = (oldest, monotonic())
        self._age.set(monotonic() - self._oldest[1])


def _headers(text: str | None) -> Headers:
    if text is None:
        return JSON
    return [(name, value.encode()) for name, value in orjson.loads(text).items()]


def _problem(acknowledgement: "asyncio.Future[Any]") -> BaseException | None:
    if not acknowledgement.done() or acknowledgement.cancelled():
        return TimeoutError("the log has not acknowledged the event in time")
    return acknowledgement.exception()
