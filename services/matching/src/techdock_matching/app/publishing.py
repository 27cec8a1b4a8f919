"""Publishing a timetable: meetings are booked, moved, called off; those concerned are told."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Conflict, FieldError
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_matching.app import access, frame
from techdock_matching.app.frame import Frame
from techdock_matching.app.planning import StoredTimetable, Unplaced
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.versions import rests_on
from techdock_matching.domain.meeting import Meeting, Party
from techdock_matching.domain.meeting_request import MeetingRequest, RequestState
from techdock_matching.domain.timetable.judge import violations
from techdock_matching.domain.timetable.problem import Placement, Problem, Timetable

MOST_SHOWN = 20


class BreaksRules(Conflict):
    """The timetable does not keep the rules, as things stand now.

    Attributes:
        errors: The rules that are broken, and by what; at most 20.
    """

    code = "breaks_rules"

    def __init__(self, detail: str, errors: tuple[FieldError, ...]) -> None:
        super().__init__(detail)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Publish:
    """Make a draft the timetable that people hold."""

    id: UUID
    expected: int


async def publish(
    command: Publish, begin: Begin, *, who: Principal, clock: Clock
) -> StoredTimetable:
    """Publish a timetable; the one before is superseded.

    Meetings that stay where they are change nothing, and nobody is told of them.

    Raises:
        NotFound: It does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
        Stale: Somebody changed it since it was read.
        WrongState: It is no draft any more.
        BreaksRules: The judge finds fault with it.
        DoubleBooked: Another docking event took a person, table or interpreter meanwhile.
    """
    async with begin() as transaction:
        draft = await transaction.timetables.get(command.id)
        docking_event = await transaction.lookups.docking_event(draft.docking_event_id)
        access.organize(who, docking_event)
        rests_on(command.expected, draft.version)
        published = draft.publish(clock.now())
        now = await frame.derive(transaction, docking_event)
        await insist_on_rules(now.problem, draft.placements)
        step = _step(now, draft)
        await transaction.meetings.save([*step.cancelled, *step.moved, *step.booked])
        await transaction.requests.save_all(step.requests)
        await _replace(transaction, docking_event.id)
        published = await transaction.timetables.save(published)
        await transaction.timetables.tell_published(
            published,
            booked=len(step.booked),
            moved=len(step.moved),
            cancelled=len(step.cancelled),
            unplaced=len(draft.unplaced),
        )
        return published


async def insist_on_rules(problem: Problem, placements: tuple[Placement, ...]) -> None:
    """Let the independent judge look.

    Raises:
        BreaksRules: It finds fault.
    """
    found = await asyncio.to_thread(lambda: list(violations(problem, Timetable(placements))))
    if found:
        errors = tuple(
            FieldError(f"rule.{one.rule}", "kept by every meeting", str(one))
            for one in found[:MOST_SHOWN]
        )
        raise BreaksRules(f"the timetable breaks {len(found)} rule(s) as things stand now", errors)


async def _replace(transaction: Transaction, docking_event_id: UUID) -> None:
    before = await transaction.timetables.published(docking_event_id)
    if before is not None:
        await transaction.timetables.save(before.supersede())


@dataclass(slots=True)
class _Step:
    """From the meetings that people hold to those of the timetable."""

    booked: list[Meeting] = field(default_factory=list)
    moved: list[Meeting] = field(default_factory=list)
    cancelled: list[Meeting] = field(default_factory=list)
    requests: list[MeetingRequest] = field(default_factory=list)


def _step(now: Frame, draft: StoredTimetable) -> _Step:
    step = _Step()
    placements = {placement.request_id: placement for placement in draft.placements}
    for request_id, placement in placements.items():
        _place(now, placement, now.requests[request_id], draft.number, step)
    for request_id, meeting in now.meetings.items():
        if meeting.is_pending and request_id not in placements:
            step.cancelled.append(meeting.cancel(draft.number))
    unplaced = {one.request_id: one for one in draft.unplaced}
    for request_id, request in now.requests.items():
        if request_id not in placements and (request_id in unplaced or request.state == "placed"):
            _unplace(request, unplaced, draft.number, step)
    return step


def _place(
    now: Frame, placement: Placement, request: MeetingRequest, number: int, step: _Step
) -> None:
    place = frame.place_of(now, placement)
    meeting = now.meetings.get(request.id)
    if meeting is None:
        step.booked.append(booked(now, request, placement, number))
    elif meeting.is_pending and meeting.place != place:
        step.moved.append(meeting.move(place, number))
    if request.state is not RequestState.PLACED:
        step.requests.append(request.place())


def booked(now: Frame, request: MeetingRequest, placement: Placement, number: int) -> Meeting:
    """Return the new meeting of a request."""
    return Meeting.book(
        uuid7(),
        tenant_id=request.tenant_id,
        docking_event_id=request.docking_event_id,
        parties=(
            party(now, request.asking_id, request.asking_persons),
            party(now, request.asked_id, request.asked_persons),
        ),
        place=frame.place_of(now, placement),
        timetable_version=number,
        request_id=request.id,
        profiles=tuple(p for p in (request.asking_profile_id, request.asked_profile_id) if p),
    )


def party(now: Frame, participation_id: UUID, persons: tuple[UUID, ...]) -> Party:
    """Return a participation as a party of a meeting."""
    side = now.participations[participation_id]
    return Party(side.id, side.organization_id, side.group_id, side.country, persons)


def _unplace(
    request: MeetingRequest, unplaced: Mapping[UUID, Unplaced], number: int, step: _Step
) -> None:
    """Say why a request has no place; the same reason again is no news."""
    why = unplaced.get(request.id)
    reason = "no_place" if why is None else str(why.reason["code"])
    if request.state is not RequestState.UNPLACED or request.unplaced_reason != reason:
        step.requests.append(request.unplace(number, reason))
