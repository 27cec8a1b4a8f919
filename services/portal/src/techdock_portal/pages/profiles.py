"""Needs and offers: mine, the editor, and how others see one."""

from starlette.responses import Response

from techdock_portal import profile_form
from techdock_portal.client import ApiProblem, Json, same
from techdock_portal.codes import codes
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.pages import publishing
from techdock_portal.pages.corrections import corrections
from techdock_portal.refusals import refused
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names

pages = Pages()

BASE = "/docking-events/{docking_event:uuid}/profiles"
ADD = "add:"
PAGE = 50


@pages.get(BASE)
async def my_profiles(page: Page) -> Response:
    """List my needs and offers."""
    found, part = await page.taken_part_in()
    mine = await page.registration.get(
        "/profiles",
        docking_event_id=found["id"],
        organization_id=part["organization_id"],
        limit=PAGE,
        cursor=page.query("cursor"),
    )
    return page.draw(
        "participant/profiles.html", profiles=mine["items"], next=mine.get("next"), part=part
    )


@pages.get(f"{BASE}/new")
async def new(page: Page) -> Response:
    """Show an empty form."""
    _, part = await page.taken_part_in()
    kind = "offer" if page.query("kind") == "offer" else "need"
    tag = page.language.tag.split("-")[0]
    return await _editor(page, part, profile_form.empty(kind, tag))


@pages.post(f"{BASE}/new")
async def write(page: Page) -> Response:
    """Store a new draft, and publish it if asked."""
    found, part = await page.taken_part_in()
    form = await page.form()
    kind = "offer" if await page.field("kind") == "offer" else "need"
    act = await page.field("act")
    body = {
        **profile_form.to_body(form, kind, None),
        "kind": kind,
        "organization_id": part["organization_id"],
        "docking_events": [found["id"]],
    }
    draft = profile_form.from_typed(form, kind)
    try:
        made = await page.registration.post("/profiles", _sent(body), key=await page.key())
    except ApiProblem as problem:
        return await _wrong(page, part, draft, problem, None)
    return await _saved(page, part, made, act, draft)


@pages.get(f"{BASE}/{{profile:uuid}}/edit")
async def edit(page: Page) -> Response:
    """Show the form of a need or an offer."""
    _, part = await page.taken_part_in()
    profile = await _own(page, part)
    draft = profile_form.from_profile(profile, page.query("add"))
    return await _editor(page, part, draft, profile)


@pages.post(f"{BASE}/{{profile:uuid}}/edit")
async def rewrite(page: Page) -> Response:
    """Store what was typed, and publish it if asked."""
    _, part = await page.taken_part_in()
    form = await page.form()
    profile = await _own(page, part)
    act = await page.field("act")
    body = profile_form.to_body(form, profile["kind"], profile)
    draft = profile_form.from_typed(form, profile["kind"])
    try:
        path = f"/profiles/{profile['id']}"
        stored = await page.registration.patch(path, _sent(body, change=True), await page.version())
    except ApiProblem as problem:
        return await _wrong(page, part, draft, problem, profile)
    return await _saved(page, part, {**profile, **stored}, act, draft)


@pages.post(f"{BASE}/{{profile:uuid}}/withdraw")
async def withdraw(page: Page) -> Response:
    """Take a need or an offer back."""
    path = f"/profiles/{page.path('profile')}/state"
    await page.registration.post(
        path, {"to": "withdrawn"}, key=await page.key(), version=await page.version()
    )
    return page.go(
        f"/docking-events/{page.path('docking_event')}/profiles",
        N_("It is withdrawn. Nobody finds it any more."),
    )


@pages.get(f"{BASE}/{{profile:uuid}}")
async def profile(page: Page) -> Response:
    """Show a need or an offer as its readers see it."""
    await page.about(page.path("docking_event"))
    found = await page.registration.get(f"/profiles/{page.path('profile')}")
    book = await join_names(page.registration, organizations=[found["organization_id"]])
    part = page.who.part_in(page.path("docking_event"))
    own = bool(part) and same((part or {}).get("organization_id"), found["organization_id"])
    fields = dict(await codes(page, "technology_field"))
    goals = dict(await codes(page, "sdg"))
    return page.draw(
        "participant/profile.html", profile=found, names=book, own=own, fields=fields, goals=goals
    )


async def _own(page: Page, part: Json) -> Json:
    found = await page.registration.get(f"/profiles/{page.path('profile')}")
    if not same(found["organization_id"], part["organization_id"]):
        raise ApiProblem(404, "not_found")
    return found


async def _saved(
    page: Page, part: Json, profile: Json, act: str, draft: profile_form.Draft
) -> Response:
    """Lead on after saving: one more version, publish, or back to the list."""
    base = f"/docking-events/{page.path('docking_event')}/profiles"
    if act.startswith(ADD) or act == "add":
        tag = act.removeprefix(ADD) if act.startswith(ADD) else await page.field("add_language")
        return page.go(f"{base}/{profile['id']}/edit?add={tag}", N_("Saved."))
    if act != "publish":
        return page.go(f"{base}?saved={profile['id']}", N_("Saved."))
    looked = await publishing.look(page, profile)
    if looked:
        return page.go(f"{base}/{profile['id']}/publish")
    try:
        await publishing.publish(page, profile)
    except ApiProblem as problem:
        return await _wrong(page, part, draft, problem, profile)
    return publishing.published(page, profile, looked)


async def _wrong(
    page: Page,
    part: Json,
    draft: profile_form.Draft,
    problem: ApiProblem,
    profile: Json | None,
) -> Response:
    """Show the form again with what was typed, and what is wrong with it."""
    if not problem.is_for_the_form:
        raise problem
    errors: dict[str, str] = {}
    general = refused(page.language, problem)
    if problem.is_invalid:
        names = profile_form.errors_of(problem, await page.form())
        errors = corrections(page, problem, names)
    elif profile is not None:
        profile = await page.registration.get(f"/profiles/{profile['id']}")
    return await _editor(page, part, draft, profile, errors, general, problem.status)


async def _editor(
    page: Page,
    part: Json,
    draft: profile_form.Draft,
    profile: Json | None = None,
    errors: dict[str, str] | None = None,
    general: str = "",
    status: int = 200,
) -> Response:
    spoken = [(tag, page.language.language(tag)) for tag in profile_form.SPOKEN]
    return page.draw(
        "participant/editor.html",
        status,
        draft=draft,
        values=draft.values,
        profile=profile,
        part=part,
        errors=errors or {},
        general=general,
        spoken=spoken,
        free=[(tag, name) for tag, name in spoken if tag not in draft.tags],
        more_fields=profile_form.MORE_FIELDS,
        fields=await codes(page, "technology_field"),
        goals=await codes(page, "sdg"),
    )


def _sent(body: Json, *, change: bool = False) -> Json:
    """Leave out what was not filled in; a change says so with null instead."""
    if change:
        return body
    return {name: value for name, value in body.items() if value is not None}
