"""The mail ledger: who was written to, why, in which language, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from techdock_registration.domain.rules import Findings
from techdock_registration.domain.states import step

REASONS = (
    "invitation",
    "sign_in_link",
    "request_received",
    "request_answered",
    "timetable_published",
    "meeting_moved",
)
WITH_LINK = ("invitation", "sign_in_link")
"""Mails that carry a one-time sign-in link."""
WITHOUT_EVENT = ("sign_in_link",)
"""Mails that a person asked for; all others come from a docking event or a tenant."""
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 6


class MailState(StrEnum):
    """Where a mail stands."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


S = MailState
ARROWS = {
    S.PLANNED: frozenset({S.SENDING}),
    S.SENDING: frozenset({S.SENDING, S.SENT, S.PLANNED, S.FAILED}),
    S.FAILED: frozenset({S.PLANNED}),
    S.SENT: frozenset({S.PLANNED}),
}


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail to one account.

    Attributes:
        cause: Says what it is about, for ever: a mail with the same cause is planned once.
        values: What its text names: ids, dates, codes, names of docking events; no person.
        due_at: Not before; also the end of the lease while sending.
        kept: It was not sent by SMTP, and waits on a page.
        subject: As rendered when it was sent; so is body.
        link_until: The body holds a sign-in link until then.
        error: Kind of the last failure.
    """

    id: UUID
    account_id: UUID
    reason: str
    language: str
    cause: str
    planned_at: datetime
    due_at: datetime
    docking_event_id: UUID | None = None
    tenant_id: UUID | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    state: MailState = MailState.PLANNED
    attempts: int = 0
    kept: bool = False
    subject: str | None = None
    body: str | None = None
    link_until: datetime | None = None
    sent_at: datetime | None = None
    error: str | None = None
    version: int = 0

    def __post_init__(self) -> None:
        found = Findings()
        found.expect(self.reason in REASONS, "reason", ", ".join(REASONS), self.reason)
        found.settle("mail")

    def take(self, at: datetime) -> Self:
        """Begin to send; nobody else does for two minutes."""
        state = step("the mail", self.state, S.SENDING, ARROWS)
        return replace(self, state=state, due_at=at + LEASE, attempts=self.attempts + 1)

    def sent(
        self, subject: str, body: str, at: datetime, *, kept: bool, link_until: datetime | None
    ) -> Self:
        """Note that it left, or is kept for a page."""
        return replace(
            self,
            state=step("the mail", self.state, S.SENT, ARROWS),
            subject=subject,
            body=body,
            kept=kept,
            link_until=link_until,
            sent_at=at,
            error=None,
        )

    def failed(self, error: str, at: datetime, *, for_good: bool = False) -> Self:
        """Note a failure; it is tried again later, each time twice as late, six times."""
        again = self.attempts < MOST_ATTEMPTS and not for_good
        to = S.PLANNED if again else S.FAILED
        wait = timedelta(seconds=30 * 2**self.attempts)
        state = step("the mail", self.state, to, ARROWS)
        return replace(self, state=state, error=error, due_at=at + wait)

    def again(self, at: datetime) -> Self:
        """Plan it once more, because somebody asked for it.

        Raises:
            WrongState: It is planned or under way.
        """
        state = step("the mail", self.state, S.PLANNED, ARROWS)
        return replace(self, state=state, due_at=at, attempts=0, error=None)

    def without_link(self, body: str) -> Self:
        """Forget the sign-in link of a kept mail."""
        return replace(self, body=body, link_until=None)
