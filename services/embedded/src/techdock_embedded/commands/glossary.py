"""techdock glossary: what the technology concepts are, and whether a file of them is right."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from techdock_embedded.commands.app import Data, fail, out, techdock
from techdock_embedded.folder import Folder

if TYPE_CHECKING:
    from techdock_matching.domain.glossary.check import Finding

glossary = typer.Typer(help="Technology concepts in six languages.", no_args_is_help=True)
techdock.add_typer(glossary, name="glossary")

Files = Annotated[
    list[Path] | None,
    typer.Argument(help="Files of your own, checked together with ours.", dir_okay=False),
]


File = Annotated[
    Path, typer.Argument(help="Concepts as CSV; see `glossary check`.", dir_okay=False)
]


def _said(found: "Finding") -> str:
    where = f", column {found.column}" if found.column else ""
    return f"{found.file}, row {found.row}{where}: {found.what}"


@glossary.command("check")
def check_command(files: Files = None) -> None:
    """Say what is wrong: missing languages, a term under two concepts, mixed scripts."""
    from techdock_matching.adapters.glossary import (  # noqa: PLC0415 - only when asked for
        BrokenFile,
        our_files,
        rows,
    )
    from techdock_matching.domain.glossary.check import check  # noqa: PLC0415 - as above

    try:
        read = [row for file in (*our_files(), *(files or ())) for row in rows(file)]
    except (BrokenFile, OSError) as error:
        fail(str(error))
    findings = list(check(read))
    for found in findings:
        out.print(_said(found), markup=False)
    if findings:
        raise typer.Exit(1)
    out.print(f"Nothing is wrong with {len(read):,} concepts.")


@glossary.command("add")
def add_command(file: File, data: Data) -> None:
    """Add concepts of your own, or other terms for those that you added before."""
    import csv  # noqa: PLC0415 - as above

    from techdock_matching.adapters.glossary import (  # noqa: PLC0415 - as above
        BrokenFile,
        our_files,
        rows,
    )
    from techdock_matching.domain.glossary.check import check  # noqa: PLC0415 - as above
    from techdock_matching.domain.glossary.concept import COLUMNS  # noqa: PLC0415 - as above

    own = Folder(data).glossary
    try:
        fresh = {row.cells["concept"]: row for row in rows(file)}
        kept = {row.cells["concept"]: row for row in rows(own)} if own.exists() else {}
        ours = [row for each in our_files() for row in rows(each)]
    except (BrokenFile, OSError) as error:
        fail(str(error))
    every = kept | fresh
    findings = list(check((*ours, *every.values())))
    for found in findings:
        out.print(_said(found), markup=False)
    if findings:
        raise typer.Exit(1)
    written = own.with_suffix(".new")
    with written.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(dict(row.cells) for row in every.values())
    written.replace(own)
    out.print(
        f"{len(every)} concepts of your own, {len(fresh)} of them from {file.name}. "
        "They count once Techdock has been started again."
    )


@glossary.command("stats")
def stats_command() -> None:
    """Count concepts and terms by technology field and language."""
    from techdock_matching.adapters.glossary import our_files, rows  # noqa: PLC0415 - as above
    from techdock_matching.domain.glossary.check import per_field  # noqa: PLC0415 - as above
    from techdock_matching.domain.glossary.concept import (  # noqa: PLC0415 - as above
        LANGUAGES,
        Concept,
    )

    table = Table("field", "concepts", *LANGUAGES, box=None)
    counts = per_field(Concept.of(row) for file in our_files() for row in rows(file))
    for field, found in sorted(counts.items()):
        cells = (found["concepts"], *(found[language] for language in LANGUAGES))
        table.add_row(str(field), *map(str, cells))
    sums = [sum(found[name] for found in counts.values()) for name in ("concepts", *LANGUAGES)]
    table.add_row("all", *(f"{each:,}" for each in sums))
    out.print(table)
