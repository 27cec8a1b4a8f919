"""What an organizer does on the day, over HTTP."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion
from techdock_shared.http.idempotency import Once
from techdock_shared.http.principal import SignedIn
from techdock_shared.http.sse import LIVE_PAGE, Sent, stream

from techdock_matching.app import calendars, day
from techdock_matching.domain.meeting import Meeting
from techdock_matching.entrypoints.http.given import BeginDep, ClockDep, ReadDep
from techdock_matching.entrypoints.http.meetings import changed
from techdock_matching.entrypoints.http.shapes import MeetingOut, MeetingsOut

router = APIRouter(prefix="/v1", tags=["day"])


class MoveBody(Body):
    """Where the meeting shall be; a table that is left out stays, if the venue does."""

    start: AwareDatetime
    venue_id: UUID | None = None
    table_id: UUID | None = None


@router.post("/meetings/{id}/move", response_model=MeetingOut)
async def moved(
    id: UUID,
    body: MoveBody,
    who: SignedIn,
    once: Once,
    expected: ExpectedVersion,
    begin: BeginDep,
) -> Response:
    """Give a meeting another slot or table; the judge looks first."""
    command = day.Move(id, expected, body.start, body.venue_id, body.table_id)
    return await once(begin, partial(day.move, command, who=who), changed)


@router.post("/docking-events/{docking_event_id}/refill", response_model=MeetingsOut)
async def refilled(
    docking_event_id: UUID,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Give freed places to accepted requests that wait; nobody else moves."""

    def answer(meetings: Sequence[Meeting]) -> Response:
        out = MeetingsOut(items=tuple(MeetingOut.of(meeting) for meeting in meetings))
        return Response(out.model_dump_json(), 200, media_type="application/json")

    act = partial(day.refill, docking_event_id, who=who, clock=clock)
    return await once(begin, act, answer)


class BrokenOut(BaseModel):
    """A rule that booked meetings break since something changed."""

    rule: str
    meetings: tuple[UUID, ...]
    what: str


class BrokenPage(BaseModel):
    """All that the judge finds."""

    items: tuple[BrokenOut, ...]
    next: None = None


@router.get("/docking-events/{docking_event_id}/broken-meetings")
async def broken(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> BrokenPage:
    """Say which booked meetings cannot take place as things stand now, and why."""
    found = await day.broken(docking_event_id, read, who=who)
    return BrokenPage(
        items=tuple(BrokenOut(rule=one.rule, meetings=one.meetings, what=one.what) for one in found)
    )


@router.get("/docking-events/{docking_event_id}/live", response_class=Response, responses=LIVE_PAGE)
async def live(docking_event_id: UUID, request: Request, who: SignedIn, read: ReadDep) -> Response:
    """Tell a live page when any meeting of the docking event changed (server-sent events)."""
    await calendars.version_of(docking_event_id, read, who=who)

    async def look(seen: str | None) -> Sequence[Sent]:
        version = str(await calendars.version_of(docking_event_id, read, who=who))
        return [] if seen == version else [Sent(version, f'{{"version":{version}}}', "meetings")]

    return stream(request, [f"docking_event.{docking_event_id}"], look)
