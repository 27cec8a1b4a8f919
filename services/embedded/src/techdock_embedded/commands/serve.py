"""techdock serve, techdock demo."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer
from techdock_shared.telemetry import configure_logging

from techdock_embedded.commands.app import Data, errors, fail, interactive, out, techdock
from techdock_embedded.folder import Folder, FolderTaken

if TYPE_CHECKING:
    from techdock_embedded.compose import Techdock

Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")]
Host = Annotated[str, typer.Option(help="Beyond loopback it needs --public-url https://...")]
PublicUrl = Annotated[str | None, typer.Option(help="Address that people type.")]


@techdock.command("serve")
def serve_command(
    data: Data, port: Port = 8000, host: Host = "127.0.0.1", public_url: PublicUrl = None
) -> None:
    """Run Techdock over a folder until Ctrl-C; prints one line when ready."""

    async def ready(_: "Techdock", address: str) -> None:
        out.print(f"Techdock is ready at {address} (data in {data})", markup=False)

    _serve(Folder(data), host, port, public_url, ready)


@techdock.command("demo")
def demo_command(data: Data, port: Port = 8000) -> None:
    """Run Techdock with a demo docking event; an existing folder keeps its data."""
    from techdock_embedded import demo as demonstration  # noqa: PLC0415 - see app.py

    folder = Folder(data)

    async def ready(running: "Techdock", address: str) -> None:
        links = await demonstration.prepare(running, folder, address, errors)
        out.print(f"\nTechdock is ready at {address} (data in {data})", markup=False)
        out.print("Sign in with one of these links; each works once, for 15 minutes:")
        for who, link in links.items():
            out.print(f"  {who:<16} {link}", markup=False)

    _serve(folder, "127.0.0.1", port, None, ready)


def _serve(
    folder: Folder,
    host: str,
    port: int,
    public_url: str | None,
    ready: Callable[["Techdock", str], Awaitable[None]],
) -> None:
    from techdock_shared.http import serving as loop  # noqa: PLC0415 - see app.py

    from techdock_embedded.serving import Unsafe, check_exposure, serve  # noqa: PLC0415 - see app.py

    configure_logging("console" if interactive() else "json")
    try:
        check_exposure(host, public_url)
        with folder.taken():
            loop.run(lambda: serve(folder, host, port, public_url, ready))
    except (FolderTaken, Unsafe) as error:
        fail(str(error))
    except OSError as error:
        fail(f"cannot listen on {host}:{port}: {error.strerror or error}")
