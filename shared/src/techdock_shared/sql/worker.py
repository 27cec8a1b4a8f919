"""The worker: claims jobs with a lease, keeps it while it works, and takes over from the dead."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Table, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from techdock_shared import crash
from techdock_shared.backoff import Backoff
from techdock_shared.clock import Clock, SystemClock
from techdock_shared.errors import Invalid, Problem, Unavailable, kind_of
from techdock_shared.sql import wake
from techdock_shared.sql.engine import transaction
from techdock_shared.sql.jobs import CANCELLED, DONE, FAILED, QUEUED, RUNNING, WAKE, Job

log = logging.getLogger(__name__)

POLL_S = 1.0
LONGEST_PAUSE_S = 60.0
MOST_ERROR_CHARACTERS = 500
MOST_ATTEMPTS = 5
"""Times a job is begun. Workers also die of other things, such as a machine that is switched off,
and that hardly happens five times to one job; a job that kills its workers must not do so for ever.
"""


class Cancelled(Exception):  # noqa: N818 - an end that was asked for is no error
    """Somebody asked for the job's end."""


class WorkerLost(Problem):
    """The worker ended or fell silent in the midst of the job, as often as it may."""

    code = "worker_lost"


class LeaseLost(Exception):  # noqa: N818 - another worker goes on with the job
    """The lease ran out and another worker has the job; what this one did not save is void."""


@dataclass(frozen=True, slots=True)
class _Lease:
    engine: AsyncEngine
    jobs: Table
    clock: Clock
    owner: UUID
    lasts: timedelta


class Work:
    """A job while it is done, as its handler sees it.

    Attributes:
        job: The row as it was claimed; `job.progress` is where to go on.
        finished: Whether `finish` was called.
    """

    def __init__(self, job: Job, lease: _Lease) -> None:
        self.job = job
        self.finished = False
        self._lease = lease

    @property
    def owner(self) -> UUID:
        """Who holds the lease."""
        return self._lease.owner

    async def save(
        self, progress: Mapping[str, Any], connection: AsyncConnection | None = None
    ) -> None:
        """Keep how far the job is, and renew the lease.

        Args:
            progress: JSON; a takeover goes on from it.
            connection: A transaction of the handler to keep it in, together with what was
                done, so that a takeover neither repeats nor misses it.

        Raises:
            Cancelled: Somebody asked for the job's end; nothing was kept.
            LeaseLost: Another worker has the job; nothing was kept.
        """
        await self._write(connection, {"progress": dict(progress)})

    async def check(self) -> None:
        """Renew the lease.

        Raises:
            Cancelled: Somebody asked for the job's end.
            LeaseLost: Another worker has the job.
        """
        await self._write(None, {})

    async def finish(self, connection: AsyncConnection, result: Mapping[str, Any] | None) -> None:
        """End the job in the transaction that has its effect, so that the effect happens once.

        Raises:
            Cancelled: Somebody asked for the job's end; roll the effect back.
            LeaseLost: Another worker has the job; roll the effect back.
        """
        values = {"state": DONE, "result": None if result is None else dict(result), "owner": None}
        await self._write(connection, values)
        self.finished = True

    async def _write(self, connection: AsyncConnection | None, values: dict[str, Any]) -> None:
        if connection is None:
            crash.point("job.before_save")
            async with transaction(self._lease.engine) as own:
                await self._write_in(own, values)
            crash.point("job.after_save")
        else:
            await self._write_in(connection, values)

    async def _write_in(self, connection: AsyncConnection, values: dict[str, Any]) -> None:
        lease, t = self._lease, self._lease.jobs.c
        mine = (t.id == self.job.id) & (t.owner == lease.owner) & (t.state == RUNNING)
        renewed = {"lease_until": lease.clock.now() + lease.lasts, **values}
        statement = update(lease.jobs).where(mine).values(renewed).returning(t.cancelling)
        row = (await connection.execute(statement)).one_or_none()
        if row is None:
            raise LeaseLost(f"job {self.job.id} is another worker's")
        if row.cancelling:
            raise Cancelled(f"job {self.job.id} was cancelled")


JobHandler = Callable[[Work], Awaitable[Mapping[str, Any] | None]]
"""Does a job and returns its result, JSON. It may be begun again after a crash."""

GivenUp = Callable[[Job, str], Awaitable[None]]
"""Told that a job will end as failed and why: a stable code, a colon, and words.

It may be told again after a crash.
"""


class Worker:
    """Does the jobs of some kinds, one after the other; any number may run side by side."""

    def __init__(
        self,
        engine: AsyncEngine,
        jobs: Table,
        handlers: Mapping[str, JobHandler],
        *,
        clock: Clock | None = None,
        lease_s: float = 10.0,
        attempts: int = MOST_ATTEMPTS,
        at_once: int = 1,
        given_up: Mapping[str, GivenUp] | None = None,
    ) -> None:
        """Prepare to work.

        Args:
            engine: The service's database.
            jobs: Its jobs.
            handlers: What to do, by kind; jobs of other kinds are left to others.
            clock: Tells when a lease ends.
            lease_s: How long a worker may be silent before its job is taken over.
            attempts: Times a job is begun before it is given up, also when no worker lived to
                say how it went; an outage and a worker that was told to stop do not count.
            at_once: Jobs that this worker does side by side.
            given_up: Whom to tell, by kind, before a job ends as failed.
        """
        self._engine = engine
        self._jobs = jobs
        self._handlers = handlers
        self._clock = clock or SystemClock()
        self._lasts = timedelta(seconds=lease_s)
        self._attempts = attempts
        self._at_once = at_once
        self._given_up = given_up or {}

    async def run(self) -> None:
        """Work for ever. When it is cancelled, its jobs go back to the others at once."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(self._work())

    async def work_once(self) -> bool:
        """Claim one job and do it; False when none waits."""
        lease = _Lease(self._engine, self._jobs, self._clock, uuid4(), self._lasts)
        claimed = await self._claim(lease)
        if claimed is None:
            return False
        job, lost = claimed
        if lost:
            text = f"its worker was lost {job.attempts} times; it is not begun again"
            await self._give_up(Work(job, lease), _said(WorkerLost(text)))
            return True
        log.info("a job begins", extra={"job": str(job.id), "kind": job.kind})
        crash.point("job.after_claim")
        work = Work(job, lease)
        try:
            result = await self._do(work)
        except asyncio.CancelledError:
            with suppress(Problem):
                back = {"state": QUEUED, "attempts": job.attempts - 1}
                await asyncio.shield(self._end(work, back))
            raise
        except LeaseLost as error:
            log.warning("a job is given up: %s", error)
        except Cancelled:
            await self._end(work, {"state": CANCELLED})
        except Exception as error:
            log.exception("a job failed", extra={"job": str(job.id), "kind": job.kind})
            after = self._after(work.job, error)
            if after["state"] == FAILED:
                await self._give_up(work, after["error"])
            else:
                await self._end(work, after)
        else:
            if not work.finished:
                crash.point("job.before_finish")
                await self._end(work, {"state": DONE, "result": result and dict(result)})
                crash.point("job.after_finish")
        return True

    async def _work(self) -> None:
        wakened, backoff = wake.of(self._engine, WAKE), Backoff(0.1, LONGEST_PAUSE_S)
        while True:
            wakened.clear()
            try:
                busy = await self.work_once()
                backoff.reset()
            except Unavailable as error:
                log.warning("the worker waits: %s", error)
                await asyncio.sleep(backoff.next_s())
                continue
            if not busy:
                with suppress(TimeoutError):
                    # Not wait_for: it swallows a cancellation that comes with the wake-up.
                    async with asyncio.timeout(POLL_S):
                        await wakened.wait()

    async def _claim(self, lease: _Lease) -> tuple[Job, bool] | None:
        """Take a job, and say whether it has lost as many workers as it may."""
        t, now = self._jobs.c, self._clock.now()
        # A lease that ends far ahead was written by a clock that has been set back since.
        over = or_(t.lease_until < now, t.lease_until > now + 10 * self._lasts)
        free = (t.state == QUEUED) & (t.not_before <= now) | (t.state == RUNNING) & over
        oldest = (
            select(t.id, t.state, t.attempts)
            .where(free & t.kind.in_(list(self._handlers)))
            .order_by(t.not_before, t.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with transaction(self._engine) as connection:
            found = (await connection.execute(oldest)).one_or_none()
            if found is None:
                return None
            lost = found.state == RUNNING and found.attempts >= self._attempts
            claimed = (
                update(self._jobs)
                .where(t.id == found.id)
                .values(
                    state=RUNNING,
                    owner=lease.owner,
                    lease_until=now + self._lasts,
                    attempts=found.attempts if lost else found.attempts + 1,
                )
                .returning(*(t[name] for name in Job.__dataclass_fields__))
            )
            return Job(*(await connection.execute(claimed)).one()), lost

    async def _do(self, work: Work) -> Mapping[str, Any] | None:
        """Run the handler and renew the lease meanwhile; end it when that is not possible."""
        doing = asyncio.ensure_future(self._handlers[work.job.kind](work))
        renewing = asyncio.create_task(self._renew(work))
        try:
            await asyncio.wait({doing, renewing}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                renewing.result()
            return await doing
        finally:
            for task in (doing, renewing):
                task.cancel()
            await asyncio.gather(doing, renewing, return_exceptions=True)

    async def _renew(self, work: Work) -> None:
        while not work.finished:
            await asyncio.sleep(self._lasts.total_seconds() / 3)
            with suppress(Unavailable):
                await work.check()

    async def _give_up(self, work: Work, text: str) -> None:
        """End a job as failed, and tell whose it is first: after a crash they are told again."""
        job, state = work.job, CANCELLED if work.job.cancelling else FAILED
        log.error("a job is given up", extra={"job": str(job.id), "kind": job.kind, "why": text})
        if (tell := self._given_up.get(job.kind)) is not None:
            try:
                await tell(job, text)
            except Unavailable:
                raise
            except Exception:
                log.exception("nobody was told of a job that failed", extra={"job": str(job.id)})
        await self._end(work, {"state": state, "error": text})

    async def _end(self, work: Work, values: dict[str, Any]) -> None:
        t = self._jobs.c
        mine = (t.id == work.job.id) & (t.owner == work.owner) & (t.state == RUNNING)
        freed = {"owner": None, "lease_until": None, **values}
        async with transaction(self._engine) as connection:
            await connection.execute(update(self._jobs).where(mine).values(freed))

    def _after(self, job: Job, error: Exception) -> dict[str, Any]:
        """Say what becomes of a job that failed."""
        text = _said(error)
        outage = isinstance(error, Unavailable)
        if isinstance(error, Invalid) or (not outage and job.attempts >= self._attempts):
            return {"state": FAILED, "error": text}
        pause = timedelta(seconds=min(2.0**job.attempts, LONGEST_PAUSE_S))
        attempts = job.attempts - 1 if outage else job.attempts
        again: datetime = self._clock.now() + pause
        return {"state": QUEUED, "error": text, "attempts": attempts, "not_before": again}


def _said(error: Exception) -> str:
    return f"{kind_of(error)}: {error}"[:MOST_ERROR_CHARACTERS]
