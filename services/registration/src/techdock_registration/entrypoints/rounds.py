"""What registration does by itself: delivers mails, ends what is over."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass

from techdock_shared.errors import Unavailable

from techdock_registration.app import profiles, sign_in
from techdock_registration.app.delivery import Office, deliver

MAILS_S = 15.0
SWEEP_S = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rounds:
    """Endless tasks.

    Attributes:
        planned: Set after each commit that planned a mail.
    """

    office: Office
    planned: asyncio.Event

    async def deliver(self) -> None:
        """Deliver mails as they are planned, and look for late ones every quarter minute."""
        while True:
            self.planned.clear()
            try:
                tried = await deliver(self.office)
            except Unavailable:
                log.warning("mails wait for the database")
                tried = 0
            if not tried:
                with suppress(TimeoutError):
                    # Not wait_for: it swallows a cancellation that comes with the wake-up.
                    async with asyncio.timeout(MAILS_S):
                        await self.planned.wait()

    async def sweep(self) -> None:
        """End what is over, every minute: profiles, sessions, links in kept mails."""
        while True:
            try:
                while await profiles.expire(self.office.begin, self.office.clock):
                    pass
                await sign_in.sweep(self.office.begin, self.office.clock)
            except Unavailable:
                log.warning("the sweep waits for the database")
            await asyncio.sleep(SWEEP_S)
