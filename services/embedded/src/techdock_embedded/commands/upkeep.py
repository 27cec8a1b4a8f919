"""techdock backup, restore, rebuild, dead-letters, check: keeping it well."""

import asyncio
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from techdock_embedded import backup
from techdock_embedded.commands.app import (
    Data,
    MaybeData,
    Token,
    Url,
    client,
    do,
    fail,
    out,
    techdock,
)
from techdock_embedded.commands.progress import follow_job, shown
from techdock_embedded.folder import SERVICES, Folder

File = Annotated[Path, typer.Argument(help="The backup, a tar file.", dir_okay=False)]
Database = Annotated[str | None, typer.Option(help="postgresql+asyncpg://...")]
Service = Annotated[str | None, typer.Option(help="Of one service; else of all.")]
Name = Annotated[str, typer.Argument(help="SERVICE/ID, as `list` shows it.")]


@techdock.command("backup")
def backup_command(file: File, data: Data) -> None:
    """Copy everything at one consistent point; Techdock may go on running."""

    async def work() -> int:
        at = datetime.now(UTC)
        return await asyncio.to_thread(
            backup.back_up, Folder(data), file, version("techdock-embedded"), at
        )

    size = do(work)
    out.print(f"{file}: {size / 1e6:.1f} MB. It holds personal data and keys; keep it closed.")


@techdock.command("restore")
def restore_command(
    file: File,
    data: MaybeData = None,
    registration_database: Database = None,
    matching_database: Database = None,
    reporting_database: Database = None,
    kafka: Annotated[str | None, typer.Option(help="host:port,host:port")] = None,
    kafka_replication: Annotated[int, typer.Option(min=1, help="Copies of each topic.")] = 1,
) -> None:
    """Unpack a backup into a new folder, or into the servers of a distributed Techdock."""
    databases = {
        "registration": registration_database,
        "matching": matching_database,
        "reporting": reporting_database,
    }
    named = {name: url for name, url in databases.items() if url is not None}
    if (data is None) == (not named and kafka is None):
        fail("name either --data FOLDER, or the servers: three databases and --kafka")
    if data is not None:
        taken_at = do(lambda: asyncio.to_thread(_restore_folder, file, Folder(data)))
        out.print(f"{data} holds the state of {taken_at}.")
        return
    if len(named) < len(databases) or kafka is None:
        missing = [name for name, url in databases.items() if url is None]
        fail(f"a distributed Techdock needs all of them; missing: {', '.join(missing) or 'kafka'}")

    from techdock_embedded.moving import move  # noqa: PLC0415 - see app.py

    async def work() -> str:
        with shown("Restoring") as bar:
            servers = kafka.split(",")
            return await move(file, named, servers, kafka_replication, bar.tell)

    out.print(f"The servers hold the state of {do(work)}.")


def _restore_folder(file: Path, folder: Folder) -> str:
    return str(backup.restore(file, folder)["taken_at"])


@techdock.command("rebuild")
def rebuild_command(data: MaybeData = None, url: Url = None, token: Token = None) -> None:
    """Derive all figures anew from reporting's journal."""

    async def work() -> str:
        async with client(data, url, token) as api:
            job = await api.post("reporting/v1/rebuild")
            done = await follow_job(api, f"reporting/v1/jobs/{job['id']}", "Rebuilding")
            return str(done["result"]["sha256"])

    out.print(f"The facts were rebuilt; their SHA-256 is {do(work)}.")


@techdock.command("check")
def check_command(data: Data) -> None:
    """Say in words what is wrong with an installation."""
    from techdock_embedded import checking  # noqa: PLC0415 - loads parts of the services

    problems = list(checking.problems(Folder(data)))
    for problem in problems:
        out.print(f"- {problem}", markup=False)
    if problems:
        raise typer.Exit(1)
    out.print("Nothing is wrong.")


letters = typer.Typer(help="Messages that could not be handled.", no_args_is_help=True)
techdock.add_typer(letters, name="dead-letters")


@letters.command("list")
def list_command(
    data: MaybeData = None, url: Url = None, token: Token = None, service: Service = None
) -> None:
    """List what was set aside and waits for a person."""

    async def work() -> Table:
        table = Table("letter", "since", "topic", "error", "queued behind it", box=None)
        async with client(data, url, token) as api:
            for name in [service] if service else SERVICES:
                async for letter in api.every(f"{name}/v1/dead-letters"):
                    table.add_row(
                        f"{name}/{letter['id']}",
                        letter["set_aside_at"],
                        letter["topic"],
                        letter["error"],
                        str(letter["queued"]),
                    )
        return table

    found = do(work)
    out.print(found if found.row_count else "There are no dead letters.")


@letters.command("show")
def show_command(
    letter: Name, data: MaybeData = None, url: Url = None, token: Token = None
) -> None:
    """Show one with its bytes, headers and error."""

    async def work() -> dict[str, object]:
        async with client(data, url, token) as api:
            return await api.get(_path(letter))

    out.print_json(data=do(work))


@letters.command("replay")
def replay_command(
    letter: Name, data: MaybeData = None, url: Url = None, token: Token = None
) -> None:
    """Handle one again, and then what queued behind it, in order."""
    _settle(letter, "replay", data, url, token)


@letters.command("discard")
def discard_command(
    letter: Name, data: MaybeData = None, url: Url = None, token: Token = None
) -> None:
    """Give one up for good, and handle what queued behind it, in order."""
    _settle(letter, "discard", data, url, token)


def _settle(letter: str, how: str, data: MaybeData, url: Url, token: Token) -> None:
    async def work() -> str:
        async with client(data, url, token) as api:
            done = await api.post(f"{_path(letter)}/{how}")
            return f"{letter} is {done['state']}; {done['queued']} still wait behind it."

    out.print(do(work), markup=False)


def _path(letter: str) -> str:
    service, _, id_ = letter.partition("/")
    if service not in SERVICES or not id_:
        fail(f"name a dead letter as SERVICE/ID with one of {', '.join(SERVICES)}; found {letter}")
    return f"{service}/v1/dead-letters/{id_}"
