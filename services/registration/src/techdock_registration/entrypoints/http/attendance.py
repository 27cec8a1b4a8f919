"""Check-in at the door and in sessions."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, status
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.http.app import Body
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import SignedIn

from techdock_registration.app import attendance
from techdock_registration.app.attendance import Look, Outcome
from techdock_registration.domain.attendance import Attendance
from techdock_registration.entrypoints.http.given import (
    BeginDep,
    ClockDep,
    ReadDep,
    moment,
    more,
)

router = APIRouter(prefix="/v1/docking-events/{docking_event_id}/attendance", tags=["check-in"])

MOST_LOOKS = 500


class LookBody(Body):
    """What a device saw: a person by counting id or ticket, at the door or in a session.

    `id` is chosen by the device, so that what it sends twice is kept once.
    """

    id: UUID | None = None
    person_id: UUID | None = None
    ticket: UUID | None = None
    session_id: UUID | None = None
    mode: str | None = None
    at: AwareDatetime | None = None
    device: str | None = Field(default=None, max_length=100)

    def look(self) -> Look:
        """Return it as the command takes it."""
        return Look(
            self.person_id,
            self.ticket,
            self.session_id,
            self.mode,
            self.at,
            self.device,
            self.id,
        )


class LooksBody(Body):
    """What a device saw while it was offline."""

    items: tuple[LookBody, ...] = Field(max_length=MOST_LOOKS)


class AttendanceOut(BaseModel):
    """The look at a person that counts."""

    id: UUID
    docking_event_id: UUID
    session_id: UUID | None
    person_id: UUID
    participation_id: UUID
    organization_id: UUID
    mode: str
    at: AwareDatetime
    zone: str
    device: str | None
    is_new: bool = False


class Merged(BaseModel):
    """What became of each look, in the order sent."""

    items: list[dict[str, Any]]
    new: int
    known: int
    refused: int


class Count(BaseModel):
    """Persons present in a session, or at the door (null)."""

    session_id: UUID | None
    persons: int


class Counts(BaseModel):
    """Persons present by place."""

    items: list[Count]
    next: str | None = None


def _out(thing: Attendance, *, is_new: bool) -> AttendanceOut:
    return AttendanceOut(
        id=thing.id,
        docking_event_id=thing.docking_event_id,
        session_id=thing.session_id,
        person_id=thing.person_id,
        participation_id=thing.participation_id,
        organization_id=thing.organization_id,
        mode=thing.mode,
        at=thing.at,
        zone=thing.zone,
        device=thing.device,
        is_new=is_new,
    )


def _answer(outcome: Outcome) -> Response:
    body = _out(outcome.attendance, is_new=outcome.is_new)
    if outcome.is_new:
        return created(body)
    return Response(body.model_dump_json(), media_type="application/json")


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=AttendanceOut,
    responses={200: {"model": AttendanceOut}},
)
async def check_in(
    docking_event_id: UUID,
    body: LookBody,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Note that a person is present: 201 the first time, 200 again."""

    async def act(begin: BeginDep) -> Outcome:
        return await attendance.check_in(who, docking_event_id, body.look(), begin, clock)

    return await once(begin, act, _answer)


@router.post("/batch", response_model=Merged)
async def merge(
    docking_event_id: UUID,
    body: LooksBody,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Merge what a device saw while it was offline; a wrong look stops no other."""
    looks = [item.look() for item in body.items]

    async def act(begin: BeginDep) -> list[attendance.Taken]:
        return await attendance.merge(who, docking_event_id, looks, begin, clock)

    return await once(begin, act, _merged)


def _merged(outcomes: list[attendance.Taken]) -> Response:
    items: list[dict[str, Any]] = []
    new = known = refused = 0
    for outcome in outcomes:
        if isinstance(outcome, Outcome):
            new, known = new + outcome.is_new, known + (not outcome.is_new)
            out = _out(outcome.attendance, is_new=outcome.is_new)
            items.append(out.model_dump(mode="json"))
        else:
            refused += 1
            items.append({"code": outcome.code, "detail": str(outcome)})
    merged = Merged(items=items, new=new, known=known, refused=refused)
    return Response(merged.model_dump_json(), media_type="application/json")


@router.get("", response_model=Page[AttendanceOut])
async def present(
    docking_event_id: UUID,
    request: Request,
    who: SignedIn,
    read: ReadDep,
    page: Paging,
    session_id: UUID | None = None,
) -> Response:
    """List who is there, in the order of time."""
    found = await attendance.present(
        who, docking_event_id, more(page, moment, UUID), session_id, read
    )
    items = [_out(a, is_new=False) for a in found]
    return page.answer(request, items, lambda last: [last.at.isoformat(), str(last.id)])


@router.get("/counts")
async def counts(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> Counts:
    """Count who is there, at the door and in each session."""
    found = await attendance.counts(who, docking_event_id, read)
    return Counts(items=[Count(session_id=place, persons=n) for place, n in found.items()])
