"""On the day, over HTTP: what is away, and the repair of the published timetable."""

from functools import partial
from typing import Self
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.http.app import Body, no_content
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.principal import SignedIn

from techdock_matching.app import outages, repairing
from techdock_matching.app.planning import Outage, OutageKind
from techdock_matching.app.repairing import Plan
from techdock_matching.domain.timetable.problem import Placement
from techdock_matching.entrypoints.http.given import BeginDep, ClockDep, ReadDep
from techdock_matching.entrypoints.http.runs import PlacementOut

router = APIRouter(prefix="/v1", tags=["day"])


class OutageBody(Body):
    """Somebody is late or has left, a table or an interpreter is lost."""

    kind: OutageKind
    thing_id: UUID = Field(
        description="Counting id of the person or interpreter, or id of the table."
    )
    start: AwareDatetime | None = Field(default=None, description="Null: from now on.")
    end: AwareDatetime | None = Field(default=None, description="Null: for the rest.")


class OutageOut(BaseModel):
    """What was noted as away."""

    id: UUID
    kind: OutageKind
    thing_id: UUID
    start: AwareDatetime
    end: AwareDatetime
    noted_at: AwareDatetime

    @classmethod
    def of(cls, outage: Outage) -> Self:
        """Return it as it is shown."""
        return cls(
            id=outage.id,
            kind=outage.kind,
            thing_id=outage.thing_id,
            start=outage.span.start,
            end=outage.span.end,
            noted_at=outage.noted_at,
        )


class OutagesOut(BaseModel):
    """All that was noted, the oldest first."""

    items: tuple[OutageOut, ...]
    next: None = None


@router.get("/docking-events/{docking_event_id}/outages")
async def listed(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> OutagesOut:
    """Show what is away."""
    found = await outages.noted(docking_event_id, read, who=who)
    return OutagesOut(items=tuple(map(OutageOut.of, found)))


@router.post(
    "/docking-events/{docking_event_id}/outages", status_code=201, response_model=OutageOut
)
async def noted(
    docking_event_id: UUID,
    body: OutageBody,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Note that something is away; runs and repairs go by it, nobody is moved yet."""
    command = outages.Note(docking_event_id, body.kind, body.thing_id, body.start, body.end)
    act = partial(outages.note, command, who=who, clock=clock)
    return await once(begin, act, lambda outage: created(OutageOut.of(outage)))


@router.delete("/docking-events/{docking_event_id}/outages/{id}", status_code=204)
async def forgotten(docking_event_id: UUID, id: UUID, who: SignedIn, begin: BeginDep) -> Response:
    """Say that it is there again."""
    await outages.forget(docking_event_id, id, begin, who=who)
    return no_content()


class MoveOut(BaseModel):
    """A meeting that goes elsewhere, or has no place any more."""

    request_id: UUID
    before: PlacementOut | None = Field(description="Null: its slot is not there any more.")
    after: PlacementOut | None = Field(description="Null: it waits.")
    gives_way: bool = Field(description="Nothing is wrong with it; it makes room for another.")


class RepairOut(BaseModel):
    """What a repair changes."""

    moves: tuple[MoveOut, ...]
    others: tuple[UUID, ...] = Field(description="Persons who are moved for others.")
    needs_agreement: bool

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Return it as it is shown."""

        def shown(placement: Placement | None) -> PlacementOut | None:
            return None if placement is None else PlacementOut.of(placement)

        moves = [
            MoveOut(
                request_id=move.request_id,
                before=shown(move.before),
                after=shown(move.after),
                gives_way=not move.hit,
            )
            for move in plan.change.moves
        ]
        moves += [
            MoveOut(request_id=it, before=None, after=shown(plan.regained.get(it)), gives_way=False)
            for it in plan.slotless
        ]
        return cls(
            moves=tuple(moves),
            others=tuple(sorted(plan.others)),
            needs_agreement=plan.needs_agreement,
        )


@router.get("/docking-events/{docking_event_id}/repair")
async def planned(
    docking_event_id: UUID, who: SignedIn, read: ReadDep, clock: ClockDep
) -> RepairOut:
    """Show what a repair of the published timetable would change; nothing is stored."""
    return RepairOut.of(await repairing.planned(docking_event_id, read, who=who, clock=clock))


class RepairBody(Body):
    """Whether more than two other people may be moved."""

    agreed: bool = False


@router.post("/docking-events/{docking_event_id}/repair", response_model=RepairOut)
async def mended(
    docking_event_id: UUID,
    body: RepairBody,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Move what cannot be as it is; exactly those concerned are told."""
    command = repairing.Repair(docking_event_id, body.agreed)

    def answer(plan: Plan) -> Response:
        out = RepairOut.of(plan).model_dump_json()
        return Response(out, 200, media_type="application/json")

    return await once(begin, partial(repairing.mend, command, who=who, clock=clock), answer)
