"""A timetable problem and its answer as files, for people who want the planner alone."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

Id = Annotated[str, Field(min_length=1, max_length=100, description="Any text; yours to choose.")]
Language = Annotated[str, Field(min_length=2, max_length=35, description="BCP 47, such as en.")]
Minutes = Annotated[int, Field(ge=0, le=24 * 60)]
Zone = Annotated[
    str, Field(min_length=1, max_length=64, description="IANA, such as Asia/Shanghai.")
]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlannedSpan(_Document):
    """A span of time, [start, end); with offsets from UTC."""

    start: AwareDatetime
    end: AwareDatetime

    @model_validator(mode="after")
    def _lasts(self) -> "PlannedSpan":
        if self.start >= self.end:
            raise ValueError("expected an end after the start")
        return self


Spans = Annotated[tuple[PlannedSpan, ...], Field(max_length=1000)]


class PlannedTable(_Document):
    """A table at a venue."""

    id: Id
    equipment: tuple[str, ...] = Field(
        default=(), max_length=20, description="video_link: who is elsewhere can join."
    )
    owner: Id | None = Field(
        default=None, description="The organization whose booth it is; others cannot use it."
    )
    busy: Spans = Field(default=(), description="When it cannot be used.")


class PlannedVenue(_Document):
    """A place, or a line on which people meet by link."""

    id: Id
    zone: Zone
    online: bool = Field(default=False, description="By link: no tables, and no limit.")
    closed: bool = Field(default=False, description="Nothing can take place there any more.")
    tables: tuple[PlannedTable, ...] = Field(default=(), max_length=5000)


class PlannedSession(_Document):
    """A time for meetings at a venue, cut into slots of equal length."""

    id: Id
    venue: Id
    start: AwareDatetime
    end: AwareDatetime
    slot_minutes: int = Field(default=30, ge=5, le=24 * 60, multiple_of=5)
    break_minutes: int = Field(
        default=0, ge=0, le=24 * 60, multiple_of=5, description="Pause after each slot."
    )


class PlannedParticipation(_Document):
    """A party; where it is left out, each person is one."""

    id: Id
    organization: Id | None = Field(default=None, description="Where left out: the party itself.")
    least: int = Field(default=0, ge=0, description="Meetings that each of its persons wishes.")
    most: int | None = Field(default=None, ge=0, description="Meetings of all together, at most.")


class PlannedPerson(_Document):
    """Somebody who sits in meetings."""

    id: Id
    participation: Id | None = Field(default=None, description="Where left out: the person alone.")
    languages: tuple[Language, ...] = Field(
        default=(), max_length=50, description="None stated: taken to fit everybody."
    )
    zone: Zone = Field(default="UTC", description="In which the person's day is counted.")
    venue: Id | None = Field(default=None, description="Where the person is; none: joins by link.")
    hours: Spans = Field(default=(), description="When free; none stated: always.")
    busy: Spans = Field(default=(), description="When not, whatever the hours say.")
    night: bool = Field(default=False, description="Agreed to meet between 00:00 and 05:00.")
    most: int | None = Field(default=None, ge=0, description="Meetings at most.")


class PlannedInterpreter(_Document):
    """Somebody who interprets between any two of the languages."""

    id: Id
    languages: tuple[Language, ...] = Field(max_length=50)
    venue: Id | None = Field(default=None, description="None: joins by link.")
    hours: Spans = ()
    busy: Spans = ()


class PlannedRequest(_Document):
    """A meeting that is asked for."""

    id: Id
    persons: tuple[Id, ...] = Field(min_length=1, max_length=100, description="All who sit in.")
    parties: tuple[Id, ...] = Field(
        default=(), max_length=100, description="Where left out: those of the persons."
    )
    slots: int = Field(default=1, ge=1, le=100, description="Consecutive slots.")
    weight: int = Field(default=1, ge=1, le=1000, description="What its place is worth.")
    sessions: tuple[Id, ...] = Field(default=(), description="Where it may be; none: anywhere.")
    accepted: bool = Field(default=True, description="Only then it gets a place.")


class PlannedPlace(_Document):
    """When and where a request is met."""

    request: Id
    session: Id
    first_slot: int = Field(ge=0, description="Number of the slot in the session, from 0.")
    table: Id | None = Field(default=None, description="None: online.")
    interpreter: Id | None = None


class PlannedOrder(_Document):
    """One request has to end before another starts."""

    first: Id
    second: Id


class PlannedWay(_Document):
    """The way between two venues, both directions."""

    one: Id
    other: Id
    minutes: Minutes


class TimetableProblem(_Document):
    """Everything that a timetable is made from."""

    type: Literal["techdock.timetable_problem.v1"]
    venues: tuple[PlannedVenue, ...] = Field(min_length=1, max_length=200)
    sessions: tuple[PlannedSession, ...] = Field(min_length=1, max_length=1000)
    persons: tuple[PlannedPerson, ...] = Field(max_length=50_000)
    participations: tuple[PlannedParticipation, ...] = Field(default=(), max_length=50_000)
    interpreters: tuple[PlannedInterpreter, ...] = Field(default=(), max_length=5000)
    requests: tuple[PlannedRequest, ...] = Field(max_length=200_000)
    fixed: tuple[PlannedPlace, ...] = Field(default=(), description="Places that stay as they are.")
    precedences: tuple[PlannedOrder, ...] = ()
    travel: tuple[PlannedWay, ...] = Field(
        default=(), description="Between venues; a pair left out cannot be travelled."
    )
    buffer_minutes: Minutes = Field(default=0, description="Added to every way.")


class ToldReason(_Document):
    """A reason or a change, as data."""

    code: str
    params: dict[str, Any]


class WithoutPlace(_Document):
    """A request without a place."""

    request: Id
    reason: ToldReason
    change: ToldReason | None = Field(
        description="The single change that would give it one; none: none does."
    )


class PlacedRequest(PlannedPlace):
    """A request with a place."""

    slots: int = Field(ge=1)
    venue: Id
    start: AwareDatetime
    end: AwareDatetime


class TimetableAnswer(_Document):
    """A timetable, what it costs, and what has no place in it."""

    type: Literal["techdock.timetable.v1"] = "techdock.timetable.v1"
    placements: tuple[PlacedRequest, ...]
    unplaced: tuple[WithoutPlace, ...] = ()
    cost: dict[str, int] = Field(
        default_factory=dict, description="By level, the most important first; lower is better."
    )
    bound: dict[str, int] = Field(
        default_factory=dict, description="What the levels cannot fall below, as far as known."
    )
    proven: bool = Field(default=False, description="Nothing better exists.")
    seed: int | None = None
    seconds: float | None = None
    iterations: int | None = None


DOCUMENTS: dict[str, type[BaseModel]] = {
    "techdock.timetable_problem.v1": TimetableProblem,
    "techdock.timetable.v1": TimetableAnswer,
}
"""The files that are promised, by what they say in `type`."""
