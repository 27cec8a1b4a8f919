"""Docking events: opened, described, moved on; their venues and interpreters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Conflict, Invalid
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_registration.app import persons
from techdock_registration.app.authorization import (
    insist_organizer,
    insist_tenant_organizer,
    see,
    sees_session,
)
from techdock_registration.app.organizations import insist_there
from techdock_registration.app.ports import Begin, Slice, Transaction
from techdock_registration.domain.docking_event import DockingEvent, DockingEventState, Outline
from techdock_registration.domain.organization import Organization
from techdock_registration.domain.session import Session, SessionState
from techdock_registration.domain.spans import Span
from techdock_registration.domain.states import at_version
from techdock_registration.domain.venue import Interpreter, Venue

REQUIRED = frozenset(
    {"code", "names", "starts_on", "ends_on", "languages", "programmes", "organizers", "deadlines"}
)


@dataclass(frozen=True, slots=True)
class View:
    """A docking event as somebody sees it, with what is beside it."""

    docking_event: DockingEvent
    sessions: tuple[Session, ...]
    organizations: dict[UUID, Organization]


@dataclass(frozen=True, slots=True)
class Engage:
    """Take an interpreter for a docking event.

    Attributes:
        interpreter_id: Names the entry; chosen by the organizer.
    """

    docking_event_id: UUID
    interpreter_id: UUID
    person: persons.Named
    languages: tuple[str, ...]
    venue_id: UUID | None
    hours: tuple[Span, ...]


async def plan(
    who: Principal,
    tenant_id: UUID,
    outline: Outline,
    venues: tuple[Venue, ...],
    begin: Begin,
    clock: Clock,
) -> DockingEvent:
    """Open a docking event as a draft.

    Raises:
        Taken: The tenant has one with this code.
    """
    insist_tenant_organizer(who, tenant_id)
    docking_event = DockingEvent(uuid7(), tenant_id, outline, clock.now(), venues)
    async with begin() as transaction:
        await transaction.tenants.get(tenant_id)
        await insist_there(_organizations(docking_event), transaction)
        return await transaction.docking_events.save(docking_event)


async def find(
    who: Principal | None,
    part: Slice,
    state: str | None,
    since: date | None,
    until: date | None,
    begin: Begin,
) -> list[DockingEvent]:
    """Return announced docking events, and the caller's own drafts."""
    roles = [r for r in who.roles if r.name == "organizer"] if who is not None else []
    async with begin() as transaction:
        return await transaction.docking_events.find(
            part,
            own_tenants=[r.tenant_id for r in roles if r.tenant_id and not r.docking_event_id],
            own=[r.docking_event_id for r in roles if r.docking_event_id],
            state=state,
            since=since,
            until=until,
        )


async def view(who: Principal | None, docking_event_id: UUID, begin: Begin) -> View:
    """Return a docking event with the sessions on the caller's agenda."""
    async with begin() as transaction:
        found = see(who, await transaction.docking_events.get(docking_event_id))
        return await _view(who, found, transaction)


async def _view(who: Principal | None, found: DockingEvent, transaction: Transaction) -> View:
    sessions = await transaction.sessions.of(found.id)
    return View(
        found,
        tuple(s for s in sessions if sees_session(who, s, found)),
        await transaction.organizations.get_many(sorted(_organizations(found))),
    )


async def describe(
    who: Principal,
    docking_event_id: UUID,
    expected: int,
    changes: Mapping[str, Any],
    begin: Begin,
    clock: Clock,
) -> DockingEvent:
    """Change what a docking event is about.

    Args:
        changes: Fields of its outline, by name.
    """
    for name in REQUIRED & changes.keys():
        if changes[name] is None:
            raise Invalid(f"{name} cannot be taken away")
    async with begin() as transaction:
        found = await _own(who, docking_event_id, expected, transaction)
        after = found.describe(replace(found.outline, **changes), clock.now())
        await insist_there(_organizations(after), transaction)
        return await _save(found, after, transaction)


async def move(
    who: Principal,
    docking_event_id: UUID,
    expected: int,
    to: DockingEventState,
    begin: Begin,
    clock: Clock,
) -> DockingEvent:
    """Move a docking event on. Announcing it puts its sessions on the public agenda."""
    at = clock.now()
    async with begin() as transaction:
        found = await _own(who, docking_event_id, expected, transaction)
        saved = await transaction.docking_events.save(found.move(to, at))
        sessions = await transaction.sessions.of(docking_event_id)
        for session in sessions:
            after = session
            if to is DockingEventState.ANNOUNCED:
                after = session.tell(at)
            elif to is DockingEventState.CANCELLED and session.state is SessionState.PLANNED:
                after = session.move(SessionState.CANCELLED, at)
            if after is not session:
                await transaction.sessions.save(after)
        return saved


async def place(
    who: Principal,
    docking_event_id: UUID,
    expected: int,
    venue: Venue,
    begin: Begin,
    clock: Clock,
) -> DockingEvent:
    """Add or replace a venue."""
    async with begin() as transaction:
        found = await _own(who, docking_event_id, expected, transaction)
        after = found.place(venue, clock.now())
        await insist_there(_organizations(after), transaction)
        return await _save(found, after, transaction)


async def leave(
    who: Principal,
    docking_event_id: UUID,
    expected: int,
    venue_id: UUID,
    begin: Begin,
    clock: Clock,
) -> DockingEvent:
    """Take a venue away.

    Raises:
        Conflict: A session is planned there.
    """
    async with begin() as transaction:
        found = await _own(who, docking_event_id, expected, transaction)
        after = found.leave(venue_id, clock.now())
        for session in await transaction.sessions.of(docking_event_id):
            if session.plan.venue_id == venue_id and session.state is not SessionState.CANCELLED:
                raise Conflict(f"session {session.id} is planned at this venue")
        return await _save(found, after, transaction)


async def engage(
    who: Principal, command: Engage, expected: int, begin: Begin, clock: Clock
) -> DockingEvent:
    """Add or replace an interpreter, who gets an account."""
    at = clock.now()
    async with begin() as transaction:
        found = await _own(who, command.docking_event_id, expected, transaction)
        there = {i.id: i.person_id for i in found.interpreters}
        person = command.person
        if command.person.email is None and command.interpreter_id in there:
            person = persons.Named(person.names, person_id=there[command.interpreter_id])
        known = frozenset(there.values())
        (settled,) = await persons.settle([person], transaction, at, known=known)
        interpreter = Interpreter(
            command.interpreter_id,
            settled[0],
            command.languages,
            command.venue_id,
            command.hours,
        )
        return await _save(found, found.engage(interpreter, at), transaction)


async def release(
    who: Principal,
    docking_event_id: UUID,
    expected: int,
    interpreter_id: UUID,
    begin: Begin,
    clock: Clock,
) -> DockingEvent:
    """Let an interpreter go."""
    async with begin() as transaction:
        found = await _own(who, docking_event_id, expected, transaction)
        return await _save(found, found.release(interpreter_id, clock.now()), transaction)


async def _own(
    who: Principal, docking_event_id: UUID, expected: int, transaction: Transaction
) -> DockingEvent:
    found = await transaction.docking_events.get(docking_event_id)
    insist_organizer(who, found)
    at_version("the docking event", found.version, expected)
    return found


async def _save(found: DockingEvent, after: DockingEvent, transaction: Transaction) -> DockingEvent:
    return found if after == found else await transaction.docking_events.save(after)


def _organizations(docking_event: DockingEvent) -> set[UUID]:
    """Return the organizations that a docking event names."""
    venues = docking_event.venues
    tables = (table for venue in venues for table in venue.tables)
    return (
        {o.organization_id for o in docking_event.outline.organizers}
        | {v.local_host_id for v in venues if v.local_host_id}
        | {t.owner_id for t in tables if t.owner_id}
    )
