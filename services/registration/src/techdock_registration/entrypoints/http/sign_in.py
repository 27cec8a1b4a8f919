"""Coming in and going out: sign-in links, sessions, API tokens, principals."""

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, status
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.errors import Invalid, Unauthorized
from techdock_shared.http.app import Body, no_content
from techdock_shared.http.idempotency import Once, accepted, created
from techdock_shared.http.principal import SignedIn, credential, public

from techdock_registration.app import sign_in
from techdock_registration.domain.access import ApiToken, SignIn
from techdock_registration.domain.account import Account
from techdock_registration.domain.rules import normal_email
from techdock_registration.domain.texts import Names
from techdock_registration.entrypoints.http.given import BeginDep, ClockDep, PasswordsDep, ReadDep

router = APIRouter(prefix="/v1", tags=["sign-in"])


class LinkBody(Body):
    """Whose sign-in link is wanted."""

    email: str = Field(max_length=254)
    language: str | None = Field(default=None, max_length=35)


class Accepted(BaseModel):
    """Taken; nothing more is told."""

    accepted: bool = True


class SessionBody(Body):
    """Either the ticket of a sign-in link, or an address and its password."""

    ticket: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=254)
    password: str | None = Field(default=None, max_length=256)


class AccountBrief(BaseModel):
    """Who signed in."""

    id: UUID
    email: str | None
    names: Names | None
    language: str


class SessionOut(BaseModel):
    """A session: send the token as `Authorization: Bearer`."""

    token: str
    account: AccountBrief
    expires_at: AwareDatetime


class TokenBody(Body):
    """An API token to be made."""

    name: str
    scopes: tuple[str, ...]
    expires_on: date | None = None


class TokenOut(BaseModel):
    """An API token, without its secret."""

    id: UUID
    name: str
    beginning: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_on: date | None


class TokenMade(TokenOut):
    """An API token just made: its secret is shown this once."""

    token: str


class Tokens(BaseModel):
    """The caller's API tokens."""

    items: list[TokenOut]
    next: str | None = None


@router.post("/sign-in-links", status_code=status.HTTP_202_ACCEPTED, dependencies=[public])
async def ask_for_link(
    body: LinkBody, request: Request, once: Once, begin: BeginDep, clock: ClockDep
) -> Response:
    """Send a one-time link by mail, if somebody has the address. The answer does not tell.

    429 after ten for one address within a quarter of an hour.
    """
    await request.app.state.rates.attempt(request, "link", normal_email(body.email))

    async def act(begin: BeginDep) -> None:
        await sign_in.ask_for_link(body.email, body.language, begin, clock)

    return await once(begin, act, lambda _: accepted(Accepted()))


@router.post("/sessions", status_code=status.HTTP_201_CREATED, dependencies=[public])
async def open_session(
    body: SessionBody,
    request: Request,
    once: Once,
    begin: BeginDep,
    clock: ClockDep,
    passwords: PasswordsDep,
) -> Response:
    """Open a session with a ticket, or with an address and its password.

    429 after ten passwords for one address within a quarter of an hour.
    """
    if body.ticket is not None and body.email is None and body.password is None:
        act = partial(_redeem, body.ticket, clock)
    elif body.ticket is None and body.email is not None and body.password is not None:
        await request.app.state.rates.attempt(request, "password", normal_email(body.email))
        # Checked before the transaction: hashing takes long and holds nobody up.
        opened = await sign_in.check_password(body.email, body.password, begin, passwords)
        act = partial(_enter, opened, clock)
    else:
        raise Invalid("a session is opened with a ticket, or with an email and a password")
    return await once(begin, act, _session, secret=True)


async def _redeem(ticket: str, clock: ClockDep, begin: BeginDep) -> tuple[str, SignIn, Account]:
    return await sign_in.redeem(ticket, begin, clock)


async def _enter(
    checked: sign_in.Checked, clock: ClockDep, begin: BeginDep
) -> tuple[str, SignIn, Account]:
    return await sign_in.sign_in_with_password(checked, begin, clock)


def _session(opened: tuple[str, SignIn, Account]) -> Response:
    token, session, account = opened
    brief = AccountBrief(
        id=account.id, email=account.email, names=account.names, language=account.language
    )
    return created(SessionOut(token=token, account=brief, expires_at=session.expires_at))


@router.delete("/sessions/current", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(request: Request, who: SignedIn, begin: BeginDep) -> Response:
    """End the session that the request carries."""
    await sign_in.sign_out(who, credential(request) or "", begin)
    return no_content()


@router.get("/principal")
async def principal(request: Request, _: SignedIn) -> dict[str, Any]:
    """Say who the caller is, signed, for the other services."""
    answer = await request.app.state.ask(credential(request) or "")
    if answer is None:
        raise Unauthorized("sign in first, or the session has ended")
    return dict(answer)


@router.post("/tokens", status_code=status.HTTP_201_CREATED)
async def make_token(
    body: TokenBody, who: SignedIn, once: Once, begin: BeginDep, clock: ClockDep
) -> Response:
    """Make an API token; its secret is shown this once."""

    async def act(begin: BeginDep) -> tuple[str, ApiToken]:
        return await sign_in.make_token(who, body.name, body.scopes, body.expires_on, begin, clock)

    return await once(begin, act, _token_made, secret=True)


def _token_made(made: tuple[str, ApiToken]) -> Response:
    return created(TokenMade(token=made[0], **_token(made[1])))


def _token(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "beginning": token.beginning,
        "scopes": token.scopes,
        "created_at": token.created_at,
        "expires_on": token.expires_on,
    }


@router.get("/tokens")
async def tokens(who: SignedIn, read: ReadDep) -> Tokens:
    """List the caller's API tokens."""
    found = await sign_in.tokens(who, read)
    return Tokens(items=[TokenOut(**_token(token)) for token in found])


@router.delete("/tokens/{token_id}", status_code=status.HTTP_204_NO_CONTENT)
async def drop_token(token_id: UUID, who: SignedIn, begin: BeginDep) -> Response:
    """Delete an API token of the caller's."""
    await sign_in.drop_token(who, token_id, begin)
    return no_content()
