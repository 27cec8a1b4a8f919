"""Runs of the solver and the timetables that come of them, over HTTP."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.errors import Invalid
from techdock_shared.http.app import Body
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once, accepted
from techdock_shared.http.principal import SignedIn
from techdock_shared.http.routes import accepts_up_to
from techdock_shared.http.sse import LIVE_PAGE, Sent, stream

from techdock_matching.app import handmade, publishing, runs
from techdock_matching.app.planning import (
    MOST_SECONDS,
    Run,
    RunState,
    StoredTimetable,
    TimetableState,
)
from techdock_matching.domain.timetable.problem import Placement
from techdock_matching.entrypoints.http.frame import MOST_SEED
from techdock_matching.entrypoints.http.given import BeginDep, ClockDep, ReadDep

router = APIRouter(prefix="/v1", tags=["timetables"])

FILE_BYTES = 10 * 1024 * 1024
FORM_BYTES = 64 * 1024


class RunBody(Body):
    """How to search; what is left out comes from the planning."""

    seed: int | None = Field(default=None, ge=0, le=MOST_SEED)
    seconds: int | None = Field(default=None, ge=1, le=MOST_SECONDS)
    locked: tuple[UUID, ...] = Field(
        default=(), max_length=runs.MOST_LOCKED, description="Meetings that must stay."
    )
    draft_id: UUID | None = Field(
        default=None, description="Begin in this draft; what is locked in it stays."
    )


class ProgressOut(BaseModel):
    """Of the best timetable so far; `cost` by level, most important first."""

    placed: int = 0
    total: int = 0
    cost: tuple[int, ...] = ()
    seconds: float = 0.0
    bound: int | None = None


class RunOut(BaseModel):
    """A search for a timetable."""

    id: UUID
    docking_event_id: UUID
    state: RunState
    seed: int
    seconds: int
    progress: ProgressOut
    timetable_id: UUID | None
    failure: str | None
    requested_at: AwareDatetime

    @classmethod
    def of(cls, run: Run) -> Self:
        """Return a run as it is shown."""
        return cls(
            id=run.id,
            docking_event_id=run.docking_event_id,
            state=run.state,
            seed=run.seed,
            seconds=run.seconds,
            progress=ProgressOut.model_validate(dict(run.progress)),
            timetable_id=run.timetable_id,
            failure=run.failure,
            requested_at=run.requested_at,
        )


@router.post(
    "/docking-events/{docking_event_id}/timetable-runs", status_code=202, response_model=RunOut
)
async def requested(
    docking_event_id: UUID,
    body: RunBody,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Ask for a timetable. 202: the worker searches now, and the result is a draft."""
    command = runs.RequestRun(docking_event_id, body.seed, body.seconds, body.locked, body.draft_id)
    act = partial(runs.request_run, command, who=who, clock=clock)
    return await once(begin, act, lambda run: accepted(RunOut.of(run)))


@router.get("/timetable-runs/{id}")
async def shown(id: UUID, who: SignedIn, read: ReadDep) -> RunOut:
    """Show how far a run is."""
    return RunOut.of(await runs.read(id, read, who=who))


@router.get("/timetable-runs/{id}/progress", response_class=Response, responses=LIVE_PAGE)
async def progress(id: UUID, request: Request, who: SignedIn, read: ReadDep) -> Response:
    """Follow a run live, until it has ended (server-sent events)."""
    await runs.read(id, read, who=who)

    async def look(seen: str | None) -> Sequence[Sent]:
        run = await runs.read(id, read, who=who)
        stamp = f"{run.state}.{run.progress.get('placed', 0)}.{run.progress.get('seconds', 0)}"
        return [] if seen == stamp else [Sent(stamp, RunOut.of(run).model_dump_json(), "run")]

    return stream(request, [f"matching.run.{id}"], look)


@router.post("/timetable-runs/{id}/cancel", response_model=RunOut)
async def cancelled(id: UUID, who: SignedIn, once: Once, begin: BeginDep) -> Response:
    """End a run; nothing comes of it."""

    def answer(run: Run) -> Response:
        return versioned(RunOut.of(run), run.version)

    return await once(begin, partial(runs.cancel, id, who=who), answer)


@router.post("/timetable-runs/{id}/stop", response_model=RunOut)
async def stopped(id: UUID, who: SignedIn, once: Once, begin: BeginDep) -> Response:
    """End the search; the best it has found becomes a draft."""

    def answer(run: Run) -> Response:
        return versioned(RunOut.of(run), run.version)

    return await once(begin, partial(runs.stop, id, who=who), answer)


class PlacementOut(BaseModel):
    """Where a request is met, in a draft."""

    request_id: UUID
    session_id: UUID
    first_slot: int
    slots: int
    venue_id: UUID
    table_id: UUID | None
    interpreter_id: UUID | None

    @classmethod
    def of(cls, placement: Placement) -> Self:
        """Return a placement as it is shown."""
        return cls(**{name: getattr(placement, name) for name in cls.model_fields})


class UnplacedOut(BaseModel):
    """A request without a place, why, and the single change that would give it one."""

    request_id: UUID
    reason: dict[str, Any]
    change: dict[str, Any] | None
    checked: bool = True


class TimetableRef(BaseModel):
    """A timetable without its meetings: what drafts are compared by."""

    id: UUID
    docking_event_id: UUID
    number: int
    state: TimetableState
    run_id: UUID | None
    edited: int = Field(description="How many changes were made by hand.")
    figures: dict[str, Any]
    created_at: AwareDatetime
    published_at: AwareDatetime | None
    version: int


class TimetableOut(TimetableRef):
    """A timetable of a docking event."""

    meetings: tuple[PlacementOut, ...]
    unplaced: tuple[UnplacedOut, ...]
    locked: tuple[UUID, ...] = Field(description="Requests whose place runs have to leave.")


class TimetablesOut(BaseModel):
    """All timetables of a docking event, newest first."""

    items: tuple[TimetableRef, ...]
    next: None = None


def _head(timetable: StoredTimetable) -> dict[str, Any]:
    return {name: getattr(timetable, name) for name in TimetableRef.model_fields}


def shown_timetable(timetable: StoredTimetable, status: int = 200) -> Response:
    """Answer with a timetable."""
    out = TimetableOut(
        **_head(timetable),
        locked=timetable.locked,
        meetings=tuple(map(PlacementOut.of, timetable.placements)),
        unplaced=tuple(
            UnplacedOut(
                request_id=one.request_id,
                reason=dict(one.reason),
                change=None if one.change is None else dict(one.change),
            )
            for one in timetable.unplaced
        ),
    )
    response = versioned(out, timetable.version)
    response.status_code = status
    return response


@router.get("/docking-events/{docking_event_id}/timetables")
async def timetables(docking_event_id: UUID, who: SignedIn, read: ReadDep) -> TimetablesOut:
    """List the timetables of a docking event."""
    found = await runs.timetables(docking_event_id, read, who=who)
    return TimetablesOut(items=tuple(TimetableRef(**_head(one)) for one in found))


@router.post(
    "/docking-events/{docking_event_id}/timetables",
    status_code=201,
    dependencies=[accepts_up_to(FILE_BYTES + FORM_BYTES)],
    response_model=TimetableOut,
)
async def handed_in(
    docking_event_id: UUID,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    read: ReadDep,
    clock: ClockDep,
    file: Annotated[UploadFile, File(description="CSV, XLSX or JSON Lines, at most 10 MiB.")],
) -> Response:
    """Keep a timetable that was made by hand as a draft, if the judge finds no fault.

    Columns: request, start, table, venue, interpreter. Refusals name rows and columns.
    """
    content = await file.read()
    if len(content) > FILE_BYTES:
        raise Invalid(f"a file has at most {FILE_BYTES} bytes, not {len(content)}")
    # Judged before the transaction that keeps it, which then is a short one.
    draft = await handmade.judged(docking_event_id, content, read, who=who, clock=clock)

    def answer(made: StoredTimetable) -> Response:
        return shown_timetable(made, status=201)

    return await once(begin, partial(handmade.keep, draft), answer)


@router.get("/timetables/{id}", response_model=TimetableOut)
async def timetable(id: UUID, who: SignedIn, read: ReadDep) -> Response:
    """Show a timetable: what is placed where, and why the rest is not."""
    return shown_timetable(await runs.timetable(id, read, who=who))


@router.post("/timetables/{id}/publish", response_model=TimetableOut)
async def published(
    id: UUID,
    who: SignedIn,
    once: Once,
    expected: ExpectedVersion,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Make a draft the timetable that people hold; only those whose meetings change are told."""
    command = publishing.Publish(id, expected)
    return await once(
        begin, partial(publishing.publish, command, who=who, clock=clock), shown_timetable
    )
