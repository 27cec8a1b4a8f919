"""Apps for tests of the HTTP layer: principals from a table, answers in memory."""

import copy
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
from techdock_shared.errors import Unavailable
from techdock_shared.http.idempotency import Stored
from techdock_shared.http.principal import Principal, Role
from typing_extensions import override

TENANT = UUID("0190c0de-0000-7000-8000-000000000001")
DOCKING_EVENT = UUID("0190c0de-0000-7000-8000-000000000002")
ACCOUNT = UUID("0190c0de-0000-7000-8000-00000000000a")
PERSON = UUID("0190c0de-0000-7000-8000-00000000000b")


def a_principal(**changes: Any) -> Principal:
    return Principal(**({"account_id": ACCOUNT, "person_id": PERSON} | changes))


def an_administrator() -> Principal:
    return a_principal(account_id=uuid4(), roles=(Role("administrator"),))


@dataclass
class TablePrincipals:
    """Principals by token; `away` answers nobody."""

    table: dict[str, Principal] = field(default_factory=dict)
    away: bool = False

    async def of(self, token: str) -> Principal | None:
        if self.away:
            raise Unavailable("registration does not answer")
        return self.table.get(token)


@dataclass
class Memory:
    """A database of dictionaries: a transaction works on a copy."""

    answers: dict[bytes, Stored] = field(default_factory=dict)
    things: list[str] = field(default_factory=list)
    away: bool = False
    before_commit: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator["Memory"]:
        if self.away:
            raise Unavailable("the database is away")
        transaction = Memory(copy.copy(self.answers), copy.copy(self.things))
        yield transaction
        self.before_commit()
        self.answers, self.things = transaction.answers, transaction.things

    async def find(self, key: bytes) -> Stored | None:
        return self.answers.get(key)

    async def keep(self, key: bytes, answer: Stored) -> bool:
        return self.answers.setdefault(key, answer) is answer


class InProcess(httpx.ASGITransport):
    """Calls an app as if over the network, from an address of choice."""

    @override
    def __init__(self, app: Any, client: str = "11.0.0.7") -> None:
        super().__init__(app=app, client=(client, 4711))


def client_of(app: Any, address: str = "11.0.0.7", **headers: str) -> httpx.AsyncClient:
    """A client of an app in this process."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.AsyncClient(
        transport=InProcess(app, address), base_url="http://techdock.example", headers=names
    )
