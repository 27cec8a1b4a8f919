"""What every service shows the people who run it: its dead letters and its jobs.

app.include_router(operations.router)          # app.state: engine, plumbing, consumer
"""

import base64
import logging
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine

from techdock_shared.errors import Conflict, FieldError, Invalid, NotFound, Problem, kind_of
from techdock_shared.http.app import given
from techdock_shared.http.idempotency import require_key
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import Principal, SignedIn, requires
from techdock_shared.messaging.consumer import Consumer
from techdock_shared.sql import dead_letters, jobs
from techdock_shared.sql.dead_letters import DeadLetter
from techdock_shared.sql.engine import reading
from techdock_shared.sql.plumbing import Plumbing

log = logging.getLogger(__name__)

router = APIRouter(prefix="/v1")

ADMINISTRATOR = requires(lambda who: who.is_administrator, "administrator")
Administrator = Annotated[Principal, ADMINISTRATOR]
EngineDep = Annotated[AsyncEngine, Depends(given("engine", AsyncEngine))]
PlumbingDep = Annotated[Plumbing, Depends(given("plumbing", Plumbing))]


class DeadLetterOut(BaseModel):
    """A message that was set aside, without its content."""

    id: UUID
    consumer: str
    topic: str
    partition: int
    offset: int
    key: str
    event_id: UUID
    subject: str | None
    sequence: int
    error: str
    detail: str
    attempts: int
    state: str
    queued: int
    set_aside_at: AwareDatetime
    settled_at: AwareDatetime | None


class DeadLetterShown(DeadLetterOut):
    """The same with the bytes and headers as they came."""

    body_base64: str | None
    headers: list[tuple[str, str]]


def _fields(letter: DeadLetter) -> dict[str, Any]:
    return {name: getattr(letter, name) for name in DeadLetterOut.model_fields}


@router.get("/dead-letters", response_model=Page[DeadLetterOut])
async def listed(
    request: Request,
    _: Administrator,
    engine: EngineDep,
    plumbing: PlumbingDep,
    page: Paging,
    state: Annotated[Literal["open", "replayed", "discarded"], Query()] = "open",
) -> Response:
    """List what could not be handled, oldest first."""
    after = _id_after(page.after)
    async with reading(engine) as connection:
        found = await dead_letters.listed(
            connection,
            plumbing.dead_letters,
            plumbing.parked,
            state=state,
            after=after,
            limit=page.limit + 1,
        )
    items = [DeadLetterOut(**_fields(letter)) for letter in found]
    return page.answer(request, items, lambda last: [str(last.id)])


def _id_after(position: list[Any] | None) -> UUID | None:
    if position is None:
        return None
    try:
        return UUID(position[0])
    except (ValueError, IndexError, AttributeError, TypeError) as error:
        wrong = FieldError("query.cursor", "the `next` of an earlier page", str(position)[:80])
        raise Invalid("this cursor was not given out by this list", errors=[wrong]) from error


@router.get("/dead-letters/{id}")
async def shown(
    id: UUID, _: Administrator, engine: EngineDep, plumbing: PlumbingDep
) -> DeadLetterShown:
    """Show a dead letter with its bytes."""
    async with reading(engine) as connection:
        letter = await dead_letters.get(connection, plumbing.dead_letters, plumbing.parked, id)
    body = None if letter.body is None else base64.b64encode(letter.body).decode()
    return DeadLetterShown(**_fields(letter), body_base64=body, headers=list(letter.headers))


class FailsAgain(Conflict):
    """What made a dead letter fail is not mended yet."""

    code = "fails_again"


class Settled(BaseModel):
    """What became of a dead letter."""

    id: UUID
    state: str
    queued: int


@router.post("/dead-letters/{id}/replay", dependencies=[Depends(require_key)])
async def replayed(
    id: UUID,
    _: Administrator,
    engine: EngineDep,
    plumbing: PlumbingDep,
    consumer: Annotated[Consumer, Depends(given("consumer", Consumer))],
) -> Settled:
    """Handle a dead letter again, and then what queued behind it, in order.

    Sent twice it has one effect: a letter is settled once.
    """
    try:
        await consumer.replay(id)
    except Problem:
        raise
    except Exception as error:
        log.warning("a dead letter fails again", extra={"letter": str(id)}, exc_info=True)
        raise FailsAgain(f"dead letter {id} failed again: {kind_of(error)}") from error
    return await _settled(id, engine, plumbing)


@router.post("/dead-letters/{id}/discard", dependencies=[Depends(require_key)])
async def discarded(
    id: UUID,
    _: Administrator,
    engine: EngineDep,
    plumbing: PlumbingDep,
    consumer: Annotated[Consumer, Depends(given("consumer", Consumer))],
) -> Settled:
    """Give a dead letter up: it takes no effect; then handle what queued behind it, in order.

    Sent twice it has one effect: a letter is settled once.
    """
    await consumer.discard(id)
    return await _settled(id, engine, plumbing)


async def _settled(id: UUID, engine: AsyncEngine, plumbing: Plumbing) -> Settled:
    async with reading(engine) as connection:
        letter = await dead_letters.get(connection, plumbing.dead_letters, plumbing.parked, id)
    return Settled(id=id, state=letter.state, queued=letter.queued)


class JobOut(BaseModel):
    """How far a long work is."""

    id: UUID
    kind: str
    state: str
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    error: str | None


@router.get("/jobs/{id}")
async def job(id: UUID, who: SignedIn, engine: EngineDep, plumbing: PlumbingDep) -> JobOut:
    """Say how far a job is; for administrators and for whoever asked for it."""
    async with reading(engine) as connection:
        found = await jobs.find(connection, plumbing.jobs, id)
    if not (who.is_administrator or found.payload.get("account_id") == str(who.account_id)):
        raise NotFound(f"no job {id}")
    return JobOut(
        id=found.id,
        kind=found.kind,
        state=found.state,
        progress=None if found.progress is None else dict(found.progress),
        result=None if found.result is None else dict(found.result),
        error=found.error,
    )
