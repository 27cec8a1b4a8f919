"""Steps of the story at the browser around the ranking: weights, and meetings that are proposed."""

from support.browser_story import PATIENCE_S, Tale

PATIENCE_MS = PATIENCE_S * 1000


def weigh(tale: Tale) -> None:
    """The organizer looks at what other weights would change, and sets them."""
    desk = tale.visit("organizer", f"{tale.organize}/weights", "weights")
    desk.page.fill("#values-trl", "1")
    desk.press("button[formaction$='/preview']")
    desk.page.wait_for_selector("#preview table", timeout=PATIENCE_MS)
    assert desk.page.input_value("#values-trl") == "1"
    tale.look(desk, "weights-preview")
    desk.press("form[action$='/weights'] .btn-primary")
    assert desk.page.locator("section[aria-labelledby=before] tbody tr").count() == 1
    tale.look(desk, "weights-set")


def propose(tale: Tale) -> None:
    """The organizer has a plan made and sends it; both sides say yes, and a request exists."""
    desk = tale.visit("organizer", f"{tale.organize}/mutual", "mutual")
    desk.page.select_option("#least", "possible")
    desk.press("section[aria-labelledby=make] button")
    desk.page.wait_for_selector("form[action$='/mutual/send']", timeout=PATIENCE_MS)
    tale.look(desk, "mutual-plan")
    desk.press("form[action$='/mutual/send'] button")
    assert desk.page.locator("section[aria-labelledby=pairs] tbody tr").count() == 1
    tale.look(desk, "mutual-sent")
    for who, asks in (("need", "out"), ("offer", "in")):
        desk = tale.visit(who, f"{tale.event}/requests", f"proposed-{who}")
        desk.press("section[aria-labelledby=proposed] .btn-primary")
        assert desk.page.locator("section[aria-labelledby=proposed] article").count() == 1
        agreed = desk.page.locator(f"section[aria-labelledby={asks}] article").count()
        assert agreed == (0 if who == "need" else 1)
        tale.look(desk, f"answered-{who}")
