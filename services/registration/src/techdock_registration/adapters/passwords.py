"""Passwords by argon2id, a few at a time and off the event loop."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from typing_extensions import override

from techdock_registration.app import ports

MEMORY_KIB = 19 * 1024
ROUNDS = 2
LANES = 1
AT_A_TIME = 2


class Argon2Passwords(ports.Passwords):
    """Argon2id with 19 MiB, two rounds, one lane: the least that OWASP names.

    The semaphore bounds what a flood of sign-ins can take: 38 MiB and two threads.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=ROUNDS, memory_cost=MEMORY_KIB, parallelism=LANES)
        self._turn = asyncio.Semaphore(AT_A_TIME)
        self._nobody: str | None = None

    @override
    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    @override
    async def fits(self, password: str, password_hash: str | None) -> bool:
        if password_hash is None:
            # Takes as long as a real check, so that time does not tell who has an account.
            if self._nobody is None:
                self._nobody = await self.hash("nobody has this password")
            await self._verify(self._nobody, password)
            return False
        return await self._verify(password_hash, password)

    async def _verify(self, password_hash: str, password: str) -> bool:
        async with self._turn:
            try:
                return await asyncio.to_thread(self._hasher.verify, password_hash, password)
            except (VerificationError, InvalidHashError):
                return False
