"""techdock sign-in-link, techdock token: who may come in."""

from typing import Annotated

import typer

from techdock_embedded.commands.app import Data, do, out, techdock
from techdock_embedded.folder import Folder

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
    from techdock_embedded import people  # noqa: PLC0415 - see app.py
    from techdock_embedded.compose import running  # noqa: PLC0415 - see app.py

    async def work() -> str:
        folder = Folder(data)
        with folder.taken():
            async with running(folder, public_url=public_url, pages=False) as inside:
                if administrator:
                    await people.make_administrator(inside, email)
                return await people.sign_in_link(inside, email, public_url)

    out.print(do(work), markup=False)


@techdock.command("token")
def token_command(
    email: Email, data: Data, administrator: Administrator = False, name: Name = "command line"
) -> None:
    """Print a new API token for an account; it is shown only once."""
    from techdock_embedded import people  # noqa: PLC0415 - see app.py
    from techdock_embedded.compose import running  # noqa: PLC0415 - see app.py

    async def work() -> str:
        folder = Folder(data)
        with folder.taken():
            async with running(folder, public_url="http://localhost", pages=False) as inside:
                if administrator:
                    await people.make_administrator(inside, email)
                return await people.make_token(inside, email, name)

    out.print(do(work), markup=False)
