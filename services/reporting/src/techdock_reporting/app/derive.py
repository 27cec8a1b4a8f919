"""From an event to the facts that it makes so.

One function per event; nothing else is looked at than the event and the facts that earlier events
of the same subject told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

from techdock_contracts import matching as m
from techdock_contracts import registration as r
from techdock_contracts.event import Event

from techdock_reporting.domain import facts as f
from techdock_reporting.domain.facts import Fact

ALWAYS = date.min
"""The day of facts that frame others: they count as of any day."""

Derive = Callable[[Any, Sequence[Fact]], Iterable[Fact]]


def _frame(
    event: r.DockingEventAnnounced | r.DockingEventChanged, _: Sequence[Fact]
) -> Iterable[Fact]:
    yield Fact(
        f.FRAME,
        str(event.docking_event_id),
        ALWAYS,
        event.docking_event_id,
        event.tenant,
        attributes={
            "code": event.code,
            "country": event.country,
            "starts_on": event.starts_on.isoformat(),
            "ends_on": event.ends_on.isoformat(),
            "organizers": [[str(o.organization_id), o.role] for o in event.organizers],
            "programmes": list(event.programmes),
        },
    )


def _event_held(event: r.DockingEventHeld, _: Sequence[Fact]) -> Iterable[Fact]:
    yield _once(f.EVENT_HELD, event, event.occurred_on)


def _event_closed(event: r.DockingEventClosed, _: Sequence[Fact]) -> Iterable[Fact]:
    yield _once(f.EVENT_CLOSED, event, event.occurred_on)


def _event_cancelled(event: r.DockingEventCancelled, _: Sequence[Fact]) -> Iterable[Fact]:
    yield _once(f.EVENT_CANCELLED, event, event.time.astimezone(UTC).date())


def _once(
    kind: str,
    event: r.DockingEventHeld | r.DockingEventClosed | r.DockingEventCancelled,
    occurred_on: date,
) -> Fact:
    return Fact(
        kind, str(event.docking_event_id), occurred_on, event.docking_event_id, event.tenant
    )


def _present(event: r.CheckedIn, _: Sequence[Fact]) -> Iterable[Fact]:
    yield Fact(
        f.PRESENT,
        str(event.attendance_id),
        event.occurred_on,
        event.docking_event_id,
        event.tenant,
        attributes={
            "person": str(event.person_id),
            "country": event.country,
            "organization": str(event.organization_id),
            "mode": event.mode,
        },
    )


def _profile(
    event: r.ProfilePublished | r.ProfileRevised, earlier: Sequence[Fact]
) -> Iterable[Fact]:
    known = {fact.docking_event_id: fact for fact in earlier if fact.kind == f.PROFILE}
    for docking_event in event.docking_events:
        before = known.pop(docking_event, None)
        counted = before is not None and before.ended_on is None
        yield Fact(
            f.PROFILE,
            f"{event.profile_id}@{docking_event}",
            before.occurred_on if before is not None and counted else event.occurred_on,
            docking_event,
            event.tenant,
            attributes={
                "counts_as": str(event.profile_id),
                "kind": event.kind,
                "country": event.country,
                "organization": str(event.organization_id),
                "technology_field": event.technology_field,
                "trl": event.trl,
            },
        )
    # No longer entered in these docking events.
    yield from (replace(fact, ended_on=event.occurred_on) for fact in known.values())


def _profile_end(
    event: r.ProfileWithdrawn | r.ProfileExpired, earlier: Sequence[Fact]
) -> Iterable[Fact]:
    return _end(earlier, f.PROFILE, event.occurred_on)


def _end(earlier: Sequence[Fact], kind: str, on: date) -> Iterable[Fact]:
    for fact in earlier:
        if fact.kind == kind and fact.ended_on is None:
            yield replace(fact, ended_on=on)


def _requested(event: m.MeetingRequested, _: Sequence[Fact]) -> Iterable[Fact]:
    yield Fact(
        f.REQUEST, str(event.request_id), event.occurred_on, event.docking_event_id, event.tenant
    )


def _accepted(event: m.MeetingAccepted, _: Sequence[Fact]) -> Iterable[Fact]:
    yield Fact(
        f.REQUEST_ACCEPTED,
        str(event.request_id),
        event.occurred_on,
        event.docking_event_id,
        event.tenant,
    )


def _booked(event: m.MeetingBooked | m.MeetingMoved, earlier: Sequence[Fact]) -> Iterable[Fact]:
    before = next((x for x in earlier if x.kind == f.BOOKED and x.ended_on is None), None)
    yield Fact(
        f.BOOKED,
        str(event.meeting_id),
        before.occurred_on if before else event.time.astimezone(ZoneInfo(event.zone)).date(),
        event.docking_event_id,
        event.tenant,
        attributes={"countries": sorted({party.country for party in event.parties})},
    )


def _cancelled(event: m.MeetingCancelled, earlier: Sequence[Fact]) -> Iterable[Fact]:
    return _end(earlier, f.BOOKED, event.time.astimezone(UTC).date())


def _held(event: m.MeetingHeld, earlier: Sequence[Fact]) -> Iterable[Fact]:
    yield Fact(
        f.HELD, str(event.meeting_id), event.occurred_on, event.docking_event_id, event.tenant
    )
    yield from _end(earlier, f.NO_SHOW, event.occurred_on)


def _no_show(event: m.MeetingNoShow, earlier: Sequence[Fact]) -> Iterable[Fact]:
    yield Fact(
        f.NO_SHOW,
        str(event.meeting_id),
        event.occurred_on,
        event.docking_event_id,
        event.tenant,
        attributes={"absent": sorted(map(str, event.absent))},
    )
    yield from _end(earlier, f.HELD, event.occurred_on)


def _project(event: m.ProjectOpened, _: Sequence[Fact]) -> Iterable[Fact]:
    yield Fact(
        f.PROJECT,
        str(event.project_id),
        event.time.astimezone(UTC).date(),
        event.docking_event_id,
        event.tenant,
        attributes={"countries": sorted({party.country for party in event.parties})},
    )


def _stage(kind: str, event: m.StageDeclared | m.StageConfirmed, earlier: Sequence[Fact]) -> Fact:
    opened = next((fact for fact in earlier if fact.kind == f.PROJECT), None)
    return Fact(
        kind,
        f"{event.project_id}/{event.stage}",
        event.occurred_on,
        opened.docking_event_id if opened else None,
        event.tenant,
        attributes={"project": str(event.project_id), "stage": event.stage},
    )


def _declared(event: m.StageDeclared, earlier: Sequence[Fact]) -> Iterable[Fact]:
    yield _stage(f.DECLARED, event, earlier)


def _confirmed(event: m.StageConfirmed, earlier: Sequence[Fact]) -> Iterable[Fact]:
    yield _stage(f.CONFIRMED, event, earlier)


FIRST: Mapping[type[Event], Derive] = {
    r.DockingEventAnnounced: _frame,
    r.DockingEventChanged: _frame,
    r.DockingEventHeld: _event_held,
    r.DockingEventClosed: _event_closed,
    r.DockingEventCancelled: _event_cancelled,
    r.CheckedIn: _present,
    r.ProfilePublished: _profile,
    m.MeetingRequested: _requested,
    m.MeetingAccepted: _accepted,
    m.MeetingBooked: _booked,
    m.ProjectOpened: _project,
}
"""Events whose facts need no earlier ones of the same subject when it is their first event."""

LATER: Mapping[type[Event], Derive] = {
    r.ProfileRevised: _profile,
    r.ProfileWithdrawn: _profile_end,
    r.ProfileExpired: _profile_end,
    m.MeetingMoved: _booked,
    m.MeetingCancelled: _cancelled,
    m.MeetingHeld: _held,
    m.MeetingNoShow: _no_show,
    m.StageDeclared: _declared,
    m.StageConfirmed: _confirmed,
}
"""Events that follow others of the same subject."""


def needs_earlier(event: Event) -> bool:
    """Whether the facts told by earlier events of the subject have to be looked up."""
    return type(event) in LATER or (type(event) in FIRST and event.sequence > 1)


def derive(event: Event, earlier: Sequence[Fact]) -> Iterable[Fact]:
    """Return the facts that an event makes so.

    Args:
        event: Any event; most kinds tell no fact.
        earlier: The newest version of each fact that earlier events of the subject told.
    """
    function = FIRST.get(type(event)) or LATER.get(type(event))
    return function(event, earlier) if function else ()
