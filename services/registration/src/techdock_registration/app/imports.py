"""Imports: a dry run that lists every error, and a job that applies a file in small steps."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar, Protocol
from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Invalid, NotFound
from techdock_shared.http.principal import Principal
from techdock_shared.ids import uuid7
from techdock_shared.sheets.lines import AS_OURS, Line, Reading, Sheet

from techdock_registration.app.authorization import insist_organizer, organizes
from techdock_registration.app.import_cells import Cells, RowError
from techdock_registration.app.import_columns import COLUMNS, REQUIRED, is_column
from techdock_registration.app.import_naming import Looking
from techdock_registration.app.import_organizations import OrganizationRows
from techdock_registration.app.import_participations import ParticipationRows
from techdock_registration.app.import_profiles import ProfileRows
from techdock_registration.app.import_tally import Tally
from techdock_registration.app.ports import Begin, Transaction
from techdock_registration.app.ports.spreadsheets import ImportFile, ImportJob, Spreadsheets
from techdock_registration.domain.docking_event import LIVE, TAKING, DockingEvent
from techdock_registration.domain.naming.finder import Phones
from techdock_registration.domain.states import only

STEP = 500
"""Most rows of one transaction, so that nobody else waits long."""

KINDS = tuple(COLUMNS)

Save = Callable[[Transaction, Mapping[str, Any]], Awaitable[None]]
"""Keeps the progress of a job in the transaction that has its effect."""


class Rows(Protocol):
    """How the rows of one kind become things.

    Attributes:
        in_groups: Several rows with one external_id are one thing.
    """

    in_groups: ClassVar[bool]

    def draft(self, line: Line) -> tuple[Any, Cells]:
        """Read a row; None with the faults when something is wrong with it."""
        ...

    async def settle(
        self, drafts: Sequence[Any], transaction: Transaction, at: datetime, *, write: bool
    ) -> Tally:
        """Compare rows with what is stored, and store what differs."""
        ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to be imported into a docking event.

    Attributes:
        kind: organizations, participations, needs or offers.
        partial: Take the rows that are right although others are not.
        confirm: Confirm imported participations at once.
    """

    docking_event_id: UUID
    kind: str
    name: str
    content: bytes
    partial: bool = False
    confirm: bool = False
    reading: Reading = AS_OURS


@dataclass(frozen=True, slots=True)
class Report:
    """What a file would change.

    Attributes:
        rows: Rows with something in them, the row of column names aside.
    """

    rows: int
    tally: Tally


class InvalidRows(Invalid):
    """A file has errors, and nothing of it was imported."""

    code = "invalid_rows"

    def __init__(self, report: Report) -> None:
        super().__init__(
            f"{report.tally.error_count} errors in {report.rows} rows; nothing was imported"
        )
        self.report = report


async def check(
    who: Principal,
    upload: Upload,
    begin: Begin,
    clock: Clock,
    sheets: Spreadsheets,
    phones: Phones | None = None,
) -> Report:
    """Say what a file would change, and every error in it; nothing is written.

    Args:
        phones: Texts are looked through for names, too, when this is given.
    """
    at = clock.now()
    async with begin() as transaction:
        docking_event = await _own(who, upload, transaction)
    rows = _rows(upload, docking_event, who.account_id, at, phones)
    sheet = await asyncio.to_thread(sheets.read, upload.content, upload.name, upload.reading)
    tally, seen = Tally(), _Seen()
    _check_columns(upload, sheet, tally)
    if tally.errors:
        return Report(0, tally)
    async for drafts in _steps(sheet, rows, seen, tally):
        async with begin() as transaction:
            tally.add(await rows.settle(drafts, transaction, at, write=False))
    return Report(seen.rows, tally)


async def checked(
    who: Principal, upload: Upload, begin: Begin, clock: Clock, sheets: Spreadsheets
) -> Report:
    """Check a file that is to be taken.

    Raises:
        InvalidRows: It has errors, and the caller does not want a part of it.
    """
    report = await check(who, upload, begin, clock, sheets)
    if report.tally.errors and (not upload.partial or not report.rows):
        raise InvalidRows(report)
    return report


async def accept(
    who: Principal, upload: Upload, report: Report, begin: Begin, clock: Clock
) -> UUID:
    """Keep a checked file and ask for the job that applies it; return the id of both."""
    file = ImportFile(
        uuid7(),
        upload.docking_event_id,
        who.account_id,
        upload.kind,
        upload.name,
        {
            "partial": upload.partial,
            "confirm": upload.confirm,
            "rows": report.rows,
            "columns": dict(upload.reading.columns),
            "constants": dict(upload.reading.constants),
            "organizations": upload.reading.organizations and dict(upload.reading.organizations),
        },
        upload.content,
        clock.now(),
    )
    async with begin() as transaction:
        await transaction.imports.accept(file)
    return file.id


async def progress(who: Principal, import_id: UUID, begin: Begin) -> ImportJob:
    """Say how far an import is. For organizers of its docking event."""
    async with begin() as transaction:
        job = await transaction.imports.job(import_id)
        docking_event = await transaction.docking_events.get(job.docking_event_id)
        if not organizes(who, docking_event):
            raise NotFound(f"no import {import_id}")
        return job


async def apply(
    import_id: UUID,
    before: Mapping[str, Any],
    save: Save,
    begin: Begin,
    clock: Clock,
    sheets: Spreadsheets,
) -> Mapping[str, Any]:
    """Apply an accepted file in transactions of at most 500 rows, from where it stopped.

    Args:
        before: The progress saved last; empty at the beginning.

    Returns:
        The last progress: done, total and the counts.
    """
    async with begin() as transaction:
        file = await transaction.imports.file(import_id)
        docking_event = await transaction.docking_events.get(file.docking_event_id)
    options = file.options
    reading = Reading(options["columns"], options["constants"], options["organizations"])
    upload = Upload(
        file.docking_event_id,
        file.kind,
        file.name,
        file.content,
        options["partial"],
        options["confirm"],
        reading,
    )
    # The moment of acceptance, so that a second run of the same job decides as the first did.
    at = file.created_at
    rows = _rows(upload, docking_event, file.account_id, at)
    sheet = await asyncio.to_thread(sheets.read, file.content, file.name, reading)
    tally, seen = Tally.from_json(dict(before)), _Seen()
    done, total = int(before.get("done", 0)), int(options["rows"])
    said: Mapping[str, Any] = {"done": done, "total": total, **tally.as_json()}
    step = Tally()
    async for drafts in _steps(sheet, rows, seen, step):
        faults = step.taken()
        if seen.rows <= done:
            continue
        async with begin() as transaction:
            live = await transaction.docking_events.get(file.docking_event_id)
            _insist_takes(live, file.kind)
            settled = await rows.settle(drafts, transaction, clock.now(), write=True)
            tally.add(faults)
            tally.add(settled)
            said = {"done": seen.rows, "total": total, **tally.as_json()}
            await save(transaction, said)
    async with begin() as transaction:
        await transaction.imports.drop_content(import_id)
    return said


@dataclass(slots=True)
class _Seen:
    """How far a file is.

    Attributes:
        rows: Rows that are done with.
        read: Rows that were read; more, when all are read first.
        ids: Where each external_id stood.
    """

    rows: int = 0
    read: int = 0
    ids: dict[str, int] = field(default_factory=dict)


async def _steps(sheet: Sheet, rows: Rows, seen: _Seen, tally: Tally) -> AsyncIterator[list[Any]]:
    """Read rows in steps of at most 500; those with faults are noted and left out.

    Reading is work for the processor, so it happens beside the event loop.
    """

    def read(most: int | None) -> list[Any]:
        drafts: list[Any] = []
        for line in islice(sheet.lines, most):
            seen.read += 1
            draft, errors = _draft(line, rows, None if rows.in_groups else seen)
            if draft is None:
                tally.note(errors)
            else:
                drafts.append(draft)
        return drafts

    if rows.in_groups:
        # The rows of one thing may stand anywhere, so the whole file is read first.
        drafts = await asyncio.to_thread(read, None)
        seen.rows = seen.read - len(drafts)
        for step in _grouped(drafts):
            seen.rows += len(step)
            yield step
        return
    while True:
        before = seen.read
        drafts = await asyncio.to_thread(read, STEP)
        if seen.read == before:
            return
        seen.rows = seen.read
        yield drafts


def _grouped(drafts: list[Any]) -> Iterator[list[Any]]:
    """Yield steps that never part the rows of one external_id, as long as they fit."""
    groups: dict[str, list[Any]] = {}
    for draft in drafts:
        groups.setdefault(draft.external_id, []).append(draft)
    step: list[Any] = []
    for group in groups.values():
        if step and len(step) + len(group) > STEP:
            yield step
            step = []
        step += group
    if step:
        yield step


def _draft(line: Line, rows: Rows, seen: _Seen | None) -> tuple[Any, list[RowError]]:
    if line.broken is not None:
        return None, [RowError(line.sheet, line.number, "", line.broken, "a row that can be read")]
    draft, cells = rows.draft(line)
    external_id = line.cells.get("external_id")
    if seen is not None and external_id is not None:
        first = seen.ids.setdefault(external_id, line.number)
        if first != line.number:
            cells.fault("external_id", f"an id of its own; row {first} has the same")
            draft = None
    return draft, cells.errors


def _check_columns(upload: Upload, sheet: Sheet, tally: Tally) -> None:
    """Note columns that are missing or not known: a misspelt one would be lost silently."""
    given = {*sheet.columns, *upload.reading.constants}
    known = ", ".join(COLUMNS[upload.kind])
    errors = [
        RowError(sheet.name, 1, name, name, f"one of {known}")
        for name in sheet.columns
        if name and not is_column(upload.kind, name)
    ]
    errors += [
        RowError(sheet.name, 1, name, "", f"the column {name}")
        for name in REQUIRED[upload.kind]
        if name not in given
    ]
    if errors:
        tally.note(errors)


def _rows(
    upload: Upload,
    docking_event: DockingEvent,
    account_id: UUID,
    at: datetime,
    phones: Phones | None = None,
) -> Rows:
    if upload.kind == "organizations":
        return OrganizationRows(docking_event.tenant_id, account_id)
    if upload.kind == "participations":
        return ParticipationRows(docking_event, upload.confirm)
    if upload.kind not in KINDS:
        raise Invalid(f"kind must be {', '.join(KINDS)}, not {upload.kind}")
    return ProfileRows(
        docking_event.id,
        docking_event.tenant_id,
        account_id,
        upload.kind.removesuffix("s"),
        at.date(),
        upload.reading.organizations,
        None if phones is None else Looking(phones),
    )


async def _own(who: Principal, upload: Upload, transaction: Transaction) -> DockingEvent:
    docking_event = await transaction.docking_events.get(upload.docking_event_id)
    insist_organizer(who, docking_event)
    _insist_takes(docking_event, upload.kind)
    return docking_event


def _insist_takes(docking_event: DockingEvent, kind: str) -> None:
    # Organizations belong to the tenant, and a draft needs its host before it is announced.
    states = LIVE if kind == "organizations" else TAKING
    only("the docking event", docking_event.state, *states)
