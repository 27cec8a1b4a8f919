"""Removes what has served its time, so that tables stay as small as what they are for."""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from techdock_shared.clock import Clock, SystemClock
from techdock_shared.errors import Unavailable
from techdock_shared.ids import uuid7
from techdock_shared.sql import dead_letters, idempotency, inbox, jobs
from techdock_shared.sql.engine import reading, transaction
from techdock_shared.sql.plumbing import Plumbing
from techdock_shared.telemetry import DEAD_LETTERS

log = logging.getLogger(__name__)

PAUSE_S = 3600.0
CLAIMS_KEPT = timedelta(days=90)
"""Sequences keep an event from taking effect again; a claim matters while one may come under a
second type, which producers send for weeks at most."""

JOBS_KEPT = timedelta(days=90)
LETTERS_KEPT = timedelta(days=365)


class Housekeeping:
    """Tidies the plumbing of a service, once an hour."""

    def __init__(
        self, engine: AsyncEngine, tables: Plumbing, service: str, clock: Clock | None = None
    ) -> None:
        """Prepare to tidy.

        Args:
            engine: The service's database.
            tables: Its plumbing.
            service: Names the metrics.
            clock: Tells what is old.
        """
        self._engine = engine
        self._tables = tables
        self._service = service
        self._clock = clock or SystemClock()

    async def run(self) -> None:
        """Tidy for ever; an outage makes it wait for the next turn."""
        while True:
            try:
                async with reading(self._engine) as connection:
                    await self._tell(connection)
                await self.tidy()
            except Unavailable as error:
                log.warning("tidying waits: %s", error)
            await asyncio.sleep(PAUSE_S)

    async def tidy(self) -> None:
        """Remove answers, claims, jobs and settled dead letters that are old."""
        now, tables = self._clock.now(), self._tables
        async with transaction(self._engine) as connection:
            await idempotency.forget(connection, tables.idempotency, now)
        async with transaction(self._engine) as connection:
            moment_ms = int((now - CLAIMS_KEPT).timestamp() * 1000)
            await inbox.forget(connection, tables.inbox, uuid7(moment_ms))
        j, d = tables.jobs.c, tables.dead_letters.c
        ended = j.state.in_((jobs.DONE, jobs.CANCELLED)) & (j.created_at < now - JOBS_KEPT)
        settled = (d.state != dead_letters.OPEN) & (d.settled_at < now - LETTERS_KEPT)
        async with transaction(self._engine) as connection:
            await connection.execute(delete(tables.jobs).where(ended & j.once.is_(None)))
            await connection.execute(delete(tables.dead_letters).where(settled))

    async def _tell(self, connection: AsyncConnection) -> None:
        """Tell metrics that nobody has touched since the start."""
        left = await dead_letters.count_open(connection, self._tables.dead_letters)
        DEAD_LETTERS.labels(self._service).set(left)
