"""Runs of the solver: asked for by an organizer, done by the worker as a job."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Invalid
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_matching.app import access, frame
from techdock_matching.app.planning import MOST_SECONDS, Run, RunState, StoredTimetable
from techdock_matching.app.publishing import insist_on_rules
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.views import DockingEvent
from techdock_matching.domain.states import WrongState

MOST_LOCKED = 2_000
RUNNABLE = frozenset({"announced", "open", "running"})


@dataclass(frozen=True, slots=True)
class RequestRun:
    """Ask for a timetable.

    Attributes:
        seed: None: that of the planning.
        seconds: None: those of the planning.
        locked: Meetings that must stay where they are.
        draft_id: The draft in which the search begins; what is locked in it stays. None: it
            begins with what people hold.
    """

    docking_event_id: UUID
    seed: int | None = None
    seconds: int | None = None
    locked: tuple[UUID, ...] = ()
    draft_id: UUID | None = None


async def request_run(command: RequestRun, begin: Begin, *, who: Principal, clock: Clock) -> Run:
    """Queue a run; its result is a draft.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        WrongState: It is over.
        Invalid: A locked meeting or the draft is not one of it.
        BreaksRules: What has to stay contradicts itself, or the rules; names the meetings.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(command.docking_event_id)
        access.organize(who, docking_event)
        if docking_event.state not in RUNNABLE:
            raise WrongState(f"docking event {docking_event.code} is {docking_event.state}")
        await _check_locked(command, transaction)
        draft = await _draft(command, transaction)
        if command.locked or (draft is not None and draft.locked):
            await _insist_on_locks(command, draft, docking_event, transaction)
        planning = await transaction.timetables.planning(docking_event.id)
        seconds = planning.seconds if command.seconds is None else command.seconds
        if not 1 <= seconds <= MOST_SECONDS:
            raise Invalid(f"a run takes 1 to {MOST_SECONDS} seconds")
        run = Run(
            id=uuid7(),
            tenant_id=docking_event.tenant_id,
            docking_event_id=docking_event.id,
            seed=planning.seed if command.seed is None else command.seed,
            seconds=seconds,
            locked=command.locked,
            draft_id=command.draft_id,
            frame_version=planning.version,
            requested_at=clock.now(),
        )
        return await transaction.timetables.save_run(run)


async def _check_locked(command: RequestRun, transaction: Transaction) -> None:
    if not command.locked:
        return
    stored = await transaction.meetings.find(command.docking_event_id)
    strangers = set(command.locked) - {one.value.id for one in stored if one.value.is_live}
    if strangers:
        raise Invalid(f"not meetings of this docking event: {sorted(map(str, strangers))}")


async def _draft(command: RequestRun, transaction: Transaction) -> StoredTimetable | None:
    if command.draft_id is None:
        return None
    draft = await transaction.timetables.get(command.draft_id)
    if draft.docking_event_id != command.docking_event_id:
        raise Invalid(f"{command.draft_id} is no timetable of this docking event")
    return draft


async def _insist_on_locks(
    command: RequestRun,
    draft: StoredTimetable | None,
    docking_event: DockingEvent,
    transaction: Transaction,
) -> None:
    """Insist that what has to stay contradicts neither itself nor the rules."""
    now = await frame.derive(transaction, docking_event, command.locked)
    if draft is not None:
        now = frame.with_locks(now, draft.placements, draft.locked)
    await insist_on_rules(now.problem, now.problem.fixed)


async def _organized(id: UUID, transaction: Transaction, who: Principal) -> Run:
    run = await transaction.timetables.run(id)
    docking_event = await transaction.lookups.docking_event(run.docking_event_id)
    access.organize(who, docking_event)
    return run


async def read(id: UUID, begin: Begin, *, who: Principal) -> Run:
    """Return a run and how far it is.

    Raises:
        NotFound: It does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
    """
    async with begin() as transaction:
        return await _organized(id, transaction, who)


async def cancel(id: UUID, begin: Begin, *, who: Principal) -> Run:
    """End a run; nothing comes of it. One that has ended stays as it is.

    Raises:
        NotFound: It does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
    """
    async with begin() as transaction:
        run = await _organized(id, transaction, who)
        if run.has_ended:
            return run
        return await transaction.timetables.save_run(run.become(RunState.CANCELLED))


async def stop(id: UUID, begin: Begin, *, who: Principal) -> Run:
    """End the search of a run; the best it has found becomes a draft.

    One that has not begun is cancelled; one that has ended stays as it is.

    Raises:
        NotFound: It does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
    """
    async with begin() as transaction:
        run = await _organized(id, transaction, who)
        if run.has_ended or run.state is RunState.STOPPING:
            return run
        begun = run.state is RunState.RUNNING
        to = RunState.STOPPING if begun else RunState.CANCELLED
        return await transaction.timetables.save_run(run.become(to))


async def timetables(
    docking_event_id: UUID, begin: Begin, *, who: Principal
) -> Sequence[StoredTimetable]:
    """Return the timetables of a docking event, newest first.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        return await transaction.timetables.find(docking_event_id)


async def timetable(id: UUID, begin: Begin, *, who: Principal) -> StoredTimetable:
    """Return a timetable.

    Raises:
        NotFound: It does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
    """
    async with begin() as transaction:
        found = await transaction.timetables.get(id)
        docking_event = await transaction.lookups.docking_event(found.docking_event_id)
        access.organize(who, docking_event)
        return found
