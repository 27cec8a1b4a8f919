"""techdock import, techdock export: data in and out, of any length."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

import typer
from techdock_shared.errors import Invalid, NotFound

from techdock_embedded.client import Client, Json
from techdock_embedded.commands.app import (
    MaybeData,
    Token,
    Url,
    client,
    do,
    errors,
    fail,
    out,
    techdock,
)
from techdock_embedded.commands.progress import follow_job
from techdock_embedded.pieces import Piece, pieces

KINDS = ("organizations", "participations", "needs", "offers")
MOST_SHOWN = 50

Kind = Annotated[str, typer.Argument(help=f"One of {', '.join(KINDS)}.")]
File = Annotated[
    Path,
    typer.Argument(help="CSV, XLSX or JSON Lines (.jsonl), also .gz.", exists=True, dir_okay=False),
]
DockingEvent = Annotated[str, typer.Option("--docking-event", help="Its code or id.")]
Mapping = Annotated[
    Path | None,
    typer.Option(
        help="JSON: which column is which, what is constant.", exists=True, dir_okay=False
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")]
Partial = Annotated[bool, typer.Option("--partial", help="Take the right rows of a wrong file.")]
Confirm = Annotated[bool, typer.Option("--confirm", help="Confirm participations at once.")]
Folder = Annotated[Path, typer.Argument(help="A folder for the files.", file_okay=False)]


@techdock.command("import")
def import_command(
    kind: Kind,
    file: File,
    docking_event: DockingEvent,
    data: MaybeData = None,
    url: Url = None,
    token: Token = None,
    mapping: Mapping = None,
    dry_run: DryRun = False,
    partial: Partial = False,
    confirm: Confirm = False,
) -> None:
    """Import a spreadsheet into a docking event; a wrong row imports nothing, unless --partial."""
    if kind not in KINDS:
        fail(f"expected one of {', '.join(KINDS)}; found {kind}")
    form = {"kind": kind, "partial": str(partial).lower(), "confirm": str(confirm).lower()}
    if mapping is not None:
        form["mapping"] = mapping.read_text(encoding="utf-8")

    async def work() -> bool:
        async with client(data, url, token) as api:
            path = f"registration/v1/docking-events/{await event_id(api, docking_event)}/imports"
            wrong = await _look(api, path, form, file)
            if dry_run or (wrong and not partial):
                return not wrong
            await _take(api, path, form, file)
            return True

    if not do(work):
        fail("nothing was imported; mend the rows above, or take the others with --partial")


async def _look(api: Client, path: str, form: dict[str, str], file: Path) -> int:
    """Say what the file would change; returns how many faults it has."""
    total = dict.fromkeys(("rows", "new", "updated", "unchanged", "error_count"), 0)
    shown = 0
    for piece in _pieces(file):
        report = await _upload(api, path, {**form, "dry_run": "true"}, piece)
        for name in total:
            total[name] += report[name]
        for fault in report["errors"]:
            shown += 1
            if shown <= MOST_SHOWN:
                errors.print(
                    f"{fault['sheet']} row {fault['row'] + piece.first}, {fault['column']}: "
                    f"found {fault['found']!r}, expected {fault['expected']}",
                    markup=False,
                )
    if shown > MOST_SHOWN:
        errors.print(f"... and {shown - MOST_SHOWN} more")
    out.print(
        f"{total['rows']} rows: {total['new']} new, {total['updated']} updated, "
        f"{total['unchanged']} unchanged, {total['error_count']} errors"
    )
    return total["error_count"]


async def _take(api: Client, path: str, form: dict[str, str], file: Path) -> None:
    for number, piece in enumerate(_pieces(file), 1):
        taken = await _upload(api, path, {**form, "dry_run": "false"}, piece)
        await follow_job(
            api, f"registration/v1/imports/{taken['id']}", f"Importing {file.name}, part {number}"
        )


def _pieces(file: Path) -> Iterator[Piece]:
    try:
        yield from pieces(file)
    except ValueError as error:
        raise Invalid(str(error)) from error


async def _upload(api: Client, path: str, form: dict[str, str], piece: Piece) -> Json:
    answer = await api.send(
        "POST",
        path,
        data=form,
        files={"file": (piece.name, piece.content)},
        headers={"Idempotency-Key": str(uuid4())},
    )
    found: Json = answer.json()
    return found


async def event_id(api: Client, code_or_id: str) -> str:
    """Return the id of a docking event.

    Raises:
        NotFound: There is none with this code.
    """
    try:
        return str(UUID(code_or_id))
    except ValueError:
        async for event in api.every("registration/v1/docking-events"):
            if event["code"] == code_or_id:
                return str(event["id"])
    raise NotFound(f"no docking event with the code {code_or_id}")


@techdock.command("export")
def export_command(
    folder: Folder,
    docking_event: DockingEvent,
    data: MaybeData = None,
    url: Url = None,
    token: Token = None,
) -> None:
    """Write a docking event as files: JSON Lines for each kind of thing, figures as CSV."""

    async def work() -> list[str]:
        folder.mkdir(parents=True, exist_ok=True)
        async with client(data, url, token) as api:
            id_ = await event_id(api, docking_event)
            event, matching = (
                f"registration/v1/docking-events/{id_}",
                f"matching/v1/docking-events/{id_}",
            )
            lists: dict[str, AsyncIterator[Json]] = {
                "sessions": api.every(f"{event}/sessions"),
                "participations": api.every(f"{event}/participations"),
                "profiles": api.every("registration/v1/profiles", docking_event_id=id_),
                "attendance": api.every(f"{event}/attendance"),
                "requests": api.every(f"{matching}/requests"),
                "meetings": api.every(f"{matching}/meetings"),
                "projects": api.every("matching/v1/projects", docking_event_id=id_),
            }
            written = [
                await _write(folder / f"{name}.jsonl", things) for name, things in lists.items()
            ]
            (folder / "docking_event.json").write_text(
                json.dumps(await api.get(event), ensure_ascii=False, indent=2), encoding="utf-8"
            )
            figures = f"reporting/v1/docking-events/{id_}/figures"
            table = await api.send("GET", figures, params={"format": "csv"})
            (folder / "figures.csv").write_bytes(table.content)
        return [*written, "docking_event.json", "figures.csv"]

    for line in do(work):
        out.print(line, markup=False)


async def _write(file: Path, things: AsyncIterator[Any]) -> str:
    count = 0
    with file.open("w", encoding="utf-8") as content:
        async for thing in things:
            content.write(json.dumps(thing, ensure_ascii=False) + "\n")
            count += 1
    return f"{file.name}: {count}"
