"""Who takes part, as each may see it; names in a batch; contacts after both accepted."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from techdock_shared.http.app import Body
from techdock_shared.http.idempotency import changes_nothing
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import SignedIn

from techdock_registration.app import directory
from techdock_registration.domain.texts import Names
from techdock_registration.entrypoints.http.given import ReadDep, more
from techdock_registration.entrypoints.http.sessions import SessionOut
from techdock_registration.entrypoints.http.shown import OrganizationBrief, ParticipationOut

router = APIRouter(prefix="/v1", tags=["directory"])

MOST_NAMES = 2_000


class NamesBody(Body):
    """Whose names are wanted."""

    person_ids: tuple[UUID, ...] = Field(default=(), max_length=MOST_NAMES)
    participation_ids: tuple[UUID, ...] = Field(default=(), max_length=MOST_NAMES)
    organization_ids: tuple[UUID, ...] = Field(default=(), max_length=MOST_NAMES)
    docking_event_id: UUID | None = Field(
        default=None, description="Also names those who interpret there."
    )


class ParticipationName(BaseModel):
    """The name of a participation is that of its organization."""

    organization_id: UUID
    native: str
    latin: str | None
    country: str


class OrganizationName(BaseModel):
    """The name of an organization."""

    native: str
    latin: str | None
    language: str
    country: str
    kind: str


class NamesOut(BaseModel):
    """Names by id; what the caller may not see is missing."""

    persons: dict[UUID, Names]
    participations: dict[UUID, ParticipationName]
    organizations: dict[UUID, OrganizationName]


class ContactOut(BaseModel):
    """A person and their address."""

    names: Names | None
    email: str | None


class Contacts(BaseModel):
    """The persons of a participation."""

    items: list[ContactOut]
    next: str | None = None


class MineOut(BaseModel):
    """How the caller takes part."""

    participation: ParticipationOut
    person: dict[str, Any]
    ticket: UUID | None
    sessions: list[SessionOut]


@router.get("/docking-events/{docking_event_id}/directory", response_model=Page[ParticipationOut])
async def listed(
    docking_event_id: UUID,
    request: Request,
    who: SignedIn,
    read: ReadDep,
    page: Paging,
    country: Annotated[str | None, Query(max_length=2)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """List confirmed participations as any confirmed participant may see them."""
    found = await directory.directory(who, docking_event_id, more(page, UUID), country, q, read)
    items = [ParticipationOut.of(e) for e in found]
    return page.answer(request, items, lambda last: [str(last.id)])


@router.get("/docking-events/{docking_event_id}/tickets")
async def tickets(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> list[ParticipationOut]:
    """Return all confirmed participations with tickets, for badges and offline check-in."""
    found = await directory.with_tickets(who, docking_event_id, read)
    return [ParticipationOut.of(e) for e in found]


@router.get("/docking-events/{docking_event_id}/me")
async def mine(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> MineOut:
    """Return how the caller takes part, with ticket and sessions."""
    found = await directory.mine(who, docking_event_id, read)
    shown = ParticipationOut.of(found.entrant)
    person = next(p for p in shown.persons if p.person_id == found.person_id)
    return MineOut(
        participation=shown,
        person=person.model_dump(),
        ticket=found.ticket.id if found.ticket else None,
        sessions=[SessionOut.of(s) for s in found.sessions],
    )


@router.get("/participations/{participation_id}/contacts")
async def contacts(participation_id: UUID, who: SignedIn, read: ReadDep) -> Contacts:
    """Return names and addresses, once both sides accepted a request."""
    found = await directory.contacts(who, participation_id, read)
    return Contacts(items=[ContactOut(names=a.names, email=a.email) for a in found])


@router.post("/names", dependencies=[changes_nothing])
async def names(body: NamesBody, who: SignedIn, read: ReadDep) -> NamesOut:
    """Return names of persons, participations and organizations in one batch."""
    called = await directory.called(
        who,
        body.person_ids,
        body.participation_ids,
        body.organization_ids,
        read,
        body.docking_event_id,
    )
    briefs = {key: OrganizationBrief.of(o) for key, o in called.participations.items()}
    return NamesOut(
        persons=called.persons,
        participations={
            key: ParticipationName(
                organization_id=b.id,
                native=b.names.native,
                latin=b.names.latin,
                country=b.country,
            )
            for key, b in briefs.items()
        },
        organizations={
            key: OrganizationName(
                native=o.facts.names.native,
                latin=o.facts.names.latin,
                language=o.facts.name_language,
                country=o.facts.country,
                kind=o.facts.kind,
            )
            for key, o in called.organizations.items()
        },
    )
