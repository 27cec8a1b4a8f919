"""The venues and interpreters of a docking event."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion
from techdock_shared.http.principal import SignedIn

from techdock_registration.app import docking_events
from techdock_registration.app.persons import Named
from techdock_registration.domain.spans import Span
from techdock_registration.domain.texts import Names, Text
from techdock_registration.domain.venue import Desk, Venue
from techdock_registration.entrypoints.http.docking_events import DockingEventOut, answer
from techdock_registration.entrypoints.http.given import BeginDep, ClockDep

router = APIRouter(prefix="/v1", tags=["docking events"])


class VenueBody(Body):
    """A venue; its id stands in the address."""

    id: UUID | None = None
    kind: str
    names: Text
    zone: str
    city: Text | None = None
    country: str | None = None
    local_host_id: UUID | None = None
    capacity: int | None = None
    link: str | None = None
    tables: tuple[Desk, ...] = ()


class InterpreterBody(Body):
    """An interpreter; `names` may be left out for an address that is known."""

    email: str | None = Field(default=None, max_length=254)
    names: Names | None = None
    languages: tuple[str, ...]
    venue_id: UUID | None = None
    hours: tuple[Span, ...] = ()


@router.put("/docking-events/{docking_event_id}/venues/{venue_id}", response_model=DockingEventOut)
async def place(
    docking_event_id: UUID,
    venue_id: UUID,
    body: VenueBody,
    expected: ExpectedVersion,
    who: SignedIn,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Add a venue, or replace the one with this id."""
    venue = Venue(
        venue_id,
        body.kind,
        body.names,
        body.zone,
        body.city,
        body.country,
        body.local_host_id,
        body.capacity,
        body.link,
        body.tables,
    )
    return answer(await docking_events.place(who, docking_event_id, expected, venue, begin, clock))


@router.delete(
    "/docking-events/{docking_event_id}/venues/{venue_id}", response_model=DockingEventOut
)
async def leave(
    docking_event_id: UUID,
    venue_id: UUID,
    expected: ExpectedVersion,
    who: SignedIn,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Take a venue away; no session may be planned there."""
    return answer(
        await docking_events.leave(who, docking_event_id, expected, venue_id, begin, clock)
    )


@router.put(
    "/docking-events/{docking_event_id}/interpreters/{interpreter_id}",
    response_model=DockingEventOut,
)
async def engage(
    docking_event_id: UUID,
    interpreter_id: UUID,
    body: InterpreterBody,
    expected: ExpectedVersion,
    who: SignedIn,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Add an interpreter, or replace the one with this id."""
    command = docking_events.Engage(
        docking_event_id,
        interpreter_id,
        Named(body.names, body.email, languages=body.languages),
        body.languages,
        body.venue_id,
        body.hours,
    )
    return answer(await docking_events.engage(who, command, expected, begin, clock))


@router.delete(
    "/docking-events/{docking_event_id}/interpreters/{interpreter_id}",
    response_model=DockingEventOut,
)
async def release(
    docking_event_id: UUID,
    interpreter_id: UUID,
    expected: ExpectedVersion,
    who: SignedIn,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Let an interpreter go."""
    return answer(
        await docking_events.release(who, docking_event_id, expected, interpreter_id, begin, clock)
    )
