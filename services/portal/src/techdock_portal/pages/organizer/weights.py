"""How the ranking of a docking event weighs: fields, a preview, and what was set before."""

from starlette.responses import Response

from techdock_portal import weight_words
from techdock_portal.client import ApiProblem, Json, same
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages.corrections import corrections
from techdock_portal.pages.matches import profiles_by_id
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names

pages = Pages()

BASE = "/organize/{docking_event:uuid}/weights"
ENDED = ("done", "cancelled", "failed")
MOST_MOVERS = 5


@pages.get(BASE)
async def weights(page: Page) -> Response:
    """Show the weights in force, or those of an earlier setting or a preview, to be set."""
    found = await page.organized()
    shown = await page.matching.get(f"/docking-events/{found['id']}/weights")
    typed: dict[str, str] | None = None
    preview: Json | None = None
    if ident := page.query("preview"):
        preview = await page.matching.get(f"/weights-previews/{ident}")
        typed = _values(shown, preview["values"])
    for one in shown["history"]:
        if str(one["version"]) == page.query("again"):
            typed = _values(shown, one["values"])
    return await _form(page, shown, typed, preview)


@pages.post(BASE)
async def weigh(page: Page) -> Response:
    """Set the weights."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}/weights"
    typed = await _typed(page)
    try:
        await page.matching.put(path, {"values": _numbers(typed)}, await page.version())
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        return await _form(page, await page.matching.get(path), typed, None, problem)
    return page.go(f"/organize/{found['id']}/weights", N_("Saved. The lists are being made anew."))


@pages.post(f"{BASE}/preview")
async def order(page: Page) -> Response:
    """Find out what other weights would change."""
    found = await page.organized()
    path = f"/docking-events/{found['id']}"
    typed = await _typed(page)
    body = {"values": _numbers(typed)}
    try:
        made = await page.matching.post(f"{path}/weights-previews", body, key=await page.key())
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        shown = await page.matching.get(f"{path}/weights")
        return await _form(page, shown, typed, None, problem)
    return page.go(f"/organize/{found['id']}/weights?preview={made['id']}#preview")


@pages.get(f"{BASE}/previews/{{preview:uuid}}")
async def previewed(page: Page) -> Response:
    """Show how far a preview is, as a part of the page."""
    found = await page.organized()
    preview = await page.matching.get(f"/weights-previews/{page.path('preview')}")
    if not page.is_part:
        return page.go(f"/organize/{found['id']}/weights?preview={preview['id']}#preview")
    return page.draw("organizer/weights_preview.html", **await _of_preview(page, preview))


async def _form(
    page: Page,
    shown: Json,
    typed: dict[str, str] | None,
    preview: Json | None,
    problem: ApiProblem | None = None,
) -> Response:
    people = [one["person_id"] for one in shown["history"]]
    by_name = {one["name"]: one for one in shown["weights"]}
    values = typed or {name: f"{one['value']:g}" for name, one in by_name.items()}
    return page.draw(
        "organizer/weights.html",
        problem.status if problem else 200,
        weights=by_name,
        values=values,
        groups=weight_words.GROUPS,
        label=lambda name: page.language.word(*weight_words.NAMES[name]),
        hint=lambda name: page.text(weight_words.HINTS[name]),
        history=shown["history"],
        same=same,
        version=shown["version"],
        names=await join_names(page.registration, persons=people),
        errors=corrections(page, problem) if problem else {},
        problem=problem,
        **(await _of_preview(page, preview) if preview else {}),
    )


async def _of_preview(page: Page, preview: Json) -> Json:
    found = preview.get("found") or {}
    movers = (found.get("movers") or [])[:MOST_MOVERS]
    ids = [ident for one in movers for ident in (one["profile_id"], *one["came"], *one["left"])]
    return {
        "preview": preview,
        "ended": preview["state"] in ENDED,
        "movers": movers,
        "profiles": await profiles_by_id(page, ids),
    }


def _values(shown: Json, changed: Json) -> dict[str, str]:
    return {
        one["name"]: f"{changed.get(one['name'], one['standard']):g}" for one in shown["weights"]
    }


async def _typed(page: Page) -> dict[str, str]:
    return {name: await page.field(f"values-{name}") for name in weight_words.NAMES}


def _numbers(typed: dict[str, str]) -> dict[str, object]:
    """Return what was typed as numbers; what is none goes as it is, and is refused by its name."""
    found: dict[str, object] = {}
    for name, value in typed.items():
        try:
            found[name] = float(value.replace(",", "."))
        except ValueError:
            found[name] = value
    return {name: value for name, value in found.items() if value != ""}
