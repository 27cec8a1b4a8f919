"""The schedule frame over HTTP: slots and tables, and the organizer's planning."""

from typing import Self
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import frame
from techdock_matching.app.frame import Frame
from techdock_matching.app.planning import MOST_BUFFER_MINUTES, MOST_SECONDS, Planning
from techdock_matching.entrypoints.http.given import BeginDep, ReadDep

router = APIRouter(prefix="/v1", tags=["frame"])

MOST_WAYS = 500
MOST_SEED = 2**31 - 1


class WayBody(Body):
    """How long it takes from one venue to the other, in both directions."""

    one_id: UUID
    other_id: UUID
    minutes: int = Field(ge=0, le=24 * 60)


class PlanningBody(Body):
    """What the organizer decides; ways that are left out cannot be travelled."""

    buffer_minutes: int = Field(default=0, ge=0, le=MOST_BUFFER_MINUTES)
    travel: tuple[WayBody, ...] = Field(default=(), max_length=MOST_WAYS)
    seed: int = Field(default=1, ge=0, le=MOST_SEED)
    seconds: int = Field(default=10, ge=1, le=MOST_SECONDS)
    self_booking: bool = Field(
        default=False, description="Participants give accepted requests a free place themselves."
    )


class SlotOut(BaseModel):
    """One slot of a matchmaking session."""

    session_id: UUID
    number: int
    venue_id: UUID
    start: AwareDatetime
    end: AwareDatetime
    zone: str


class TableOut(BaseModel):
    """A table at a venue."""

    id: UUID
    venue_id: UUID
    label: str
    equipment: tuple[str, ...]
    owner_id: UUID | None


class FrameOut(BaseModel):
    """Where and when meetings can be, and by which rules."""

    docking_event_id: UUID
    slots: tuple[SlotOut, ...]
    tables: tuple[TableOut, ...]
    interpreters: int
    requests: int = Field(description="Accepted requests that wish a place.")
    planning: PlanningBody
    version: int

    @classmethod
    def of(cls, found: Frame) -> Self:
        """Return a frame as it is shown."""
        zones = {venue.id: venue.zone for venue in found.problem.venues}
        planning = found.planning
        return cls(
            docking_event_id=found.docking_event.id,
            slots=tuple(
                SlotOut(
                    session_id=session.id,
                    number=number,
                    venue_id=session.venue_id,
                    start=slot.start,
                    end=slot.end,
                    zone=zones.get(session.venue_id, found.docking_event.zone),
                )
                for session in found.problem.sessions
                for number, slot in enumerate(found.problem.slots[session.id])
            ),
            tables=tuple(
                TableOut(
                    id=desk.table_id,
                    venue_id=venue.venue_id,
                    label=desk.label,
                    equipment=desk.equipment,
                    owner_id=desk.owner_id,
                )
                for venue in found.docking_event.venues
                for desk in venue.tables
            ),
            interpreters=len(found.problem.interpreters),
            requests=len(found.requests),
            planning=PlanningBody(
                buffer_minutes=planning.buffer_minutes,
                travel=tuple(
                    WayBody(one_id=one, other_id=other, minutes=minutes)
                    for one, other, minutes in planning.travel_minutes
                ),
                seed=planning.seed,
                seconds=planning.seconds,
                self_booking=planning.self_booking,
            ),
            version=planning.version,
        )


@router.get("/docking-events/{docking_event_id}/frame", response_model=FrameOut)
async def shown(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> Response:
    """Show the frame."""
    found = await frame.read(docking_event_id, read, who=who)
    return versioned(FrameOut.of(found), found.planning.version)


@router.put("/docking-events/{docking_event_id}/frame", response_model=FrameOut)
async def planned(
    docking_event_id: UUID,
    body: PlanningBody,
    who: SignedIn,
    expected: ExpectedVersion,
    begin: BeginDep,
) -> Response:
    """Plan anew; the next run goes by it."""
    planning = Planning(
        buffer_minutes=body.buffer_minutes,
        travel_minutes=tuple((way.one_id, way.other_id, way.minutes) for way in body.travel),
        seed=body.seed,
        seconds=body.seconds,
        self_booking=body.self_booking,
    )
    command = frame.Plan(docking_event_id, planning, expected)
    found = await frame.plan(command, begin, who=who)
    return versioned(FrameOut.of(found), found.planning.version)
