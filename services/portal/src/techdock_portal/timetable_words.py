"""Words around a timetable: what stands in the way of a place, and what drafts are compared by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from techdock_portal.client import Json
from techdock_portal.i18n import EN_DASH, N_, Language
from techdock_portal.texts import NameBook

SIDES = ("asking", "asked")

OBSTACLES: dict[str, str] = {
    "hours": N_("%(who)s is not free then"),
    "night": N_("it is night for %(who)s"),
    "busy": N_("%(who)s is in the meeting %(meeting)s"),
    "travel": N_("%(who)s could not get there from the meeting %(meeting)s in time"),
    "precedence": N_("it has to be before or after the meeting %(meeting)s"),
    "place": N_("nobody of the two sides can be there"),
    "tables": N_("no table that suits is free"),
    "interpreter": N_("no interpreter for their languages is free"),
}

FIGURES: dict[str, str] = {
    "placed": N_("Meetings placed"),
    "unplaced": N_("Requests without a place"),
    "below_wish": N_("Persons with fewer meetings than wished"),
    "worst_hour": N_("Hours outside the day (07:00 to 21:00 at home), at worst"),
    "gaps": N_("Idle gaps of all persons"),
    "gap_spread": N_("Most gaps of a person, less the fewest"),
    "table_changes": N_("Changes of table or interpreter"),
    "changes": N_("Meetings that people hold and that would change"),
}
"""In the order in which they count."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is meant by the ids in a timetable.

    Attributes:
        requests: Accepted requests by id.
        names: Of participations.
    """

    requests: Mapping[str, Json]
    names: NameBook
    language: Language
    _of_person: dict[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for request in self.requests.values():
            for side in SIDES:
                for person in request.get(f"{side}_persons") or ():
                    self._of_person[str(person)] = str(request[f"{side}_participation_id"])

    def meeting(self, request_id: object) -> str:
        """Return both sides of a request, in words without markup."""
        request = self.requests.get(str(request_id), {})
        sides = (str(request.get(f"{side}_participation_id", "")) for side in SIDES)
        return f" {EN_DASH} ".join(map(self._plain, sides))

    def person(self, person_id: object) -> str:
        """Return whom a person sits in for."""
        return self._plain(self._of_person.get(str(person_id), ""))

    def _plain(self, participation_id: str) -> str:
        named = self.names.participation(participation_id)
        return (named.latin or named.native) or self.language.text(N_("a participant"))

    def told(self, obstacle: Json) -> str:
        """Say what one obstacle is."""
        message = OBSTACLES.get(str(obstacle.get("kind")), N_("something stands in the way"))
        who = self.person(obstacle.get("person_id"))
        return self.language.text(message) % {
            "who": who,
            "meeting": self.meeting(obstacle.get("request_id")),
        }

    def why(self, obstacles: Sequence[Json]) -> str:
        """Say all that keeps a request from a stretch of slots."""
        return "; ".join(dict.fromkeys(map(self.told, obstacles)))


def figures(timetable: Json) -> dict[str, int | None]:
    """Return what a draft is compared by, each under its own name."""
    told = timetable.get("figures") or {}
    cost = told.get("cost") or {}
    found = {name: told.get(name, cost.get(name)) for name in FIGURES}
    found["table_changes"] = cost.get("changes")
    return found
