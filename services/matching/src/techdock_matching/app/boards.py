"""Boards of organizers: who is shown and who is not, and which needs nothing good answers."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.http.principal import Principal

from techdock_matching.app import access
from techdock_matching.app.repositories import Begin
from techdock_matching.domain import fairness, unmet
from techdock_matching.domain.ranking.match import Candidate
from techdock_matching.domain.ranking.weighing import adjusted

Lists = Mapping[UUID, Sequence[Candidate]]


@dataclass(frozen=True, slots=True)
class Told:
    """A docking event whole: every published profile entered in it, and every stored list."""

    entered: Sequence[fairness.Entered]
    lists: Lists


class BoardReads(Protocol):
    """Reads a docking event whole, for boards; each call is a reading transaction of its own."""

    async def everything(self, docking_event_id: UUID) -> Told:
        """Return what is entered and listed."""
        ...

    async def needs(self, docking_event_id: UUID) -> tuple[Sequence[unmet.Need], Lists]:
        """Return the needs, and their lists."""
        ...


async def fairness_board(
    docking_event_id: UUID, read: Begin, boards: BoardReads, clock: Clock, *, who: Principal
) -> fairness.Fairness:
    """Say how evenly lists show profiles, and why some are never shown, to organizers.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with read() as transaction:
        access.organize(who, await transaction.lookups.docking_event(docking_event_id))
    told = await boards.everything(docking_event_id)
    on = clock.now().date()
    # Seconds of work for the largest docking events; nobody else should wait for it.
    return await asyncio.to_thread(
        fairness.fairness, told.entered, told.lists, on, docking_event_id
    )


async def unmet_board(
    docking_event_id: UUID, read: Begin, boards: BoardReads, *, who: Principal, by: unmet.By
) -> unmet.Board:
    """Gather the needs without a good match, to organizers.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
    """
    async with read() as transaction:
        access.organize(who, await transaction.lookups.docking_event(docking_event_id))
        weighing = await transaction.weighings.current(docking_event_id)
    needs, lists = await boards.needs(docking_event_id)
    return await asyncio.to_thread(unmet.board, needs, lists, adjusted(weighing.values), by)
