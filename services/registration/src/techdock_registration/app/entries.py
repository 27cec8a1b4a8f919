"""From who somebody says will come to an entry with counting ids."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from techdock_shared.errors import Invalid

from techdock_registration.app import persons
from techdock_registration.app.ports import Transaction
from techdock_registration.domain.account import Account
from techdock_registration.domain.docking_event import DockingEvent
from techdock_registration.domain.participation import ON_SITE, Attendee, Entry
from techdock_registration.domain.rules import normal_email
from techdock_registration.domain.spans import Span

REQUIRED = frozenset({"least_meetings", "languages", "persons"})


@dataclass(frozen=True, slots=True)
class Comer:
    """A person who comes, as somebody names them.

    Attributes:
        zone: None takes that of the venue, or of the main venue.
    """

    who: persons.Named
    role: str
    mode: str
    venue_id: UUID | None = None
    zone: str | None = None
    hours: tuple[Span, ...] = ()
    night: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """Who comes, and what they wish.

    Attributes:
        contact: The person who speaks for all: place in the list, or mail address.
    """

    comers: tuple[Comer, ...]
    contact: int | str = 0
    least_meetings: int = 0
    most_meetings: int | None = None
    languages: tuple[str, ...] = ()
    external_id: str | None = None


async def entry_of(
    wishes: Wishes,
    docking_event: DockingEvent,
    transaction: Transaction,
    at: datetime,
    *,
    known: frozenset[UUID],
    by: UUID | None = None,
) -> Entry:
    """Return who comes, known by counting ids; who is new gets an account.

    Args:
        by: Account of a caller who does not organize the docking event: nothing that an
            account says of itself gets into the entry of such a one.

    Raises:
        Invalid: A venue is not one of the docking event, or the contact is nobody of them.
    """
    named = [comer.who for comer in wishes.comers]
    settled = await persons.settle(named, transaction, at, known=known, with_names=by is not None)
    attendees = tuple(
        attendee(
            comer,
            person_id,
            docking_event,
            account.languages if by in (None, account.id) or person_id in known else (),
        )
        for comer, (person_id, account) in zip(wishes.comers, settled, strict=True)
    )
    return Entry(
        attendees,
        _contact(wishes.contact, settled),
        wishes.least_meetings,
        wishes.most_meetings,
        wishes.languages,
        wishes.external_id,
    )


def attendee(
    comer: Comer,
    person_id: UUID,
    docking_event: DockingEvent,
    spoken: tuple[str, ...] = (),
) -> Attendee:
    """Return a person as the entry has it.

    Args:
        spoken: Languages of the account, for who was named without any.

    Raises:
        Invalid: The venue is not one of the docking event, or something else is wrong.
    """
    venue_id = comer.venue_id
    if comer.mode == ON_SITE:
        venue = next((v for v in docking_event.venues if v.id == venue_id), None)
        if venue_id is None:
            venue = docking_event.main_venue
        if venue is None:
            raise Invalid(f"venue_id must be a venue of the docking event, not {venue_id}")
        venue_id, zone = venue.id, comer.zone or venue.zone
    else:
        zone = comer.zone or docking_event.main_venue.zone
    return Attendee(
        person_id,
        comer.role,
        comer.mode,
        zone,
        venue_id,
        comer.who.languages or spoken,
        comer.hours,
        comer.night,
    )


def _contact(contact: int | str, settled: list[tuple[UUID, Account]]) -> UUID:
    if isinstance(contact, int):
        if 0 <= contact < len(settled):
            return settled[contact][0]
        raise Invalid(f"contact must be 0 to {len(settled) - 1}, or a mail address, not {contact}")
    email = normal_email(contact)
    for person_id, account in settled:
        if account.email == email:
            return person_id
    raise Invalid("contact must be the place or the mail address of one of the persons")


async def changed(
    entry: Entry,
    changes: Mapping[str, Any],
    docking_event: DockingEvent,
    transaction: Transaction,
    at: datetime,
    by: UUID | None = None,
) -> Entry:
    """Return an entry with these changes; see `participations.describe`."""
    parts = dict(changes)
    for name in REQUIRED & parts.keys():
        if parts[name] is None:
            raise Invalid(f"{name} cannot be taken away")
    contact = parts.pop("contact", None)
    comers = parts.pop("persons", None)
    ids = frozenset(person.person_id for person in entry.persons)
    if comers is not None:
        # Who spoke for all goes on doing so, unless somebody else is named or they are gone.
        whom = 0 if contact is None else contact
        wishes = Wishes(comers, whom)
        named = await entry_of(wishes, docking_event, transaction, at, known=ids, by=by)
        stays = any(p.person_id == entry.contact_id for p in named.persons)
        keep = contact is None and stays
        parts["persons"] = named.persons
        parts["contact_id"] = entry.contact_id if keep else named.contact_id
    elif contact is not None:
        accounts = await transaction.accounts.of_persons(sorted(ids))
        parts["contact_id"] = _contact(
            contact,
            [
                (p.person_id, accounts[p.person_id])
                for p in entry.persons
                if p.person_id in accounts
            ],
        )
    return replace(entry, **parts)


def listed_again(wishes: Wishes, before: Entry, docking_event: DockingEvent) -> Entry:
    """Return an entry as a list says that names only persons who are in it already.

    What a list cannot say stays as it is: hours, nights, languages of the whole, and the
    contact while they are still there.
    """
    there = {person.person_id: person for person in before.persons}
    people = []
    for comer in wishes.comers:
        old = there[comer.who.person_id or before.contact_id]
        new = attendee(comer, old.person_id, docking_event, old.languages)
        people.append(replace(new, hours=old.hours, night=old.night))
    return _kept(tuple(people), wishes, before)


def _kept(people: tuple[Attendee, ...], wishes: Wishes, before: Entry) -> Entry:
    stays = any(person.person_id == before.contact_id for person in people)
    return replace(
        before,
        persons=people,
        contact_id=before.contact_id if stays else people[0].person_id,
        least_meetings=wishes.least_meetings,
        most_meetings=wishes.most_meetings,
    )


async def listed(
    wishes: Wishes,
    before: Entry,
    docking_event: DockingEvent,
    transaction: Transaction,
    at: datetime,
) -> Entry:
    """As `listed_again`, for a list that may also name new persons, who get accounts."""
    there = {person.person_id: person for person in before.persons}
    named = await entry_of(wishes, docking_event, transaction, at, known=frozenset(there))
    people = tuple(
        replace(p, hours=there[p.person_id].hours, night=there[p.person_id].night)
        if p.person_id in there
        else p
        for p in named.persons
    )
    return _kept(people, wishes, before)
