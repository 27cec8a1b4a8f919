"""The mail ledger."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query, Request, status
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel
from techdock_shared.http.idempotency import Once, accepted
from techdock_shared.http.paging import Page, Paging
from techdock_shared.http.principal import WRITE, Principal, SignedIn

from techdock_registration.app import ledger, letters
from techdock_registration.domain.mail import Mail, MailState
from techdock_registration.entrypoints.http.given import (
    BeginDep,
    ClockDep,
    ReadDep,
    moment,
    more,
)

router = APIRouter(prefix="/v1", tags=["mails"])

StateQuery = Annotated[MailState | None, Query()]


class MailOut(BaseModel):
    """A mail of the ledger. Its one-time link is shown to its reader only."""

    id: UUID
    version: int
    account_id: UUID
    docking_event_id: UUID | None
    reason: str
    language: str
    state: str
    kept: bool
    subject: str | None
    body: str | None
    planned_at: AwareDatetime
    sent_at: AwareDatetime | None
    attempts: int
    error: str | None
    ticket: str | None = None

    @classmethod
    def of(cls, mail: Mail, *, owner: bool) -> Self:
        """Return a mail for its reader (`owner`), or for somebody else."""
        shown = letters.readable(mail, owner=owner)
        return cls(
            id=shown.id,
            version=shown.version,
            account_id=shown.account_id,
            docking_event_id=shown.docking_event_id,
            reason=shown.reason,
            language=shown.language,
            state=shown.state,
            kept=shown.kept,
            subject=shown.subject,
            body=shown.body,
            planned_at=shown.planned_at,
            sent_at=shown.sent_at,
            attempts=shown.attempts,
            error=shown.error,
            ticket=letters.ticket(mail) if owner else None,
        )


def may_sign_in(who: Principal) -> bool:
    """Whether the links of mails may be shown: a token that only reads must not come by more."""
    return who.may(WRITE)


def _position(last: MailOut) -> list[str]:
    return [last.planned_at.isoformat(), str(last.id)]


@router.get("/docking-events/{docking_event_id}/mails", response_model=Page[MailOut])
async def of_docking_event(
    docking_event_id: UUID,
    request: Request,
    who: SignedIn,
    read: ReadDep,
    page: Paging,
    state: StateQuery = None,
) -> Response:
    """Return the mails about a docking event, newest first. For organizers."""
    found = await ledger.of_docking_event(
        who, docking_event_id, more(page, moment, UUID), state, read
    )
    return page.answer(request, [MailOut.of(m, owner=False) for m in found], _position)


@router.get("/mails", response_model=Page[MailOut])
async def everything(
    request: Request,
    who: SignedIn,
    read: ReadDep,
    page: Paging,
    state: StateQuery = None,
    to: Annotated[str | None, Query(max_length=254, description="A mail address.")] = None,
) -> Response:
    """Return all mails, newest first. For administrators; where mails are kept, with links."""
    part, post = more(page, moment, UUID), request.app.state.post
    found, links = await ledger.everything(who, part, state, to, read, post)
    owner = links and may_sign_in(who)
    return page.answer(request, [MailOut.of(m, owner=owner) for m in found], _position)


@router.post(
    "/mails/{mail_id}/resend", status_code=status.HTTP_202_ACCEPTED, response_model=MailOut
)
async def resend(
    mail_id: UUID, who: SignedIn, once: Once, begin: BeginDep, clock: ClockDep
) -> Response:
    """Send a mail once more, with a fresh link if it has one."""

    async def act(begin: BeginDep) -> Mail:
        return await ledger.resend(who, mail_id, begin, clock)

    return await once(begin, act, lambda mail: accepted(MailOut.of(mail, owner=False)))
