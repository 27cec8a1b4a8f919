"""The three services as listeners: their handlers on a database, and what they made of it."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine
from techdock_matching.adapters import tables as matching
from techdock_matching.adapters.transaction import SqlBegin as MatchingBegin
from techdock_matching.entrypoints import messages as matching_messages
from techdock_registration.adapters import tables as registration
from techdock_registration.adapters.transaction import SqlBegin as RegistrationBegin
from techdock_registration.entrypoints import messages as registration_messages
from techdock_reporting.adapters import tables as reporting
from techdock_reporting.adapters.transaction import SqlBegin as ReportingBegin
from techdock_reporting.adapters.transaction import SqlRead
from techdock_reporting.domain.facts import Fact, current
from techdock_reporting.domain.journal import broken
from techdock_reporting.entrypoints import messages as reporting_messages
from techdock_shared.clock import Clock
from techdock_shared.messaging.consumer import Consumer, Handlers
from techdock_shared.messaging.record import Record
from techdock_shared.sql.engine import open_engine
from techdock_shared.sql.migrate import upgrade

from support.clock import NOON, FrozenClock
from support.matching import tables_of

Model = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """A service that listens.

    Attributes:
        model: What it made of all that it heard, without what differs by time and order.
    """

    name: str
    tables: ModuleType
    handlers: Handlers
    begin: Callable[[AsyncEngine, Clock], Any]
    model: Callable[[AsyncEngine], Awaitable[Model]]

    def consumer(self, engine: AsyncEngine) -> Consumer:
        """A consumer as the service has it, on a clock that stands still."""
        begin = self.begin(engine, FrozenClock(NOON))
        return Consumer(self.name, self.handlers, begin, first_pause_s=0.001)

    async def hear(self, engine: AsyncEngine, batches: Iterable[list[Record]]) -> None:
        """Take batches one after the other."""
        consumer = self.consumer(engine)
        for batch in batches:
            await consumer.take(batch)


async def _matching_model(engine: AsyncEngine) -> Model:
    found: Model = dict(
        await tables_of(
            engine,
            matching.organizations,
            matching.docking_events,
            matching.sessions,
            matching.participations,
            matching.profiles,
            matching.profile_entries,
            matching.request_pairs,
        )
    )
    async with engine.connect() as connection:
        r, q, o = matching.meeting_requests.c, matching.ranking_queue.c, matching.outbox.c
        found["requests"] = sorted((await connection.execute(select(r.id, r.state))).all())
        # How often a profile waits to be ranked is told by a stamp that grows with each batch.
        found["queue"] = sorted((await connection.execute(select(q.profile_id))).scalars())
        found["told"] = sorted((await connection.execute(select(o.topic, o.key))).all())
    return found | await _left(engine, matching)


async def _registration_model(engine: AsyncEngine) -> Model:
    found: Model = dict(await tables_of(engine, registration.requests, registration.meetings))
    async with engine.connect() as connection:
        t = registration.mails.c
        planned = await connection.execute(select(t.cause, t.account_id, t.reason, t.state))
        found["mails"] = sorted(map(tuple, planned), key=repr)
    return found | await _left(engine, registration)


async def _reporting_model(engine: AsyncEngine) -> Model:
    clock = FrozenClock(NOON)
    async with SqlRead(engine, clock)() as transaction:
        seals = [row async for row in transaction.journal.seals()]
    async with engine.connect() as connection:
        j, f = reporting.journal.c, reporting.facts
        heard = sorted((await connection.execute(select(j.event_id))).scalars())
        rows = (await connection.execute(select(f).order_by(f.c.position))).mappings().all()
    names = Fact.__dataclass_fields__
    facts = current([Fact(**{name: row[name] for name in names}) for row in rows])
    return {
        "heard": heard,
        "broken": list(broken(seals)),
        "facts": sorted(repr(sorted(asdict(fact).items())) for fact in facts),
    } | await _left(engine, reporting)


async def _left(engine: AsyncEngine, tables: ModuleType) -> Model:
    """What should be nothing: set aside, parked."""
    found = await tables_of(engine, tables.plumbing.dead_letters, tables.plumbing.parked)
    return {"left": found}


READERS = {
    reader.name: reader
    for reader in (
        Reader(
            "registration",
            registration,
            registration_messages.HANDLERS,
            RegistrationBegin,
            _registration_model,
        ),
        Reader("matching", matching, matching_messages.HANDLERS, MatchingBegin, _matching_model),
        Reader(
            "reporting", reporting, reporting_messages.HANDLERS, ReportingBegin, _reporting_model
        ),
    )
}


@dataclass
class Template:
    """An SQLite database that is made once and copied for each case."""

    path: Path
    copies: int = 0

    @asynccontextmanager
    async def copied(self) -> AsyncIterator[AsyncEngine]:
        """Open a copy; it is removed afterwards."""
        self.copies += 1
        path = self.path.with_name(f"copy{self.copies}.db")
        shutil.copy(self.path, path)
        engine = open_engine(url_of(path))
        event.listen(engine.sync_engine, "connect", _hasten)
        try:
            yield engine
        finally:
            await engine.dispose()
            for each in path.parent.glob(f"{path.name}*"):
                each.unlink()


def _hasten(driver: Any, _: object) -> None:
    """Nobody pulls the plug here: spare the flushes of the disk."""
    driver.execute("PRAGMA synchronous=OFF")


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def make_tables(reader: Reader, engine: AsyncEngine) -> None:
    """Migrate an empty database, as the service does when it starts."""
    assert reader.tables.__file__
    await upgrade(engine, Path(reader.tables.__file__).with_name("migrations"))


async def template(reader: Reader, folder: Path) -> Template:
    """Make a service's empty database."""
    path = folder / f"{reader.name}.db"
    engine = open_engine(url_of(path))
    await make_tables(reader, engine)
    await engine.dispose()
    return Template(path)
