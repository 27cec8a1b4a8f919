"""A short text in several languages, as fields of a form."""

from techdock_portal.client import Json
from techdock_portal.i18n import LANGUAGES
from techdock_portal.page import Page


async def typed_text(page: Page, name: str, before: Json | None = None) -> Json | None:
    """Return a text from its fields `<name>-<language>` and `<name>-original`.

    Args:
        page: Whose form it is.
        name: Of the text.
        before: The text as it is stored: other languages than ours stay in it, and a version
            that nobody touched keeps its status.
    """
    stored: Json = dict((before or {}).get("versions") or {})
    versions: Json = {tag: v for tag, v in stored.items() if tag not in LANGUAGES}
    for tag in LANGUAGES:
        text = await page.field(f"{name}-{tag}")
        if text:
            same = stored.get(tag, {}).get("text") == text
            versions[tag] = {"text": text, "status": stored[tag]["status"] if same else "human"}
    if not versions:
        return None
    original = await page.field(f"{name}-original") or str((before or {}).get("original") or "")
    return {
        "original": original if original in versions else next(iter(versions)),
        "versions": versions,
    }


async def whole_number(page: Page, name: str) -> int | None:
    """Return a number field, or None when it is empty or no number."""
    value = await page.field(name)
    return int(value) if value.isdigit() else None
