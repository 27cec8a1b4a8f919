"""Sessions on the agenda of a docking event."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Conflict, Invalid, NotFound
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_registration.app.authorization import insist_organizer, see, sees_session
from techdock_registration.app.ports import Begin, Transaction
from techdock_registration.domain.docking_event import LIVE, DockingEvent
from techdock_registration.domain.rules import local_date
from techdock_registration.domain.session import INVITED, Plan, Session, SessionState
from techdock_registration.domain.spans import Span
from techdock_registration.domain.states import at_version, only

REQUIRED = frozenset({"names", "venue_id", "start", "end", "invited", "break_minutes"})


async def add(
    who: Principal,
    docking_event_id: UUID,
    planned: Mapping[str, Any],
    begin: Begin,
    clock: Clock,
) -> Session:
    """Put a session on the agenda; others learn of it once the docking event is announced.

    Args:
        planned: As in `describe`, and its kind.
    """
    async with begin() as transaction:
        docking_event = await transaction.docking_events.get(docking_event_id)
        insist_organizer(who, docking_event)
        only("the docking event", docking_event.state, *LIVE)
        plan = _plan(planned, docking_event)
        await _check(plan, docking_event, transaction)
        session = Session(uuid7(), docking_event_id, docking_event.tenant_id, plan)
        if docking_event.is_told:
            session = session.tell(clock.now())
        return await transaction.sessions.save(session)


async def agenda(who: Principal | None, docking_event_id: UUID, begin: Begin) -> list[Session]:
    """Return the sessions on the caller's agenda, by start."""
    async with begin() as transaction:
        docking_event = see(who, await transaction.docking_events.get(docking_event_id))
        sessions = await transaction.sessions.of(docking_event_id)
        return [s for s in sessions if sees_session(who, s, docking_event)]


async def session(who: Principal | None, session_id: UUID, begin: Begin) -> Session:
    """Return a session that is on the caller's agenda."""
    async with begin() as transaction:
        return (await _seen(who, session_id, transaction))[0]


async def describe(
    who: Principal,
    session_id: UUID,
    expected: int,
    changes: Mapping[str, Any],
    begin: Begin,
    clock: Clock,
) -> Session:
    """Change a planned session.

    Args:
        changes: Fields of its plan by name, with `start` and `end` for its time; the zone is
            always that of the venue.
    """
    async with begin() as transaction:
        found, docking_event = await _own(who, session_id, expected, transaction)
        plan = _plan(changes, docking_event, found.plan)
        await _check(plan, docking_event, transaction)
        after = found.describe(plan, clock.now())
        return found if after is found else await transaction.sessions.save(after)


async def move(
    who: Principal,
    session_id: UUID,
    expected: int,
    to: SessionState,
    begin: Begin,
    clock: Clock,
) -> Session:
    """Say that a session took place, or will not.

    Raises:
        Conflict: It is said to be held, and nobody knows of the docking event.
    """
    async with begin() as transaction:
        found, docking_event = await _own(who, session_id, expected, transaction)
        if to is SessionState.HELD and not docking_event.is_told:
            raise Conflict("a session of a draft cannot have been held")
        return await transaction.sessions.save(found.move(to, clock.now()))


async def _seen(
    who: Principal | None, session_id: UUID, transaction: Transaction
) -> tuple[Session, DockingEvent]:
    found = await transaction.sessions.get(session_id)
    docking_event = await transaction.docking_events.get(found.docking_event_id)
    if not sees_session(who, found, docking_event):
        raise NotFound(f"no session {session_id}")
    return found, docking_event


async def _own(
    who: Principal, session_id: UUID, expected: int, transaction: Transaction
) -> tuple[Session, DockingEvent]:
    found, docking_event = await _seen(who, session_id, transaction)
    insist_organizer(who, docking_event)
    at_version("the session", found.version, expected)
    return found, docking_event


def _plan(
    changes: Mapping[str, Any], docking_event: DockingEvent, before: Plan | None = None
) -> Plan:
    parts = dict(changes)
    for name in REQUIRED & parts.keys():
        if parts[name] is None:
            raise Invalid(f"{name} cannot be taken away")
    venue_id = parts.get("venue_id") or (before.venue_id if before else None)
    venue = next((v for v in docking_event.venues if v.id == venue_id), None)
    if venue is None:
        raise Invalid(f"venue_id must be a venue of the docking event, not {venue_id}")
    start = parts.pop("start", before.time.start if before else None)
    end = parts.pop("end", before.time.end if before else None)
    parts["time"], parts["zone"] = Span(start, end), venue.zone
    if parts.get("visibility") is None:
        parts.pop("visibility", None)
        if before is None and parts["kind"] == "closed_roundtable":
            parts["visibility"] = INVITED
    return Plan(**parts) if before is None else replace(before, **parts)


async def _check(plan: Plan, docking_event: DockingEvent, transaction: Transaction) -> None:
    """Insist that a plan fits its docking event: days, and who is invited.

    Raises:
        Invalid: It does not.
    """
    outline = docking_event.outline
    first, last = local_date(plan.time.start, plan.zone), local_date(plan.time.end, plan.zone)
    # A sub-venue may lie a date line away from the main venue, so a day more is allowed.
    if (outline.starts_on - first).days > 1 or (last - outline.ends_on).days > 1:
        raise Invalid(
            f"a session lies within {outline.starts_on} to {outline.ends_on}, not {first} to {last}"
        )
    invited = await transaction.participations.get_many(plan.invited)
    for guest in plan.invited:
        if guest not in invited or invited[guest].docking_event_id != docking_event.id:
            raise Invalid(f"invited must be participations of the docking event, not {guest}")
