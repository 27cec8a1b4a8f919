"""Interpreters over HTTP: workload, timetable, calendar address."""

from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.http.app import given
from techdock_shared.http.idempotency import Once
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import interpreters
from techdock_matching.app.interpreters import Workload
from techdock_matching.entrypoints.http.given import BeginDep, ClockDep, ReadDep
from techdock_matching.entrypoints.http.mine import CalendarOut, address
from techdock_matching.entrypoints.http.shapes import MeetingOut, MeetingsOut

router = APIRouter(prefix="/v1", tags=["interpreters"])


class WorkloadOut(BaseModel):
    """What an interpreter has to do in the published timetable."""

    person_id: UUID
    languages: tuple[str, ...]
    meetings: int
    minutes: int
    longest_minutes: int = Field(description="Of meetings without a pause between them.")
    first: AwareDatetime | None
    last: AwareDatetime | None

    @classmethod
    def of(cls, workload: Workload) -> Self:
        """Return it as it is shown."""
        return cls(
            person_id=workload.person_id,
            languages=workload.languages,
            meetings=workload.meetings,
            minutes=workload.minutes,
            longest_minutes=workload.longest,
            first=workload.first,
            last=workload.last,
        )


class WorkloadsOut(BaseModel):
    """All interpreters of a docking event."""

    items: tuple[WorkloadOut, ...]
    next: None = None


@router.get("/docking-events/{docking_event_id}/interpreters")
async def workloads(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> WorkloadsOut:
    """Show how much each interpreter has to do."""
    found = await interpreters.workloads(docking_event_id, read, who=who)
    return WorkloadsOut(items=tuple(map(WorkloadOut.of, found)))


@router.get("/docking-events/{docking_event_id}/interpreters/{person_id}/timetable")
async def timetable(
    docking_event_id: UUID, person_id: UUID, who: SignedIn, read: ReadDep
) -> MeetingsOut:
    """Show the meetings of an interpreter, by start."""
    found = await interpreters.timetable(docking_event_id, person_id, read, who=who)
    return MeetingsOut(items=tuple(map(MeetingOut.of, found)))


@router.post(
    "/docking-events/{docking_event_id}/interpreters/{person_id}/calendar",
    status_code=201,
    response_model=CalendarOut,
)
async def calendar(
    docking_event_id: UUID,
    person_id: UUID,
    request: Request,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
    pages: Annotated[str, Depends(given("pages_url", str))],
) -> Response:
    """Make an address under which a calendar program reads the timetable of an interpreter."""
    act: Any = partial(interpreters.open_feed, docking_event_id, person_id, who=who, clock=clock)
    return await once(begin, act, partial(address, request, pages), secret=True)
