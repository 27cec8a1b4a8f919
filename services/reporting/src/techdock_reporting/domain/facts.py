"""Facts: one for each countable thing, derived from the journal and from nothing else.

A fact never looks at another one when it is written, so the order in which topics arrive does not
matter; what belongs together (the country of the main venue, say) is joined when counting.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

# Kinds of facts
FRAME = "docking_event_frame"
EVENT_HELD = "docking_event_held"
EVENT_CANCELLED = "docking_event_cancelled"
EVENT_CLOSED = "docking_event_closed"
SESSION_HELD = "session_held"
PARTICIPATION = "participation_confirmed"
PRESENT = "person_present"
PROFILE = "profile_published"
REQUEST = "request_sent"
REQUEST_ACCEPTED = "request_accepted"
BOOKED = "meeting_booked"
HELD = "meeting_held"
NO_SHOW = "meeting_no_show"
PROJECT = "project_opened"
DECLARED = "stage_declared"
CONFIRMED = "stage_confirmed"


@dataclass(frozen=True, slots=True)
class Fact:
    """That something is so, from a day on, until a later version of the fact says otherwise.

    Attributes:
        kind: One of the kinds above.
        thing_id: What the fact is about; kind and thing name the fact, its versions follow
            each other by the journal's position.
        occurred_on: The day from which it counts, local to where it is counted.
        ended_on: The day from which it no longer counts; None: it still does.
        docking_event_id: Docking event that it is counted in; None: in none.
        attributes: What it can be counted by: country, organization, kind of profile ...
    """

    kind: str
    thing_id: str
    occurred_on: date
    docking_event_id: UUID | None
    tenant_id: UUID | None = None
    ended_on: date | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def counts(self, as_of: date | None) -> bool:
        """Whether the fact is so at the end of a day; None: at any time so far."""
        if as_of is None:
            return self.ended_on is None
        return self.occurred_on <= as_of and (self.ended_on is None or self.ended_on > as_of)


def current(versions: Iterable[Fact]) -> list[Fact]:
    """Return the newest version of each fact.

    Args:
        versions: All versions known, in the order of the journal.
    """
    newest = {(fact.kind, fact.thing_id): fact for fact in versions}
    return list(newest.values())
