"""The caller's own account and data."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, status
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from techdock_shared.http.app import Body, no_content
from techdock_shared.http.etag import ExpectedVersion, versioned
from techdock_shared.http.idempotency import Once, created
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import Principal, SignedIn, credential

from techdock_registration.app import me, sign_in
from techdock_registration.domain.account import Account, Consent
from techdock_registration.domain.texts import Names
from techdock_registration.entrypoints.http.given import (
    BeginDep,
    ClockDep,
    PasswordsDep,
    ReadDep,
    moment,
    more,
)
from techdock_registration.entrypoints.http.mails import MailOut, may_sign_in

router = APIRouter(prefix="/v1/me", tags=["me"])


class RoleOut(BaseModel):
    """A role of the caller's."""

    id: UUID
    name: str
    tenant_id: UUID | None
    docking_event_id: UUID | None
    organization_id: UUID | None


class PartOut(BaseModel):
    """A confirmed participation of the caller's."""

    participation_id: UUID
    docking_event_id: UUID
    organization_id: UUID
    head: bool


class ConsentOut(BaseModel):
    """What the person said about a purpose."""

    purpose: str
    text_version: str
    given: bool
    at: AwareDatetime


class Consents(BaseModel):
    """All that the person ever said, oldest first."""

    items: list[ConsentOut]
    next: str | None = None


class MeOut(BaseModel):
    """The caller's account."""

    id: UUID
    version: int
    state: str
    email: str | None
    names: Names | None
    language: str
    languages: tuple[str, ...]
    has_password: bool
    person_id: UUID
    roles: list[RoleOut]
    participations: list[PartOut]
    organizations: list[UUID]
    consents: list[ConsentOut]


class MeBody(Body):
    """What the account is to say; what is missing stays as it is."""

    names: Names | None = None
    language: str | None = None
    languages: tuple[str, ...] | None = None


class PasswordBody(Body):
    """A new password, and the current one if there is one."""

    password: str = Field(max_length=sign_in.MOST_PASSWORD)
    current: str | None = Field(default=None, max_length=sign_in.MOST_PASSWORD)


class ConsentBody(Body):
    """A consent, or its end."""

    purpose: str
    text_version: str
    given: bool


@router.get("", response_model=MeOut)
async def own(who: SignedIn, read: ReadDep, clock: ClockDep) -> Response:
    """Return the caller's account."""
    return _versioned(await me.me(who, read, clock))


def _versioned(mine: me.Me) -> Response:
    return versioned(_me(mine), mine.account.version)


def _me(mine: me.Me) -> MeOut:
    account, principal = mine.account, mine.principal
    return MeOut(
        id=account.id,
        version=account.version,
        state=account.state,
        email=account.email,
        names=account.names,
        language=account.language,
        languages=account.languages,
        has_password=account.password_hash is not None,
        person_id=principal.person_id,
        roles=[
            RoleOut(
                id=r.id,
                name=r.name,
                tenant_id=r.tenant_id,
                docking_event_id=r.docking_event_id,
                organization_id=r.organization_id,
            )
            for r in mine.roles
        ],
        participations=_parts(principal),
        organizations=list(principal.organizations),
        consents=[_consent(c) for c in mine.consents],
    )


def _parts(principal: Principal) -> list[PartOut]:
    return [
        PartOut(
            participation_id=p.participation_id,
            docking_event_id=p.docking_event_id,
            organization_id=p.organization_id,
            head=p.head,
        )
        for p in principal.participations
    ]


def _consent(consent: Consent) -> ConsentOut:
    return ConsentOut(
        purpose=consent.purpose,
        text_version=consent.text_version,
        given=consent.given,
        at=consent.at,
    )


@router.patch("", response_model=MeOut)
async def describe(
    body: MeBody,
    expected: ExpectedVersion,
    who: SignedIn,
    begin: BeginDep,
    clock: ClockDep,
) -> Response:
    """Change names and languages."""
    await me.describe(who, expected, body.names, body.language, body.languages, begin)
    return _versioned(await me.me(who, begin, clock))


@router.put("/password", status_code=status.HTTP_204_NO_CONTENT)
async def set_password(
    body: PasswordBody,
    request: Request,
    who: SignedIn,
    begin: BeginDep,
    clock: ClockDep,
    passwords: PasswordsDep,
) -> Response:
    """Set or change the password; other sessions end."""
    await request.app.state.rates.attempt(request, "current_password", str(who.account_id))
    await sign_in.set_password(
        who, body.password, body.current, credential(request), begin, clock, passwords
    )
    return no_content()


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
async def erase(who: SignedIn, begin: BeginDep) -> Response:
    """Erase the account: everything personal is removed, what was counted stays."""
    await me.erase(who, begin)
    return no_content()


@router.get("/consents")
async def consents(who: SignedIn, read: ReadDep) -> Consents:
    """Return all consents, oldest first; the newest of a purpose counts."""
    return Consents(items=[_consent(c) for c in await me.consents(who, read)])


@router.post("/consents", status_code=status.HTTP_201_CREATED, response_model=ConsentOut)
async def consent(
    body: ConsentBody, who: SignedIn, once: Once, begin: BeginDep, clock: ClockDep
) -> Response:
    """Give a consent, or take one back."""

    async def act(begin: BeginDep) -> Consent:
        return await me.consent(who, body.purpose, body.text_version, body.given, begin, clock)

    return await once(begin, act, lambda said: created(_consent(said)))


@router.get("/mails", response_model=Page[MailOut])
async def mails(request: Request, who: SignedIn, read: ReadDep, page: Paging) -> Response:
    """Return the mails to the caller, newest first."""
    found = await me.mails(who, more(page, moment, UUID), read)
    items = [MailOut.of(mail, owner=may_sign_in(who)) for mail in found]
    return page.answer(request, items, lambda last: [last.planned_at.isoformat(), str(last.id)])


class Export(BaseModel):
    """All that is stored about the caller."""

    account: MeOut
    created_at: datetime
    participations: list[dict[str, Any]]
    tokens: list[dict[str, Any]]
    mails: list[MailOut]


@router.get("/export")
async def export(who: SignedIn, read: ReadDep, clock: ClockDep) -> Export:
    """Return all own data as JSON."""
    everything = await me.export(who, read, clock)
    account: Account = everything.me.account
    return Export(
        account=_me(everything.me),
        created_at=account.created_at,
        participations=[
            {
                "id": p.id,
                "docking_event_id": p.docking_event_id,
                "organization_id": p.organization_id,
                "state": p.state,
                "person": p.person(everything.me.principal.person_id),
            }
            for p in everything.participations
        ],
        tokens=[
            {"id": t.id, "name": t.name, "scopes": t.scopes, "created_at": t.created_at}
            for t in everything.tokens
        ],
        mails=[MailOut.of(mail, owner=may_sign_in(who)) for mail in everything.mails],
    )
