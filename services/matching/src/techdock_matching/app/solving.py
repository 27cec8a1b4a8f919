"""What the worker does with a run: search, tell how far it is, and leave a draft."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog
from techdock_shared.clock import Clock
from techdock_shared.errors import Problem as Failure
from techdock_shared.ids import uuid7

from techdock_matching.app import frame
from techdock_matching.app.frame import Frame
from techdock_matching.app.planning import Run, RunState, StoredTimetable, Unplaced
from techdock_matching.app.ports import Limits, Outcome, Progress, Solver
from techdock_matching.app.repositories import Begin
from techdock_matching.domain.timetable.costs import LEVELS
from techdock_matching.domain.timetable.problem import Timetable
from techdock_matching.domain.timetable.reasons import explain

log = structlog.get_logger(__name__)

NOTE_S = 0.5
"""How often a run says how far it is."""

MOST_FAILURE_CHARACTERS = 300

Poke = Callable[[str], Awaitable[object]]
"""Tells live pages that a run has news; may be lost."""


async def solve(run_id: UUID, begin: Begin, solver: Solver, clock: Clock, poke: Poke) -> None:
    """Do a run: derive the problem, search, and store the draft.

    A run that has ended is left alone; one that another worker lost is begun anew, with the
    same seed.
    """
    async with begin() as transaction:
        run = await transaction.timetables.run(run_id)
        if run.has_ended:
            return
        run = await transaction.timetables.save_run(run.become(RunState.RUNNING))
        docking_event = await transaction.lookups.docking_event(run.docking_event_id)
        now = await frame.derive(transaction, docking_event, run.locked)
    await poke(channel(run_id))
    try:
        outcome = await _search(run, now, begin, solver, poke)
        unplaced = await asyncio.to_thread(_unplaced, now, outcome.timetable)
    except Failure as failure:
        await _fail(run_id, begin, str(failure)[:MOST_FAILURE_CHARACTERS])
    else:
        await _keep(run_id, now, outcome, unplaced, begin, clock)
    await poke(channel(run_id))


def channel(run_id: UUID) -> str:
    """Return where live pages hear of a run."""
    return f"matching.run.{run_id}"


async def _search(run: Run, now: Frame, begin: Begin, solver: Solver, poke: Poke) -> Outcome:
    """Let the solver search in a thread of its own; it ends when somebody ended the run."""
    newest: list[Progress] = []
    ended = asyncio.Event()

    def told(progress: Progress) -> bool:
        newest[:] = [progress]
        return not ended.is_set()

    limits = Limits(seconds=float(run.seconds), seed=run.seed)
    start = Timetable(now.held) if now.held else None
    search = asyncio.create_task(asyncio.to_thread(solver.solve, now.problem, start, limits, told))
    try:
        while not (await asyncio.wait({search}, timeout=NOTE_S))[0]:
            if newest:
                noted = replace(run, progress=shown(newest[-1]))
                async with begin() as transaction:
                    if not await transaction.timetables.note(noted):
                        ended.set()
                await poke(channel(run.id))
    finally:
        ended.set()  # The thread cannot be cancelled, but it listens.
    return await search


def shown(progress: Progress) -> dict[str, Any]:
    """Return progress as it is stored and shown."""
    return {
        "placed": progress.placed,
        "total": progress.total,
        "cost": list(progress.cost),
        "seconds": round(progress.seconds, 2),
    }


def _unplaced(now: Frame, timetable: Timetable) -> tuple[Unplaced, ...]:
    """Say of every request without a place why, and what would give it one."""
    return tuple(
        Unplaced(
            one.request_id,
            {"code": one.reason.code, "params": dict(one.reason.params)},
            None
            if one.change is None
            else {"code": one.change.code, "params": dict(one.change.params)},
        )
        for one in explain(now.problem, timetable)
    )


async def give_up(run_id: UUID, failure: str, begin: Begin, poke: Poke) -> None:
    """Let a run fail whose job is not begun any more, so that who asked for it sees why."""
    await _fail(run_id, begin, failure[:MOST_FAILURE_CHARACTERS])
    await poke(channel(run_id))


async def _fail(run_id: UUID, begin: Begin, failure: str) -> None:
    log.warning("run failed", run_id=str(run_id), failure=failure)
    async with begin() as transaction:
        run = await transaction.timetables.run(run_id)
        if not run.has_ended:
            failed = run.become(RunState.FAILED, failure=failure)
            await transaction.timetables.save_run(failed)


async def _keep(
    run_id: UUID,
    now: Frame,
    outcome: Outcome,
    unplaced: tuple[Unplaced, ...],
    begin: Begin,
    clock: Clock,
) -> None:
    """Store the draft; nothing comes of a run that was ended meanwhile."""
    async with begin() as transaction:
        run = await transaction.timetables.run(run_id)
        if run.has_ended:
            return
        placed = len(outcome.timetable.placements)
        draft = StoredTimetable(
            id=uuid7(),
            tenant_id=run.tenant_id,
            docking_event_id=run.docking_event_id,
            number=await transaction.timetables.next_number(run.docking_event_id),
            placements=outcome.timetable.placements,
            unplaced=unplaced,
            figures={
                "placed": placed,
                "unplaced": len(unplaced),
                "cost": dict(zip((level.code for level in LEVELS), outcome.cost, strict=True)),
                "proven": outcome.proven,
                "changes": _changes(now, outcome.timetable),
            },
            created_at=clock.now(),
            run_id=run_id,
        )
        await transaction.timetables.save(draft)
        progress = {
            "placed": placed,
            "total": placed + len(unplaced),
            "cost": list(outcome.cost),
            "seconds": round(outcome.seconds, 2),
        }
        done = run.become(RunState.DONE, timetable_id=draft.id, progress=progress)
        await transaction.timetables.save_run(done)


def _changes(now: Frame, timetable: Timetable) -> int:
    """Return how many of the meetings that people hold would be moved or called off."""
    new = timetable.by_request
    return sum(new.get(held.request_id) != held for held in now.held)
