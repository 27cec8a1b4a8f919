"""Sessions on the agenda."""

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, status
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.principal import SignedIn, Visitor

from techdock_registration.app import sessions
from techdock_registration.domain.session import Session, SessionState
from techdock_registration.domain.texts import Text
from techdock_registration.entrypoints.http.given import BeginDep, ClockDep, ReadDep

router = APIRouter(prefix="/v1", tags=["sessions"])


class SessionBody(Body):
    """A session; a closed roundtable is always for its invited only."""

    kind: str
    names: Text
    venue_id: UUID
    start: AwareDatetime
    end: AwareDatetime
    capacity: int | None = None
    visibility: str | None = None
    invited: tuple[UUID, ...] = ()
    slot_minutes: int | None = None
    break_minutes: int = 0


class SessionPatch(Body):
    """What is to be changed; what is missing stays as it is."""

    names: Text | None = None
    venue_id: UUID | None = None
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    capacity: int | None = None
    visibility: str | None = None
    invited: tuple[UUID, ...] | None = None
    slot_minutes: int | None = None
    break_minutes: int | None = None


class StateBody(Body):
    """What became of it."""

    to: Literal[SessionState.HELD, SessionState.CANCELLED]


class SessionOut(BaseModel):
    """A session, with the zone of its venue."""

    id: UUID
    version: int
    state: str
    docking_event_id: UUID
    kind: str
    names: Text
    venue_id: UUID
    start: AwareDatetime
    end: AwareDatetime
    zone: str
    capacity: int | None
    visibility: str
    invited: tuple[UUID, ...]
    slot_minutes: int | None
    break_minutes: int

    @classmethod
    def of(cls, session: Session) -> "SessionOut":
        """Return a session as it is shown."""
        plan = session.plan
        return cls(
            id=session.id,
            version=session.version,
            state=session.state,
            docking_event_id=session.docking_event_id,
            kind=plan.kind,
            names=plan.names,
            venue_id=plan.venue_id,
            start=plan.time.start,
            end=plan.time.end,
            zone=plan.zone,
            capacity=plan.capacity,
            visibility=plan.visibility,
            invited=plan.invited,
            slot_minutes=plan.slot_minutes,
            break_minutes=plan.break_minutes,
        )


class Agenda(BaseModel):
    """The sessions on the caller's agenda, by start."""

    items: list[SessionOut]
    next: str | None = None


def _answer(session: Session) -> Response:
    return versioned(SessionOut.of(session), session.version)


@router.post(
    "/docking-events/{docking_event_id}/sessions",
    status_code=status.HTTP_201_CREATED,
    response_model=SessionOut,
)
async def add(
    docking_event_id: UUID,
    body: SessionBody,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Put a session on the agenda."""
    planned: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}

    async def act(begin: BeginDep) -> Session:
        return await sessions.add(who, docking_event_id, planned, begin, clock)

    return await once(begin, act, lambda s: created(SessionOut.of(s), s.version))


@router.get("/docking-events/{docking_event_id}/sessions")
async def agenda(docking_event_id: UUID, who: Visitor, read: ReadDep) -> Agenda:
    """List the sessions on the caller's agenda."""
    found = await sessions.agenda(who, docking_event_id, read)
    return Agenda(items=[SessionOut.of(s) for s in found])


@router.get("/sessions/{session_id}", response_model=SessionOut)
async def session(session_id: UUID, who: Visitor, read: ReadDep) -> Response:
    """Return a session that is on the caller's agenda."""
    return _answer(await sessions.session(who, session_id, read))


@router.patch("/sessions/{session_id}", response_model=SessionOut)
async def describe(
    session_id: UUID,
    body: SessionPatch,
    expected: ExpectedVersion,
    who: SignedIn,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Change a planned session."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    return _answer(await sessions.describe(who, session_id, expected, changes, begin, clock))


@router.post("/sessions/{session_id}/state", response_model=SessionOut)
async def move(
    session_id: UUID,
    body: StateBody,
    expected: ExpectedVersion,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Say that a session took place, or will not."""

    async def act(begin: BeginDep) -> Session:
        return await sessions.move(who, session_id, expected, body.to, begin, clock)

    return await once(begin, act, _answer)
