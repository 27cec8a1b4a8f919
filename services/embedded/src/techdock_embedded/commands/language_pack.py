"""techdock language-pack: bilingual lexicons from dictionaries that the operator has."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from techdock_embedded.commands.app import Data, errors, fail, out, techdock
from techdock_embedded.folder import Folder

packs = typer.Typer(help="Dictionaries beside our technology concepts.", no_args_is_help=True)
techdock.add_typer(packs, name="language-pack")

Out = Annotated[
    Path,
    typer.Argument(
        help="The pack, a new folder: DATA/language-packs/NAME to use it.", file_okay=False
    ),
]
Wordnets = Annotated[
    list[Path] | None,
    typer.Option("--wordnet", help="Open Multilingual Wordnet: .tab files, or their folder."),
]
Cedict = Annotated[
    Path | None, typer.Option("--cedict", help="CC-CEDICT, unpacked.", dir_okay=False)
]
Partial = Annotated[bool, typer.Option("--partial", help="Leave wrong rows out.")]
Version = Annotated[str, typer.Option("--pack-version", help="As you like to call it.")]

SHOWN = 20


def _tab_files(given: Sequence[Path]) -> Iterator[Path]:
    for one in given:
        if not one.is_dir():
            yield one
            continue
        found = sorted(one.rglob("*.tab"))
        if not found:
            fail(f"{one}: expected .tab files in this folder, found none")
        yield from found


@packs.command("build")
def build_command(
    out_folder: Out,
    wordnet: Wordnets = None,
    cedict: Cedict = None,
    pack_version: Version = "1",
    partial: Partial = False,
) -> None:
    """Make a pack of files that you have; nothing is downloaded."""
    from techdock_matching.adapters.glossary import BrokenFile  # noqa: PLC0415 - when asked for
    from techdock_matching.adapters.language_packs import build  # noqa: PLC0415 - as above

    files = list(_tab_files(wordnet or ()))
    if not files and cedict is None:
        fail("name --wordnet FILES, or --cedict FILE, or both")
    try:
        made, wrong = build(out_folder, pack_version, files, cedict, partial=partial)
    except BrokenFile as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
    for each in wrong[:SHOWN]:
        errors.print(f"  {each}", markup=False)
    if len(wrong) > SHOWN:
        errors.print(f"  and {len(wrong) - SHOWN:,} more")
    if made is None:
        fail(f"{len(wrong):,} rows are wrong and no pack was made; --partial leaves them out")
    terms = ", ".join(f"{count:,} {each}" for each, count in made.terms.items() if count)
    out.print(f"{made.name}: {made.concepts:,} concepts, terms: {terms}.", markup=False)
    for source in made.sources:
        out.print(f"  {source.file}: {source.title}, licence: {source.licence}", markup=False)
    out.print("A pack in the folder language-packs of the data counts from the next start on.")


@packs.command("list")
def list_command(data: Data) -> None:
    """Show the packs of a data folder, and what is wrong with them."""
    from techdock_matching.adapters.glossary import BrokenFile  # noqa: PLC0415 - as above
    from techdock_matching.adapters.language_packs import (  # noqa: PLC0415 - as above
        in_folder,
        manifest_of,
    )

    table = Table("pack", "version", "concepts", "languages", "made of", "licence", box=None)
    wrong = []
    for pack in in_folder(Folder(data).language_packs):
        try:
            found = manifest_of(pack)
        except BrokenFile as error:
            wrong.append(str(error))
            continue
        table.add_row(
            pack.name,
            found.version,
            f"{found.concepts:,}",
            " ".join(each for each, count in found.terms.items() if count),
            "\n".join(source.title or source.file for source in found.sources),
            "\n".join(source.licence for source in found.sources),
        )
    if table.row_count:
        out.print(table, markup=False)
    elif not wrong:
        out.print("There are no language packs; see `techdock language-pack build`.")
    for each in wrong:
        out.print(f"Left out: {each}", markup=False)
    if wrong:
        raise typer.Exit(1)
