"""Names and definitions of indicators: the dictionary of reporting, in the reader's language."""

from dataclasses import dataclass

from techdock_portal.client import ApiProblem, Json
from techdock_portal.page import Page
from techdock_portal.words import P_

NAMES: dict[str, tuple[str, str]] = {
    "EVENTS_HELD": P_("indicator", "Docking events held"),
    "HEADCOUNT": P_("indicator", "Persons present"),
    "FOREIGN": P_("indicator", "of them from abroad"),
    "COUNTRIES": P_("indicator", "Countries and regions"),
    "NEEDS": P_("indicator", "Needs published"),
    "OFFERS": P_("indicator", "Offers published"),
    "MEETINGS_BOOKED": P_("indicator", "Meetings booked"),
    "MEETINGS_HELD": P_("indicator", "Meetings held"),
    "INTENTIONS": P_("indicator", "Projects: intention or more"),
    "AGREEMENTS": P_("indicator", "Projects: agreement or more"),
    "CONTRACTS": P_("indicator", "Projects: contract or more"),
    "LANDED": P_("indicator", "Projects: landed or more"),
    "VERIFIED": P_("indicator", "Projects: verified"),
}
UNITS: dict[str, tuple[str, str]] = {
    "events": P_("unit", "docking events"),
    "docking_events": P_("unit", "docking events"),
    "persons": P_("unit", "persons"),
    "countries": P_("unit", "countries"),
    "profiles": P_("unit", "profiles"),
    "meetings": P_("unit", "meetings"),
    "projects": P_("unit", "projects"),
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """What an indicator is called, and what it counts."""

    name: str
    definition: str = ""


class Dictionary:
    """Indicators by code, worded for one reader."""

    def __init__(self, page: Page, items: list[Json]) -> None:
        self._language = page.language
        self._items = {
            str(item.get("indicator") or item.get("code")): item
            for item in sorted(
                items, key=lambda i: int(i.get("version") or i.get("definition_version") or 0)
            )
        }

    def __getitem__(self, code: str) -> Indicator:
        item = self._items.get(str(code), {})
        word = NAMES.get(str(code))
        name = self._language.word(*word) if word else self._pick(item, "names", "name")
        return Indicator(name or str(code), self._pick(item, "definitions", "definition"))

    def unit(self, code: str) -> str:
        """Return the word for a unit."""
        word = UNITS.get(str(code))
        return self._language.word(*word) if word else str(code or "")

    def _pick(self, item: Json, *names: str) -> str:
        for name in names:
            given = item.get(name)
            if isinstance(given, str):
                return given
            if isinstance(given, dict):
                if "versions" in given:
                    given = {tag: v.get("text") for tag, v in given["versions"].items()}
                return str(given.get(self._language.tag) or given.get("en") or "")
        return ""


async def indicators(page: Page) -> Dictionary:
    """Return the counting dictionary; our own names when reporting does not tell it."""
    key = ("indicators", "")
    kept = page.services.codes
    if key not in kept:
        try:
            kept[key] = (await page.reporting.get("/indicators"))["items"]
        except ApiProblem:
            return Dictionary(page, [])
    return Dictionary(page, kept[key])
