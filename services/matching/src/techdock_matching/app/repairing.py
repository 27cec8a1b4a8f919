"""Repair of the published timetable: what cannot be as it is goes elsewhere, with least change."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Conflict
from techdock_shared.http.principal import Principal

from techdock_matching.app import access, frame
from techdock_matching.app.day import published_in
from techdock_matching.app.frame import Frame
from techdock_matching.app.repositories import Begin
from techdock_matching.domain.meeting import Meeting
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Placement, Timetable
from techdock_matching.domain.timetable.reasons import explain
from techdock_matching.domain.timetable.refill import refill
from techdock_matching.domain.timetable.repair import Change, repair

MOST_OTHERS = 2
"""Persons whose meetings may be moved for others without the organizer's explicit yes."""


class NeedsAgreement(Conflict):
    """More people would be moved for others than goes without asking."""

    code = "needs_agreement"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a repair would change.

    Attributes:
        slotless: Requests whose meeting stands in a slot that is not there any more.
        regained: Places that those get, by request; the others wait.
        others: Persons whose meeting would be moved though nothing is wrong with it.
    """

    change: Change
    slotless: tuple[UUID, ...]
    regained: Mapping[UUID, Placement]
    others: frozenset[UUID]

    @property
    def needs_agreement(self) -> bool:
        """Whether the organizer has to say yes."""
        return len(self.others) > MOST_OTHERS


@dataclass(frozen=True, slots=True)
class Repair:
    """Mend the published timetable.

    Attributes:
        agreed: Also where more than two other people are moved.
    """

    docking_event_id: UUID
    agreed: bool = False


async def planned(docking_event_id: UUID, begin: Begin, *, who: Principal, clock: Clock) -> Plan:
    """Return what a repair would change; nothing is stored.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        NothingPublished: There is no published timetable.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(docking_event_id)
        access.organize(who, docking_event)
        await published_in(transaction, docking_event_id)
        now = await frame.derive(transaction, docking_event)
    return await asyncio.to_thread(_plan, now, clock.now())


async def mend(command: Repair, begin: Begin, *, who: Principal, clock: Clock) -> Plan:
    """Move what cannot be as it is; whoever is concerned is told, and nobody else.

    Raises:
        NotFound: The docking event does not exist for the caller.
        Forbidden: The caller does not organize it.
        NothingPublished: There is no published timetable.
        NeedsAgreement: More than two other people would be moved.
        DoubleBooked: Another docking event took a person or table meanwhile.
    """
    async with begin() as transaction:
        docking_event = await transaction.lookups.docking_event(command.docking_event_id)
        access.organize(who, docking_event)
        published = await published_in(transaction, docking_event.id)
        now = await frame.derive(transaction, docking_event)
        plan = await asyncio.to_thread(_plan, now, clock.now())
        if plan.needs_agreement and not command.agreed:
            told = f"{len(plan.others)} other people would be moved; say that you agree"
            raise NeedsAgreement(told)
        after = plan.change.applied(Timetable(now.held))
        meetings, lost = _step(now, plan, published.number)
        why = await asyncio.to_thread(_reasons, now, after, lost, clock.now())
        await transaction.meetings.save(meetings)
        await transaction.requests.save_all(
            [
                now.requests[request_id].unplace(published.number, why[request_id])
                for request_id in lost
            ]
        )
        return plan


def _step(now: Frame, plan: Plan, number: int) -> tuple[list[Meeting], list[UUID]]:
    """Return the meetings after a repair, and the requests that have no place any more."""
    meetings: list[Meeting] = []
    lost: list[UUID] = []
    places = {move.request_id: move.after for move in plan.change.moves}
    for request_id in plan.slotless:
        places[request_id] = plan.regained.get(request_id)
    for request_id, place in places.items():
        meeting = now.meetings[request_id]
        if place is None:
            meetings.append(meeting.cancel(number))
            lost.append(request_id)
        else:
            meetings.append(meeting.move(frame.place_of(now, place), number))
    return meetings, lost


def _reasons(now: Frame, after: Timetable, lost: Collection[UUID], at: datetime) -> dict[UUID, str]:
    """Return why requests have no place any more; what is over is no place for anybody."""
    problem = frame.from_now(now, at).problem
    return {one.request_id: one.reason.code for one in explain(problem, after, lost)}


def _plan(now: Frame, at: datetime) -> Plan:
    """Return what mends the timetable.

    Raises:
        Conflict: The repair broke a rule: a mistake of its own.
    """
    held = Timetable(now.held)
    hit = _hit(now, held, at)
    change = repair(now.problem, held, hit, not_before=at)
    after = change.applied(held)
    slotless = _slotless(now)
    regained = refill(now.problem, after, slotless, not_before=at)
    after = Timetable((*after.placements, *regained))
    touched = {move.request_id for move in change.moves} | set(slotless)
    for fault in violations(now.problem, after):
        if touched.intersection(fault.requests):
            raise Conflict(f"the repair broke a rule, nothing is changed: {fault}")
    directly = {who for it in (*hit, *slotless) for who in now.problem.request[it].persons}
    moved = {who for it in change.gave_way for who in now.problem.request[it].persons}
    return Plan(
        change,
        slotless,
        {placement.request_id: placement for placement in regained},
        frozenset(moved - directly),
    )


def _hit(now: Frame, held: Timetable, at: datetime) -> frozenset[UUID]:
    """Return the requests whose meeting to come breaks a rule; of several together the last one.

    What takes place now or took place cannot be mended.
    """

    def to_come(request_id: UUID) -> bool:
        meeting = now.meetings.get(request_id)
        return meeting is not None and meeting.is_pending and meeting.place.start >= at

    hit: set[UUID] = set()
    for fault in violations(now.problem, held):
        if hit.isdisjoint(fault.requests):
            hit.update([it for it in fault.requests if to_come(it)][-1:])
    return frozenset(hit)


def _slotless(now: Frame) -> tuple[UUID, ...]:
    """Return the requests whose meeting stands in a slot that is not there any more."""
    placed = {placement.request_id for placement in now.held}
    return tuple(
        request_id
        for request_id, meeting in now.meetings.items()
        if meeting.is_pending and request_id not in placed and request_id in now.requests
    )
