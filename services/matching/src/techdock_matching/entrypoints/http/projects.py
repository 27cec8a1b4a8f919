"""Cooperation projects over HTTP."""

from datetime import date
from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import projects
from techdock_matching.domain.project import (
    MOST_REASON_CHARACTERS,
    MOST_TECHNOLOGY_FIELD,
    Contract,
    CooperationProject,
    Direction,
    EntryState,
    Stage,
    StageEntry,
)
from techdock_matching.entrypoints.http.given import BeginDep, ClockDep, ReadDep, id_after

router = APIRouter(prefix="/v1", tags=["projects"])

MOST_PARTIES = 20
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="Of the evidence, hex.")]


class OpenBody(Body):
    """Who began to cooperate, and where that came from."""

    docking_event_id: UUID | None = None
    meeting_id: UUID | None = None
    parties: tuple[UUID, ...] = Field(default=(), max_length=MOST_PARTIES)
    profiles: tuple[UUID, ...] = Field(default=(), max_length=MOST_PARTIES)
    technology_field: int | None = Field(default=None, ge=1, le=MOST_TECHNOLOGY_FIELD)
    direction: Direction = Direction.BOTH


class ContractBody(Body):
    """The terms of a stage; for the parties only, never in an event."""

    kind: str = Field(min_length=1, max_length=40, description="Code of cooperation_type.")
    amount: int | None = Field(default=None, ge=0, le=10**15, description="Whole units.")
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$", description="ISO 4217.")


class DisputeOut(BaseModel):
    """Who says no, and why."""

    organization_id: UUID
    reason: str


class StageOut(BaseModel):
    """One declaration and what the parties say to it."""

    stage: Stage
    occurred_on: date
    zone: str
    declared_by: UUID
    declared_at: AwareDatetime
    confirmed_by: tuple[UUID, ...]
    disputed_by: tuple[DisputeOut, ...]
    state: EntryState
    evidence_sha256: str | None = Field(description="Of the declaring party.")
    evidence: dict[UUID, str] = Field(description="SHA-256 by organization.")
    contract: ContractBody | None

    @classmethod
    def of(cls, entry: StageEntry, *, terms: bool) -> Self:
        """Return a declaration; its terms only to the parties."""
        contract: Any = entry.contract if terms else None
        return cls(
            stage=entry.stage,
            occurred_on=entry.occurred_on,
            zone=entry.zone,
            declared_by=entry.declared_by,
            declared_at=entry.declared_at,
            confirmed_by=entry.confirmed_by,
            disputed_by=tuple(
                DisputeOut(organization_id=by, reason=reason) for by, reason in entry.disputed_by
            ),
            state=entry.state,
            evidence_sha256=dict(entry.evidence).get(entry.declared_by),
            evidence=dict(entry.evidence),
            contract=contract
            and ContractBody.model_construct(
                kind=contract.kind, amount=contract.amount, currency=contract.currency
            ),
        )


class PartyOut(BaseModel):
    """An organization in the project."""

    organization_id: UUID
    country: str


class ProjectOut(BaseModel):
    """A cooperation project; `stage` is the highest that all parties confirmed."""

    id: UUID
    docking_event_id: UUID | None
    meeting_id: UUID | None
    parties: tuple[PartyOut, ...]
    profiles: tuple[UUID, ...]
    technology_field: int | None
    direction: Direction
    stages: tuple[StageOut, ...]
    stage: Stage | None
    ended: bool
    ended_on: date | None
    version: int

    @classmethod
    def of(cls, project: CooperationProject, *, terms: bool) -> Self:
        """Return a project as it is shown; terms of contracts only to the parties."""
        return cls(
            id=project.id,
            docking_event_id=project.docking_event_id,
            meeting_id=project.meeting_id,
            parties=tuple(
                PartyOut(organization_id=party.organization_id, country=party.country)
                for party in project.parties
            ),
            profiles=project.profiles,
            technology_field=project.technology_field,
            direction=project.direction,
            stages=tuple(StageOut.of(entry, terms=terms) for entry in project.entries),
            stage=project.stage,
            ended=project.ended_on is not None,
            ended_on=project.ended_on,
            version=project.version,
        )


def _changed(project: CooperationProject) -> Response:
    return versioned(ProjectOut.of(project, terms=True), project.version)


@router.post("/projects", status_code=201, response_model=ProjectOut)
async def opened(body: OpenBody, who: SignedIn, once: Once, begin: BeginDep) -> Response:
    """Begin to follow what organizations do together."""
    command = projects.Open(
        body.docking_event_id,
        body.meeting_id,
        body.parties,
        body.profiles,
        body.technology_field,
        body.direction,
    )

    def answer(project: CooperationProject) -> Response:
        body = ProjectOut.of(project, terms=True)
        return created(body, project.version, f"/v1/projects/{project.id}")

    return await once(begin, partial(projects.open, command, who=who), answer)


@router.get("/projects", response_model=Page[ProjectOut])
async def listed(
    request: Request,
    who: SignedIn,
    read: ReadDep,
    page: Paging,
    docking_event_id: Annotated[UUID | None, Query()] = None,
    organization_id: Annotated[UUID | None, Query()] = None,
) -> Response:
    """List the projects of one's organizations, or those of a docking event for organizers."""
    found = await projects.listed(
        read,
        who=who,
        docking_event_id=docking_event_id,
        organization_id=organization_id,
        after=id_after(page.after),
        limit=page.limit + 1,
    )
    items = [
        ProjectOut.of(one, terms=any(who.acts_for(p.organization_id) for p in one.parties))
        for one in found
    ]
    return page.answer(request, items, lambda last: [str(last.id)])


@router.get("/projects/{id}", response_model=ProjectOut)
async def shown(id: UUID, who: SignedIn, read: ReadDep) -> Response:
    """Show a project."""
    project = await projects.read(id, read, who=who)
    terms = any(who.acts_for(party.organization_id) for party in project.parties)
    return versioned(ProjectOut.of(project, terms=terms), project.version)


class DeclareBody(Body):
    """What the project has reached, and when."""

    stage: Stage
    occurred_on: date
    evidence_sha256: Sha256 | None = None
    contract: ContractBody | None = None


@router.post("/projects/{id}/stages", response_model=ProjectOut)
async def declared(
    id: UUID,
    body: DeclareBody,
    who: SignedIn,
    once: Once,
    expected: ExpectedVersion,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Say, as one party, that the project reached a stage."""
    terms = body.contract
    contract = None if terms is None else Contract(terms.kind, terms.amount, terms.currency)
    command = projects.Declare(
        id, expected, body.stage, body.occurred_on, body.evidence_sha256, contract
    )
    return await once(begin, partial(projects.declare, command, who=who, clock=clock), _changed)


class ConfirmBody(Body):
    """Evidence of one's own, if there is any."""

    evidence_sha256: Sha256 | None = None


@router.post("/projects/{id}/stages/{stage}/confirm", response_model=ProjectOut)
async def confirmed(
    id: UUID,
    stage: Stage,
    body: ConfirmBody,
    who: SignedIn,
    once: Once,
    expected: ExpectedVersion,
    begin: BeginDep,
) -> Response:
    """Say the same as the party that declared the stage."""
    command = projects.Confirm(id, expected, stage, body.evidence_sha256)
    return await once(begin, partial(projects.confirm, command, who=who), _changed)


class DisputeBody(Body):
    """Why the project did not reach the stage."""

    reason: str = Field(min_length=1, max_length=MOST_REASON_CHARACTERS)


@router.post("/projects/{id}/stages/{stage}/dispute", response_model=ProjectOut)
async def disputed(
    id: UUID,
    stage: Stage,
    body: DisputeBody,
    who: SignedIn,
    once: Once,
    expected: ExpectedVersion,
    begin: BeginDep,
) -> Response:
    """Say that the project did not reach the stage; this stays visible."""
    command = projects.Dispute(id, expected, stage, body.reason)
    return await once(begin, partial(projects.dispute, command, who=who), _changed)


@router.post("/projects/{id}/end", response_model=ProjectOut)
async def ended(
    id: UUID,
    who: SignedIn,
    once: Once,
    expected: ExpectedVersion,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Note that the cooperation is over; what it reached stays reached."""
    command = projects.End(id, expected)
    return await once(begin, partial(projects.end, command, who=who, clock=clock), _changed)
