"""Names, units and definitions of indicators: reporting's dictionary in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass

from techdock_portal.client import Json
from techdock_portal.i18n import Language
from techdock_portal.page import Page


@dataclass(frozen=True, slots=True)
class Indicator:
    """What an indicator is called, and what it counts."""

    name: str
    definition: str = ""
    unit: str = ""


class Dictionary:
    """Indicators by code, worded for one reader."""

    def __init__(self, language: Language, items: list[Json]) -> None:
        self._language = language
        self._items = {str(item["code"]): item for item in items}

    def __getitem__(self, code: object) -> Indicator:
        item = self._items.get(str(code), {})
        return Indicator(
            self.pick(item.get("names")) or str(code),
            self.pick(item.get("definitions")),
            self.pick(item.get("units")),
        )

    def pick(self, words: Mapping[str, str] | None) -> str:
        """Return the word in the reader's language, from words by language."""
        given = words or {}
        return str(given.get(self._language.tag) or given.get("en") or "")


async def indicators(page: Page) -> Dictionary:
    """Return the counting dictionary in force."""
    items = (await page.reporting.get("/indicators"))["items"]
    return Dictionary(page.language, items)
