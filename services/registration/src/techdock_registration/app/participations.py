"""Participations: applied for, vetted, confirmed, and who comes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Conflict, Forbidden, NotFound
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7

from techdock_registration.app import introductions, letters
from techdock_registration.app.authorization import insist_organizer, organizes, owns, see
from techdock_registration.app.entries import Comer, Wishes, changed, entry_of
from techdock_registration.app.ports import Begin, Transaction
from techdock_registration.domain.account import Representation
from techdock_registration.domain.docking_event import DockingEvent, DockingEventState
from techdock_registration.domain.introduction import Introduction
from techdock_registration.domain.organization import OrganizationState
from techdock_registration.domain.participation import (
    Entry,
    Participation,
    ParticipationState,
)
from techdock_registration.domain.states import at_version, only

KIND = "participation"
SPEAKING_ROLES = ("head", "member", "broker")
"""Persons who act for the organization; advisers and interpreters do not."""


class AlreadyApplied(Conflict):
    """The organization, or one of the persons, is in the docking event already."""

    code = "already_applied"


class TooLate(Conflict):
    """The time for applications is over."""

    code = "too_late"


async def apply(
    who: Principal,
    docking_event_id: UUID,
    organization_id: UUID,
    wishes: Wishes,
    begin: Begin,
    clock: Clock,
) -> Participation:
    """Apply for an organization, by its person or by an organizer.

    Raises:
        Forbidden: The caller does neither act for it nor organize.
        WrongState: The docking event does not take applications (any more).
        TooLate: The time for applications is over; organizers may still enter somebody.
        AlreadyApplied: The organization or a person is in the docking event already.
    """
    at = clock.now()
    async with begin() as transaction:
        docking_event = see(who, await transaction.docking_events.get(docking_event_id))
        _insist_may_apply(who, docking_event, organization_id, at)
        organization = await transaction.organizations.get(organization_id)
        only("the organization", organization.state, OrganizationState.ACTIVE)
        by = None if organizes(who, docking_event) else who.account_id
        return await enter(docking_event, organization_id, wishes, transaction, at, by)


async def enter(
    docking_event: DockingEvent,
    organization_id: UUID,
    wishes: Wishes,
    transaction: Transaction,
    at: datetime,
    by: UUID | None = None,
) -> Participation:
    """Store an application.

    Args:
        by: Account of who applies and does not organize the docking event. They do not learn
            who is in it already; that comes up when organizers vet the application.

    Raises:
        AlreadyApplied: The organization or a person is in the docking event already.
    """
    if await transaction.participations.live_of(docking_event.id, organization_id):
        raise AlreadyApplied("this organization is in the docking event already")
    entry = await entry_of(wishes, docking_event, transaction, at, known=frozenset(), by=by)
    participation = Participation(
        uuid7(), docking_event.id, docking_event.tenant_id, organization_id, entry, at
    )
    said = await _said(by, participation, wishes.comers, frozenset(), transaction)
    await _insist_nowhere_else(participation, transaction, {one.person_id for one in said})
    if wishes.external_id is not None:
        names = {wishes.external_id: participation.id}
        await transaction.external_ids.keep(docking_event.id, KIND, names)
    saved = await transaction.participations.save(participation)
    await transaction.introductions.keep(said)
    await represent(saved, transaction, at)
    return saved


async def _said(
    by: UUID | None,
    participation: Participation,
    comers: Sequence[Comer],
    before: frozenset[UUID],
    transaction: Transaction,
) -> list[Introduction]:
    """Return what a caller said of persons; of organizers nothing is kept."""
    if by is None:
        return []
    entry = participation.entry
    return await introductions.introduced(by, participation.id, comers, entry, before, transaction)


def _insist_may_apply(
    who: Principal, docking_event: DockingEvent, organization_id: UUID, at: datetime
) -> None:
    S = DockingEventState  # noqa: N806 - short for the states
    if organizes(who, docking_event):
        only("the docking event", docking_event.state, S.ANNOUNCED, S.OPEN, S.RUNNING)
        return
    if not who.acts_for(organization_id):
        raise Forbidden("you do not act for this organization")
    only("the docking event", docking_event.state, S.OPEN, S.RUNNING)
    until = docking_event.outline.deadlines.apply_until
    if until is not None and at >= until:
        raise TooLate(f"applications ended at {until.isoformat()}")


async def _insist_nowhere_else(
    participation: Participation,
    transaction: Transaction,
    introduced: Collection[UUID] = (),
    *,
    vetted: bool = False,
) -> None:
    """Insist that nobody takes part twice.

    Args:
        introduced: Persons of whom the caller may not learn this; who vets the application does.
        vetted: Look only at participations that organizers have vetted.
    """
    ids = [p.person_id for p in participation.entry.persons if p.person_id not in introduced]
    elsewhere = await transaction.participations.persons_elsewhere(
        participation.docking_event_id, ids, participation.id, vetted=vetted
    )
    if elsewhere:
        # Which person, a caller could look up among the names of the docking event.
        place = next(
            i for i, p in enumerate(participation.entry.persons) if p.person_id in elsewhere
        )
        raise AlreadyApplied(f"persons.{place} is in another participation of the docking event")


async def represent(participation: Participation, transaction: Transaction, at: datetime) -> None:
    """Let the persons who speak for the organization act for it."""
    speaking = [p for p in participation.entry.persons if p.role in SPEAKING_ROLES]
    accounts = await transaction.accounts.of_persons([p.person_id for p in speaking])
    await transaction.accounts.represent(
        [
            Representation(
                uuid7(), accounts[p.person_id].id, participation.organization_id, p.role, at
            )
            for p in speaking
            if p.person_id in accounts
        ]
    )


async def describe(
    who: Principal,
    participation_id: UUID,
    expected: int,
    changes: Mapping[str, Any],
    begin: Begin,
    clock: Clock,
) -> Participation:
    """Change who comes and what they wish.

    Args:
        changes: `persons`, a tuple of `Comer`s in place of the list; `contact`; and fields of
            the entry by name.
    """
    at = clock.now()
    async with begin() as transaction:
        found, docking_event = await own(who, participation_id, transaction)
        at_version("the participation", found.version, expected)
        if organizes(who, docking_event) or changes.get("persons") is None:
            entry = await changed(found.entry, changes, docking_event, transaction, at)
            return await change(found, entry, transaction, at)
        there = await transaction.introductions.of([found.id])
        comers = introductions.recognised(changes["persons"], there)
        entry = await changed(
            found.entry,
            {**changes, "persons": comers},
            docking_event,
            transaction,
            at,
            who.account_id,
        )
        return await change(found, entry, transaction, at, comers, who.account_id)


async def change(
    found: Participation,
    entry: Entry,
    transaction: Transaction,
    at: datetime,
    comers: Sequence[Comer] = (),
    by: UUID | None = None,
) -> Participation:
    """Store another entry of a participation; the same one changes nothing.

    Args:
        comers: The persons of the entry, as a caller named them who does not organize.
        by: Account of that caller; None for organizers.
    """
    before = {person.person_id for person in found.entry.persons}
    said = await _said(by, replace(found, entry=entry), comers, frozenset(before), transaction)
    await transaction.introductions.keep(said)
    of = await transaction.organizations.belonging(found.organization_id)
    after = found.describe(entry, of, at)
    if after is found:
        return found
    hidden = {one.person_id for one in said} if found.state is ParticipationState.APPLIED else ()
    await _insist_nowhere_else(after, transaction, hidden)
    saved = await transaction.participations.save(after)
    await transaction.introductions.keep_only(saved.id, [p.person_id for p in entry.persons])
    await represent(saved, transaction, at)
    if saved.is_confirmed:
        await _welcome(saved, transaction, at)
        gone = before - {person.person_id for person in entry.persons}
        await transaction.accounts.void_persons(sorted(gone))
    return saved


async def confirm_at_once(
    found: Participation, transaction: Transaction, at: datetime
) -> Participation:
    """Vet and confirm a participation that an organizer has vetted outside."""
    of = await transaction.organizations.belonging(found.organization_id)
    vetted = found.move(ParticipationState.VETTED, of, at)
    saved = await transaction.participations.save(vetted.move(ParticipationState.CONFIRMED, of, at))
    await _welcome(saved, transaction, at)
    return saved


async def move(
    who: Principal,
    participation_id: UUID,
    expected: int,
    to: ParticipationState,
    reason: str | None,
    begin: Begin,
    clock: Clock,
) -> Participation:
    """Vet, confirm, refuse (organizers) or withdraw (also its own persons)."""
    at = clock.now()
    async with begin() as transaction:
        found, docking_event = await own(who, participation_id, transaction)
        if to is not ParticipationState.WITHDRAWN:
            insist_organizer(who, docking_event)
        at_version("the participation", found.version, expected)
        of = await transaction.organizations.belonging(found.organization_id)
        after = found.move(to, of, at, reason)
        if to in (ParticipationState.VETTED, ParticipationState.CONFIRMED):
            await _insist_nowhere_else(after, transaction, vetted=True)
        saved = await transaction.participations.save(after)
        if saved.is_confirmed:
            await _welcome(saved, transaction, at)
        elif found.is_confirmed:
            await transaction.accounts.void_persons(
                [person.person_id for person in saved.entry.persons]
            )
        return saved


async def _welcome(participation: Participation, transaction: Transaction, at: datetime) -> None:
    """Give tickets to the persons of a confirmed participation, and invite them."""
    await transaction.participations.issue_tickets(participation)
    ids = [person.person_id for person in participation.entry.persons]
    await transaction.accounts.void_persons(ids)
    accounts = await transaction.accounts.of_persons(ids)
    mails = [
        letters.to(
            account,
            "invitation",
            f"invitation.{participation.id}.{account.id}",
            at,
            docking_event_id=participation.docking_event_id,
            tenant_id=participation.tenant_id,
        )
        for account in accounts.values()
        if account.email is not None
    ]
    await transaction.mails.plan(mails)


async def own(
    who: Principal, participation_id: UUID, transaction: Transaction
) -> tuple[Participation, DockingEvent]:
    """Return a participation that the caller may change.

    Raises:
        NotFound: They have nothing to do with its docking event.
        Forbidden: They are in the same docking event.
    """
    found = await transaction.participations.get(participation_id)
    docking_event = await transaction.docking_events.get(found.docking_event_id)
    if owns(who, found) or organizes(who, docking_event):
        return found, docking_event
    if who.in_docking_event(found.docking_event_id) and found.is_confirmed:
        raise Forbidden("this is the participation of another organization")
    raise NotFound(f"no participation {participation_id}")
