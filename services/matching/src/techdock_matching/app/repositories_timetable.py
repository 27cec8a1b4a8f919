"""What commands and queries need from the database around the timetable."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from techdock_matching.app.planning import Outage, Planning, Run, StoredTimetable
from techdock_matching.domain.timetable.problem import Placement, Timetable


class Timetables(Protocol):
    """Planning, runs and timetables, inside one transaction."""

    async def planning(self, docking_event_id: UUID) -> Planning:
        """Return the organizer's planning; the standard one (version 0) when none was made."""
        ...

    async def save_planning(self, docking_event_id: UUID, planning: Planning) -> Planning:
        """Store it; raises Conflict."""
        ...

    async def outages(self, docking_event_id: UUID) -> Sequence[Outage]:
        """Return what is away in a docking event, as it was noted."""
        ...

    async def save_outage(self, outage: Outage) -> None:
        """Note that something is away."""
        ...

    async def remove_outage(self, docking_event_id: UUID, id: UUID) -> None:
        """Forget that something is away; raises NotFound."""
        ...

    async def run(self, id: UUID) -> Run:
        """Return a run; raises NotFound."""
        ...

    async def save_run(self, run: Run) -> Run:
        """Store a run; a new one is queued for the solver. Raises Conflict."""
        ...

    async def note(self, run: Run, best: Timetable | None = None) -> bool:
        """Store the progress of a running run, and the best so far where it is new.

        Returns:
            False when somebody ended or stopped it.
        """
        ...

    async def best(self, run_id: UUID) -> tuple[Placement, ...]:
        """Return the best that was kept of a run that has not ended; empty: nothing was."""
        ...

    async def get(self, id: UUID) -> StoredTimetable:
        """Return a timetable; raises NotFound."""
        ...

    async def published(self, docking_event_id: UUID) -> StoredTimetable | None:
        """Return the published timetable of a docking event."""
        ...

    async def find(self, docking_event_id: UUID) -> Sequence[StoredTimetable]:
        """Return all timetables of a docking event, newest first."""
        ...

    async def next_number(self, docking_event_id: UUID) -> int:
        """Return the number of the next timetable, and count it as given."""
        ...

    async def save(self, timetable: StoredTimetable) -> StoredTimetable:
        """Store a timetable; raises Conflict."""
        ...

    async def tell_published(
        self, timetable: StoredTimetable, booked: int, moved: int, cancelled: int, unplaced: int
    ) -> None:
        """Put the news of a published version in the outbox, after those of its meetings."""
        ...


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """An address under which a calendar program reads one person's timetable.

    Attributes:
        participation_id: None: the person interprets.
    """

    id: UUID
    token_hash: bytes
    docking_event_id: UUID
    person_id: UUID
    participation_id: UUID | None
    language: str
    created_at: datetime


class Calendars(Protocol):
    """Calendar addresses, inside one transaction."""

    async def get(self, id: UUID) -> CalendarFeed:
        """Return one; raises NotFound."""
        ...

    async def by_token(self, token_hash: bytes) -> CalendarFeed:
        """Return the one with a token; raises NotFound."""
        ...

    async def save(self, feed: CalendarFeed) -> None:
        """Store a new one."""
        ...

    async def remove(self, id: UUID) -> None:
        """Revoke one; its address stops to work at once."""
        ...
