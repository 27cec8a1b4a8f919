"""Docking events, their venues and interpreters."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, status
from fastapi.responses import Response
from pydantic import BaseModel
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import Principal, SignedIn, Visitor

from techdock_registration.app import docking_events
from techdock_registration.app.authorization import organizes
from techdock_registration.domain.docking_event import (
    Deadlines,
    DockingEvent,
    DockingEventState,
    Outline,
)
from techdock_registration.domain.organization import Organization
from techdock_registration.domain.texts import Names, Text
from techdock_registration.domain.venue import Interpreter, Organizer, Venue
from techdock_registration.entrypoints.http.given import BeginDep, ClockDep, ReadDep, more
from techdock_registration.entrypoints.http.sessions import SessionOut

router = APIRouter(prefix="/v1", tags=["docking events"])


class DockingEventBody(Body):
    """A docking event to be planned."""

    code: str
    names: Text
    summary: Text | None = None
    starts_on: date
    ends_on: date
    edition: int | None = None
    series: str | None = None
    languages: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    organizers: tuple[Organizer, ...] = ()
    deadlines: Deadlines = Deadlines()
    most_meetings: int | None = None
    venues: tuple[Venue, ...] = ()

    def outline(self) -> Outline:
        """Return what it is about, checked."""
        return Outline(
            self.code,
            self.names,
            self.starts_on,
            self.ends_on,
            self.summary,
            self.edition,
            self.series,
            self.languages,
            self.programmes,
            self.organizers,
            self.deadlines,
            self.most_meetings,
        )


class DockingEventPatch(Body):
    """What is to be changed; what is missing stays as it is."""

    code: str | None = None
    names: Text | None = None
    summary: Text | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    edition: int | None = None
    series: str | None = None
    languages: tuple[str, ...] | None = None
    programmes: tuple[str, ...] | None = None
    organizers: tuple[Organizer, ...] | None = None
    deadlines: Deadlines | None = None
    most_meetings: int | None = None


class StateBody(Body):
    """Where it is to go."""

    to: DockingEventState


class OrganizerOut(BaseModel):
    """An organization that carries the docking event."""

    organization_id: UUID
    role: str
    names: Names | None = None
    country: str | None = None


class DockingEventOut(BaseModel):
    """A docking event. `sessions` holds those on the caller's agenda; lists leave it out."""

    id: UUID
    version: int
    state: DockingEventState
    tenant_id: UUID
    code: str
    names: Text
    summary: Text | None
    starts_on: date
    ends_on: date
    zone: str | None
    edition: int | None
    series: str | None
    languages: tuple[str, ...]
    programmes: tuple[str, ...]
    organizers: list[OrganizerOut]
    deadlines: Deadlines
    most_meetings: int | None
    venues: tuple[Venue, ...]
    interpreters: tuple[Interpreter, ...]
    sessions: list[SessionOut] | None = None

    @classmethod
    def of(
        cls,
        thing: DockingEvent,
        organizations: dict[UUID, Organization] | None = None,
        *,
        links: bool = True,
    ) -> "DockingEventOut":
        """Return a docking event as it is shown; `links` of venues to those who come."""
        outline, known = thing.outline, organizations or {}
        zone = next((v.zone for v in thing.venues if v.kind == "main"), None)
        return cls(
            id=thing.id,
            version=thing.version,
            state=thing.state,
            tenant_id=thing.tenant_id,
            code=outline.code,
            names=outline.names,
            summary=outline.summary,
            starts_on=outline.starts_on,
            ends_on=outline.ends_on,
            zone=zone,
            edition=outline.edition,
            series=outline.series,
            languages=outline.languages,
            programmes=outline.programmes,
            organizers=[_organizer(o, known.get(o.organization_id)) for o in outline.organizers],
            deadlines=outline.deadlines,
            most_meetings=outline.most_meetings,
            venues=thing.venues if links else tuple(replace(v, link=None) for v in thing.venues),
            interpreters=thing.interpreters,
        )


def _organizer(organizer: Organizer, organization: Organization | None) -> OrganizerOut:
    return OrganizerOut(
        organization_id=organizer.organization_id,
        role=organizer.role,
        names=organization.facts.names if organization else None,
        country=organization.facts.country if organization else None,
    )


def _comes(who: Principal | None, thing: DockingEvent) -> bool:
    return who is not None and (who.in_docking_event(thing.id) or organizes(who, thing))


def _made(thing: DockingEvent) -> Response:
    return created(DockingEventOut.of(thing), thing.version)


def answer(thing: DockingEvent) -> Response:
    """Answer with a docking event that an organizer changed."""
    return versioned(DockingEventOut.of(thing), thing.version)


@router.post(
    "/tenants/{tenant_id}/docking-events",
    status_code=status.HTTP_201_CREATED,
    response_model=DockingEventOut,
)
async def plan(
    tenant_id: UUID,
    body: DockingEventBody,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Plan a docking event, as a draft that only its organizers see."""
    outline = body.outline()

    async def act(begin: BeginDep) -> DockingEvent:
        return await docking_events.plan(who, tenant_id, outline, body.venues, begin, clock)

    return await once(begin, act, _made)


@router.get("/docking-events", response_model=Page[DockingEventOut])
async def find(
    request: Request,
    who: Visitor,
    read: ReadDep,
    page: Paging,
    state: Annotated[DockingEventState | None, Query()] = None,
    from_: Annotated[date | None, Query(alias="from", description="Not over before.")] = None,
    to: Annotated[date | None, Query(description="Begun by then.")] = None,
) -> Response:
    """List announced docking events, and the caller's own drafts, by first day."""
    part = more(page, date.fromisoformat, UUID)
    found = await docking_events.find(who, part, state, from_, to, read)
    return page.answer(
        request,
        [DockingEventOut.of(d, links=_comes(who, d)) for d in found],
        lambda last: [last.starts_on.isoformat(), str(last.id)],
    )


@router.get("/docking-events/{docking_event_id}", response_model=DockingEventOut)
async def docking_event(docking_event_id: UUID, who: Visitor, read: ReadDep) -> Response:
    """Return a docking event with the sessions on the caller's agenda."""
    view = await docking_events.view(who, docking_event_id, read)
    links = _comes(who, view.docking_event)
    shown = DockingEventOut.of(view.docking_event, view.organizations, links=links)
    shown.sessions = [SessionOut.of(s) for s in view.sessions]
    return versioned(shown, view.docking_event.version)


@router.patch("/docking-events/{docking_event_id}", response_model=DockingEventOut)
async def describe(
    docking_event_id: UUID,
    body: DockingEventPatch,
    expected: ExpectedVersion,
    who: SignedIn,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Change what a docking event is about."""
    changes: dict[str, Any] = {name: getattr(body, name) for name in body.model_fields_set}
    saved = await docking_events.describe(who, docking_event_id, expected, changes, begin, clock)
    return answer(saved)


@router.post("/docking-events/{docking_event_id}/state", response_model=DockingEventOut)
async def move(
    docking_event_id: UUID,
    body: StateBody,
    expected: ExpectedVersion,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Announce, open, run, hold, close or cancel it."""

    async def act(begin: BeginDep) -> DockingEvent:
        return await docking_events.move(who, docking_event_id, expected, body.to, begin, clock)

    return await once(begin, act, answer)
