"""Attendance: a person is present, at the door of a docking event or in a session."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self
from uuid import UUID

from techdock_registration.domain.rules import (
    FIRST_YEAR,
    LAST_YEAR,
    Findings,
    is_in_reach,
    is_zone,
    local_date,
)


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """The person is present; told once for each person and place."""

    country: str


Happening = CheckedIn


@dataclass(frozen=True, slots=True)
class Attendance:
    """One look of one device at one person. All are kept; the first one counts.

    Attributes:
        session_id: None: at the door.
        mode: on_site or remote.
        at: When, by the device.
        zone: IANA time zone of the venue, in which the day is counted.
        recorded_at: When registration learnt of it.
        is_first: Whether it is the one that counts.
    """

    id: UUID
    docking_event_id: UUID
    tenant_id: UUID
    participation_id: UUID
    organization_id: UUID
    person_id: UUID
    session_id: UUID | None
    mode: str
    at: datetime
    zone: str
    recorded_at: datetime
    device: str | None = None
    is_first: bool = False
    happened: tuple[Happening, ...] = ()

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(self.mode in ("on_site", "remote"), "mode", "on_site or remote", self.mode)
        found.expect(is_zone(self.zone), "zone", "an IANA time zone", self.zone)
        if self.device is not None:
            found.text("device", self.device, 100)
        found.expect(is_in_reach(self.at), "at", f"between {FIRST_YEAR} and {LAST_YEAR}", self.at)
        found.settle("attendance")

    @property
    def place_id(self) -> UUID:
        """What the person is present at: the session, or the docking event at the door."""
        return self.session_id or self.docking_event_id

    @property
    def occurred_on(self) -> date:
        """The local date at the venue."""
        return local_date(self.at, self.zone)

    def counted(self, country: str) -> Self:
        """Make it the one that counts for the person and place."""
        return replace(self, is_first=True, happened=(*self.happened, CheckedIn(country)))
