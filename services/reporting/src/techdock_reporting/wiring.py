"""Builds the service on whatever database, broker and cache it is given."""

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
from techdock_shared.service import Service
from techdock_shared.sql.engine import reading
from techdock_shared.sql.housekeeping import Housekeeping
from techdock_shared.sql.idempotency import SqlAnswers
from techdock_shared.sql.worker import Worker

from techdock_reporting.adapters import tables
from techdock_reporting.adapters.rebuild import SqlRebuilder
from techdock_reporting.adapters.transaction import SqlBegin, SqlRead
from techdock_reporting.entrypoints.http import figures, journal
from techdock_reporting.entrypoints.jobs import handlers
from techdock_reporting.entrypoints.messages import listen

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"


def build(
    engine: AsyncEngine,
    broker: Broker,
    cache: Cache,
    principals: Principals,
    clock: Clock | None = None,
    *,
    streams: Streams | None = None,
) -> Service:
    """Return reporting, ready to run.

    Args:
        engine: Its database, migrated.
        broker: Not started yet: subscribers are added here.
        cache: Shared state; may be away.
        principals: Who resolves credentials.
        clock: None: the machine's.
        streams: The program's live pages; one for all apps of a program.
    """
    clock = clock or SystemClock()
    begin, read = SqlBegin(engine, clock), SqlRead(engine, clock)

    async def database() -> None:
        async with reading(engine) as connection:
            await connection.execute(text("SELECT 1"))

    app = new_app(
        "Techdock reporting",
        service="reporting",
        principals=principals,
        cache=cache,
        answers=lambda unit: SqlAnswers(unit.connection, tables.plumbing.idempotency, clock),
        streams=streams,
        checks={"database": database},
    )
    app.state.begin, app.state.read, app.state.clock = begin, read, clock
    app.state.engine, app.state.plumbing = engine, tables.plumbing
    app.state.consumer = listen(broker, begin)
    for module in (figures, journal, operations):
        app.include_router(module.router)
    seal(app)
    worker = Worker(
        engine, tables.plumbing.jobs, handlers(SqlRebuilder(engine, clock)), clock=clock
    )
    relay = Relay(engine, tables.plumbing.outbox, broker, "reporting")
    housekeeping = Housekeeping(engine, tables.plumbing, "reporting", clock)
    return Service(app, [relay.run, worker.run, housekeeping.run])
