# ruff: noqa: RUF001 - texts in four scripts
"""Before publishing, and the boards of organizers, at the browser."""

from support.browser_story import Tale

NAMED = "Д-р Мария Белова, ООО «Чистая вода»; пишите на info@example.org."


def look_first(tale: Tale) -> None:
    """A participant is shown what names somebody, edits nothing, and publishes it."""
    desk = tale.visit("need", f"{tale.event}/profiles/new?kind=need", "editor-named")
    page = desk.page
    page.select_option("#tag-0", "ru")
    page.fill("#title-0", "Очистка сточных вод молочного завода")
    page.fill("#summary-0", NAMED)
    desk.press("button[name=act][value=publish]")
    assert page.url.endswith("/publish")
    marked = page.locator(".td-errs mark").all_inner_texts()
    assert marked == ["Д-р Мария Белова", "ООО «Чистая вода»", "info@example.org"]
    tale.look(desk, "publish")
    desk.press("main form.td-act button")
    assert "/matches" in page.url, page.inner_text("main")


def boards(tale: Tale) -> None:
    """An organizer looks at the three boards, and makes a brief of an unmet need."""

    def told() -> bool:
        desk.open(f"{tale.organize}/boards/unmet?by=field")
        return desk.page.locator("a[href*='/brief?']").count() > 0

    desk = tale.visit("organizer", f"{tale.organize}/boards", "boards")
    assert desk.page.locator("main table").count() > 0
    tale.until("the need that nothing answers", told)
    tale.look(desk, "unmet")
    desk.press("a[href*='/brief?']")
    tale.look(desk, "brief")
    tale.visit("organizer", f"{tale.organize}/boards/suggested", "suggested")
