"""The consumers of this process: one lease for all of them, renewed while the process lives."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from aiokafka.errors import KafkaError

from techdock_shared.messaging.log import groups
from techdock_shared.messaging.log.groups import LEASE_S, Member
from techdock_shared.messaging.log.storage import Storage

log = logging.getLogger(__name__)

Take = Callable[[set[int]], Awaitable[None]]


class Members:
    """Joins and leaves groups for the consumers of this process, and keeps their partitions."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._session = groups.this_session()
        self._takes: dict[Member, Take] = {}
        self._task: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def join(self, member: Member, take: Take) -> None:
        """Make a consumer a member of its group.

        Args:
            member: The consumer.
            take: Told which partitions are the consumer's, now and whenever that changes.
        """
        self._takes[member] = take
        await self._keep()
        if self._task is None:
            self._task = asyncio.create_task(self._keep_on())

    async def leave(self, member: Member) -> None:
        """Give the partitions of a consumer back."""
        if self._takes.pop(member, None) is not None:
            await self._storage.write(partial(groups.leave, [member.id]), durable=False)

    async def end(self) -> None:
        """End the session of this process."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        with suppress(KafkaError):
            await self._storage.write(partial(groups.end, self._session), durable=False)

    async def _keep(self) -> None:
        async with self._turn:
            members = list(self._takes)
            work = partial(groups.keep, self._session, members, time.monotonic())
            shares = await self._storage.write(work, durable=False)
            for member in members:
                take = self._takes.get(member)
                if take is not None:
                    await take(shares[member.id])

    async def _keep_on(self) -> None:
        while True:
            await asyncio.sleep(LEASE_S / 5)
            try:
                await self._keep()
            except KafkaError:
                log.exception("the lease on the event log could not be renewed")
