"""Matching for tests: its app on a database, and people who speak to it over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from techdock_contracts.event import Event, Tombstone
from techdock_matching.adapters import tables
from techdock_matching.adapters.index import InProcessIndex
from techdock_matching.adapters.ranking import SqlRankingStore
from techdock_matching.adapters.transaction import SqlBegin
from techdock_matching.app.ports import Solver
from techdock_matching.app.ranking import Ranker
from techdock_matching.domain.ranking.weights import STANDARD
from techdock_matching.wiring import build
from techdock_matching.worker.loops import solving
from techdock_shared.cache.ports import Cache
from techdock_shared.cache.redis import open_fake_cache
from techdock_shared.http.principal import Part, Principal, Role
from techdock_shared.messaging.broker import open_broker
from techdock_shared.service import Service

from support.clock import FrozenClock
from support.databases import database
from support.http import TablePrincipals, client_of
from support.matching import NOON, World, deliver, named

Json = dict[str, Any]


@dataclass
class Caller:
    """Somebody at a client, signed in."""

    client: httpx.AsyncClient
    token: str

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: int | None = None,
        key: str | None = None,
        **query: Any,
    ) -> httpx.Response:
        """Send a request; a POST gets an Idempotency-Key of its own unless one is given."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if method == "POST":
            headers["Idempotency-Key"] = key or str(uuid4())
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.client.request(
            method, f"/v1{path}", json=body, headers=headers, params=query
        )

    async def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return _checked(await self.call("GET", path, **query), status)

    async def post(
        self, path: str, body: Any = None, status: int = 200, version: int | None = None
    ) -> Any:
        return _checked(await self.call("POST", path, body, version=version), status)

    async def upload(self, path: str, name: str, content: bytes, status: int = 201) -> Any:
        """Send a file."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid4())}
        files = {"file": (name, content, "application/octet-stream")}
        answer = await self.client.post(f"/v1{path}", headers=headers, files=files)
        return _checked(answer, status)

    async def delete(self, path: str, status: int = 204) -> None:
        _checked(await self.call("DELETE", path), status)

    async def put(self, path: str, body: Any, version: int, status: int = 200) -> Any:
        return _checked(await self.call("PUT", path, body, version=version), status)


def _checked(response: httpx.Response, status: int) -> Any:
    assert response.status_code == status, (response.status_code, response.text)
    return response.json() if response.content else None


@dataclass
class Matching:
    """The service, and what is needed to play its neighbours."""

    engine: AsyncEngine
    service: Service
    principals: TablePrincipals
    client: httpx.AsyncClient
    clock: FrozenClock
    cache: Cache
    index: InProcessIndex = field(default_factory=InProcessIndex)

    def begin(self) -> Any:
        return SqlBegin(self.engine, self.clock)()

    async def hear(self, *events: Event | Tombstone) -> None:
        """Play registration."""
        await deliver(self.service.http.state.consumer, *events)

    def organizer(self, world: World) -> Caller:
        """Sign in somebody who organizes the world's docking event."""
        return self._caller(roles=(Role("organizer", world.tenant),))

    def analyst(self, world: World) -> Caller:
        return self._caller(roles=(Role("analyst", world.tenant),))

    def participant(self, world: World, name: str) -> Caller:
        """Sign in the person of an organization that takes part."""
        part = Part(world.participation(name), world.docking_event, named(name), head=True)
        return self._caller(
            person_id=named(f"{name}.person"),
            participations=(part,),
            organizations=(named(name),),
        )

    def stranger(self) -> Caller:
        return self._caller()

    def anybody(self, person_id: UUID) -> Caller:
        """Sign in a person who takes no part."""
        return self._caller(person_id=person_id)

    def _caller(self, **facts: Any) -> Caller:
        token = uuid4().hex
        person = facts.pop("person_id", None) or uuid4()
        self.principals.table[token] = Principal(account_id=uuid4(), person_id=person, **facts)
        return Caller(self.client, token)

    async def ranker(self) -> Ranker:
        """Return a ranker that is loaded."""
        store = SqlRankingStore(self.engine, self.clock, STANDARD)
        self.index = InProcessIndex()
        ranker = Ranker(self.index, store, self.clock)
        await ranker.load()
        return ranker

    async def rank(self) -> None:
        """Do what the worker does: lists, then reasons."""
        ranker = await self.ranker()
        while await ranker.step():
            pass
        while await ranker.fill_step():
            pass

    async def work(self, solver: Solver) -> None:
        """Do the runs that wait, as the worker does."""

        async def poke(_: str) -> None:
            return None

        worker = solving(self.engine, solver, self.clock, poke)
        while await worker.work_once():
            pass

    async def told(self) -> list[Event]:
        """Return what is in the outbox, in order."""
        o = tables.outbox
        async with self.engine.connect() as connection:
            rows = (await connection.execute(select(o.c.body).order_by(o.c.id))).all()
        events = [Event.from_bytes(row.body) for row in rows if row.body is not None]
        return [event for event in events if event is not None]

    async def forget_told(self) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(tables.outbox.delete())


@asynccontextmanager
async def matching(kind: str, folder: Path, cache: Cache | None = None) -> AsyncIterator[Matching]:
    """Run matching on a database of its own, without log and worker."""
    clock, principals = FrozenClock(NOON), TablePrincipals()
    cache = cache or open_fake_cache(clock)
    async with database(kind, folder, tables.metadata) as engine:
        service = build(engine, open_broker(["127.0.0.1:9"]), cache, principals, clock)
        async with client_of(service.http) as client:
            yield Matching(engine, service, principals, client, clock, cache)
        await cache.close()
