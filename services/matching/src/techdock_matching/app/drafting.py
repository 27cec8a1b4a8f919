"""A draft in the hands of the organizer: places changed by hand, locked, and asked what if.

What takes long (the judge, reasons) is done between two transactions, so that nobody waits for it;
the second one insists that the draft is still the one that was read.
"""

import asyncio
from dataclasses import dataclass, replace
from uuid import UUID

from techdock_shared.errors import FieldError, Invalid, NotFound
from techdock_shared.http.principal import Principal

from techdock_matching.app import access, frame
from techdock_matching.app.frame import Frame
from techdock_matching.app.planning import StoredTimetable, TimetableState
from techdock_matching.app.publishing import BreaksRules, insist_on_rules
from techdock_matching.app.repositories import Begin, Transaction
from techdock_matching.app.solving import figures, unplaced_in
from techdock_matching.app.versions import rests_on
from techdock_matching.domain.states import WrongState
from techdock_matching.domain.timetable import chances as c
from techdock_matching.domain.timetable.board import Board, Obstacle
from techdock_matching.domain.timetable.chances import Chance
from techdock_matching.domain.timetable.costs import evaluate
from techdock_matching.domain.timetable.problem import Placement, Problem, Request, Timetable
from techdock_matching.domain.timetable.reasons import explain
from techdock_matching.domain.timetable.refill import refill
from techdock_matching.domain.timetable.rules import unsound


@dataclass(frozen=True, slots=True)
class Hindrance:
    """What keeps a request from a stretch of slots, and whom that concerns.

    Attributes:
        participation_id: Whose person it is, if one is.
        request_id: Whose meeting is in the way, if one is.
        parties: Of that meeting.
    """

    kind: str
    participation_id: UUID | None = None
    request_id: UUID | None = None
    parties: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A stretch of slots for one request.

    Attributes:
        hindrances: All that keeps the request from it; empty: it can be met there.
        placement: With the table and interpreter it would get; None where there are hindrances.
    """

    chance: Chance
    hindrances: tuple[Hindrance, ...]
    placement: Placement | None


@dataclass(frozen=True, slots=True)
class Spots:
    """Every stretch of slots for one request.

    Attributes:
        parties: Of the request.
    """

    parties: tuple[UUID, ...]
    items: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Put:
    """Give a request another place in a draft, or none.

    Attributes:
        session_id: None: it loses its place.
        first_slot: From 0.
        table_id: None: the best one that is free.
    """

    id: UUID
    expected: int
    request_id: UUID
    session_id: UUID | None = None
    first_slot: int = 0
    table_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """Keep a request where it stands in a draft, also in later runs, or release it."""

    id: UUID
    expected: int
    request_id: UUID
    locked: bool = True


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a single change would do to a draft.

    Attributes:
        code: The change, see `domain/timetable/reasons.py`; None: none would place the request.
        placements: Of the request, and of the meeting that moves for it.
        moving: Parties of that meeting.
        also: Other requests that would find a place then.
        in_draft: Whether the draft alone has to change, so that it can be taken as it is.
    """

    code: str | None = None
    params: tuple[tuple[str, object], ...] = ()
    placements: tuple[Placement, ...] = ()
    moving: tuple[UUID, ...] = ()
    also: tuple[UUID, ...] = ()
    in_draft: bool = False


async def spots(id: UUID, request_id: UUID, begin: Begin, *, who: Principal) -> Spots:
    """Return every stretch of slots for a request in a timetable, with what stands in the way.

    The place that the request has is counted as free.

    Raises:
        NotFound: The timetable, or the request in it, does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
    """
    async with begin() as transaction:
        draft, now = await _read(id, transaction, who)
    request = _request(now, request_id)
    board = _board(now, draft, without=request_id)
    return Spots(request.parties, await asyncio.to_thread(spots_of, board, request))


def spots_of(board: Board, request: Request) -> tuple[Spot, ...]:
    """Return every stretch of slots for a request that is not on the board."""
    found: list[Spot] = []
    for chance in c.chances(board.problem, request):
        obstacles = board.obstacles(request, chance)
        placement = None if obstacles else board.placement(request, chance)
        hindrances = tuple(_hindrance(board.problem, one) for one in obstacles)
        found.append(Spot(chance, hindrances, placement))
    return tuple(found)


def _hindrance(problem: Problem, obstacle: Obstacle) -> Hindrance:
    return Hindrance(
        obstacle.kind,
        None if obstacle.who is None else problem.person[obstacle.who].participation_id,
        obstacle.by,
        () if obstacle.by is None else problem.request[obstacle.by].parties,
    )


async def put(command: Put, begin: Begin, *, who: Principal) -> StoredTimetable:
    """Change the place of one request in a draft; the judge looks first.

    Raises:
        NotFound: The draft, or the request in it, does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
        Stale: Somebody changed the draft since it was read.
        WrongState: It is no draft any more, or the place is locked.
        Invalid: The session has no such slot.
        BreaksRules: Names what stands in the way.
    """
    async with begin() as transaction:
        draft, now = await _read(command.id, transaction, who)
    _insist_on_draft(draft, command.expected)
    request = _request(now, command.request_id)
    if request.id in draft.locked:
        raise WrongState(f"the place of request {request.id} is locked; release it first")
    others = tuple(p for p in _present(now, draft) if p.request_id != request.id)
    placements = others
    if command.session_id is not None:
        wanted = await asyncio.to_thread(_wanted, command, now, draft, request)
        placements = (*others, wanted)
    await insist_on_rules(now.problem, placements)
    return await _store(draft, now, placements, begin)


def _wanted(command: Put, now: Frame, draft: StoredTimetable, request: Request) -> Placement:
    board = _board(now, draft, without=request.id)
    for chance in c.chances(now.problem, request):
        if (chance.session_id, chance.first_slot) == (command.session_id, command.first_slot):
            break
    else:
        wished = f"slot {command.first_slot} of session {command.session_id}"
        raise Invalid(f"there are no {request.slots} slot(s) for this request from {wished}")
    obstacles = board.obstacles(request, chance)
    if obstacles:
        raise BreaksRules("something stands in the way", tuple(map(_told, obstacles)))
    placement = board.placement(request, chance)
    if command.table_id is not None:
        return replace(placement, table_id=command.table_id)
    return placement


def _told(obstacle: Obstacle) -> FieldError:
    named = [f"person {obstacle.who}"] if obstacle.who else []
    named += [f"meeting of request {obstacle.by}"] if obstacle.by else []
    return FieldError(f"obstacle.{obstacle.kind}", "none", ", ".join(named) or obstacle.kind)


async def lock(command: Lock, begin: Begin, *, who: Principal) -> StoredTimetable:
    """Lock the place of a request in a draft, or release it.

    Raises:
        NotFound: The draft, or the request in it, does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
        Stale: Somebody changed the draft since it was read.
        WrongState: It is no draft any more, or the request has no place in it.
    """
    async with begin() as transaction:
        draft, now = await _read(command.id, transaction, who)
        _insist_on_draft(draft, command.expected)
        request = _request(now, command.request_id)
        locked = set(draft.locked) - {request.id}
        if command.locked:
            if all(placement.request_id != request.id for placement in draft.placements):
                raise WrongState(f"request {request.id} has no place that could be locked")
            locked.add(request.id)
        return await transaction.timetables.save(replace(draft, locked=tuple(sorted(locked))))


async def what_if(id: UUID, request_id: UUID, begin: Begin, *, who: Principal) -> WhatIf:
    """Return what the change that would place a request does; nothing is stored.

    Raises:
        NotFound: The timetable, or the request in it, does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
        WrongState: The request has a place.
    """
    async with begin() as transaction:
        draft, now = await _read(id, transaction, who)
    request = _request(now, request_id)
    return await asyncio.to_thread(_what_if, now, draft, request)


def _what_if(now: Frame, draft: StoredTimetable, request: Request) -> WhatIf:
    present = Timetable(_present(now, draft))
    found = explain(now.problem, present, {request.id})
    if not found:
        raise WrongState(f"request {request.id} has a place")
    change, proposal = found[0].change, found[0].proposal
    if change is None or proposal is None:
        return WhatIf()
    problem, after = proposal.applied(now.problem, present)
    also = refill(problem, after)
    others = (p.request_id for p in proposal.placements if p.request_id != request.id)
    return WhatIf(
        change.code,
        tuple(change.params.items()),
        proposal.placements,
        tuple(party for other in others for party in now.problem.request[other].parties),
        tuple(placement.request_id for placement in also),
        in_draft=not proposal.problem,
    )


async def take_change(
    id: UUID, expected: int, request_id: UUID, begin: Begin, *, who: Principal
) -> StoredTimetable:
    """Do to a draft what `what_if` says, where the draft alone has to change.

    Raises:
        NotFound: The draft, or the request in it, does not exist for the caller.
        Forbidden: The caller does not organize the docking event.
        Stale: Somebody changed the draft since it was read.
        WrongState: It is no draft any more; the request has a place; or more than the draft
            would have to change.
        BreaksRules: The judge finds fault.
    """
    async with begin() as transaction:
        draft, now = await _read(id, transaction, who)
    _insist_on_draft(draft, expected)
    found = await asyncio.to_thread(_what_if, now, draft, _request(now, request_id))
    moving = {placement.request_id for placement in found.placements}
    if not found.in_draft or moving & set(draft.locked):
        raise WrongState("this change needs more than a free place in the draft")
    kept = tuple(p for p in _present(now, draft) if p.request_id not in moving)
    placements = (*kept, *found.placements)
    await insist_on_rules(now.problem, placements)
    return await _store(draft, now, placements, begin)


async def _store(
    draft: StoredTimetable, now: Frame, placements: tuple[Placement, ...], begin: Begin
) -> StoredTimetable:
    """Store a draft that was changed by hand; raises Conflict when somebody else did meanwhile."""
    changed = await asyncio.to_thread(_changed, draft, now, placements)
    async with begin() as transaction:
        return await transaction.timetables.save(changed)


def _changed(
    draft: StoredTimetable, now: Frame, placements: tuple[Placement, ...]
) -> StoredTimetable:
    timetable = Timetable(tuple(sorted(placements, key=lambda placement: placement.request_id)))
    cost = evaluate(now.problem, timetable, Timetable(now.held))
    return replace(
        draft,
        placements=timetable.placements,
        unplaced=unplaced_in(now.problem, timetable),
        figures=figures(now, timetable, cost, proven=False),
        edited=draft.edited + 1,
    )


async def _read(
    id: UUID, transaction: Transaction, who: Principal
) -> tuple[StoredTimetable, Frame]:
    draft = await transaction.timetables.get(id)
    docking_event = await transaction.lookups.docking_event(draft.docking_event_id)
    access.organize(who, docking_event)
    return draft, await frame.derive(transaction, docking_event)


def _insist_on_draft(draft: StoredTimetable, expected: int) -> None:
    rests_on(expected, draft.version)
    if draft.state is not TimetableState.DRAFT:
        raise WrongState(f"timetable {draft.number} is {draft.state}; only drafts are changed")


def _request(now: Frame, request_id: UUID) -> Request:
    found = now.problem.request.get(request_id)
    if found is None:
        raise NotFound(f"no accepted request {request_id} in this docking event")
    return found


def _board(now: Frame, draft: StoredTimetable, without: UUID) -> Board:
    """Return the draft as far as it still fits what is asked, without one request."""
    kept = (placement for placement in _present(now, draft) if placement.request_id != without)
    return Board(now.problem, Timetable(tuple(kept)))


def _present(now: Frame, draft: StoredTimetable) -> tuple[Placement, ...]:
    """Return the places whose request, slot, table and interpreter there still are.

    Requests are cancelled and tables taken away while a draft is worked on; what they leave
    behind is no fault of who changes something else in it.
    """
    timetable = Timetable(draft.placements)
    gone = {it for fault in unsound(now.problem, timetable) for it in fault.requests}
    return tuple(p for p in draft.placements if p.request_id not in gone)
