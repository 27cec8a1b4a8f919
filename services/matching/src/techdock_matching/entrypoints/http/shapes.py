"""Meetings and placements as they are shown; several routes answer with them."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from techdock_matching.domain.meeting import Meeting, MeetingState


class PartyOut(BaseModel):
    """A participation in a meeting, with the persons who sit in (counting ids)."""

    participation_id: UUID
    organization_id: UUID
    country: str
    persons: tuple[UUID, ...]


class MeetingOut(BaseModel):
    """A meeting of the published timetable."""

    id: UUID
    docking_event_id: UUID
    request_id: UUID | None
    parties: tuple[PartyOut, ...]
    start: AwareDatetime
    end: AwareDatetime
    zone: str = Field(description="IANA zone of the venue.")
    session_id: UUID
    venue_id: UUID
    table_id: UUID | None
    link: str | None
    interpreter_id: UUID | None
    profiles: tuple[UUID, ...]
    state: MeetingState
    absent: tuple[UUID, ...]
    timetable_version: int
    calendar_sequence: int
    version: int

    @classmethod
    def of(cls, meeting: Meeting) -> Self:
        """Return a meeting as it is shown."""
        place = meeting.place
        return cls(
            id=meeting.id,
            docking_event_id=meeting.docking_event_id,
            request_id=meeting.request_id,
            parties=tuple(
                PartyOut(
                    participation_id=party.participation_id,
                    organization_id=party.organization_id,
                    country=party.country,
                    persons=party.persons,
                )
                for party in meeting.parties
            ),
            start=place.start,
            end=place.end,
            zone=place.zone,
            session_id=place.session_id,
            venue_id=place.venue_id,
            table_id=place.table_id,
            link=place.link,
            interpreter_id=place.interpreter_id,
            profiles=meeting.profiles,
            state=meeting.state,
            absent=meeting.absent,
            timetable_version=meeting.timetable_version,
            calendar_sequence=meeting.calendar_sequence,
            version=meeting.version,
        )


class MeetingsOut(BaseModel):
    """Meetings that a command changed."""

    items: tuple[MeetingOut, ...]
