"""Who may come in, for the program itself and its command line: no HTTP, no password."""

from typing import Any

from techdock_registration.app.sign_in import (
    create_administrator,
    issue_sign_in_link,
    make_token_for,
)

from techdock_embedded.client import Client
from techdock_embedded.compose import Techdock

COMMAND_LINE = "command.line@techdock.invalid"
"""The account as which commands act on a folder; nobody can sign in to it by mail."""

SCOPES = ("read", "write")


async def make_administrator(inside: Techdock, email: str) -> None:
    """Let an address administer this Techdock."""
    await create_administrator(email, _begin(inside), inside.clock)


async def ticket(inside: Techdock, email: str) -> str:
    """Return the ticket of a new sign-in link."""
    return await issue_sign_in_link(email, _begin(inside), inside.clock)


async def sign_in_link(inside: Techdock, email: str, public_url: str) -> str:
    """Return a link that signs in once, within 15 minutes."""
    return f"{public_url.rstrip('/')}/sign-in/{await ticket(inside, email)}"


async def make_token(inside: Techdock, email: str, name: str) -> str:
    """Return a new API token for an account."""
    return await make_token_for(email, name, SCOPES, _begin(inside), inside.clock)


async def own_token(inside: Techdock) -> str:
    """Return a token as which a command on a folder acts."""
    await make_administrator(inside, COMMAND_LINE)
    return await make_token(inside, COMMAND_LINE, "command line")


async def organize_everything(api: Client) -> None:
    """Let the command line's own account organize the docking events of all tenants."""
    async for tenant in api.every("registration/v1/tenants"):
        path = f"registration/v1/tenants/{tenant['id']}/roles"
        roles = await api.get(path)
        if not any(role["email"] == COMMAND_LINE for role in roles["items"]):
            await api.post(path, {"email": COMMAND_LINE, "role": "organizer"})


def _begin(inside: Techdock) -> Any:
    return inside.services["registration"].http.state.begin
