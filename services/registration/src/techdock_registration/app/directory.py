"""Who takes part, as each may see it; names; contacts after both sides accepted."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from techdock_shared.errors import Forbidden, NotFound
from techdock_shared.http.principal import Principal

from techdock_registration.app import introductions
from techdock_registration.app.authorization import (
    insist_organizer,
    organizes,
    owns,
    see,
    sees_session,
)
from techdock_registration.app.ports import Begin, Slice, Transaction
from techdock_registration.domain.account import Account
from techdock_registration.domain.organization import Organization
from techdock_registration.domain.participation import Participation, ParticipationState, Ticket
from techdock_registration.domain.session import Session
from techdock_registration.domain.texts import Names

_EVERYTHING = 10_000


@dataclass(frozen=True, slots=True)
class Entrant:
    """A participation with its organization and the names of its persons.

    Attributes:
        accounts: By counting id; erased persons are missing.
        in_full: The reader may see addresses, wishes and the reason.
        tickets: By counting id; for the organizer's badges.
        introduced: By counting id, persons whom the reader sees as others named them.
    """

    participation: Participation
    organization: Organization
    accounts: dict[UUID, Account]
    in_full: bool
    tickets: dict[UUID, UUID] = field(default_factory=dict)
    introduced: introductions.Introduced = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mine:
    """How the caller takes part in a docking event."""

    entrant: Entrant
    person_id: UUID
    ticket: Ticket | None
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Called:
    """Names of things, by id; what the caller may not see is missing."""

    persons: dict[UUID, Names]
    participations: dict[UUID, Organization]
    organizations: dict[UUID, Organization]


async def entrants(
    who: Principal,
    docking_event_id: UUID,
    part: Slice,
    state: str | None,
    country: str | None,
    q: str | None,
    begin: Begin,
) -> list[Entrant]:
    """Return participations: all for organizers, their own for others."""
    async with begin() as transaction:
        docking_event = see(who, await transaction.docking_events.get(docking_event_id))
        mine = None if organizes(who, docking_event) else who.organizations
        found = await transaction.participations.find(
            part, docking_event_id, state=state, country=country, q=q, organization_ids=mine
        )
        return await join(who, found, transaction, in_full=True)


async def counts(who: Principal, docking_event_id: UUID, begin: Begin) -> dict[str, int]:
    """Return how many participations are in each state, to organizers.

    Raises:
        NotFound: The caller may not see the docking event.
        Forbidden: They do not organize it.
    """
    async with begin() as transaction:
        insist_organizer(who, await transaction.docking_events.get(docking_event_id))
        return await transaction.participations.counts(docking_event_id)


async def directory(
    who: Principal,
    docking_event_id: UUID,
    part: Slice,
    country: str | None,
    q: str | None,
    begin: Begin,
) -> list[Entrant]:
    """Return confirmed participations as any confirmed participant may see them."""
    async with begin() as transaction:
        docking_event = see(who, await transaction.docking_events.get(docking_event_id))
        if not (who.in_docking_event(docking_event_id) or organizes(who, docking_event)):
            raise Forbidden("the directory is for those who take part")
        found = await transaction.participations.find(
            part,
            docking_event_id,
            state=ParticipationState.CONFIRMED.value,
            country=country,
            q=q,
        )
        return await join(who, found, transaction, in_full=False)


async def entrant(who: Principal, participation_id: UUID, begin: Begin) -> Entrant:
    """Return a participation: in full to its own persons and organizers, briefly to others."""
    async with begin() as transaction:
        found = await transaction.participations.get(participation_id)
        docking_event = await transaction.docking_events.get(found.docking_event_id)
        in_full = owns(who, found) or organizes(who, docking_event)
        if not in_full and not (
            found.is_confirmed and who.in_docking_event(found.docking_event_id)
        ):
            raise NotFound(f"no participation {participation_id}")
        return (await join(who, [found], transaction, in_full=in_full))[0]


async def join(
    who: Principal, found: Sequence[Participation], transaction: Transaction, *, in_full: bool
) -> list[Entrant]:
    """Return participations with what belongs to them, in a few statements."""
    organizations = await transaction.organizations.get_many([p.organization_id for p in found])
    ids = [person.person_id for p in found for person in p.entry.persons]
    accounts = await transaction.accounts.of_persons(ids)
    seen = await introductions.seen(who, found, transaction)
    return [
        Entrant(
            p,
            organizations[p.organization_id],
            {
                person.person_id: accounts[person.person_id]
                for person in p.entry.persons
                if person.person_id in accounts
            },
            in_full,
            introduced=seen.get(p.id, {}),
        )
        for p in found
    ]


async def with_tickets(who: Principal, docking_event_id: UUID, begin: Begin) -> list[Entrant]:
    """Return all confirmed participations with the tickets of their persons, for check-in."""
    async with begin() as transaction:
        docking_event = await transaction.docking_events.get(docking_event_id)
        insist_organizer(who, docking_event)
        found = await transaction.participations.find(
            Slice(_EVERYTHING), docking_event_id, state=ParticipationState.CONFIRMED.value
        )
        tickets = {
            t.person_id: t.id for t in await transaction.participations.tickets_of(docking_event_id)
        }
        joined = await join(who, found, transaction, in_full=True)
    return [Entrant(e.participation, e.organization, e.accounts, True, tickets) for e in joined]


async def mine(who: Principal, docking_event_id: UUID, begin: Begin) -> Mine:
    """Return how the caller takes part, with the ticket and the sessions.

    Raises:
        NotFound: They do not take part.
    """
    part = who.participation_in(docking_event_id)
    if part is None:
        raise NotFound("you do not take part in this docking event")
    async with begin() as transaction:
        docking_event = await transaction.docking_events.get(docking_event_id)
        found = await transaction.participations.get(part.participation_id)
        (joined,) = await join(who, [found], transaction, in_full=True)
        ticket = await transaction.participations.ticket_of(docking_event_id, who.person_id)
        sessions = await transaction.sessions.of(docking_event_id)
    return Mine(
        joined,
        who.person_id,
        ticket,
        tuple(s for s in sessions if sees_session(who, s, docking_event)),
    )


async def contacts(who: Principal, participation_id: UUID, begin: Begin) -> list[Account]:
    """Return the persons of a participation with their addresses.

    For its own persons, organizers, and who has an accepted request with it.

    Raises:
        NotFound: The caller has nothing to do with it.
        Forbidden: No request between the two was accepted by both.
    """
    async with begin() as transaction:
        found = await transaction.participations.get(participation_id)
        docking_event = await transaction.docking_events.get(found.docking_event_id)
        own = [
            p.participation_id
            for p in who.participations
            if p.docking_event_id == found.docking_event_id
        ]
        if not (owns(who, found) or organizes(who, docking_event)):
            if not own or not found.is_confirmed:
                raise NotFound(f"no participation {participation_id}")
            if not await transaction.talks.accepted_between(own, participation_id):
                raise Forbidden("contacts are shown once both sides accepted a meeting")
        accounts = await transaction.accounts.of_persons(
            [person.person_id for person in found.entry.persons]
        )
        seen = (await introductions.seen(who, [found], transaction)).get(found.id, {})
        return [
            replace(accounts[p.person_id], names=seen[p.person_id].names)
            if p.person_id in seen
            else accounts[p.person_id]
            for p in found.entry.persons
            if p.person_id in accounts
        ]


async def called(
    who: Principal,
    person_ids: Sequence[UUID],
    participation_ids: Sequence[UUID],
    organization_ids: Sequence[UUID],
    begin: Begin,
    docking_event_id: UUID | None = None,
) -> Called:
    """Return names. Names of persons only to who shares a docking event with them.

    Args:
        docking_event_id: Also names those who interpret there, to whoever is part of it.
    """
    async with begin() as transaction:
        interpreters = await _interpreters(who, docking_event_id, transaction)
        persons = await _names(who, person_ids, interpreters, transaction)
        found = await transaction.participations.get_many(participation_ids)
        events = await transaction.docking_events.get_many(
            sorted({p.docking_event_id for p in found.values()})
        )
        seen = {
            key: p
            for key, p in found.items()
            if owns(who, p)
            or who.in_docking_event(p.docking_event_id)
            or organizes(who, events[p.docking_event_id])
        }
        wanted = {p.organization_id for p in seen.values()} | set(organization_ids)
        organizations = await transaction.organizations.get_many(sorted(wanted))
    return Called(
        persons,
        {key: organizations[p.organization_id] for key, p in seen.items()},
        {key: organizations[key] for key in organization_ids if key in organizations},
    )


async def _interpreters(
    who: Principal, docking_event_id: UUID | None, transaction: Transaction
) -> frozenset[UUID]:
    """Return who interprets in a docking event, to its organizers and participants."""
    if docking_event_id is None:
        return frozenset()
    found = (await transaction.docking_events.get_many([docking_event_id])).get(docking_event_id)
    if found is None or not (who.in_docking_event(found.id) or organizes(who, found)):
        return frozenset()
    return frozenset(one.person_id for one in found.interpreters)


async def _names(
    who: Principal,
    person_ids: Sequence[UUID],
    interpreters: frozenset[UUID],
    transaction: Transaction,
) -> dict[UUID, Names]:
    allowed = await transaction.participations.named_to(
        person_ids,
        docking_events=[p.docking_event_id for p in who.participations]
        + [r.docking_event_id for r in who.roles if r.docking_event_id is not None],
        tenants=[
            r.tenant_id
            for r in who.roles
            if r.name == "organizer" and r.tenant_id and not r.docking_event_id
        ],
    )
    allowed |= interpreters & set(person_ids)
    if who.person_id in person_ids:
        allowed.add(who.person_id)
    accounts = await transaction.accounts.of_persons(sorted(allowed))
    names = {key: a.names for key, a in accounts.items()}
    names |= await introductions.names_instead(who, list(names), transaction)
    return {key: name for key, name in names.items() if name is not None}
