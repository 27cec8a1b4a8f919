"""The post: the operator's SMTP server, or a page where mails are kept."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

import aiosmtplib
from techdock_shared.clock import Clock
from techdock_shared.errors import Invalid, Unavailable
from typing_extensions import override

from techdock_registration.app import ports

TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Smtp:
    """Where mails are handed in.

    Attributes:
        encryption: `tls` from the first byte, `starttls`, or `none` (a server on this host).
        sender: Address that mails come from.
    """

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = None
    encryption: str = "starttls"
    name: str = "Techdock"


class KeptPost(ports.Post):
    """Mails stay in the ledger and are shown on a page."""

    @property
    @override
    def keeps(self) -> bool:
        return True

    @override
    async def send(self, to: str, letter: ports.Letter, message_id: str, language: str) -> None:
        """Do nothing: the ledger has it."""


class SmtpPost(ports.Post):
    """Mails leave by SMTP."""

    def __init__(self, server: Smtp, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    @property
    @override
    def keeps(self) -> bool:
        return False

    @override
    async def send(self, to: str, letter: ports.Letter, message_id: str, language: str) -> None:
        server = self._server
        message = EmailMessage()
        message["From"] = formataddr((server.name, server.sender))
        message["To"] = to
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{message_id}@{server.sender.partition('@')[2]}>"
        message["Content-Language"] = language
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body)
        try:
            await aiosmtplib.send(
                message,
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.encryption == "tls",
                start_tls=server.encryption == "starttls",
                timeout=TIMEOUT_S,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise Invalid("the mail server refuses the address") from error
        except aiosmtplib.SMTPResponseException as error:
            permanent = error.code >= 550  # noqa: PLR2004 - 55x is for good
            raise (Invalid if permanent else Unavailable)(
                f"the mail server answers {error.code}"
            ) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Unavailable("the mail server does not answer") from error
