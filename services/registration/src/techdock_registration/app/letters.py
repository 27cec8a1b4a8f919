"""Mails: planned by commands, written and sent by a worker of their own."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from techdock_shared.ids import uuid7

from techdock_registration.domain.account import Account
from techdock_registration.domain.mail import Mail

TICKET = re.compile(r"(ticket=)([A-Za-z0-9_-]+)")


def to(
    account: Account,
    reason: str,
    cause: str,
    at: datetime,
    *,
    language: str | None = None,
    docking_event_id: UUID | None = None,
    tenant_id: UUID | None = None,
    values: Mapping[str, str] | None = None,
) -> Mail:
    """Return a mail to a person, planned for now.

    Args:
        cause: What it is about: a mail with the same cause is planned once, for ever.
        language: If the person wants another one than usual.
        values: What the text names, beside the link and the person.
    """
    return Mail(
        uuid7(),
        account.id,
        reason,
        language or account.language,
        cause,
        at,
        at,
        docking_event_id,
        tenant_id,
        values or {},
    )


def without_link(mail: Mail) -> Mail:
    """Return a kept mail whose sign-in link is used up or too old."""
    return mail.without_link(masked(mail.body or ""))


def masked(body: str) -> str:
    """Return a mail's text without the secret of its sign-in link."""
    return TICKET.sub(r"\1***", body)


def readable(mail: Mail, *, owner: bool) -> Mail:
    """Return a mail as somebody else than its reader may see it."""
    if owner or mail.body is None:
        return mail
    return replace(mail, body=masked(mail.body))


def ticket(mail: Mail) -> str | None:
    """Return the ticket of the sign-in link that a kept mail holds."""
    found = TICKET.search(mail.body or "") if mail.link_until is not None else None
    return found[2] if found else None
