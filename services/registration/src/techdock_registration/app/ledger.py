"""The mail ledger, as organizers and administrators see it."""

from uuid import UUID

from techdock_shared.clock import Clock
from techdock_shared.errors import Forbidden, NotFound
from techdock_shared.http.principal import Principal

from techdock_registration.app.authorization import insist_organizer, organizes
from techdock_registration.app.ports import Begin, Post, Slice
from techdock_registration.domain.mail import Mail
from techdock_registration.domain.rules import normal_email


async def of_docking_event(
    who: Principal, docking_event_id: UUID, part: Slice, state: str | None, begin: Begin
) -> list[Mail]:
    """Return the mails about a docking event, newest first."""
    async with begin() as transaction:
        insist_organizer(who, await transaction.docking_events.get(docking_event_id))
        return await transaction.mails.find(part, docking_event_id=docking_event_id, state=state)


async def everything(
    who: Principal, part: Slice, state: str | None, to: str | None, begin: Begin, post: Post
) -> tuple[list[Mail], bool]:
    """Return all mails, newest first, and whether their links may be shown.

    Where mails are kept there is no other way to them: whoever administers such an
    installation can make links on the command line anyway.
    """
    if not who.is_administrator:
        raise Forbidden("the whole ledger is for administrators")
    async with begin() as transaction:
        account_id = None
        if to is not None:
            account = await transaction.accounts.by_email(normal_email(to))
            if account is None:
                return [], post.keeps
            account_id = account.id
        found = await transaction.mails.find(part, account_id=account_id, state=state)
        return found, post.keeps


async def resend(who: Principal, mail_id: UUID, begin: Begin, clock: Clock) -> Mail:
    """Plan a mail once more.

    Raises:
        WrongState: It is planned or under way.
    """
    async with begin() as transaction:
        mail = await transaction.mails.get(mail_id)
        allowed = who.is_administrator
        if mail.docking_event_id is not None and not allowed:
            docking_event = await transaction.docking_events.get(mail.docking_event_id)
            allowed = organizes(who, docking_event)
        if not allowed:
            raise NotFound(f"no mail {mail_id}")
        return await transaction.mails.save(mail.again(clock.now()))
