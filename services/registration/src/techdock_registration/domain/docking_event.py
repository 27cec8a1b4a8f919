"""A docking event: days on which organizations meet, at a main venue and sub-venues."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from techdock_shared.errors import Conflict, Invalid, NotFound

from techdock_registration.domain.rules import (
    FIRST_YEAR,
    LAST_YEAR,
    MOST_MEETINGS,
    Findings,
    is_in_reach,
    is_language,
    local_date,
)
from techdock_registration.domain.states import only, step
from techdock_registration.domain.texts import Text
from techdock_registration.domain.venue import MAIN, Interpreter, Organizer, Venue

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,39}")
MOST_DAYS = 60
MOST_VENUES = 50
MOST_SERIES_CHARACTERS = 200
MOST_EDITIONS = 10_000


class NotReady(Conflict):
    """Something is missing before the docking event can go on."""

    code = "not_ready"


class DockingEventState(StrEnum):
    """Where a docking event stands."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    RUNNING = "running"
    HELD = "held"
    CLOSED = "closed"
    CANCELLED = "cancelled"


S = DockingEventState
ARROWS = {
    S.DRAFT: frozenset({S.ANNOUNCED, S.CANCELLED}),
    S.ANNOUNCED: frozenset({S.OPEN, S.CANCELLED}),
    S.OPEN: frozenset({S.RUNNING, S.CANCELLED}),
    S.RUNNING: frozenset({S.HELD, S.CANCELLED}),
    S.HELD: frozenset({S.CLOSED}),
}
LIVE = (S.DRAFT, S.ANNOUNCED, S.OPEN, S.RUNNING)
"""States in which the frame may change."""
TAKING = (S.ANNOUNCED, S.OPEN, S.RUNNING)
"""States in which organizations and profiles may come in."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The state changed."""

    to: DockingEventState
    at: datetime


@dataclass(frozen=True, slots=True)
class FrameChanged:
    """The frame of an announced docking event changed."""

    at: datetime


Happening = Moved | FrameChanged


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Until when participants may do something; None: as long as the state allows."""

    apply_until: datetime | None = None
    request_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """What a docking event is about, apart from its places and people.

    Attributes:
        code: Short and unique in the tenant, such as TD-2026.
        starts_on: First day, local to the main venue.
        ends_on: Last day, local to the main venue.
        most_meetings: Limit of meetings per person; None: no limit.
    """

    code: str
    names: Text
    starts_on: date
    ends_on: date
    summary: Text | None = None
    edition: int | None = None
    series: str | None = None
    languages: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    organizers: tuple[Organizer, ...] = ()
    deadlines: Deadlines = Deadlines()
    most_meetings: int | None = None

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(
            CODE.fullmatch(self.code) is not None,
            "code",
            "2 to 40 letters, digits and hyphens",
            self.code,
        )
        found.text("names", self.names.first, 300)
        if self.series is not None:
            found.text("series", self.series, MOST_SERIES_CHARACTERS)
        for name, day in (
            ("starts_on", self.starts_on),
            ("ends_on", self.ends_on),
            ("deadlines.apply_until", self.deadlines.apply_until),
            ("deadlines.request_until", self.deadlines.request_until),
        ):
            reach = f"between {FIRST_YEAR} and {LAST_YEAR}"
            found.expect(day is None or is_in_reach(day), name, reach, day)
        days = (self.ends_on - self.starts_on).days + 1
        found.expect(
            1 <= days <= MOST_DAYS, "ends_on", f"1 to {MOST_DAYS} days in all", f"{days} days"
        )
        found.expect(
            self.edition is None or 1 <= self.edition <= MOST_EDITIONS,
            "edition",
            f"1 to {MOST_EDITIONS}",
            self.edition,
        )
        found.expect(
            self.most_meetings is None or 1 <= self.most_meetings <= MOST_MEETINGS,
            "most_meetings",
            f"1 to {MOST_MEETINGS}",
            self.most_meetings,
        )
        for tag in self.languages:
            found.expect(is_language(tag), "languages", "BCP 47 tags", tag)
        for programme in self.programmes:
            found.text("programmes", programme, 60)
        pairs = {(o.organization_id, o.role) for o in self.organizers}
        found.expect(
            len(pairs) == len(self.organizers),
            "organizers",
            "each organization once in a role",
            "the same twice",
        )
        found.settle("docking event")


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose a docking event is and where it stands: enough to decide who may do what."""

    id: UUID
    tenant_id: UUID
    state: DockingEventState
    is_told: bool

    @property
    def takes_entries(self) -> bool:
        """Whether organizations and profiles may still come in."""
        return self.state in TAKING


@dataclass(frozen=True, slots=True)
class DockingEvent:
    """A docking event with its places and interpreters.

    Attributes:
        announced_at: Since when others know of it; None before.
    """

    id: UUID
    tenant_id: UUID
    outline: Outline
    created_at: datetime
    venues: tuple[Venue, ...] = ()
    interpreters: tuple[Interpreter, ...] = ()
    state: DockingEventState = DockingEventState.DRAFT
    announced_at: datetime | None = None
    version: int = 0
    happened: tuple[Happening, ...] = ()

    def __post_init__(self) -> None:
        found = Findings()
        mains = sum(venue.kind == MAIN for venue in self.venues)
        found.expect(mains <= 1, "venues", "one main venue", f"{mains} of them")
        ids = {venue.id for venue in self.venues}
        found.expect(len(ids) == len(self.venues), "venues", "different ids", "the same twice")
        found.expect(
            len(self.venues) <= MOST_VENUES, "venues", f"at most {MOST_VENUES}", len(self.venues)
        )
        tables = [table.id for venue in self.venues for table in venue.tables]
        found.expect(
            len(tables) == len(set(tables)), "venues.tables", "different ids", "the same twice"
        )
        for interpreter in self.interpreters:
            found.expect(
                interpreter.venue_id is None or interpreter.venue_id in ids,
                "interpreters.venue_id",
                "a venue of the docking event",
                interpreter.venue_id,
            )
        found.settle("docking event")

    @property
    def main_venue(self) -> Venue:
        """The main venue.

        Raises:
            NotReady: There is none yet.
        """
        for venue in self.venues:
            if venue.kind == MAIN:
                return venue
        raise NotReady("the docking event needs a main venue first")

    @property
    def is_told(self) -> bool:
        """Whether others know of it."""
        return self.announced_at is not None

    @property
    def takes_entries(self) -> bool:
        """Whether organizations and profiles may still come in."""
        return self.state in TAKING

    def venue(self, id: UUID) -> Venue:
        """Return a venue.

        Raises:
            NotFound: None has this id.
        """
        for venue in self.venues:
            if venue.id == id:
                return venue
        raise NotFound(f"the docking event has no venue {id}")

    def move(self, to: DockingEventState, at: datetime) -> Self:
        """Go on to another state.

        Raises:
            WrongState: No arrow leads there.
            NotReady: Something is missing: a main venue and a host to announce, the first day
                (at the main venue) to have been held.
        """
        state = step("the docking event", self.state, to, ARROWS)
        if to is not S.CANCELLED:
            zone = self.main_venue.zone
            if not any(o.role == "host" for o in self.outline.organizers):
                raise NotReady("the docking event needs an organizer with the role host first")
            today = local_date(at, zone)
            if to is S.HELD and today < self.outline.starts_on:
                raise NotReady(f"it begins on {self.outline.starts_on}; today is {today} in {zone}")
        announced_at = at if to is S.ANNOUNCED else self.announced_at
        happened = (*self.happened, Moved(to, at)) if announced_at else self.happened
        return replace(self, state=state, announced_at=announced_at, happened=happened)

    def describe(self, outline: Outline, at: datetime) -> Self:
        """Change what it is about."""
        return self._change(at, outline=outline)

    def place(self, venue: Venue, at: datetime) -> Self:
        """Add a venue, or replace the one with its id."""
        others = tuple(v for v in self.venues if v.id != venue.id)
        order = next((i for i, v in enumerate(self.venues) if v.id == venue.id), len(others))
        venues = (*others[:order], venue, *others[order:])
        return self._change(at, venues=venues)

    def leave(self, venue_id: UUID, at: datetime) -> Self:
        """Take a venue away.

        Raises:
            NotFound: There is none with this id.
            Invalid: It is the main venue of a docking event that others know of.
        """
        if self.venue(venue_id).kind == MAIN and self.is_told:
            raise Invalid("the main venue of an announced docking event can only be replaced")
        return self._change(at, venues=tuple(v for v in self.venues if v.id != venue_id))

    def engage(self, interpreter: Interpreter, at: datetime) -> Self:
        """Add an interpreter, or replace the one with this id."""
        others = tuple(i for i in self.interpreters if i.id != interpreter.id)
        if any(i.person_id == interpreter.person_id for i in others):
            raise Conflict("this person is an interpreter of the docking event already")
        return self._change(at, interpreters=(*others, interpreter))

    def release(self, interpreter_id: UUID, at: datetime) -> Self:
        """Let an interpreter go.

        Raises:
            NotFound: There is none with this id.
        """
        others = tuple(i for i in self.interpreters if i.id != interpreter_id)
        if len(others) == len(self.interpreters):
            raise NotFound(f"the docking event has no interpreter {interpreter_id}")
        return self._change(at, interpreters=others)

    def _change(self, at: datetime, **parts: object) -> Self:
        only("the docking event", self.state, *LIVE)
        after: Self = replace(self, **parts)  # type: ignore[arg-type]  # fields by name
        if after == self or not self.is_told:
            return after
        return replace(after, happened=(*self.happened, FrameChanged(at)))
