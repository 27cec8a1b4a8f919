"""A session: an hour of the agenda at one venue."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from techdock_registration.domain import codes
from techdock_registration.domain.rules import MOST_CAPACITY, Findings
from techdock_registration.domain.spans import Span
from techdock_registration.domain.states import only, step
from techdock_registration.domain.texts import Text

PUBLIC, REGISTERED, INVITED = "public", "registered", "invited"
VISIBILITIES = (PUBLIC, REGISTERED, INVITED)
TICK_MINUTES = 5
MOST_INVITED = 1_000
MOST_MINUTES = 24 * 60


class SessionState(StrEnum):
    """Where a session stands."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


ARROWS = {SessionState.PLANNED: frozenset({SessionState.HELD, SessionState.CANCELLED})}


@dataclass(frozen=True, slots=True)
class Planned:
    """It is on the agenda that others know."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """It changed on that agenda."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """It took place."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Cancelled:
    """It does not take place."""

    at: datetime


Happening = Planned | Changed | Held | Cancelled


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session is.

    Attributes:
        kind: Code of session_kind.
        visibility: public, registered or invited; a closed roundtable is always for its
            invited only.
        invited: Participations that see it.
        slot_minutes: Length of a meeting; matchmaking only.
        break_minutes: Pause after each meeting.
    """

    kind: str
    names: Text
    venue_id: UUID
    time: Span
    zone: str
    visibility: str = PUBLIC
    capacity: int | None = None
    invited: tuple[UUID, ...] = ()
    slot_minutes: int | None = None
    break_minutes: int = 0

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(
            codes.knows("session_kind", self.kind), "kind", "a code of session_kind", self.kind
        )
        found.text("names", self.names.first, 300)
        found.expect(
            self.visibility in VISIBILITIES,
            "visibility",
            "public, registered or invited",
            self.visibility,
        )
        found.expect(
            self.kind != "closed_roundtable" or self.visibility == INVITED,
            "visibility",
            "invited, as for every closed roundtable",
            self.visibility,
        )
        found.expect(
            self.capacity is None or 1 <= self.capacity <= MOST_CAPACITY,
            "capacity",
            f"1 to {MOST_CAPACITY}",
            self.capacity,
        )
        found.expect(
            len(self.invited) <= MOST_INVITED,
            "invited",
            f"at most {MOST_INVITED}",
            len(self.invited),
        )
        matchmaking = self.kind == "matchmaking"
        found.expect(
            (self.slot_minutes is not None) == matchmaking,
            "slot_minutes",
            "given for matchmaking, and only there",
            self.slot_minutes,
        )
        for where, minutes, least in (
            ("slot_minutes", self.slot_minutes, TICK_MINUTES),
            ("break_minutes", self.break_minutes, 0),
        ):
            found.expect(
                minutes is None
                or (least <= minutes <= MOST_MINUTES and minutes % TICK_MINUTES == 0),
                where,
                f"a multiple of {TICK_MINUTES} from {least} to {MOST_MINUTES}",
                minutes,
            )
        found.expect(
            not matchmaking or (self.time.start.timestamp() % (TICK_MINUTES * 60)) == 0,
            "start",
            f"a time on a full {TICK_MINUTES} minutes",
            self.time.start,
        )
        found.settle("session")


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a docking event.

    Attributes:
        told: Others know of it, because its docking event was announced.
    """

    id: UUID
    docking_event_id: UUID
    tenant_id: UUID
    plan: Plan
    told: bool = False
    state: SessionState = SessionState.PLANNED
    version: int = 0
    happened: tuple[Happening, ...] = ()

    def tell(self, at: datetime) -> Self:
        """Put it on the agenda that others know; again does nothing."""
        if self.told or self.state is SessionState.CANCELLED:
            return self
        return replace(self, told=True, happened=(*self.happened, Planned(at)))

    def describe(self, plan: Plan, at: datetime) -> Self:
        """Change it while it is only planned."""
        only("the session", self.state, SessionState.PLANNED)
        if plan == self.plan:
            return self
        after = replace(self, plan=plan)
        return replace(after, happened=(*self.happened, Changed(at))) if self.told else after

    def move(self, to: SessionState, at: datetime) -> Self:
        """Say that it took place, or will not.

        Raises:
            WrongState: It is not planned any more.
        """
        state = step("the session", self.state, to, ARROWS)
        after = replace(self, state=state)
        if not self.told:
            return after
        happening = Held(at) if to is SessionState.HELD else Cancelled(at)
        return replace(after, happened=(*self.happened, happening))
