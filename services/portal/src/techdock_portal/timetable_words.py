"""Words around a timetable: what stands in the way of a place, and what drafts are compared by."""

from collections.abc import Sequence
from dataclasses import dataclass

from techdock_portal.client import Json
from techdock_portal.i18n import EN_DASH, N_, Language
from techdock_portal.texts import NameBook

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


def concerned(spots: Json) -> set[str]:
    """Return the participations that are named by the spots of a request."""
    told = [one for spot in spots["items"] for one in spot.get("obstacles") or ()]
    whose = (one.get("participation_id") for one in told)
    met = (party for one in (spots, *told) for party in one.get("parties") or ())
    return {str(ident) for ident in (*whose, *met) if ident}


@dataclass(frozen=True, slots=True)
class Sayings:
    """Says what stands in the way, with the names of those concerned; without markup."""

    names: NameBook
    language: Language

    def meeting(self, parties: Sequence[object]) -> str:
        """Return the sides of a meeting."""
        return f" {EN_DASH} ".join(map(self._plain, parties))

    def _plain(self, participation_id: object) -> str:
        named = self.names.participation(participation_id)
        return (named.latin or named.native) or self.language.text(N_("a participant"))

    def why(self, obstacles: Sequence[Json]) -> str:
        """Say all that keeps a request from a stretch of slots; empty: nothing does."""
        return "; ".join(dict.fromkeys(map(self._told, obstacles)))

    def _told(self, obstacle: Json) -> str:
        message = OBSTACLES.get(str(obstacle.get("kind")), N_("something stands in the way"))
        return self.language.text(message) % {
            "who": self._plain(obstacle.get("participation_id")),
            "meeting": self.meeting(obstacle.get("parties") or ()),
        }


def figures(timetable: Json) -> dict[str, int | None]:
    """Return what a draft is compared by, each under its own name."""
    told = timetable.get("figures") or {}
    cost = told.get("cost") or {}
    found = {name: told.get(name, cost.get(name)) for name in FIGURES}
    found["table_changes"] = cost.get("changes")
    return found
