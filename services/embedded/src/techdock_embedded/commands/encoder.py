"""techdock encoder: which encoder of sentences reads the texts, and the vectors that are kept."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from techdock_embedded.commands.app import Data, do, fail, out, techdock
from techdock_embedded.folder import Folder

if TYPE_CHECKING:
    from techdock_matching.domain.ranking.meaning import Embedder

encoder = typer.Typer(
    help="The encoder that compares what texts mean, across languages.", no_args_is_help=True
)
techdock.add_typer(encoder, name="encoder")

Choice = Annotated[
    str, typer.Argument(metavar="NAME", help="As `list` shows it; none; or a directory.")
]
All = Annotated[bool, typer.Option("--all", help="Those of other encoders, too.")]

LATER = "It counts once Techdock has been started again"


def _chosen(folder: Folder) -> str:
    from techdock_matching.adapters.encoders import DEFAULT  # noqa: PLC0415 - only when asked for

    chosen = folder.encoder()
    return DEFAULT if chosen is None else chosen


def _opened(choice: str) -> "Embedder | None":
    """Return an encoder that has read a word; end with the reason where it cannot."""
    from techdock_matching.adapters.encoder_directory import NoEncoder  # noqa: PLC0415 - as above
    from techdock_matching.adapters.encoders import opened  # noqa: PLC0415 - as above

    try:
        return opened(choice)
    except NoEncoder as error:
        fail(str(error))


def _kept(folder: Folder) -> Mapping[str, int]:
    """Return how many vectors are kept of each encoder and version."""
    database = folder.database("matching")
    if not database.exists():
        return {}
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        there = "SELECT 1 FROM sqlite_master WHERE name = 'vectors'"
        if connection.execute(there).fetchone() is None:
            return {}
        return dict(
            connection.execute("SELECT encoder, count(*) FROM vectors GROUP BY encoder ORDER BY 1")
        )


@encoder.command("list")
def list_command(data: Data) -> None:
    """Show which encoders there are, which one is in use, and how many vectors are kept."""
    from techdock_matching.adapters.encoder_directory import (  # noqa: PLC0415 - as above
        DirectoryEncoder,
        NoEncoder,
    )
    from techdock_matching.adapters.encoders import KNOWN, NONE, opened  # noqa: PLC0415 - as above

    folder = Folder(data)
    chosen, kept = _chosen(folder), dict(_kept(folder))
    table = Table("", "encoder", "installed", "dimension", "licence", "vectors", box=None)
    wrong = None
    for known in KNOWN.values():
        name = known.new().name if known.installed else ""
        told = "yes" if known.installed else f"no: needs {known.package}"
        mark, vectors = "*" if chosen == known.name else "", f"{kept.pop(name, 0):,}"
        table.add_row(mark, known.name, told, str(known.dimension), known.licence, vectors)
    if chosen not in {*KNOWN, NONE}:
        try:
            own = opened(chosen)
        except NoEncoder as error:
            own, wrong = None, str(error)
            table.add_row("*", chosen[:80], "cannot be used", "", "", "")
        if isinstance(own, DirectoryEncoder):
            licence, vectors = own.recipe.licence or "not told", f"{kept.pop(own.name, 0):,}"
            table.add_row("*", chosen, "yes", str(own.dimension), licence, vectors)
    table.add_row("*" if chosen == NONE else "", NONE, "yes", "", "", "")
    for name, count in kept.items():
        table.add_row("", name, "kept from before", "", "", f"{count:,}")
    out.print(table, markup=False)
    out.print("* in use from the next start on", markup=False)
    if wrong is not None:
        out.print(f"Texts are ranked by words and concepts only: {wrong}", markup=False)


@encoder.command("set")
def set_command(name: Choice, data: Data) -> None:
    """Choose an encoder; it is loaded and reads a word first."""
    folder = Folder(data)
    choice = str(Path(name).resolve()) if "/" in name or Path(name).is_dir() else name
    found = _opened(choice)

    def write() -> None:
        fresh = folder.encoder_file.with_suffix(".new")
        fresh.write_text(f"{choice}\n", encoding="utf-8")
        fresh.replace(folder.encoder_file)

    async def work() -> None:
        write()

    do(work)
    if found is None:
        out.print(f"Texts are ranked by words and concepts only. {LATER}.")
        return
    vectors = _kept(folder).get(found.name, 0)
    out.print(
        f"{found.name} was chosen; {vectors:,} vectors of it are kept. {LATER}: texts without a "
        "vector get one in the background, and all lists are made anew.",
        markup=False,
    )


@encoder.command("re-embed")
def re_embed_command(data: Data, every: All = False) -> None:
    """Drop the vectors of the encoder in use, so that the next start makes all of them anew."""
    folder = Folder(data)

    async def work() -> int:
        with folder.taken():
            kept = _kept(folder)
            names = [*kept]
            if not every:
                # The encoder itself says what it is called, with its version.
                found = _opened(_chosen(folder))
                names = [] if found is None else [found.name]
            with closing(sqlite3.connect(folder.database("matching"))) as connection, connection:
                connection.executemany(
                    "DELETE FROM vectors WHERE encoder = ?", [(name,) for name in names]
                )
            return sum(kept.get(name, 0) for name in names)

    if not folder.database("matching").exists():
        fail(f"{data} holds no Techdock: expected {folder.database('matching').name} in it")
    out.print(f"{do(work):,} vectors were dropped; the next start makes those that are needed.")
