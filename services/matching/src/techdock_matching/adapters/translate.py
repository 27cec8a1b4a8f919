"""From what happened inside to what others are told. What matching reveals is decided here.

Messages, reasons in words and contracts' terms stay inside: event topics are kept for ever.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from techdock_contracts import matching as told
from techdock_contracts.event import Event
from techdock_shared.ids import uuid7

from techdock_matching.domain import happenings as happened
from techdock_matching.domain.meeting import Meeting
from techdock_matching.domain.meeting_request import MeetingRequest
from techdock_matching.domain.project import CooperationProject


def of_request(request: MeetingRequest, at: datetime) -> Iterator[Event]:
    """Return the public events of a request that was just changed."""
    for happening in request.happened:
        head: dict[str, Any] = {
            "id": uuid7(),
            "time": at,
            "subject": str(request.id),
            "tenant": request.tenant_id,
            "docking_event_id": request.docking_event_id,
            "request_id": request.id,
            "asking_participation_id": request.asking_id,
            "asked_participation_id": request.asked_id,
        }
        yield _of_request(request, happening, head)


def _of_request(  # noqa: PLR0911 - one return per happening
    request: MeetingRequest, happening: happened.RequestHappening, head: dict[str, Any]
) -> Event:
    match happening:
        case happened.Requested(_, asking, asked, slots, expires_at, on):
            return told.MeetingRequested(
                **head,
                asking_persons=asking,
                asked_persons=asked,
                asking_profile_id=request.asking_profile_id,
                asked_profile_id=request.asked_profile_id,
                slots=slots,
                expires_at=expires_at,
                occurred_on=on,
                proposal_id=request.proposal_id,
            )
        case happened.Accepted(_, on):
            return told.MeetingAccepted(**head, occurred_on=on)
        case happened.Declined(_, on):
            return told.MeetingDeclined(**head, occurred_on=on)
        case happened.Countered(_, asking, asked, slots, on):
            return told.MeetingCountered(
                **head, asking_persons=asking, asked_persons=asked, slots=slots, occurred_on=on
            )
        case happened.RequestWithdrawn(_, on):
            return told.MeetingRequestWithdrawn(**head, occurred_on=on)
        case happened.RequestExpired(_, on):
            return told.MeetingRequestExpired(**head, occurred_on=on)
        case happened.Unplaced(_, version, reason):
            return told.MeetingUnplaced(**head, timetable_version=version, reason=reason)


def of_meeting(meeting: Meeting, at: datetime) -> Iterator[Event]:
    """Return the public events of a meeting that was just changed."""
    for happening in meeting.happened:
        head: dict[str, Any] = {
            "id": uuid7(),
            "time": at,
            "subject": str(meeting.id),
            "tenant": meeting.tenant_id,
            "docking_event_id": meeting.docking_event_id,
            "meeting_id": meeting.id,
        }
        match happening:
            case happened.Booked():
                yield told.MeetingBooked(**head, **_facts(meeting))
            case happened.Moved():
                yield told.MeetingMoved(**head, **_facts(meeting))
            case happened.MeetingCancelled(_, version):
                yield told.MeetingCancelled(**head, timetable_version=version)
            case happened.Held(_, on):
                yield told.MeetingHeld(**head, occurred_on=on)
            case happened.NoShow(_, absent, on):
                yield told.MeetingNoShow(**head, absent=absent, occurred_on=on)


def _facts(meeting: Meeting) -> dict[str, Any]:
    place = meeting.place
    return {
        "request_id": meeting.request_id,
        "timetable_version": meeting.timetable_version,
        "parties": tuple(
            told.Party(
                participation_id=party.participation_id,
                organization_id=party.organization_id,
                group_id=party.group_id,
                country=party.country,
                persons=party.persons,
            )
            for party in meeting.parties
        ),
        "start": place.start,
        "end": place.end,
        "zone": place.zone,
        "session_id": place.session_id,
        "venue_id": place.venue_id,
        "table_id": place.table_id,
        "interpreter_id": place.interpreter_id,
        "profiles": meeting.profiles,
    }


def of_project(project: CooperationProject, at: datetime) -> Iterator[Event]:
    """Return the public events of a cooperation project that was just changed."""
    for happening in project.happened:
        head: dict[str, Any] = {
            "id": uuid7(),
            "time": at,
            "subject": str(project.id),
            "tenant": project.tenant_id,
            "project_id": project.id,
        }
        yield _of_project(project, happening, head)


def _of_project(
    project: CooperationProject, happening: happened.ProjectHappening, head: dict[str, Any]
) -> Event:
    match happening:
        case happened.ProjectOpened():
            return told.ProjectOpened(
                **head,
                docking_event_id=project.docking_event_id,
                meeting_id=project.meeting_id,
                parties=tuple(
                    told.ProjectParty(
                        organization_id=party.organization_id,
                        group_id=party.group_id,
                        country=party.country,
                    )
                    for party in project.parties
                ),
                profiles=project.profiles,
                technology_field=project.technology_field,
                direction=project.direction,
            )
        case happened.StageDeclared(_, stage, on, zone, by, evidence):
            return told.StageDeclared(
                **head,
                stage=stage,
                occurred_on=on,
                zone=zone,
                declared_by=by,
                evidence_sha256=evidence,
            )
        case happened.StageConfirmed(_, stage, on, zone):
            return told.StageConfirmed(**head, stage=stage, occurred_on=on, zone=zone)
        case happened.StageDisputed(_, stage, on, zone, by):
            return told.StageDisputed(
                **head, stage=stage, occurred_on=on, zone=zone, disputed_by=by
            )
        case happened.ProjectEnded(_, on):
            return told.ProjectEnded(**head, occurred_on=on)
