"""A draft changed by hand, over HTTP: where a request could be, its place, its lock, what if."""

from typing import Any, Self
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import drafting
from techdock_matching.app.drafting import Lock, Put, Spot, WhatIf
from techdock_matching.entrypoints.http.given import BeginDep, ReadDep
from techdock_matching.entrypoints.http.runs import PlacementOut, TimetableOut, shown_timetable

router = APIRouter(prefix="/v1", tags=["timetables"])

MOST_SLOTS = 1_000


class ObstacleOut(BaseModel):
    """What keeps a request from a stretch of slots."""

    kind: str = Field(
        description="hours, night, busy, travel, precedence, place, tables, interpreter"
    )
    participation_id: UUID | None = Field(description="Whose person cannot.")
    request_id: UUID | None = Field(description="Whose meeting is in the way.")
    parties: tuple[UUID, ...] = Field(description="Participations of that meeting.")


class SpotOut(BaseModel):
    """A stretch of slots, and whether the request could be met there."""

    session_id: UUID
    venue_id: UUID
    first_slot: int
    start: AwareDatetime
    end: AwareDatetime
    free: bool
    table_id: UUID | None
    interpreter_id: UUID | None
    obstacles: tuple[ObstacleOut, ...]

    @classmethod
    def of(cls, spot: Spot) -> Self:
        """Return a stretch as it is shown."""
        place = spot.placement
        return cls(
            session_id=spot.chance.session_id,
            venue_id=spot.chance.venue_id,
            first_slot=spot.chance.first_slot,
            start=spot.chance.span.start,
            end=spot.chance.span.end,
            free=place is not None,
            table_id=None if place is None else place.table_id,
            interpreter_id=None if place is None else place.interpreter_id,
            obstacles=tuple(
                ObstacleOut(**{name: getattr(one, name) for name in ObstacleOut.model_fields})
                for one in spot.hindrances
            ),
        )


class SpotsOut(BaseModel):
    """Every stretch of slots for a request, in the order of sessions."""

    parties: tuple[UUID, ...] = Field(description="Participations of the request.")
    items: tuple[SpotOut, ...]
    next: None = None


@router.get("/timetables/{id}/spots/{request_id}")
async def spots(id: UUID, request_id: UUID, who: SignedIn, read: ReadDep) -> SpotsOut:
    """Show where a request could be met in a timetable, and what stands in the way elsewhere."""
    found = await drafting.spots(id, request_id, read, who=who)
    return SpotsOut(parties=found.parties, items=tuple(map(SpotOut.of, found.items)))


class PlaceBody(Body):
    """Where the request shall be; without a table it gets the best one that is free."""

    session_id: UUID
    first_slot: int = Field(ge=0, le=MOST_SLOTS)
    table_id: UUID | None = None


@router.put("/timetables/{id}/places/{request_id}", response_model=TimetableOut)
async def put(
    id: UUID,
    request_id: UUID,
    body: PlaceBody,
    who: SignedIn,
    expected: ExpectedVersion,
    begin: BeginDep,
) -> Response:
    """Give a request another place in a draft; 409 names what stands in the way."""
    command = Put(id, expected, request_id, body.session_id, body.first_slot, body.table_id)
    return shown_timetable(await drafting.put(command, begin, who=who))


@router.delete("/timetables/{id}/places/{request_id}", response_model=TimetableOut)
async def taken_out(
    id: UUID, request_id: UUID, who: SignedIn, expected: ExpectedVersion, begin: BeginDep
) -> Response:
    """Take a request out of a draft; it is then without a place."""
    return shown_timetable(await drafting.put(Put(id, expected, request_id), begin, who=who))


@router.put("/timetables/{id}/locks/{request_id}", response_model=TimetableOut)
async def locked(
    id: UUID, request_id: UUID, who: SignedIn, expected: ExpectedVersion, begin: BeginDep
) -> Response:
    """Keep a request where it stands in a draft, also in runs that begin in it."""
    return shown_timetable(await drafting.lock(Lock(id, expected, request_id), begin, who=who))


@router.delete("/timetables/{id}/locks/{request_id}", response_model=TimetableOut)
async def released(
    id: UUID, request_id: UUID, who: SignedIn, expected: ExpectedVersion, begin: BeginDep
) -> Response:
    """Let a request be moved again."""
    command = Lock(id, expected, request_id, locked=False)
    return shown_timetable(await drafting.lock(command, begin, who=who))


class WhatIfOut(BaseModel):
    """The single change that would place a request, and all that it would do."""

    change: dict[str, Any] | None = Field(description="Code and params; null: none would.")
    placements: tuple[PlacementOut, ...]
    moving: tuple[UUID, ...] = Field(description="Participations of a meeting that would move.")
    also_placed: tuple[UUID, ...] = Field(description="Other requests that fit then.")
    in_draft: bool = Field(description="Whether it can be taken as it is.")

    @classmethod
    def of(cls, found: WhatIf) -> Self:
        """Return it as it is shown."""
        return cls(
            change=None
            if found.code is None
            else {"code": found.code, "params": dict(found.params)},
            placements=tuple(map(PlacementOut.of, found.placements)),
            moving=found.moving,
            also_placed=found.also,
            in_draft=found.in_draft,
        )


@router.get("/timetables/{id}/what-if/{request_id}")
async def what_if(id: UUID, request_id: UUID, who: SignedIn, read: ReadDep) -> WhatIfOut:
    """Try the change that would place a request; nothing is stored."""
    return WhatIfOut.of(await drafting.what_if(id, request_id, read, who=who))


@router.put("/timetables/{id}/changes/{request_id}", response_model=TimetableOut)
async def changed(
    id: UUID, request_id: UUID, who: SignedIn, expected: ExpectedVersion, begin: BeginDep
) -> Response:
    """Do to a draft what `what-if` says, where nothing but the draft has to change."""
    done = await drafting.take_change(id, expected, request_id, begin, who=who)
    return shown_timetable(done)
