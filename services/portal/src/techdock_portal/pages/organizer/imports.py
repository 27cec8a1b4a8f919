"""Spreadsheets: templates, a dry run that lists every error, the real run with its progress."""

from collections.abc import Mapping

from starlette.datastructures import UploadFile
from starlette.responses import Response

from techdock_portal.client import ApiProblem, Json
from techdock_portal.i18n import N_
from techdock_portal.naming_words import WHY
from techdock_portal.page import Page
from techdock_portal.routing import Pages
from techdock_portal.words import CODES

pages = Pages()

BASE = "/organize/{docking_event:uuid}/import"
MOST_BYTES = 11 * 1024 * 1024
KINDS = tuple(CODES["import_kind"])
ENDED = ("done", "failed", "cancelled")


@pages.get(BASE)
async def start(page: Page) -> Response:
    """Ask for a file."""
    await page.organized()
    return page.draw("organizer/import.html", kinds=KINDS, kind=page.query("kind"), errors={})


@pages.get(f"{BASE}/template/{{name}}")
async def template(page: Page) -> Response:
    """Hand out an empty spreadsheet with a guide to its columns."""
    await page.organized()
    kind, _, ending = page.path("name").partition(".")
    if kind not in KINDS or ending not in {"csv", "xlsx"}:
        raise ApiProblem(404, "not_found")
    found = await page.registration.file(
        f"/import-templates/{kind}.{ending}", language=page.language.tag
    )
    headers: Mapping[str, str] = {
        "Content-Type": found.headers.get("content-type", "application/octet-stream"),
        "Content-Disposition": f'attachment; filename="techdock-{kind}.{ending}"',
    }
    return Response(found.content, headers=headers)


@pages.post(BASE, body_bytes=MOST_BYTES)
async def read(page: Page) -> Response:
    """Read a file: a dry run first, which writes nothing; then for real."""
    found = await page.organized()
    form = await page.form()
    kind = await page.field("kind")
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename or kind not in KINDS:
        errors = {"file": page.text(N_("Choose a file first."))}
        return page.draw("organizer/import.html", 422, kinds=KINDS, kind=kind, errors=errors)
    dry = await page.field("act") != "take"
    partial = await page.field("partial") == "yes"
    content = await file.read()
    path = f"/docking-events/{found['id']}/imports"
    confirm = await page.field("confirm") == "yes"
    fields = {
        "kind": kind,
        "dry_run": _yes(dry),
        "partial": _yes(partial),
        "confirm": _yes(confirm),
    }
    media = file.content_type or "application/octet-stream"
    try:
        answer = await page.registration.upload(path, fields, file.filename, content, media)
    except ApiProblem as problem:
        if not problem.is_invalid:
            raise
        report: Json = {"errors": list(problem.errors), "refused": problem.detail}
        return _report(page, kind, file.filename, report, 422)
    if dry:
        return _report(page, kind, file.filename, answer)
    return page.go(f"/organize/{found['id']}/import/{answer['id']}")


@pages.get(f"{BASE}/{{job:uuid}}")
async def progress(page: Page) -> Response:
    """Show how far an import has come; the page can be left."""
    await page.organized()
    job = await page.registration.get(f"/imports/{page.path('job')}")
    template = "organizer/import_progress.html" if page.is_part else "organizer/import_job.html"
    return page.draw(template, job=job, ended=job["state"] in ENDED)


def _report(page: Page, kind: str, name: str, report: Json, status: int = 200) -> Response:
    return page.draw(
        "organizer/import_report.html",
        status,
        kind=kind,
        name=name,
        report=report,
        kinds=KINDS,
        whys={code: page.language.word(*word) for code, word in WHY.items()},
    )


def _yes(value: bool) -> str:
    return "true" if value else "false"
