"""Who was brought along by somebody that does not organize, and as whom others see them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from techdock_shared.http.principal import Principal
from techdock_shared.ids import random_id

from techdock_registration.app.authorization import owns
from techdock_registration.app.entries import Comer
from techdock_registration.app.ports import Transaction
from techdock_registration.domain.introduction import Introduction
from techdock_registration.domain.participation import Entry, Participation
from techdock_registration.domain.texts import Names

Introduced = dict[UUID, Introduction]
"""By counting id: persons whom a reader sees as somebody else named them."""


async def introduced(
    by: UUID,
    participation_id: UUID,
    comers: Sequence[Comer],
    entry: Entry,
    before: frozenset[UUID],
    transaction: Transaction,
) -> list[Introduction]:
    """Return what the caller said of the persons whom they add by mail address.

    Args:
        by: Account of the caller, who does not organize the docking event.
        comers: As the caller named them, in the order of the entry's persons.
        before: Counting ids of who was in the participation already.
    """
    there = {one.person_id for one in await transaction.introductions.of([participation_id])}
    named = {
        person.person_id: comer.who.names
        for comer, person in zip(comers, entry.persons, strict=True)
        if comer.who.email and (person.person_id not in before or person.person_id in there)
    }
    accounts = await transaction.accounts.of_persons(list(named))
    return [
        Introduction(random_id(), participation_id, person_id, accounts[person_id].id, names)
        for person_id, names in named.items()
        if names is not None and accounts[person_id].id != by
    ]


def recognised(comers: Iterable[Comer], introductions: Sequence[Introduction]) -> tuple[Comer, ...]:
    """Return persons with their counting ids, where the caller only knows an introduction."""
    persons = {one.id: one.person_id for one in introductions}
    return tuple(
        replace(
            comer,
            who=replace(
                comer.who,
                person_id=persons.get(comer.who.person_id, comer.who.person_id),
            ),
        )
        if comer.who.person_id is not None
        else comer
        for comer in comers
    )


async def seen(
    who: Principal, found: Sequence[Participation], transaction: Transaction
) -> dict[UUID, Introduced]:
    """Return whom the caller sees as somebody named them, by participation.

    Organizers see everybody as they are, and so does everybody themself.
    """
    others = [p.id for p in found if not who.organizes(p.tenant_id, p.docking_event_id)]
    kept: dict[UUID, Introduced] = {}
    for one in await transaction.introductions.of(others):
        if one.person_id != who.person_id:
            kept.setdefault(one.participation_id, {})[one.person_id] = one
    return kept


async def names_instead(
    who: Principal, person_ids: Sequence[UUID], transaction: Transaction
) -> dict[UUID, Names | None]:
    """Return other names for persons whom the caller only knows as somebody named them.

    None where the caller may not even see those.
    """
    introductions = await transaction.introductions.of_persons(
        [person_id for person_id in person_ids if person_id != who.person_id]
    )
    if not introductions:
        return {}
    persons = [one.person_id for one in introductions]
    organizing = [role for role in who.roles if role.name == "organizer"]
    named_to = transaction.participations.named_to
    known = await named_to(
        persons,
        docking_events=[r.docking_event_id for r in organizing if r.docking_event_id],
        tenants=[r.tenant_id for r in organizing if r.tenant_id and not r.docking_event_id],
    )
    events = [part.docking_event_id for part in who.participations]
    known |= await named_to(persons, docking_events=events, tenants=[], introduced=False)
    there = await transaction.participations.get_many([o.participation_id for o in introductions])
    instead: dict[UUID, Names | None] = {}
    for one in introductions:
        if one.person_id in known:
            continue
        where = there[one.participation_id]
        if owns(who, where):
            instead[one.person_id] = one.names
        elif who.in_docking_event(where.docking_event_id):
            instead.setdefault(one.person_id, one.names)
    return {person: instead.get(person) for person in persons if person not in known}
