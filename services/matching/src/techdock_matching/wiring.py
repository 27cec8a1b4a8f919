"""Builds the service on whatever database, broker and cache it is given."""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from techdock_shared.cache.ports import Cache
from techdock_shared.clock import Clock, SystemClock
from techdock_shared.http import operations
from techdock_shared.http.app import new_app, seal
from techdock_shared.http.principal import Principals
from techdock_shared.http.sse import Streams
from techdock_shared.messaging.broker import Broker
from techdock_shared.messaging.relay import Relay
from techdock_shared.service import Background, Service
from techdock_shared.sql.engine import reading
from techdock_shared.sql.housekeeping import Housekeeping
from techdock_shared.sql.idempotency import SqlAnswers

from techdock_matching.adapters import calendar, tables
from techdock_matching.adapters.boards import SqlBoardReads
from techdock_matching.adapters.child import WorkerChild
from techdock_matching.adapters.transaction import SqlBegin, SqlBeginReading
from techdock_matching.app.asking import Asking, NobodyAsked
from techdock_matching.app.names import Names, NoNames
from techdock_matching.app.repositories import Begin
from techdock_matching.app.requests import OVERDUE_PER_TRANSACTION, expire_overdue
from techdock_matching.entrypoints.http import (
    boards,
    booking,
    day,
    drafts,
    frame,
    interpreters,
    lists,
    meetings,
    mine,
    projects,
    proposals,
    readiness,
    repairs,
    requests,
    runs,
    search,
    teaching,
    weights,
)
from techdock_matching.entrypoints.messages import listen

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"
EXPIRE_EACH_S = 30.0


def build(
    engine: AsyncEngine,
    broker: Broker,
    cache: Cache,
    principals: Principals,
    clock: Clock | None = None,
    *,
    names: Names | None = None,
    asking: Asking | None = None,
    pages_url: str = "",
    streams: Streams | None = None,
    worker: Mapping[str, str] | None = None,
) -> Service:
    """Return matching, ready to run.

    Args:
        engine: Its database, migrated.
        broker: Not started yet: subscribers are added here.
        cache: Shared state; may be away.
        principals: Who resolves credentials.
        clock: None: the machine's.
        names: Who knows the names of organizations, for calendars; None: nobody.
        asking: Who answers from the ranker's index; None: nobody does.
        pages_url: Address of the portal, for links in calendars.
        streams: The program's live pages; one for all apps of a program.
        worker: Settings (`TECHDOCK_MATCHING_...`) of a worker that runs as a child of this
            process and ends with it; None: the worker is a program of its own.
    """
    clock = clock or SystemClock()
    begin, read = SqlBegin(engine, clock, cache), SqlBeginReading(engine, clock)

    async def database() -> None:
        async with reading(engine) as connection:
            await connection.execute(text("SELECT 1"))

    app = new_app(
        "Techdock matching",
        service="matching",
        principals=principals,
        cache=cache,
        answers=lambda unit: SqlAnswers(unit.connection, tables.plumbing.idempotency, clock),
        streams=streams,
        checks={"database": database},
    )
    app.state.begin, app.state.read, app.state.clock = begin, read, clock
    app.state.engine, app.state.plumbing = engine, tables.plumbing
    app.state.names, app.state.pages_url = names or NoNames(), pages_url.rstrip("/")
    app.state.asking = asking or NobodyAsked()
    app.state.draw = calendar.draw
    app.state.boards = SqlBoardReads(engine)
    app.state.consumer = listen(broker, begin)
    for module in (
        lists,
        search,
        teaching,
        readiness,
        boards,
        requests,
        frame,
        runs,
        drafts,
        booking,
        meetings,
        day,
        repairs,
        mine,
        interpreters,
        projects,
        proposals,
        weights,
        operations,
    ):
        app.include_router(module.router)
    seal(app)
    relay = Relay(engine, tables.plumbing.outbox, broker, "matching")
    background: list[Background] = [
        relay.run,
        partial(expire_for_ever, begin, clock),
        Housekeeping(engine, tables.plumbing, "matching", clock).run,
    ]
    if worker is not None:
        background.append(WorkerChild(worker).keep)
    return Service(app, background)


async def expire_for_ever(begin: Begin, clock: Clock) -> None:
    """End requests that nobody answered in time, now and then."""
    while True:
        while await expire_overdue(begin, clock) == OVERDUE_PER_TRANSACTION:
            pass
        await asyncio.sleep(EXPIRE_EACH_S)
