"""The command itself, its options, and how it says what went wrong.

The services take most of a second to load; only what runs them loads them, when it does.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import httpx
import typer
from rich.console import Console
from techdock_shared.errors import Problem
from techdock_shared.telemetry import configure_logging

from techdock_embedded.backup import Unusable
from techdock_embedded.client import Client, Refused
from techdock_embedded.folder import Folder, FolderTaken

T = TypeVar("T")

techdock = typer.Typer(
    name="techdock",
    help="Runs technology-transfer docking events.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

Data = Annotated[Path, typer.Option("--data", help="The data folder.", file_okay=False)]
MaybeData = Annotated[
    Path | None,
    typer.Option("--data", help="Act on this folder; no Techdock may run on it.", file_okay=False),
]
Url = Annotated[str | None, typer.Option("--url", help="Act through a running Techdock.")]
Token = Annotated[
    str | None,
    typer.Option("--token", envvar="TECHDOCK_TOKEN", help="An API token, with --url."),
]

INSIDE = "http://localhost"
REQUEST_S = 60.0


def fail(message: str) -> NoReturn:
    """Say what is wrong and end with status 1."""
    errors.print(f"techdock: {message}", markup=False)
    raise typer.Exit(1)


def do(work: Callable[[], Awaitable[T]]) -> T:
    """Run a command's coroutine; expected failures become one sentence."""
    configure_logging("console" if sys.stderr.isatty() else "json")

    async def main() -> T:
        return await work()

    try:
        return asyncio.run(main())
    except (FolderTaken, Unusable, Refused, Problem) as error:
        detail = getattr(error, "problem", None) or {}
        for each in detail.get("errors", []):
            errors.print(
                f"  {each['where']}: expected {each['expected']}, found {each['found']}",
                markup=False,
            )
        fail(str(error))
    except OSError as error:
        fail(f"{error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
    except httpx.TransportError as error:
        fail(f"no answer: {error}")


@asynccontextmanager
async def client(
    data: Path | None, url: str | None, token: str | None, *, ranking: bool = False
) -> AsyncIterator[Client]:
    """Open the HTTP interface of a running Techdock, or of a folder that nobody else has.

    With a folder the program is started without pages and without a port, and the command acts as
    an administrator who organizes every tenant's docking events.

    Args:
        ranking: Whether the ranker is needed, too; it answers some seconds later.
    """
    if (data is None) == (url is None):
        fail("name either --data FOLDER, or --url ADDRESS with --token TOKEN")
    if url is not None:
        if token is None:
            fail("--url needs --token TOKEN (or TECHDOCK_TOKEN); `techdock token` makes one")
        async with httpx.AsyncClient(base_url=url, timeout=REQUEST_S) as http:
            yield Client(http, token)
        return
    assert data is not None  # noqa: S101 - one of the two, see above
    from techdock_embedded.compose import running  # noqa: PLC0415 - see the top
    from techdock_embedded.people import (  # noqa: PLC0415 - see the top
        organize_everything,
        own_token,
    )

    folder = Folder(data)

    with folder.taken():
        started = running(folder, public_url=INSIDE, pages=False, ranking=ranking)
        async with started as inside, inside.http() as http:
            api = Client(http, await own_token(inside))
            await organize_everything(api)
            yield api


def interactive() -> bool:
    """Whether a person looks at a terminal."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
