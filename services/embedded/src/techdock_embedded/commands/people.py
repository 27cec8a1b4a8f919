"""techdock sign-in-link, techdock token: who may come in."""

from typing import Annotated, Any

import typer
from techdock_registration.app.sign_in import (
    create_administrator,
    issue_sign_in_link,
    make_token_for,
)

from techdock_embedded.commands.app import Data, do, out, techdock
from techdock_embedded.compose import Techdock, running
from techdock_embedded.folder import Folder

COMMAND_LINE = "command.line@techdock.invalid"
"""The account as which commands act on a folder; nobody can sign in to it by mail."""

SCOPES = ("read", "write")

Email = Annotated[str, typer.Argument(help="Mail address of an account.")]
Administrator = Annotated[
    bool, typer.Option("--administrator", help="Let the address administer this Techdock.")
]
PublicUrl = Annotated[str, typer.Option(help="Address that people type.")]
Name = Annotated[str, typer.Option(help="What the token is for.")]


@techdock.command("sign-in-link")
def sign_in_link_command(
    email: Email,
    data: Data,
    administrator: Administrator = False,
    public_url: PublicUrl = "http://localhost:8000",
) -> None:
    """Print a link that signs in once, within 15 minutes."""

    async def work() -> str:
        folder = Folder(data)
        with folder.taken():
            async with running(folder, public_url=public_url, pages=False) as inside:
                if administrator:
                    await make_administrator(inside, email)
                return await sign_in_link(inside, email, public_url)

    out.print(do(work), markup=False)


@techdock.command("token")
def token_command(
    email: Email, data: Data, administrator: Administrator = False, name: Name = "command line"
) -> None:
    """Print a new API token for an account; it is shown only once."""

    async def work() -> str:
        folder = Folder(data)
        with folder.taken():
            async with running(folder, public_url="http://localhost", pages=False) as inside:
                if administrator:
                    await make_administrator(inside, email)
                return await make_token(inside, email, name)

    out.print(do(work), markup=False)


async def make_administrator(inside: Techdock, email: str) -> None:
    """Let an address administer this Techdock."""
    await create_administrator(email, _begin(inside), inside.clock)


async def sign_in_link(inside: Techdock, email: str, public_url: str) -> str:
    """Return a link that signs in once, within 15 minutes."""
    ticket = await issue_sign_in_link(email, _begin(inside), inside.clock)
    return f"{public_url.rstrip('/')}/sign-in/{ticket}"


async def make_token(inside: Techdock, email: str, name: str) -> str:
    """Return a new API token for an account."""
    return await make_token_for(email, name, SCOPES, _begin(inside), inside.clock)


async def own_token(inside: Techdock) -> str:
    """Return a token as which a command on a folder acts."""
    await make_administrator(inside, COMMAND_LINE)
    return await make_token(inside, COMMAND_LINE, "command line")


def _begin(inside: Techdock) -> Any:
    return inside.services["registration"].http.state.begin
