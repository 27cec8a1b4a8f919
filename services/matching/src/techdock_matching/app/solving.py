"""What the worker does with a run: search, tell and keep how far it is, and leave a draft."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import structlog
from techdock_shared.clock import Clock
from techdock_shared.errors import Conflict
from techdock_shared.errors import Problem as Failure
from techdock_shared.ids import uuid7

from techdock_matching.app import frame
from techdock_matching.app.frame import Frame
from techdock_matching.app.planning import Run, RunState, StoredTimetable, Unplaced
from techdock_matching.app.ports import Limits, Outcome, Progress, Solver
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.domain.timetable.costs import LEVELS, Cost
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Placement, Problem, Timetable
from techdock_matching.domain.timetable.reasons import explain

log = structlog.get_logger(__name__)

NOTE_S = 0.5
"""How often a run says how far it is."""

MOST_FAILURE_CHARACTERS = 300

Poke = Callable[[str], Awaitable[object]]
"""Tells live pages that a run has news; may be lost."""


async def solve(run_id: UUID, begin: Begin, solver: Solver, clock: Clock, poke: Poke) -> None:
    """Do a run: derive the problem, search, and store the draft.

    A run that has ended is left alone; one that another worker lost goes on from the best that was
    kept. One that was stopped takes what was kept and searches no further.
    """
    async with begin() as transaction:
        run = await transaction.timetables.run(run_id)
        if run.has_ended:
            return
        if run.state is not RunState.STOPPING:
            run = await transaction.timetables.save_run(run.become(RunState.RUNNING))
        docking_event = await transaction.lookups.docking_event(run.docking_event_id)
        now = await frame.derive(transaction, docking_event, run.locked)
        start = await _start(run, now, transaction)
    now = frame.from_now(frame.with_locks(now, start.draft, start.locked), clock.now())
    await poke(channel(run_id))
    try:
        outcome = await _search(run, now, start.best, begin, solver, poke)
        unplaced = await asyncio.to_thread(unplaced_in, now.problem, outcome.timetable)
        _insist(now, outcome)
    except Failure as failure:
        await _fail(run_id, begin, str(failure)[:MOST_FAILURE_CHARACTERS])
    else:
        await _keep(run_id, now, outcome, unplaced, start.locked, begin, clock)
    await poke(channel(run_id))


@dataclass(frozen=True, slots=True)
class _Start:
    """Where a search begins.

    Attributes:
        best: None: with nothing.
        draft: Placements of the draft it begins in.
        locked: Requests whose place in the draft stays.
    """

    best: Timetable | None
    draft: tuple[Placement, ...] = ()
    locked: tuple[UUID, ...] = ()


async def _start(run: Run, now: Frame, transaction: Transaction) -> _Start:
    """Return the best that a lost worker kept, else the draft, else what people hold."""
    held = Timetable(now.held) if now.held else None
    kept = await transaction.timetables.best(run.id)
    best = Timetable(kept) if kept else held
    if run.draft_id is None:
        return _Start(best)
    draft = await transaction.timetables.get(run.draft_id)
    begun = Timetable(kept or draft.placements)
    return _Start(begun, draft.placements, draft.locked)


def _insist(now: Frame, outcome: Outcome) -> None:
    """Refuse what the judge refuses: it would be a mistake of the solver's.

    Raises:
        Conflict: Names the rule.
    """
    fault = next(violations(now.problem, outcome.timetable), None)
    if fault is not None:
        raise Conflict(f"the solver broke a rule, its draft is not kept: {fault}")


def channel(run_id: UUID) -> str:
    """Return where live pages hear of a run."""
    return f"matching.run.{run_id}"


async def _search(
    run: Run, now: Frame, start: Timetable | None, begin: Begin, solver: Solver, poke: Poke
) -> Outcome:
    """Let the solver search in a thread of its own; it ends when somebody ended the run."""
    newest: list[Progress] = []
    ended = asyncio.Event()
    if run.state is RunState.STOPPING:
        ended.set()

    def told(progress: Progress) -> bool:
        newest[:] = [progress]
        return not ended.is_set()

    limits = Limits(seconds=float(run.seconds), seed=run.seed)
    held = Timetable(now.held)
    search = asyncio.create_task(
        asyncio.to_thread(solver.solve, now.problem, start, limits, told, held=held)
    )
    kept: Timetable | None = None
    try:
        while not (await asyncio.wait({search}, timeout=NOTE_S))[0]:
            if newest:
                progress = newest[-1]
                noted = replace(run, progress=shown(progress))
                better = progress.best if progress.best is not kept else None
                async with begin() as transaction:
                    if not await transaction.timetables.note(noted, better):
                        ended.set()
                kept = better or kept
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
        "bound": progress.bound,
    }


def unplaced_in(problem: Problem, timetable: Timetable) -> tuple[Unplaced, ...]:
    """Say of every request without a place why, and what would give it one."""
    return tuple(
        Unplaced(
            one.request_id,
            {"code": one.reason.code, "params": dict(one.reason.params)},
            None
            if one.change is None
            else {"code": one.change.code, "params": dict(one.change.params)},
        )
        for one in explain(problem, timetable)
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
    locked: tuple[UUID, ...],
    begin: Begin,
    clock: Clock,
) -> None:
    """Store the draft; nothing comes of a run that was ended meanwhile."""
    async with begin() as transaction:
        run = await transaction.timetables.run(run_id)
        if run.has_ended:
            return
        placements = outcome.timetable.placements
        draft = StoredTimetable(
            id=uuid7(),
            tenant_id=run.tenant_id,
            docking_event_id=run.docking_event_id,
            number=await transaction.timetables.next_number(run.docking_event_id),
            placements=placements,
            unplaced=unplaced,
            figures=figures(now, outcome.timetable, outcome.cost, proven=outcome.proven),
            created_at=clock.now(),
            run_id=run_id,
            locked=locked,
        )
        await transaction.timetables.save(draft)
        progress = {
            **run.progress,
            "placed": len(placements),
            "total": len(placements) + len(unplaced),
            "cost": list(outcome.cost),
            "seconds": round(outcome.seconds, 2),
        }
        done = run.become(RunState.DONE, timetable_id=draft.id, progress=progress)
        await transaction.timetables.save_run(done)


def figures(now: Frame, timetable: Timetable, cost: Cost, *, proven: bool) -> dict[str, Any]:
    """Return what drafts are compared by."""
    new = timetable.by_request
    return {
        "placed": len(timetable.placements),
        "unplaced": len(now.requests) - len(timetable.placements),
        "cost": dict(zip((level.code for level in LEVELS), cost, strict=True)),
        "proven": proven,
        "changes": sum(new.get(held.request_id) != held for held in now.held),
    }
