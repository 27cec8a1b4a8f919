"""Events as reporting hears them, in a few words."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from techdock_contracts import matching as m
from techdock_contracts import registration as r
from techdock_contracts.event import Event

TENANT = UUID(int=7)
DOCKING_EVENT = UUID(int=8)
NOON = datetime(2027, 5, 17, 12, tzinfo=UTC)
DAY = date(2027, 5, 17)


def told(event: type[Event], subject: UUID | str, sequence: int = 1, /, **fields: object) -> Event:
    """An event of the docking event; names only what the test is about."""
    return event.model_validate(
        {
            "id": uuid4(),
            "time": NOON,
            "subject": str(subject),
            "sequence": sequence,
            "tenant": TENANT,
            "docking_event_id": DOCKING_EVENT,
            **fields,
        }
    )


def announced(country: str = "CN") -> Event:
    return told(
        r.DockingEventAnnounced,
        DOCKING_EVENT,
        code="SREX",
        starts_on=DAY,
        ends_on=DAY,
        zone="Asia/Urumqi",
        country=country,
    )


def checked_in(person: UUID, country: str, on: date = DAY) -> Event:
    attendance = uuid4()
    return told(
        r.CheckedIn,
        attendance,
        attendance_id=attendance,
        person_id=person,
        organization_id=uuid4(),
        country=country,
        mode="on_site",
        occurred_on=on,
        zone="Asia/Urumqi",
    )


def booked(meeting: UUID, sequence: int = 1) -> Event:
    party = {"organization_id": uuid4(), "group_id": uuid4(), "persons": [uuid4()]}
    return told(
        m.MeetingBooked,
        meeting,
        sequence,
        meeting_id=meeting,
        timetable_version=1,
        parties=[
            {**party, "participation_id": uuid4(), "country": country} for country in ("CN", "KZ")
        ],
        start=NOON,
        end=NOON,
        zone="Asia/Urumqi",
        session_id=uuid4(),
        venue_id=uuid4(),
    )


def held(meeting: UUID, sequence: int = 2, on: date = DAY) -> Event:
    return told(m.MeetingHeld, meeting, sequence, meeting_id=meeting, occurred_on=on)


def profile(kind: str, profile_id: UUID, on: date = DAY) -> Event:
    return told(
        r.ProfilePublished,
        profile_id,
        profile_id=profile_id,
        organization_id=uuid4(),
        group_id=uuid4(),
        kind=kind,
        country="KZ",
        docking_events=[DOCKING_EVENT],
        revision=1,
        valid_until=date(2028, 5, 17),
        original_language="ru",
        characters=100,
        occurred_on=on,
    )
