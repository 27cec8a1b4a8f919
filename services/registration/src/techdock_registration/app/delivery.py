"""Takes planned mails to the post, each with a lease, so that a crash repeats at most one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from techdock_shared import crash
from techdock_shared.clock import Clock
from techdock_shared.errors import Invalid, NotFound, Unavailable

from techdock_registration.app import letters
from techdock_registration.app.ports import Begin, Letter, Letters, Post, Transaction
from techdock_registration.app.sign_in import issue_link
from techdock_registration.domain.account import Account
from techdock_registration.domain.mail import WITH_LINK, Mail

BATCH = 20
SIGN_IN = "/sign-in"
PAGES = {
    "request_received": "/requests",
    "request_answered": "/requests",
    "timetable_published": "/timetable",
    "meeting_moved": "/timetable",
}


@dataclass(frozen=True, slots=True)
class Office:
    """What delivering mails needs.

    Attributes:
        public_url: Address of the pages, without a slash at the end.
    """

    begin: Begin
    clock: Clock
    post: Post
    letters: Letters
    public_url: str


@dataclass(frozen=True, slots=True)
class _Written:
    to: str
    letter: Letter
    link_until: datetime | None


async def deliver(office: Office) -> int:
    """Send the mails that are due; return how many were tried."""
    now = office.clock.now()
    async with office.begin() as transaction:
        due = await transaction.mails.due(now, BATCH)
        taken = [await transaction.mails.save(mail.take(now)) for mail in due]
    if taken:
        crash.point("mail.after_take")
    for mail in taken:
        await _send(mail, office)
    return len(taken)


async def _send(mail: Mail, office: Office) -> None:
    try:
        async with office.begin() as transaction:
            written = await _write(mail, office, transaction)
        if not office.post.keeps:
            crash.point("mail.before_send")
            await office.post.send(written.to, written.letter, str(mail.id), mail.language)
        crash.point("mail.before_save")
    except (Invalid, NotFound) as error:
        after = mail.failed(str(error), office.clock.now(), for_good=True)
    except Unavailable as error:
        after = mail.failed(str(error), office.clock.now())
    else:
        kept = office.post.keeps
        body = written.letter.body if kept else letters.masked(written.letter.body)
        after = mail.sent(
            written.letter.subject,
            body,
            office.clock.now(),
            kept=kept,
            link_until=written.link_until if kept else None,
        )
    async with office.begin() as transaction:
        await transaction.mails.save(after)
    crash.point("mail.after_save")


async def _write(mail: Mail, office: Office, transaction: Transaction) -> _Written:
    account = await transaction.accounts.get(mail.account_id)
    if account.email is None:
        raise NotFound("the person has no mail address (any more)")
    values = await _values(mail, account, office, transaction)
    until = None
    if mail.reason in WITH_LINK:
        ticket, until = await issue_link(account.id, transaction, office.clock.now())
        values["link"] = f"{office.public_url}{SIGN_IN}?ticket={ticket}"
    letter = office.letters.write(mail.reason, mail.language, values)
    return _Written(account.email, letter, until)


async def _values(
    mail: Mail, account: Account, office: Office, transaction: Transaction
) -> dict[str, str]:
    """Return what the text names, in the reader's language."""
    names = account.names
    values = {
        "name": names.native if names else str(account.email),
        "sign_in": office.public_url + SIGN_IN,
        "tenant": "Techdock",
        "docking_event": "Techdock",
        "address": office.public_url + "/",
        "variant": mail.values.get("variant", ""),
    }
    if mail.tenant_id is not None:
        tenant = await transaction.tenants.get(mail.tenant_id)
        values["tenant"] = values["docking_event"] = tenant.names.best(mail.language, "en")
    if mail.docking_event_id is not None:
        docking_event = await transaction.docking_events.get(mail.docking_event_id)
        values["docking_event"] = docking_event.outline.names.best(mail.language, "en")
        page = PAGES.get(mail.reason, "")
        values["address"] = f"{office.public_url}/docking-events/{mail.docking_event_id}{page}"
    await _add_organization(mail.values, values, transaction)
    if "start" in mail.values:
        zone = mail.values["zone"]
        start = datetime.fromisoformat(mail.values["start"]).astimezone(ZoneInfo(zone))
        values["start"], values["zone"] = office.letters.moment(start, mail.language), zone
    return values


async def _add_organization(
    given: Mapping[str, str], values: dict[str, str], transaction: Transaction
) -> None:
    if "participation_id" in given:
        theirs = await transaction.participations.get(UUID(given["participation_id"]))
        organization = await transaction.organizations.get(theirs.organization_id)
        latin = organization.facts.names.latin
        native = organization.facts.names.native
        values["organization"] = f"{native} ({latin})" if latin and latin != native else native
