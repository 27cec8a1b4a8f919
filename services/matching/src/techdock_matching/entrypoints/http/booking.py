"""Participants choose a free place for an accepted request, over HTTP."""

from functools import partial
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, Field
from techdock_shared.http.app import Body
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import booking
from techdock_matching.domain.meeting import Meeting
from techdock_matching.entrypoints.http.drafts import MOST_SLOTS, SpotOut, SpotsOut
from techdock_matching.entrypoints.http.given import BeginDep, ClockDep, ReadDep
from techdock_matching.entrypoints.http.shapes import MeetingOut

router = APIRouter(prefix="/v1", tags=["booking"])


class BookingOut(BaseModel):
    """Whether participants book for themselves now."""

    open: bool


@router.get("/docking-events/{docking_event_id}/booking")
async def opened(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> BookingOut:
    """Say whether participants may choose places themselves, and there is a timetable."""
    return BookingOut(open=await booking.is_open(docking_event_id, read, who=who))


@router.get("/requests/{id}/spots")
async def spots(id: UUID, who: SignedIn, read: ReadDep, clock: ClockDep) -> SpotsOut:
    """Show the free places to come of one's own accepted request, nothing of anybody else."""
    found = await booking.free_spots(id, read, who=who, clock=clock)
    return SpotsOut(parties=found.parties, items=tuple(map(SpotOut.of, found.items)))


class BookBody(Body):
    """The place to take."""

    session_id: UUID
    first_slot: int = Field(ge=0, le=MOST_SLOTS)


@router.post("/requests/{id}/meeting", status_code=201, response_model=MeetingOut)
async def booked(
    id: UUID, body: BookBody, who: SignedIn, once: Once, begin: BeginDep, clock: ClockDep
) -> Response:
    """Book the meeting of one's own accepted request; the other side is told."""
    command = booking.Book(id, body.session_id, body.first_slot)

    def answer(meeting: Meeting) -> Response:
        return created(MeetingOut.of(meeting), meeting.version)

    return await once(begin, partial(booking.book, command, who=who, clock=clock), answer)
