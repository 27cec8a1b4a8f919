"""Imports from spreadsheets."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError
from techdock_shared.errors import Invalid
from techdock_shared.http.app import given
from techdock_shared.http.idempotency import Once, accepted
from techdock_shared.http.principal import SignedIn, public
from techdock_shared.http.problems import problem_response
from techdock_shared.http.routes import accepts_up_to
from techdock_shared.sheets.lines import Reading

from techdock_registration.app import imports
from techdock_registration.app.import_columns import COLUMNS, is_column
from techdock_registration.app.import_tally import Tally
from techdock_registration.app.ports import Spreadsheets
from techdock_registration.app.ports.spreadsheets import ImportJob
from techdock_registration.entrypoints.http.given import BeginDep, ClockDep, PhonesDep, ReadDep

router = APIRouter(prefix="/v1", tags=["imports"])

FILE_BYTES = 10 * 1024 * 1024
FORM_BYTES = 64 * 1024
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Kind = Literal["organizations", "participations", "needs", "offers"]
SheetsDep = Annotated[Spreadsheets, Depends(given("sheets", Spreadsheets))]


class RowErrorOut(BaseModel):
    """A fault, as a person finds it in the file."""

    sheet: str
    row: int
    column: str
    found: str
    expected: str


class RowWarningOut(BaseModel):
    """A place in a text that names somebody; the row is taken nevertheless."""

    sheet: str
    row: int
    column: str
    found: str
    code: str
    why: str


class ReportOut(BaseModel):
    """What a file would change; nothing was written."""

    rows: int
    new: int
    updated: int
    unchanged: int
    skipped: int
    error_count: int
    errors: list[RowErrorOut]
    warnings: list[RowWarningOut]


class Taken(BaseModel):
    """The job that applies the file."""

    id: UUID


class ImportOut(BaseModel):
    """How far an import is."""

    id: UUID
    docking_event_id: UUID
    kind: str
    name: str
    state: str
    done: int
    total: int
    report: dict[str, Any] | None
    error: str | None


class MappingBody(BaseModel):
    """How a file that was not made for us is read; see the guide to imports."""

    model_config = ConfigDict(extra="forbid")

    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    organizations: dict[str, str] | None = None


@router.get(
    "/import-templates/{kind}.{ending}",
    dependencies=[public],
    response_class=Response,
    responses={
        200: {"content": {media: {"schema": {"type": "string"}} for media in MEDIA.values()}}
    },
)
async def template(
    kind: Kind,
    ending: Literal["csv", "xlsx"],
    sheets: SheetsDep,
    language: Annotated[str, Query(max_length=35)] = "en",
) -> Response:
    """Return an empty file with the columns of a kind and a guide to them."""
    content = sheets.template(kind, ending, language)
    name = f'attachment; filename="techdock-{kind}.{ending}"'
    return Response(content, headers={"Content-Disposition": name}, media_type=MEDIA[ending])


@router.post(
    "/docking-events/{docking_event_id}/imports",
    dependencies=[accepts_up_to(FILE_BYTES + FORM_BYTES)],
    response_model=ReportOut,
    responses={202: {"model": Taken}},
)
async def upload(
    docking_event_id: UUID,
    request: Request,
    who: SignedIn,
    once: Once,
    begin: BeginDep,
    read: ReadDep,
    clock: ClockDep,
    sheets: SheetsDep,
    phones: PhonesDep,
    file: Annotated[UploadFile, File(description="CSV, XLSX or JSON Lines, at most 10 MiB.")],
    kind: Annotated[Kind, Form()],
    dry_run: Annotated[bool, Form()] = True,
    partial: Annotated[bool, Form(description="Take the right rows of a wrong file.")] = False,
    confirm: Annotated[bool, Form(description="Confirm participations at once.")] = False,
    mapping: Annotated[str | None, Form(description="JSON: columns, constants.")] = None,
) -> Response:
    """Say what a file would change (dry run), or take it: 202, a job applies it."""
    content = await file.read()
    if len(content) > FILE_BYTES:
        raise Invalid(f"a file has at most {FILE_BYTES} bytes, not {len(content)}")
    wanted = imports.Upload(
        docking_event_id,
        kind,
        file.filename or "",
        content,
        partial,
        confirm,
        _reading(kind, mapping),
    )
    if dry_run:

        async def look(_: BeginDep) -> imports.Report:
            return await imports.check(who, wanted, read, clock, sheets, phones)

        return await once(begin, look, _reported)
    # Looked through before the transaction that takes it, which then is a short one.
    try:
        report = await imports.checked(who, wanted, read, clock, sheets)
    except imports.InvalidRows as refused:
        errors = refused.report.tally.as_json()["errors"]
        detail = str(refused)
        return problem_response(422, refused.code, detail, request=request, errors=errors)

    async def act(begin: BeginDep) -> UUID:
        return await imports.accept(who, wanted, report, begin, clock)

    return await once(begin, act, lambda job: accepted(Taken(id=job)))


def _reported(report: imports.Report) -> Response:
    body = {"rows": report.rows, **report.tally.as_json()}
    return Response(orjson.dumps(body), media_type="application/json")


def _reading(kind: str, mapping: str | None) -> Reading:
    """Return how a file is read.

    Raises:
        Invalid: The mapping is no JSON, or names a column that the kind does not have.
    """
    if mapping is None or not mapping.strip():
        return Reading()
    try:
        said = MappingBody.model_validate_json(mapping)
    except ValidationError as error:
        raise Invalid("mapping must be JSON with columns, constants and organizations") from error
    reading = Reading(said.columns, said.constants, said.organizations)
    for name in (*said.columns, *said.constants):
        if not is_column(kind, name):
            known = ", ".join(COLUMNS[kind])
            raise Invalid(f"mapping must name columns of {kind}: {known}; not {name}")
    return reading


@router.get("/imports/{import_id}")
async def progress(import_id: UUID, who: SignedIn, read: ReadDep) -> ImportOut:
    """Say how far an import is. For organizers of its docking event."""
    return _out(await imports.progress(who, import_id, read))


def _out(job: ImportJob) -> ImportOut:
    said = dict(job.progress)
    done, total = int(said.pop("done", 0)), int(said.pop("total", 0))
    return ImportOut(
        id=job.id,
        docking_event_id=job.docking_event_id,
        kind=job.kind,
        name=job.name,
        state=job.state,
        done=done,
        total=total,
        report=Tally.from_json(said).as_json() if said else None,
        error=job.error,
    )
