"""How participations and their persons are shown, by how much the reader may see."""

from typing import Self
from uuid import UUID

from pydantic import BaseModel

from techdock_registration.app.directory import Entrant
from techdock_registration.domain.account import Account
from techdock_registration.domain.introduction import Introduction
from techdock_registration.domain.organization import Organization
from techdock_registration.domain.participation import Attendee
from techdock_registration.domain.spans import Span
from techdock_registration.domain.texts import Names


class OrganizationBrief(BaseModel):
    """An organization in passing."""

    id: UUID
    names: Names
    language: str
    country: str
    kind: str

    @classmethod
    def of(cls, thing: Organization) -> Self:
        """Return it."""
        facts = thing.facts
        return cls(
            id=thing.id,
            names=facts.names,
            language=facts.name_language,
            country=facts.country,
            kind=facts.kind,
        )


class PersonOut(BaseModel):
    """A person of a participation; names are null after erasure, email where not allowed.

    Somebody whom another participant brought along has the names that were given there, until
    they come; and another person_id until the participation is confirmed.
    """

    person_id: UUID
    names: Names | None
    role: str
    mode: str
    venue_id: UUID | None
    zone: str
    languages: tuple[str, ...]
    email: str | None = None
    hours: tuple[Span, ...] | None = None
    night: bool | None = None
    ticket: UUID | None = None


class ParticipationOut(BaseModel):
    """An organization in a docking event."""

    id: UUID
    version: int
    state: str
    docking_event_id: UUID
    organization: OrganizationBrief
    persons: list[PersonOut]
    contact_id: UUID
    languages: tuple[str, ...]
    external_id: str | None = None
    least_meetings: int | None = None
    most_meetings: int | None = None
    reason: str | None = None

    @classmethod
    def of(cls, entrant: Entrant) -> Self:
        """Return a participation; wishes and addresses only where it is shown in full."""
        thing, entry, full = entrant.participation, entrant.participation.entry, entrant.in_full
        # The counting id of an account that was there before is known to others already.
        masks = {} if thing.is_confirmed else {k: i.id for k, i in entrant.introduced.items()}
        return cls(
            id=thing.id,
            version=thing.version,
            state=thing.state,
            docking_event_id=thing.docking_event_id,
            organization=OrganizationBrief.of(entrant.organization),
            persons=[
                _person(
                    p,
                    entrant.accounts.get(p.person_id),
                    entrant.tickets.get(p.person_id),
                    in_full=full,
                    said=entrant.introduced.get(p.person_id),
                    shown_as=masks.get(p.person_id, p.person_id),
                )
                for p in entry.persons
            ],
            contact_id=masks.get(entry.contact_id, entry.contact_id),
            languages=entry.languages,
            external_id=entry.external_id if full else None,
            least_meetings=entry.least_meetings if full else None,
            most_meetings=entry.most_meetings if full else None,
            reason=thing.reason if full else None,
        )


def _person(
    person: Attendee,
    account: Account | None,
    ticket: UUID | None,
    *,
    in_full: bool,
    said: Introduction | None,
    shown_as: UUID,
) -> PersonOut:
    return PersonOut(
        person_id=shown_as,
        names=said.names if said else account.names if account else None,
        role=person.role,
        mode=person.mode,
        venue_id=person.venue_id,
        zone=person.zone,
        languages=person.languages,
        email=account.email if account and in_full else None,
        hours=person.hours if in_full else None,
        night=person.night if in_full else None,
        ticket=ticket,
    )
