"""From what happened inside to what others are told. What a service reveals is decided here."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from techdock_contracts import registration as told
from techdock_contracts.event import Event
from techdock_shared.ids import uuid7

from techdock_registration.domain import docking_event as docking
from techdock_registration.domain import organization as orgs
from techdock_registration.domain import participation as parts
from techdock_registration.domain import session as agenda
from techdock_registration.domain.attendance import Attendance
from techdock_registration.domain.docking_event import DockingEvent
from techdock_registration.domain.docking_event import DockingEventState as S
from techdock_registration.domain.organization import Organization
from techdock_registration.domain.participation import Participation
from techdock_registration.domain.rules import local_date
from techdock_registration.domain.session import Session
from techdock_registration.domain.spans import Span
from techdock_registration.domain.venue import Venue


def _head(at: datetime, subject: UUID, tenant: UUID | None = None) -> dict[str, Any]:
    return {"id": uuid7(), "time": at, "subject": str(subject), "tenant": tenant}


def organization(thing: Organization) -> Iterator[Event]:
    """Tell what happened to an organization; names are not told."""
    for happening in thing.happened:
        head = {**_head(happening.at, thing.id), "organization_id": thing.id}
        facts = {
            "kind": thing.facts.kind,
            "country": thing.facts.country,
            "region": thing.facts.region,
            "size": thing.facts.size,
            "group_id": thing.group_id,
        }
        match happening:
            case orgs.Registered():
                yield told.OrganizationRegistered(**head, **facts)
            case orgs.Changed():
                yield told.OrganizationChanged(**head, **facts)
            case orgs.Merged(into_id):
                yield told.OrganizationMerged(**head, into_id=into_id)
            case orgs.Unmerged(out_of_id):
                yield told.OrganizationUnmerged(**head, out_of_id=out_of_id)


def docking_event(thing: DockingEvent) -> Iterator[Event]:
    """Tell what happened to a docking event; its names and texts are not told."""
    for happening in thing.happened:
        head = {
            **_head(happening.at, thing.id, thing.tenant_id),
            "docking_event_id": thing.id,
        }
        match happening:
            case docking.FrameChanged():
                yield told.DockingEventChanged(**head, **_frame(thing))
            case docking.Moved(to=S.ANNOUNCED):
                yield told.DockingEventAnnounced(**head, **_frame(thing))
            case docking.Moved(to=S.OPEN):
                yield told.DockingEventOpened(**head)
            case docking.Moved(to=S.RUNNING):
                yield told.DockingEventStarted(**head)
            case docking.Moved(to=S.HELD):
                yield told.DockingEventHeld(**head, occurred_on=thing.outline.ends_on)
            case docking.Moved(to=S.CLOSED, at=at):
                day = local_date(at, thing.main_venue.zone)
                yield told.DockingEventClosed(**head, occurred_on=day)
            case docking.Moved():
                yield told.DockingEventCancelled(**head)


def _frame(thing: DockingEvent) -> dict[str, Any]:
    outline, main = thing.outline, thing.main_venue
    return {
        "code": outline.code,
        "starts_on": outline.starts_on,
        "ends_on": outline.ends_on,
        "zone": main.zone,
        "country": main.country,
        "languages": outline.languages,
        "programmes": outline.programmes,
        "organizers": tuple(
            told.Organizer(organization_id=o.organization_id, role=o.role)
            for o in outline.organizers
        ),
        "venues": tuple(_venue(venue) for venue in thing.venues),
        "interpreters": tuple(
            told.Interpreter(
                interpreter_id=i.person_id,
                languages=i.languages,
                venue_id=i.venue_id,
                hours=_spans(i.hours),
            )
            for i in thing.interpreters
        ),
        "most_meetings": outline.most_meetings,
    }


def _venue(venue: Venue) -> told.Venue:
    return told.Venue(
        venue_id=venue.id,
        kind=venue.kind,
        country=venue.country,
        zone=venue.zone,
        capacity=venue.capacity,
        tables=tuple(
            told.Desk(table_id=t.id, label=t.label, equipment=t.equipment, owner_id=t.owner_id)
            for t in venue.tables
        ),
    )


def _spans(spans: Iterable[Span]) -> tuple[told.Span, ...]:
    return tuple(told.Span(start=s.start, end=s.end) for s in spans)


def session(thing: Session) -> Iterator[Event]:
    """Tell what happened to a session."""
    for happening in thing.happened:
        head = {
            **_head(happening.at, thing.id, thing.tenant_id),
            "docking_event_id": thing.docking_event_id,
            "session_id": thing.id,
        }
        plan = thing.plan
        facts = {
            "kind": plan.kind,
            "venue_id": plan.venue_id,
            "start": plan.time.start,
            "end": plan.time.end,
            "zone": plan.zone,
            "visibility": plan.visibility,
            "slot_minutes": plan.slot_minutes,
            "break_minutes": plan.break_minutes,
        }
        match happening:
            case agenda.Planned():
                yield told.SessionPlanned(**head, **facts)
            case agenda.Changed():
                yield told.SessionChanged(**head, **facts)
            case agenda.Held():
                day = local_date(plan.time.start, plan.zone)
                yield told.SessionHeld(**head, kind=plan.kind, occurred_on=day)
            case agenda.Cancelled():
                yield told.SessionCancelled(**head)


def participation(thing: Participation) -> Iterator[Event]:
    """Tell what happened to a participation: counting ids, no names."""
    for happening in thing.happened:
        head = {
            **_head(happening.at, thing.id, thing.tenant_id),
            "docking_event_id": thing.docking_event_id,
            "participation_id": thing.id,
            "organization_id": thing.organization_id,
        }
        match happening:
            case parts.Confirmed(of):
                yield told.ParticipationConfirmed(**head, **_entry(thing, of))
            case parts.Changed(of):
                yield told.ParticipationChanged(**head, **_entry(thing, of))
            case parts.Withdrawn():
                yield told.ParticipationWithdrawn(**head)


def _entry(thing: Participation, of: parts.Belonging) -> dict[str, Any]:
    entry = thing.entry
    return {
        "country": of.country,
        "group_id": of.group_id,
        "contact_id": entry.contact_id,
        "least_meetings": entry.least_meetings,
        "most_meetings": entry.most_meetings,
        "persons": tuple(
            told.Attendee(
                person_id=p.person_id,
                role=p.role,
                mode=p.mode,
                venue_id=p.venue_id,
                zone=p.zone,
                languages=p.languages,
                hours=_spans(p.hours),
                night=p.night,
            )
            for p in entry.persons
        ),
    }


def attendance(thing: Attendance) -> Iterator[Event]:
    """Tell that a person is present."""
    for happening in thing.happened:
        yield told.CheckedIn(
            **_head(thing.recorded_at, thing.id, thing.tenant_id),
            docking_event_id=thing.docking_event_id,
            attendance_id=thing.id,
            session_id=thing.session_id,
            person_id=thing.person_id,
            organization_id=thing.organization_id,
            country=happening.country,
            mode=thing.mode,
            occurred_on=thing.occurred_on,
            zone=thing.zone,
        )
