"""Meetings over HTTP."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field
from techdock_shared.errors import FieldError, Invalid
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import meetings
from techdock_matching.domain.meeting import Meeting, MeetingState
from techdock_matching.entrypoints.http.given import BeginDep, ReadDep
from techdock_matching.entrypoints.http.shapes import MeetingOut

router = APIRouter(prefix="/v1", tags=["meetings"])

MOST_ABSENT = 20
EARLIEST, LATEST = date(1970, 1, 1), date(2200, 1, 1)
"""Days that may be asked for; every zone can count them."""


def changed(meeting: Meeting) -> Response:
    """Answer with a meeting that a command changed."""
    return versioned(MeetingOut.of(meeting), meeting.version)


def _after(position: list[Any] | None) -> tuple[datetime, UUID] | None:
    if position is None:
        return None
    try:
        # A moment without its zone was not given out by us; comparing it would fail later.
        return datetime.fromisoformat(position[0]).astimezone(UTC), UUID(position[1])
    except (ValueError, OverflowError, IndexError, AttributeError, TypeError) as error:
        wrong = FieldError("query.cursor", "the `next` of an earlier page", str(position)[:80])
        raise Invalid("this cursor was not given out by this list", errors=[wrong]) from error


@router.get("/docking-events/{docking_event_id}/meetings", response_model=Page[MeetingOut])
async def listed(
    docking_event_id: UUID,
    request: Request,
    who: SignedIn,
    read: ReadDep,
    page: Paging,
    venue_id: Annotated[UUID | None, Query()] = None,
    day: Annotated[
        date | None,
        Query(ge=EARLIEST, le=LATEST, description="Local date at the main venue."),
    ] = None,
    state: Annotated[list[MeetingState] | None, Query()] = None,
) -> Response:
    """List meetings by start: one's own, or everybody's for organizers."""
    found = await meetings.listed(
        docking_event_id,
        read,
        who=who,
        venue_id=venue_id,
        day=day,
        states=state or (),
        after=_after(page.after),
        limit=page.limit + 1,
    )
    items = [MeetingOut.of(meeting) for meeting in found]
    return page.answer(request, items, lambda last: [last.start.isoformat(), str(last.id)])


@router.get("/meetings/{id}", response_model=MeetingOut)
async def shown(id: UUID, who: SignedIn, read: ReadDep) -> Response:
    """Show a meeting."""
    return changed(await meetings.read(id, read, who=who))


class ReportBody(Body):
    """What became of a meeting."""

    to: Literal["held", "no_show", "cancelled"]
    absent: tuple[UUID, ...] = Field(
        default=(), max_length=MOST_ABSENT, description="Participations; only with no_show."
    )


@router.post("/meetings/{id}/state", response_model=MeetingOut)
async def report(
    id: UUID,
    body: ReportBody,
    who: SignedIn,
    once: Once,
    expected: ExpectedVersion,
    begin: BeginDep,
) -> Response:
    """Say that a meeting was held, failed, or is called off."""
    command = meetings.Report(id, expected, MeetingState(body.to), body.absent)
    return await once(begin, partial(meetings.report, command, who=who), changed)
