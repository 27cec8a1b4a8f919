"""Builds the service on whatever database, broker and cache it is given."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from techdock_shared.cache.ports import Cache
from techdock_shared.clock import Clock, SystemClock
from techdock_shared.http import operations
from techdock_shared.http.app import new_app, seal
from techdock_shared.http.principals import CachedPrincipals, raise_generation, sign
from techdock_shared.http.services import service_principal
from techdock_shared.messaging.broker import Broker
from techdock_shared.messaging.relay import Relay
from techdock_shared.service import Service
from techdock_shared.sql import wake
from techdock_shared.sql.engine import reading
from techdock_shared.sql.housekeeping import Housekeeping
from techdock_shared.sql.worker import Worker

from techdock_registration.adapters import tables
from techdock_registration.adapters.answers import BareAnswers
from techdock_registration.adapters.letters import WAKE
from techdock_registration.adapters.passwords import Argon2Passwords
from techdock_registration.adapters.phones import phones
from techdock_registration.adapters.post import KeptPost
from techdock_registration.adapters.spreadsheets import FileSpreadsheets
from techdock_registration.adapters.transaction import SqlBegin, SqlRead
from techdock_registration.adapters.writing import FiledLetters
from techdock_registration.app.delivery import Office
from techdock_registration.app.ports import Post
from techdock_registration.app.principals import resolve
from techdock_registration.entrypoints.http import ROUTERS
from techdock_registration.entrypoints.http.given import Ask
from techdock_registration.entrypoints.jobs import handlers
from techdock_registration.entrypoints.messages import listen
from techdock_registration.entrypoints.rounds import Rounds

MIGRATIONS = Path(__file__).parent / "adapters" / "migrations"
"""Where the revisions of the tables are."""


def asking(engine: AsyncEngine, deployment_key: bytes, clock: Clock | None = None) -> Ask:
    """Return how a credential is resolved to a signed principal, freshly.

    For `CachedPrincipals` of every service that runs in this process.
    """
    clock = clock or SystemClock()
    read = SqlRead(engine, clock)

    async def ask(credential: str) -> Mapping[str, Any] | None:
        principal = service_principal(credential, deployment_key, clock.now())
        if principal is None:
            principal = await resolve(credential, read, clock)
        if principal is None:
            return None
        return sign(principal, credential, clock.now(), deployment_key)

    return ask


def build(
    engine: AsyncEngine,
    broker: Broker,
    cache: Cache,
    deployment_key: bytes,
    clock: Clock | None = None,
    *,
    post: Post | None = None,
    public_url: str = "http://127.0.0.1:8000",
) -> Service:
    """Return registration, ready to run.

    Args:
        engine: Its database, migrated.
        broker: Not started yet: subscribers are added here.
        cache: Shared state; may be away.
        deployment_key: Signs principals.
        clock: None: the machine's.
        post: Where mails go; None keeps them to be shown on a page.
        public_url: Address of the pages, for links in mails.
    """
    clock, post = clock or SystemClock(), post or KeptPost()

    async def voided(generations: Mapping[UUID, int]) -> None:
        for account_id, generation in generations.items():
            await raise_generation(cache, account_id, generation)

    async def database() -> None:
        async with reading(engine) as connection:
            await connection.execute(text("SELECT 1"))

    begin, read = SqlBegin(engine, clock, voided), SqlRead(engine, clock)
    ask = asking(engine, deployment_key, clock)
    app = new_app(
        "Techdock registration",
        service="registration",
        principals=CachedPrincipals(cache, ask, deployment_key, clock),
        cache=cache,
        answers=lambda unit: BareAnswers(unit.connection, tables.plumbing.idempotency, clock),
        checks={"database": database},
    )
    app.state.begin, app.state.read, app.state.clock = begin, read, clock
    app.state.engine, app.state.plumbing = engine, tables.plumbing
    app.state.ask, app.state.post, app.state.passwords = ask, post, Argon2Passwords()
    app.state.phones = phones
    app.state.sheets = sheets = FileSpreadsheets()
    app.state.consumer = listen(broker, begin)
    for router in (*ROUTERS, operations.router):
        app.include_router(router)
    seal(app)
    office = Office(begin, clock, post, FiledLetters(), public_url.rstrip("/"))
    rounds = Rounds(office, wake.of(engine, WAKE))
    relay = Relay(engine, tables.plumbing.outbox, broker, "registration")
    worker = Worker(engine, tables.plumbing.jobs, handlers(begin, clock, sheets), clock=clock)
    housekeeping = Housekeeping(engine, tables.plumbing, "registration", clock)
    background = [relay.run, worker.run, rounds.deliver, rounds.sweep, housekeeping.run]
    return Service(app, background)
