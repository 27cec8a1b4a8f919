"""Organizers weigh the ranking of their docking event: preview, setting, history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_matching.app import access
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.repositories_plan import Task, TaskKind, Weighing
from techdock_matching.app.versions import rests_on
from techdock_matching.app.views import DockingEvent
from techdock_matching.domain.ranking.weighing import deviations


async def _organized(
    docking_event_id: UUID, transaction: Transaction, who: Principal
) -> DockingEvent:
    docking_event = await transaction.lookups.docking_event(docking_event_id)
    access.organize(who, docking_event)
    return docking_event


async def read(
    docking_event_id: UUID, read: Begin, *, who: Principal
) -> tuple[Weighing, Sequence[Weighing]]:
    """Return the weights in force, and everything that was ever set, newest first.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with read() as transaction:
        await _organized(docking_event_id, transaction, who)
        history = await transaction.weighings.history(docking_event_id)
        return history[0] if history else Weighing(docking_event_id), history


@dataclass(frozen=True, slots=True)
class Weigh:
    """Set the weights of a docking event.

    Attributes:
        values: In standard deviations, by name; a weight that is left out is the standard one.
        expected: The version that the setting rests on.
    """

    docking_event_id: UUID
    values: Mapping[str, float]
    expected: int


async def weigh(
    command: Weigh, begin: Begin, *, who: Principal, clock: Clock
) -> tuple[Weighing, Sequence[Weighing]]:
    """Set the weights; the lists of the docking event are computed anew.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        Invalid: A weight is out of its bounds.
        Stale: Somebody set others meanwhile.
    """
    async with begin() as transaction:
        docking_event = await _organized(command.docking_event_id, transaction, who)
        current = await transaction.weighings.current(docking_event.id)
        rests_on(command.expected, current.version)
        values = deviations(command.values)
        weighing = Weighing(docking_event.id, values, who.person_id, clock.now(), current.version)
        saved = await transaction.weighings.save(weighing)
        return saved, await transaction.weighings.history(docking_event.id)


async def order_preview(
    docking_event_id: UUID, values: Mapping[str, float], begin: Begin, *, who: Principal
) -> Task:
    """Let the worker find out what other weights would change; nothing is set.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        Invalid: A weight is out of its bounds.
    """
    async with begin() as transaction:
        docking_event = await _organized(docking_event_id, transaction, who)
        ordered = {"values": deviations(values)}
        task = Task(uuid7(), TaskKind.PREVIEW, docking_event.id, ordered)
        return await transaction.tasks.order(task)


async def preview(id: UUID, read: Begin, *, who: Principal) -> Task:
    """Return how far a preview is, and what it found.

    Raises:
        NotFound: It does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
    """
    async with read() as transaction:
        task = await transaction.tasks.get(id, TaskKind.PREVIEW)
        await _organized(task.docking_event_id, transaction, who)
        return task
