"""Lists of codes that registration labels itself: long ones that change with their editions."""

from techdock_portal.client import ApiProblem, Json
from techdock_portal.page import Page


async def codes(page: Page, name: str) -> list[tuple[str, str]]:
    """Return the codes of a list with their labels; empty when registration has none.

    They change about once a year, so they are kept as long as the portal runs.
    """
    kept = page.services.codes
    key = (name, page.language.tag)
    if key not in kept:
        try:
            items: list[Json] = await page.registration.all(
                f"/codes/{name}", language=page.language.tag
            )
        except ApiProblem:
            return []
        kept[key] = items
    return [(str(item["code"]), str(item.get("label") or item["code"])) for item in kept[key]]
