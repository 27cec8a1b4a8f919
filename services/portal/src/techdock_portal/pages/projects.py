"""What came of it: cooperation projects and their ladder."""

import asyncio
from datetime import UTC, datetime

from starlette.responses import Response

from techdock_portal.client import ApiProblem, Json, same
from techdock_portal.i18n import N_
from techdock_portal.page import Page
from techdock_portal.routing import Pages
from techdock_portal.texts import join_names
from techdock_portal.words import STAGES

pages = Pages()


@pages.get("/projects")
async def projects(page: Page) -> Response:
    """List the projects of my organizations."""
    found: dict[str, Json] = {}
    mine = page.who.organizations
    for listed in await asyncio.gather(
        *(page.matching.all("/projects", organization_id=ident, most=200) for ident in mine)
    ):
        found |= {str(project["id"]): project for project in listed}
    book = await join_names(
        page.registration, organizations=[ident for p in found.values() for ident in parties(p)]
    )
    return page.draw(
        "participant/projects.html", projects=list(found.values()), names=book, parties=parties
    )


@pages.post("/projects")
async def open_project(page: Page) -> Response:
    """Begin a project out of a meeting, with its first stage."""
    parties_of = await page.fields("party")
    body: Json = {
        "docking_event_id": await page.field("docking_event_id") or None,
        "meeting_id": await page.field("meeting_id") or None,
        "parties": parties_of,
        "profiles": await page.fields("profile"),
        "direction": await page.field("direction") or "both",
    }
    made = await page.matching.post(
        "/projects", {k: v for k, v in body.items() if v}, key=await page.key()
    )
    if stage := await page.field("stage"):
        await page.matching.post(
            f"/projects/{made['id']}/stages",
            await _stage(page, stage),
            version=made["version"],
        )
    return page.go(
        f"/projects/{made['id']}",
        N_("The outcome is recorded. The other side is asked to confirm it."),
    )


@pages.get("/projects/{project:uuid}")
async def project(page: Page) -> Response:
    """Show the ladder of one project."""
    found = await page.matching.get(f"/projects/{page.path('project')}")
    return await _show(page, found)


@pages.post("/projects/{project:uuid}/declare")
async def declare(page: Page) -> Response:
    """Say that a stage has been reached."""
    path = f"/projects/{page.path('project')}"
    body = await _stage(page, await page.field("stage"))
    try:
        await page.matching.post(
            f"{path}/stages", body, key=await page.key(), version=await page.version()
        )
    except ApiProblem as problem:
        if not problem.is_for_the_form:
            raise
        return await _show(page, await page.matching.get(path), problem, body)
    return page.go(
        path, N_("Recorded. It counts as unconfirmed until all sides have confirmed it.")
    )


@pages.post("/projects/{project:uuid}/confirm")
async def confirm(page: Page) -> Response:
    """Confirm what the other side declared."""
    path = f"/projects/{page.path('project')}"
    stage = await page.field("stage")
    evidence = await page.field("evidence_sha256")
    body: Json = {"evidence_sha256": evidence} if evidence else {}
    url = f"{path}/stages/{_known(stage)}/confirm"
    await page.matching.post(url, body, key=await page.key(), version=await page.version())
    return page.go(path, N_("Confirmed."))


@pages.post("/projects/{project:uuid}/dispute")
async def dispute(page: Page) -> Response:
    """Say that it is not so; the disagreement stays visible."""
    path = f"/projects/{page.path('project')}"
    stage = _known(await page.field("stage"))
    body = {"reason": await page.field("reason")}
    url = f"{path}/stages/{stage}/dispute"
    await page.matching.post(url, body, key=await page.key(), version=await page.version())
    return page.go(path, N_("Your disagreement is recorded and shown to both sides."))


def parties(project: Json) -> list[str]:
    """Return the ids of the organizations of a project."""
    return [
        str(p["organization_id"]) if isinstance(p, dict) else str(p)
        for p in project.get("parties") or ()
    ]


async def _show(
    page: Page, found: Json, problem: ApiProblem | None = None, typed: Json | None = None
) -> Response:
    ids = parties(found)
    book = await join_names(page.registration, organizations=ids)
    mine = [ident for ident in ids if any(same(ident, own) for own in page.who.organizations)]
    entries = {entry["stage"]: entry for entry in found.get("stages") or ()}
    return page.draw(
        "participant/project.html",
        problem.status if problem else 200,
        project=found,
        parties=ids,
        names=book,
        mine=mine,
        entries=entries,
        open_stages=[stage for stage in STAGES if stage not in entries],
        problem=problem,
        typed=typed or {},
        today=datetime.now(UTC).date().isoformat(),
        by_me=lambda ids: any(same(ident, own) for ident in ids or () for own in mine),
    )


async def _stage(page: Page, stage: str) -> Json:
    body: Json = {
        "stage": _known(stage),
        "occurred_on": await page.field("occurred_on") or datetime.now(UTC).date().isoformat(),
    }
    if evidence := await page.field("evidence_sha256"):
        body["evidence_sha256"] = evidence.lower()
    return body


def _known(stage: str) -> str:
    if stage not in STAGES:
        raise ApiProblem(422, "invalid")
    return stage
