"""techdock glossary: what the technology concepts are, and whether a file of them is right."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from techdock_embedded.commands.app import fail, out, techdock

glossary = typer.Typer(help="Technology concepts in six languages.", no_args_is_help=True)
techdock.add_typer(glossary, name="glossary")

Files = Annotated[
    list[Path] | None,
    typer.Argument(help="Files of your own, checked together with ours.", dir_okay=False),
]


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
        where = f", column {found.column}" if found.column else ""
        out.print(f"{found.file}, row {found.row}{where}: {found.what}", markup=False)
    if findings:
        raise typer.Exit(1)
    out.print(f"Nothing is wrong with {len(read):,} concepts.")


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
